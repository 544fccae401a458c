"""Sealed mail: what only a person with a key, a portal or a password can open.

Such a mail is answered "open by hand, then record". An encrypted file among ordinary ones is found as it
is looked at, in `postbox.kinds`.
"""

import re
from dataclasses import replace

from postbox.house import House
from postbox.message import Mail, Part, file_name
from postbox.verdicts import Reading, Seal, Verdict

_TYPES = {
    "application/pkcs7-mime": Seal.SMIME,
    "application/x-pkcs7-mime": Seal.SMIME,
    "application/pgp-encrypted": Seal.PGP,
    "application/x-microsoft-rpmsg-message": Seal.MICROSOFT,
    "application/ms-tnef": Seal.TNEF,
    "application/vnd.ms-tnef": Seal.TNEF,
}
"""Media types that say so: RFC 8551 (S/MIME), RFC 3156 (PGP), MS-OXORMMS 2.2, MS-OXTNEF."""

_ENDINGS = {
    ".p7m": Seal.SMIME,
    ".pgp": Seal.PGP,
    ".gpg": Seal.PGP,
    ".rpmsg": Seal.MICROSOFT,
    ".switch": Seal.EGRESS,
    "winmail.dat": Seal.TNEF,
}

_WORDS = (
    (re.compile(r"(?m)^-----BEGIN PGP MESSAGE-----\s*$"), Seal.PGP),
    (re.compile(r"https://outlook\.office(?:365)?\.com/encryption/", re.IGNORECASE), Seal.MICROSOFT),
    (re.compile(r"https://(?:[a-z0-9-]{1,40}\.){0,3}egress\.com/", re.IGNORECASE), Seal.EGRESS),
)
"""What the covers say under which the portals send: each has a link to its own."""

_LOOKED_AT = 64 * 1024
_COVER = 4000
"""A cover has its link near its beginning, in characters, and not in a quote far below."""


def sealed(mail: Mail, so_far: Reading, house: House) -> Reading:
    """Stop where the mail, or the file that it is the cover of, is sealed."""
    _ = house
    seals = (seal for part in mail.parts for seal in [_seal(mail, part)] if seal)
    seal = next(seals, None)
    return replace(so_far, verdict=Verdict.SEALED, sealed_by=seal) if seal else so_far


def _seal(mail: Mail, part: Part) -> Seal | None:
    name = file_name(part)
    by_name = next((seal for ending, seal in _ENDINGS.items() if name.endswith(ending)), None)
    by_type = _TYPES.get(part.get_content_type())
    if by_type or by_name:
        return by_type or by_name
    return _cover(mail.text(part)[:_LOOKED_AT]) if part.get_content_maintype() == "text" else None


def _cover(text: str) -> Seal | None:
    above = text[:_COVER]
    return next((seal for words, seal in _WORDS if words.search(above)), None)
