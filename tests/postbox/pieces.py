"""What the corpus is made of: a house with fixed keys, its tokens, filled-in forms, files and MIME parts.

Everything is the same at every run, so that the corpus can be made again and compared.
"""

import base64
import io
import quopri
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.oxml.ns import qn

from domain.partnership import load_partnership
from domain.tokens import PURPOSE, CaseToken, Role, message_id, reply_address
from postbox.arrivals import id_of, of_case
from postbox.house import DOCX, Envelope, House
from vault.keys import KeyRing

FOLDER = Path(__file__).parents[2] / "partnerships" / "northamptonshire"
PARTNERSHIP = load_partnership(FOLDER)
KEYS = KeyRing.parse((Path(__file__).parents[1] / "histories" / "test-only-keyring.json").read_text("ascii"))
OTHER_KEYS = KeyRing("k1", {"k1": b"somebody else's key, of 32 bytes"})
REFERENCE = "RR-2026-07"
RECEIVED = datetime(2026, 12, 15, 10, 30, tzinfo=UTC)
DOMAIN = PARTNERSHIP.reply_domain
SERVER = "mx.nscp.example"
SEEN = "<dealt-with-before@police.example>"
SAID = b"Thanks, will do.\r\n"
VIRUS = b"this test's own idea of a virus"
OCTETS = "application/octet-stream"
PDF_TYPE = "application/pdf"


def verify(text: str, signature: str) -> bool:
    """The house's own check of a token."""
    return KEYS.verify(PURPOSE, text, signature)


def _of(content: bytes) -> str:
    return sha256(content).hexdigest()


_UNDER = (id_of(_of(SEEN.encode())), of_case(id_of(_of(SEEN.encode())), REFERENCE))
_DEALT_WITH = frozenset({id_of(_of(SEEN.encode() + sha256(SAID).digest()))})

HOUSE = House(
    partnership=PARTNERSHIP,
    authserv_ids=frozenset({SERVER}),
    verify=verify,
    seen=lambda message: _DEALT_WITH if message in _UNDER else frozenset(),
    scan=lambda content: VIRUS not in content,
)
"""A house that has dealt with one mail, `SEEN`, for its case and for none; its scanner knows one virus."""

ENVELOPE = Envelope(received_at=RECEIVED)
"""How a mail comes that is fetched from a mailbox: nothing is known but when."""


def token(key: str = "police", role: Role = "agency", reference: str = REFERENCE) -> CaseToken:
    """A token of an agency, or for another role."""
    return CaseToken(reference, key, 1, role)


def reply_to(of: CaseToken, keys: KeyRing = KEYS) -> str:
    """The address that answers to a letter go to."""
    return reply_address(of, keys.sign(PURPOSE, of.text), DOMAIN)


def letter_id(of: CaseToken, letter: str = "request-for-information/police", keys: KeyRing = KEYS) -> str:
    """The Message-ID of a letter of ours."""
    return message_id(of, letter, keys.sign(PURPOSE, of.text), DOMAIN)


@dataclass(frozen=True)
class Attached:
    """A file as a mail program attaches it."""

    name: str
    kind: str
    content: bytes
    disposition: str = "attachment"
    cid: str = ""


NIL: Mapping[str, str] = {"known": "Not known: this is a nil return"}
COMPLETE: Mapping[str, str] = {"known": "Known", "good_practice": "Records were kept the same day."}
SIGNED: Mapping[str, str] = {
    "author": "Review Officer",
    "role": "Review officer",
    "senior_sign_off": "Senior Manager",
    "senior_role": "Head of service",
    "senior_date": "14 December 2026",
}
EVENTS: Mapping[str, list[str]] = {"key_events": ["1 December 2026", "10:00", "Records", "A visit", "", ""]}
SEARCHED: Mapping[str, list[str]] = {"people_searched": ["Child A", "1 January 2020", "All", "Not known"]}


