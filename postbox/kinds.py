"""What kind of file an attachment is: by its bytes, since its name and declared type are the sender's word.

Nothing is unpacked beyond what tells the kind: the list of a package, and a few of its small parts.
"""

import io
import re
import zlib
from collections.abc import Mapping
from zipfile import BadZipFile, ZipFile

import puremagic
from docx.oxml import parse_xml
from lxml.etree import XMLSyntaxError
from msoffcrypto import OfficeFile

from postbox.house import DOCX, ODT, XLSX, Takes
from postbox.verdicts import Seal, Why

Kind = str | Why | Seal
"""A media type that is taken, or why it is not, or what it is sealed with."""

_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"L\0\0\0\x01\x14\x02\0", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
"""How programs, scripts and Windows shortcuts begin."""

_PROGRAM_NAMES = re.compile(
    r"\.(?:exe|com|scr|pif|cpl|msi|dll|bat|cmd|ps1|vbs?|vbe|jse?|wsf|wsh|hta|lnk|jar|reg|iso|img|vhdx?|app|sh|py)$"
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MESSAGE_STORAGE = "__substg1.0_".encode("utf-16-le")
"""The streams of which an Outlook message file is made (MS-OXMSG 2.2)."""
_SEALS = {
    b"-----BEGIN PGP MESSAGE-----": Seal.PGP,
    b"\x76\xe8\x04\x60\xc4\x11\xe3\x86": Seal.MICROSOFT,
    b"\x78\x9f\x3e\x22": Seal.TNEF,
}
"""How sealed files begin (RFC 9580, 6.2; MS-OXORMMS, 2.2.4; MS-OXTNEF, 2.1.3)."""
_RTF_OBJECT = re.compile(rb"\\obj(?:data|update|ocx)\b")
_PDF_WITHIN = 1024
_ARCHIVES = {
    *(".7z", ".rar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".cab", ".tar", ".lz", ".lzh", ".arj", ".ace"),
    *(".iso", ".z", ".zpaq"),
}
_TEXT_NAMES = re.compile(r"(?:[^.]*|.*\.(?:txt|text|log|csv|md))")
_CONTENT_TYPES = "[Content_Types].xml"
_ACTIVE = re.compile(r"vbaproject|vbadata|/activex/|/embeddings/.*\.bin$|^(?:basic|scripts)/", re.IGNORECASE)
"""Parts of Word, Excel and OpenDocument packages that hold programs."""
_ACTIVE_TYPES = re.compile(r"macroenabled|vbaproject|macrosheet", re.IGNORECASE)
"""The same, by what the package says that its parts are."""
_RELATED = re.compile(r"(?:^|/)_rels/[^/]*\.rels$", re.IGNORECASE)
"""Where parts name what belongs to them; letter case tells no parts apart. Source: ECMA-376, part 2."""
_RUN = {"attachedTemplate", "oleObject", "frame", "subDocument"}
_WEB = re.compile(r"\s*(?:mhtml:)?\s*https?:", re.IGNORECASE)
BROKEN_PACKAGE = (BadZipFile, KeyError, ValueError, NotImplementedError, EOFError, OSError, zlib.error)
"""What reading a broken zip file raises."""

_SMALL = 256 * 1024
_CONTROLS = re.compile(rb"[\x00-\x08]")
_END, _ZIP64_END = b"PK\x05\x06", b"PK\x06\x07"
_DIRECTORY = 1024 * 1024
"""The longest list of a package, in bytes: some ten thousand parts; and of what its parts name."""


def kind_of(content: bytes, name: str, house: Takes) -> Kind:
    """The kind of an attachment. ``name`` is its file name in lower case, and can only speak against it."""
    if content.startswith(_PROGRAMS) or _PROGRAM_NAMES.search(name):
        return Why.EXECUTABLE
    kind = _known_by_its_bytes(content, name, house)
    settled = isinstance(kind, (Why, Seal)) or kind in house.media_types
    return kind if settled else Why.KIND_NOT_TAKEN


def _known_by_its_bytes(content: bytes, name: str, house: Takes) -> Kind:
    if content.startswith(_OLE):
        return _old_office(content)
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _package(content, house)
    if seal := next((seal for start, seal in _SEALS.items() if content.startswith(start)), None):
        return seal
    if b"%PDF-" in content[:_PDF_WITHIN]:
        return Seal.PASSWORD if b"/Encrypt" in content else "application/pdf"
    return _simple(content, name)


def _simple(content: bytes, name: str) -> Kind:
    """A file of one piece: a picture, a text, or an archive of an unusual kind."""
    ending, media_type = _best_guess(content)
    if ending in _ARCHIVES:
        return Why.ARCHIVE
    if media_type == "application/rtf":
        return Why.MACROS if _RTF_OBJECT.search(content) else media_type
    if media_type.startswith(("image/", "application/")):
        return media_type
    a_text = _TEXT_NAMES.fullmatch(name) and not _CONTROLS.search(content)
    return "text/plain" if a_text else Why.KIND_NOT_TAKEN


def _best_guess(content: bytes) -> tuple[str, str]:
    """The file ending and media type that its bytes look most like; empty where they look like none."""
    try:
        best = puremagic.magic_string(content)[0]
    except (puremagic.PureError, ValueError):
        return "", ""
    return best.extension, best.mime_type


def _old_office(content: bytes) -> Kind:
    """Word 97 and its kin may hold programs and are not taken; encrypted, they are newer."""
    if _MESSAGE_STORAGE in content:
        return Why.MESSAGE_WITHIN
    try:
        encrypted = OfficeFile(io.BytesIO(content)).is_encrypted()
    except Exception:  # noqa: BLE001 - whatever the library makes of a broken file, it is not taken
        return Why.MACROS
    return Seal.PASSWORD if encrypted else Why.MACROS


def _package(content: bytes, house: Takes) -> Kind:
    end = content.rfind(_END, -65_557)
    if end < 0:
        return Why.DAMAGED
    if not _listed_briefly(content, end):
        return Why.ARCHIVE
    try:
        with ZipFile(io.BytesIO(content)) as package:
            return _packed(package, house)
    except BROKEN_PACKAGE:
        return Why.DAMAGED


def _listed_briefly(content: bytes, end: int) -> bool:
    """Whether the list at a package's end is short: a long one takes seconds. Source: APPNOTE, 4.3.16."""
    size = int.from_bytes(content[end + 12 : end + 16], "little")
    return size <= _DIRECTORY and content[end - 20 : end - 16] != _ZIP64_END


def _packed(package: ZipFile, house: Takes) -> Kind:
    listed = package.infolist()
    if any(entry.flag_bits & 1 for entry in listed):
        return Seal.PASSWORD
    if sum(entry.file_size for entry in listed) > house.limits.unpacked:
        return Why.ARCHIVE
    names = {entry.filename for entry in listed}
    if _CONTENT_TYPES in names or "mimetype" in names:
        if any(_ACTIVE.search(name) for name in names):
            return Why.MACROS
        return _office(package, names) if _CONTENT_TYPES in names else _open_document(package)
    return Why.ARCHIVE


def _office(package: ZipFile, names: set[str]) -> Kind:
    types = " ".join(found.get("ContentType", "") for found in _elements(package, _CONTENT_TYPES))
    if _ACTIVE_TYPES.search(types):
        return Why.MACROS
    related = [name for name in sorted(names) if _RELATED.search(name)]
    if sum(package.getinfo(name).file_size for name in related) > _DIRECTORY:
        return Why.ARCHIVE
    if any(_runs_from_afar(found) for name in related for found in _elements(package, name)):
        return Why.MACROS
    if "wordprocessingml.document.main+xml" in types:
        return DOCX
    return XLSX if "spreadsheetml.sheet.main+xml" in types else Why.KIND_NOT_TAKEN


def _runs_from_afar(relationship: Mapping[str, str]) -> bool:
    """Whether a document, as it is opened, fetches from the web what can run."""
    kind = relationship.get("Type", "").rpartition("/")[2]
    return kind in _RUN and bool(_WEB.match(relationship.get("Target", "")))


def _elements(package: ZipFile, name: str) -> list[dict[str, str]]:
    """The attributes of each element of a small part, as programs read them; ValueError where it is torn."""
    try:
        root = parse_xml(_start(package, name))
    except XMLSyntaxError:
        raise ValueError from None
    return [{str(key): str(value) for key, value in found.items()} for found in root.iter("*")]


def _open_document(package: ZipFile) -> Kind:
    if b"encryption-data" in _start(package, "META-INF/manifest.xml"):
        return Seal.PASSWORD
    named = _start(package, "mimetype").decode("ascii", "replace").strip()
    return ODT if named == ODT else Why.KIND_NOT_TAKEN


def _start(package: ZipFile, name: str) -> bytes:
    with package.open(name) as part:
        return part.read(_SMALL)
