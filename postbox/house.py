"""What the postbox is told: how one mail came, and what the house knows and allows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.partnership import Partnership

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"

MEDIA_TYPES = frozenset(
    {DOCX, XLSX, ODT, "application/pdf", "application/rtf", "text/plain", "image/jpeg", "image/png"}
)
"""The kinds of file that are taken, unless a house says otherwise; the last two as scans."""


@dataclass(frozen=True)
class Envelope:
    """How a mail came.

    ``mail_from`` is the return path: empty is the null path of reports, None is not known (then the mail's
    own Return-Path counts). ``rcpt_to`` are the addresses it was delivered to, none where not known.
    Facts count from ``received_at``, in UTC.
    """

    received_at: datetime
    mail_from: str | None = None
    rcpt_to: tuple[str, ...] = ()


EXCHANGE_ONLINE = "microsoft-365"
"""What stands among `House.authserv_ids` for Exchange Online, which writes no name before its results.

It writes them above all others, and renames those a mail came with.
"""


class Scanner(Protocol):
    """A virus scanner."""

    def __call__(self, content: bytes, /) -> bool | None:
        """Whether ``content`` is clean; None where the scanner was asked and gave no verdict.

        Raises:
            NotReachable: the scanner is not there to be asked; the mail is to be read again later.
        """
        ...


@dataclass(frozen=True)
class Limits:
    """How much of a mail is read; sizes in bytes. A mail beyond them goes to the quarantine."""

    mail: int = 50 * 1024 * 1024
    beside_attachments: int = 5 * 1024 * 1024
    headers: int = 256 * 1024
    header: int = 16 * 1024
    parts: int = 100
    unpacked: int = 100 * 1024 * 1024
    form: int = 8 * 1024 * 1024
    hops: int = 50


class Takes(Protocol):
    """What tells the kinds of file that are taken, and how much of one is unpacked."""

    @property
    def limits(self) -> Limits:
        """How much is read."""

    @property
    def media_types(self) -> frozenset[str]:
        """The kinds that are taken."""


@dataclass(frozen=True)
class ByHand:
    """What is taken where the office itself brings a file: the same as by mail."""

    limits: Limits = Limits()
    media_types: frozenset[str] = MEDIA_TYPES


@dataclass(frozen=True)
class House:
    """What the postbox may know. Everything it asks of others is a function, so that it stays pure.

    - ``authserv_ids``: the names by which our own receiving mail server signs its Authentication-Results;
      that server must strip these names from what comes in (RFC 8601, section 5). Or `EXCHANGE_ONLINE`.
    - ``verify(text, signature)``: whether the key ring signed a token's text for `domain.tokens.PURPOSE`.
    - ``seen(message)``: the `Reading.id` of each mail dealt with under this `Reading.message`. What lies in
      quarantine has not been: else a forger could borrow the Message-ID of a mail to come.
    - ``scan``: a virus scanner, where there is one.
    """

    partnership: Partnership
    authserv_ids: frozenset[str]
    verify: Callable[[str, str], bool]
    seen: Callable[[str], frozenset[str]]
    scan: Scanner | None = None
    limits: Limits = Limits()
    media_types: frozenset[str] = MEDIA_TYPES
