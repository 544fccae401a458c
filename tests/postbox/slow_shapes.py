"""Mails made to take long: each strains one thing the postbox does, as far as its limits let it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from random import Random
from zipfile import ZipFile, ZipInfo

from postbox.house import DOCX
from tests.postbox.bad_shapes import with_results
from tests.postbox.clients import Reply, mixed, results, simple, whole
from tests.postbox.pieces import Attached, encoded, multipart, packed, part, pdf, text_part, word_with
from tests.postbox.systems import plain_report

KIB = 1024
MIB = 1024 * KIB


def text(body: bytes, kind: str = "plain") -> bytes:
    """A mail of this text."""
    return whole(Reply(), part([("Content-Type", f"text/{kind}; charset=utf-8")], body))


def header(name: str, value: str) -> bytes:
    """A mail with one more header."""
    return simple(replace(Reply(), more=((name, value),)))


def from_line(value: str) -> bytes:
    """A mail with this From line."""
    return simple(Reply()).replace(b"From: Police Review Desk", b"From: " + value.encode())


def word(main: bytes) -> bytes:
    """A mail with a Word file of this text part."""
    content = (
        word_with({})
        if not main
        else packed({"[Content_Types].xml": b"wordprocessingml.document.main+xml", "word/document.xml": main})
    )
    return attached(Attached("return.docx", DOCX, content))


def attached(file: Attached) -> bytes:
    """A mail with this file."""
    return whole(Reply(), mixed(text_part("Our return."), (file,), "slow"))


W = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'

SLOW: Mapping[str, Callable[[], bytes]] = {
    "sender-of-comments": lambda: from_line("(" * 900),
    "sender-of-quotes": lambda: from_line('"\\' * 450),
    "sender-of-commas": lambda: from_line("a@b," * 225),
    "sender-of-encoded-words": lambda: from_line("=?utf-8?q?a?= " * 65),
    "results-of-comments": lambda: with_results("mx.nscp.example; dmarc=pass " + "(" * 4000),
    "results-of-quotes": lambda: with_results("mx.nscp.example; dmarc=pass " + 'a.b="\\"' * 500),
    "results-of-words": lambda: with_results(results("police.example") + " a=b" * 800),
    "subject-of-encoded-words": lambda: header("Subject", "=?utf-8?q?=41?= " * 900),
    "references": lambda: header("References", "<a@b> " * 2600),
    "recipients": lambda: header("Cc", "a+b.c.1.k1.d@e, " * 1000),
    "many-headers": lambda: b"".join(b"To: <a@b>\r\n" for _ in range(20_000)) + simple(Reply()),
    "content-type-of-quotes": lambda: header("Content-Type", "text/plain" + ';a="' * 4000),
    "content-type-of-pieces": lambda: header(
        "Content-Type", "text/plain" + "".join(f";a*{n}*=b" for n in range(1800))
    ),
    "parts-with-long-headers": lambda: whole(
        Reply(),
        multipart(
            "mixed", *(encoded('text/plain; a="' + ";b=" * 300 + '"', b"x") for _ in range(60)), boundary="b"
        ),
    ),
    "layers": lambda: layers(60),
    "html-of-open-tags": lambda: text(b"<a" * 2 * MIB, "html"),
    "html-of-comments": lambda: text(b"<!--" * MIB, "html"),
    "html-of-divs": lambda: text(b"<div>" * 900 * KIB, "html"),
    "html-of-blockquotes": lambda: text(b"<blockquote>" * 400 * KIB, "html"),
    "text-of-attributions": lambda: text(b"On a wrote b " * 390 * KIB),
    "text-of-attribution-lines": lambda: text((b"On " + b"a " * 140 + b"\n") * 15_000),
    "text-of-from-lines": lambda: text(b"From: a\nSent: b\n" * 250 * KIB),
    "text-of-capitals": lambda: text(b"Thanks.\n" + b"A" * 299 + b":"),
    "text-of-quotes": lambda: text(b"> " * 2 * MIB),
    "text-of-underscores": lambda: text(b"_" * 4 * MIB),
    "text-of-empty-lines": lambda: text(b"Thanks" + b"\n" * 2 * MIB),
    "text-of-lines-of-spaces": lambda: text(b"Thanks" + b" \n" * MIB),
    "text-of-tabs": lambda: text(b"Thanks" + (b"\t" * 1000 + b"\n") * 4 * KIB),
    "text-of-stars": lambda: text((b"*" * 500 + b"x\n") * 8 * KIB),
    "text-of-hyphens": lambda: text(b"- " * 2 * MIB),
    "text-of-spaces": lambda: text(b"Thanks" + b" " * 4 * MIB),
    "text-of-one-word": lambda: text(b"a" * 4 * MIB),
    "bodies-of-one-line": lambda: text(b"\n\nAAAA" * 600 * KIB),
    "quoted-printable": lambda: whole(
        Reply(),
        part(
            [("Content-Type", "text/plain"), ("Content-Transfer-Encoding", "quoted-printable")],
            b"=41=\n" * MIB,
        ),
    ),
    "uuencode": lambda: whole(
        Reply(),
        part(
            [("Content-Type", "text/plain"), ("Content-Transfer-Encoding", "x-uuencode")],
            b"begin 644 a\n" + b"#0V%T\n" * 500_000,
        ),
    ),
    "bounce-of-dialects": lambda: plain_report("<a@b.example>:\n" * 12_000),
    "bounce-of-addresses": lambda: plain_report("Failed: <" + "a@b." * 50_000),
    "word-of-boxes": lambda: word(
        W + b"<w:sdt>" * 200 + b"</w:sdt>" * 200 + b"<w:p/>" * 1_200_000 + b"</w:document>"
    ),
    "word-of-nested-tables": lambda: word(
        W + b"<w:tbl>" * 250 + b"<w:t/>" * 300_000 + b"</w:tbl>" * 250 + b"</w:document>"
    ),
    "word-of-entities": lambda: word(
        b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
        + W
        + b"<w:t>&b;</w:t></w:document>"
    ),
    "zip-of-many-parts": lambda: attached(
        Attached("return.docx", DOCX, packed({f"{n}": b"" for n in range(60_000)}))
    ),
    "pdf-of-headers": lambda: attached(pdf(b"%PDF-" * 2 * MIB)),
    "one-long-line-of-base64": lambda: simple(Reply(attached=(pdf(bytes(MIB)),))).replace(b"A\r\nA", b"AA"),
}


def layers(depth: int) -> bytes:
    """Parts within parts, each with much text beside it."""
    content = text_part("x\n" * 1000)
    for n in range(depth):
        content = multipart("mixed", content, text_part("y\n" * 1000), boundary=f"layer-{n}-")
    return whole(Reply(), content)


def with_media(word: bytes, size: int) -> bytes:
    """A Word file with a picture of that many bytes in it."""
    with ZipFile(BytesIO(word)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    large = BytesIO()
    with ZipFile(large, "w") as opened:
        noise = Random(1).randbytes(size)  # noqa: S311 - noise, no secret
        for name, content in {**parts, "word/media/image1.png": noise}.items():
            opened.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return large.getvalue()
