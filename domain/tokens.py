"""The tokens our mail carries, so that an answer or a bounce finds its case without anyone's name.

A token says which case, which agency or lead, and a serial number; a signature by the key ring, over
`CaseToken.text` for the purpose `PURPOSE`, says that we wrote it. Both stand in the reply address
``rfi+rr-2026-07.police.1.k1.abcdefghijklmnop@…`` and in the Message-ID. The serial leaves room for taking a
token back; nothing refuses one yet. Who leaves the contact book loses the use of theirs. Everything is
lower case and is read whatever the case, as mail systems change it.
"""

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal, Self, cast

from domain.errors import NotConfigured, Refused
from domain.messages import Recipient, RecipientKind

PURPOSE = "mail-token"
"""What the key ring signs a token's text for."""

MAILBOX = "rfi"
"""The mailbox, before the plus sign, that receives every answer."""

LETTER_KEY = "X-Rapid-Review-Letter"
"""The header that names a letter by its key, so that a bounce which quotes it can be matched."""

LOCAL_PART_OCTETS = 64
"""The longest local part a mail system must take. Source: RFC 5321, section 4.5.3.1.1."""

Role = Literal["agency", "lead", "partner", "office"]
"""Whose answer a token stands for: an agency and a lead may share a key, but never a token."""

_TOKEN = r"(?P<reference>[a-z]{2,6}-\d{4}-\d{2,4})\.(?:(?P<role>lead|partner|office)\.)?(?P<key>[a-z][a-z0-9-]{1,23})\.(?P<serial>[1-9]\d{0,5})"  # noqa: E501, S105 - one grammar, read in one piece; it is no password
_SIGNED = rf"{_TOKEN}\.(?P<signature>[a-z0-9]+\.[a-z2-7]{{16}})"
_LOCAL_PART = re.compile(rf"(?:{MAILBOX}\+)?{_SIGNED}")
_MESSAGE_ID = re.compile(rf"<?{_SIGNED}\.(?P<mark>[0-9a-f]{{12}})@[^@<>\s]+>?")

_ROLES: dict[RecipientKind, Role] = {
    RecipientKind.AGENCY: "agency",
    RecipientKind.REPRESENTATIVE: "agency",
    RecipientKind.LEAD: "lead",
    RecipientKind.PARTNER: "partner",
}


@dataclass(frozen=True)
class CaseToken:
    """What a reply address and a Message-ID say: plain facts only.

    ``key`` is the agency's or lead's key; for the role ``office`` it is the kind of recipient. The
    constructor raises `Refused` where the parts do not make a token that can be read back.
    """

    reference: str
    key: str
    serial: int = 1
    role: Role = "agency"

    def __post_init__(self) -> None:
        """Refuse a token that could not be read back."""
        if not re.fullmatch(_TOKEN, self.text):
            raise Refused(
                f"No mail token can be made of reference {self.reference}, key {self.key} and serial "
                f"{self.serial}. Write a reference such as RR-2026-07 and a key such as police."
            )

    @classmethod
    def of(cls, reference: str, to: Recipient, serial: int = 1) -> Self:
        """The token for a recipient: a representative carries the agency's, having the same say."""
        role = _ROLES.get(to.kind, "office")
        return cls(reference, to.key or str(to.kind), serial, role)

    @property
    def text(self) -> str:
        """What is signed: ``rr-2026-07.police.1``, or ``rr-2026-07.lead.police.1`` for a lead."""
        role = "" if self.role == "agency" else f"{self.role}."
        return f"{self.reference.lower()}.{role}{self.key}.{self.serial}"


def reply_address(token: CaseToken, signature: str, domain: str) -> str:
    """The address that answers to a letter go to.

    Raises:
        NotConfigured: the part before the @ would be longer than mail systems must take.
    """
    local_part = f"{MAILBOX}+{token.text}.{signature}".lower()
    if len(local_part) > LOCAL_PART_OCTETS:
        raise NotConfigured(
            f"The reply address for {token.key} on {token.reference} would have {len(local_part)} "
            f"characters before the @, and {LOCAL_PART_OCTETS} are allowed. Give it a shorter key."
        )
    return f"{local_part}@{domain.lower()}"


def parse(local_part: str) -> tuple[CaseToken, str]:
    """The token and signature in the part of a reply address before the @, still to be verified.

    Raises:
        Refused: it is not one of our reply addresses.
    """
    found = _LOCAL_PART.fullmatch(local_part.lower())
    if not found:
        raise Refused(
            "This address carries no case token. Answer to the reply address of our letter as it stands."
        )
    return _token(found), found["signature"]


def message_id(token: CaseToken, letter_key: str, signature: str, domain: str) -> str:
    """The Message-ID of a letter, the same for ever: token, signature and the mark of its key.

    Source: RFC 5322, section 3.6.4, whose ``dot-atom-text`` it keeps to.
    """
    return f"<{token.text}.{signature}.{letter_mark(letter_key)}@{domain}>".lower()


def parse_message_id(text: str) -> tuple[CaseToken, str, str]:
    """The token, signature and letter mark in a Message-ID of ours, still to be verified.

    Raises:
        Refused: it is not one of our Message-IDs.
    """
    found = _MESSAGE_ID.fullmatch(text.strip().lower())
    if not found:
        raise Refused("This Message-ID is not of one of our letters. Match it to its case by hand.")
    return _token(found), found["signature"], found["mark"]


def letter_mark(letter_key: str) -> str:
    """Twelve hexadecimal characters that tell the letters of one case apart, from the letter's key."""
    return sha256(letter_key.encode()).hexdigest()[:12]


def _token(found: re.Match[str]) -> CaseToken:
    role = cast("Role", found["role"] or "agency")
    return CaseToken(found["reference"].upper(), found["key"], int(found["serial"]), role)
