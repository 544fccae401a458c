"""Sealed mail: what only a person with a key, a portal or a password can open.

Such a mail is answered "open by hand, then record". An encrypted file among ordinary ones is found as it
is looked at, in `postbox.kinds`.
"""

import re
from dataclasses import replace

from postbox.attachments import counted
from postbox.house import House
from postbox.message import Mail, file_name
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
    (re.compile(r"https://(?!www\.)(?:[a-z0-9-]{1,40}\.){1,3}egress\.com/", re.IGNORECASE), Seal.EGRESS),
)
"""What the covers say under which the portals send: each has a link to its own."""

_LOOKED_AT = 64 * 1024


def sealed(mail: Mail, so_far: Reading, house: House) -> Reading:
    """Stop where the mail, or the file that it is the cover of, is sealed."""
    _ = house
    seal = _by_its_parts(mail) or _by_its_cover(mail)
    return replace(so_far, verdict=Verdict.SEALED, sealed_by=seal) if seal else so_far


def _by_its_parts(mail: Mail) -> Seal | None:
    named = (_TYPES.get(part.get_content_type()) or _by_name(file_name(part)) for part in mail.parts)
    return next((seal for seal in named if seal), None)


def _by_name(name: str) -> Seal | None:
    return next((seal for ending, seal in _ENDINGS.items() if name.endswith(ending)), None)


def _by_its_cover(mail: Mail) -> Seal | None:
    """By the words of a mail that holds nothing else: people have such links in their signatures too."""
    if any(part.get_content_maintype() != "text" for part in counted(mail)):
        return None
    texts = (mail.text(part)[:_LOOKED_AT] for part in mail.parts if part.get_content_maintype() == "text")
    found = (seal for text in texts for words, seal in _WORDS if words.search(text))
    return next(found, None)
