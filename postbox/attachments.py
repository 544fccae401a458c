"""What is attached: what counts is taken if its kind is on the list; one bad file stops the whole mail."""

import re
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

from docx.image.image import Image

from domain.messages import DocumentRef
from postbox.house import House
from postbox.kinds import Kind, kind_of
from postbox.message import Mail, Part, file_name
from postbox.verdicts import Reading, Seal, Verdict, Why

_NEVER_COUNTED = {
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/applefile",
    "text/calendar",
    "application/ics",
    "text/vcard",
    "text/x-vcard",
    "text/directory",
}
"""Signatures, business cards, calendar entries, and what Apple Mail sends beside a file."""

_BODIES = {"text/plain", "text/html", "text/enriched", "text/x-amp-html"}

_LEFT_OVER = re.compile(r"(?:att\d{5}\.(?:txt|html?)|smime\.p7s|signature\.asc|[^/]*\.(?:vcf|ics|p7s))")
"""Names of the same things, and of what Exchange makes of a disclaimer after an attachment."""

_MADE_BY_OUTLOOK = re.compile(r"(?:image|outlook-)[^/]{0,40}\.(?:png|jpe?g|gif|bmp)")
_ICON = 20 * 1024
"""A picture smaller than this, in bytes, is a logo wherever it stands, if no larger than `_DRAWN`."""
_LOGO = 60 * 1024
"""The same of a picture shown in the text."""
_DRAWN = 250_000
"""How large a logo is at most, in pixels: a banner of 1000 by 250. A page scanned coarsely has a million."""


def attached(mail: Mail, so_far: Reading, house: House) -> Reading:
    """The reading with the attachments that count; in quarantine for a bad one, or sealed."""
    taken: dict[DocumentRef, bytes] = {}
    parts, shown_in_text = list(counted(mail)), _shown_in_text(mail)
    for part in parts:
        kind = _kind(mail, part, house)
        if isinstance(kind, Seal):
            return replace(so_far, verdict=Verdict.SEALED, sealed_by=kind)
        if isinstance(kind, Why):
            return replace(so_far, verdict=Verdict.QUARANTINED, why=kind)
        content = mail.content(part)
        taken[_ref(content, kind)] = content
    if mail.cut_short:
        return replace(so_far, verdict=Verdict.QUARANTINED, why=Why.DAMAGED)
    return replace(
        so_far,
        attachments=tuple(taken),
        contents=tuple(taken.values()),
        only_shown=bool(taken) and all(_shown(part, shown_in_text) for part in parts),
    )


def _kind(mail: Mail, part: Part, house: House) -> Kind:
    """The kind of a part, or what speaks against it."""
    if part.get_content_maintype() == "message":
        return Why.MESSAGE_WITHIN
    if not mail.whole(part):
        return Why.DAMAGED
    content = mail.content(part)
    kind = kind_of(content, file_name(part), house)
    if isinstance(kind, (Seal, Why)) or house.scan is None:
        return kind
    clean = house.scan(content)
    if clean is None:
        return Why.UNSCANNED
    return kind if clean else Why.INFECTED


def _ref(content: bytes, media_type: str) -> DocumentRef:
    return DocumentRef(sha256=sha256(content).hexdigest(), size=len(content), media_type=media_type)


def counted(mail: Mail) -> Iterator[Part]:
    """The parts that were attached on purpose: no body, signature, business card or signature picture."""
    shown_in_text = _shown_in_text(mail)
    for part in mail.parts:
        name, kind = file_name(part), part.get_content_type()
        if is_body(part) or kind in _NEVER_COUNTED or _LEFT_OVER.fullmatch(name):
            continue
        if _picture(part) and _decoration(mail.content(part), shown=_shown(part, shown_in_text)):
            continue
        if part.get_content_maintype() in {"message", "multipart"} or not mail.empty(part):
            yield part


def is_body(part: Part) -> bool:
    """Whether a part is text of the mail itself: what has a name of its own is a file."""
    return part.get_content_type() in _BODIES and not file_name(part)


def _shown_in_text(mail: Mail) -> str:
    """All of a mail's HTML, in which pictures are shown by their Content-ID (RFC 2392)."""
    return "\n".join(mail.text(p) for p in mail.parts if is_body(p) and p.get_content_subtype() == "html")


def _picture(part: Part) -> bool:
    return part.get_content_maintype() == "image"


def _shown(part: Part, shown_in_text: str) -> bool:
    """Whether a part is a picture that is shown in the text, or named as those are."""
    identifier = str(part.get("Content-ID", "")).strip(" <>")
    inline = part.get_content_disposition() == "inline" or (
        identifier and f"cid:{identifier}" in shown_in_text
    )
    return _picture(part) and bool(inline or _MADE_BY_OUTLOOK.fullmatch(file_name(part)))


def _decoration(content: bytes, *, shown: bool) -> bool:
    """Whether a picture belongs to a signature: small in bytes, and drawn small as far as that can be told.

    A photograph of a page is neither, wherever a telephone puts it.
    """
    return len(content) < (_LOGO if shown else _ICON) and _pixels(content) <= _DRAWN


def _pixels(content: bytes) -> int:
    """How many pixels a small picture has; none where its kind does not say so in its first bytes."""
    try:
        picture = Image.from_blob(content)
    except Exception:  # noqa: BLE001 - whatever the library makes of a broken picture, its bytes are few
        return 0
    return picture.px_width * picture.px_height