def form_bytes(
    boxes: Mapping[str, str],
    rows: Mapping[str, list[str]],
    *,
    key: str = "police",
    reference: str = REFERENCE,
) -> bytes:
    """Our own form as it was sent, with boxes filled in and a row written into tables."""
    word = Document(str(FOLDER / "documents" / "request_for_information.docx"))
    sent = {"reference": reference, "agency": PARTNERSHIP.agencies[key].name, "due": "Thu 17 Dec 2026 17:00"}
    for control in word.element.body.iter(qn("w:sdt")):
        tag = control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}").get(qn("w:val"))
        if text := {**sent, **boxes}.get(tag):
            next(control.iter(qn("w:t"))).text = text
    for table in word.tables:
        caption = table._tbl.tblPr.find(qn("w:tblCaption"))
        for cell, text in zip(table.rows[1].cells, rows.get(caption.get(qn("w:val")), ()), strict=False):
            cell.text = text
    saved = io.BytesIO()
    word.save(saved)
    with ZipFile(saved) as package:
        return packed({name: package.read(name) for name in package.namelist()})


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A zip file of parts, with one fixed date."""
    package = io.BytesIO()
    with ZipFile(package, "w", ZIP_DEFLATED) as opened:
        for name, part in parts.items():
            opened.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), part, ZIP_DEFLATED)
    return package.getvalue()


def form(
    boxes: Mapping[str, str] = {**SIGNED, **COMPLETE},
    rows: Mapping[str, list[str]] = {**SEARCHED, **EVENTS},
    *,
    key: str = "police",
    reference: str = REFERENCE,
) -> Attached:
    """A returned form: complete, unless told otherwise."""
    content = form_bytes(boxes, rows, key=key, reference=reference)
    return Attached(f"{REFERENCE}-police-request-for-information.docx", DOCX, content)


def nil() -> Attached:
    """A signed nil return."""
    return form({**SIGNED, **NIL}, SEARCHED)


def blank() -> Attached:
    """The form as it was sent."""
    return form({}, {})


def pdf(extra: bytes = b"") -> Attached:
    """A small PDF."""
    content = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n" + extra + b"trailer<</Root 1 0 R>>\n%%EOF\n"
    return Attached("return.pdf", PDF_TYPE, content)


def png(kilobytes: int = 1) -> bytes:
    """A picture of noise, of about that size."""
    noise = b"".join(sha256(bytes([n % 256, n // 256])).digest() for n in range(32 * kilobytes))
    chunk = len(noise).to_bytes(4, "big") + b"IDAT" + noise + zlib.crc32(b"IDAT" + noise).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x02\0\0\0\x90\x91h6" + chunk


def drawn(width: int, height: int) -> bytes:
    """A whole picture of so many white pixels: few bytes, as of a page scanned in black and white."""
    rows = zlib.compress((b"\0" + b"\xff" * (-(-width // 8))) * height, 9)
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\1\0\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return len(content).to_bytes(4, "big") + kind + content + check.to_bytes(4, "big")


def logo(disposition: str = "inline", cid: str = "logo@mail") -> Attached:
    """The picture in a signature."""
    return Attached("image001.png", "image/png", png(), disposition, cid)


WORD = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"/>'
"""The text part of an empty Word file."""


def word_with(parts: Mapping[str, bytes], types: bytes = b"") -> bytes:
    """A Word package with more in it than a text."""
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    listed = (
        b'<Types><Override PartName="/word/document.xml" ContentType="' + main + b'"/>' + types + b"</Types>"
    )
    return packed({"[Content_Types].xml": listed, "word/document.xml": WORD, **parts})


Headers = list[tuple[str, str]]


def encoded(kind: str, content: bytes, *, disposition: str = "", name: str = "", cid: str = "") -> bytes:
    """A part in base64, as mail programs send files."""
    headers = [("Content-Type", f'{kind}; name="{name}"' if name else kind)]
    headers += [("Content-ID", f"<{cid}>")] if cid else []
    headers += [("Content-Disposition", f'{disposition}; filename="{name}"')] if disposition else []
    headers += [("Content-Transfer-Encoding", "base64")]
    return part(headers, base64.encodebytes(content))


def file_part(attached: Attached) -> bytes:
    """A file as a part."""
    return encoded(
        attached.kind,
        attached.content,
        disposition=attached.disposition,
        name=attached.name,
        cid=attached.cid,
    )


def text_part(
    text: str, kind: str = "plain", charset: str = "utf-8", encoding: str = "quoted-printable"
) -> bytes:
    """A part of text."""
    raw = text.encode(charset)
    encode: dict[str, Callable[[bytes], bytes]] = {
        "quoted-printable": quopri.encodestring,
        "base64": base64.encodebytes,
    }
    headers = [("Content-Type", f'text/{kind}; charset="{charset}"'), ("Content-Transfer-Encoding", encoding)]
    return part(headers, encode.get(encoding, bytes)(raw))


def part(headers: Headers, body: bytes) -> bytes:
    """Headers, an empty line and a body."""
    return "".join(f"{name}: {value}\n" for name, value in headers).encode("utf-8") + b"\n" + body


def multipart(subtype: str, *parts: bytes, boundary: str, params: str = "") -> bytes:
    """Parts within boundaries, with the header that says so."""
    line = b"\n--" + boundary.encode()
    body = b"".join(line + b"\n" + each for each in parts) + line + b"--\n"
    return part([("Content-Type", f'multipart/{subtype};{params}\n\tboundary="{boundary}"')], body)


def mail(headers: Headers, content: bytes) -> bytes:
    """A whole mail: headers before those of its content, with the line ends of the wire."""
    head = "".join(f"{name}: {value}\n" for name, value in headers).encode("utf-8", "surrogateescape")
    return (head + b"MIME-Version: 1.0\n" + content).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
