"""What a web hook is: its address, what it takes, how that is read, and what is done with it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Protocol

from pydantic import BaseModel

from domain.messages import DocumentRef, PanelReplied
from domain.particulars import OpeningFile, RequestFile
from starter.hooks.deliveries import Accepted, Delivery
from starter.hooks.sources import HookName

JSON = "application/json"
"""The media type of every body but a mail's."""


@dataclass(frozen=True)
class LetterReturned:
    """A mail provider's word that a letter came back: its Message-ID, and an enhanced status (RFC 3463)."""

    id: str
    message_id: str
    status: str
    received_at: datetime


class MailDoor(Protocol):
    """Takes a mail that a web hook brings, as it takes one from anywhere else."""

    async def take(
        self, raw: bytes, *, mail_from: str, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> None:
        """See the mail safely stored. The same mail may be brought twice; NotReachable where it cannot be.

        ``mail_from`` is empty for a report, as in SMTP's ``MAIL FROM:<>``.
        """
        ...


class Desk(Protocol):
    """What hooks may have done in the office. Each deed may be asked for twice and is then done once.

    Each raises Refused, NotReadable or NotCovered where it cannot be done, with nothing changed, and
    NotReachable where the store or the server does not answer, to be tried again.
    """

    @property
    def mail(self) -> MailDoor:
        """Where mail goes."""
        ...

    async def open_review(self, opening: OpeningFile) -> None:
        """Open the review that a SIN asks for."""
        ...

    async def put_forward(self, request: RequestFile, received_at: datetime) -> None:
        """Put a case forward by a Request for Consideration."""
        ...

    async def keep(self, content: bytes, media_type: str) -> DocumentRef:
        """Put a document into the encrypted store."""
        ...

    async def panel_replied(self, reference: str, fact: PanelReplied) -> None:
        """Tell a case that the Panel has answered."""
        ...

    async def letter_returned(self, returned: LetterReturned) -> str:
        """Tell a case that a letter of ours came back; the case's reference."""
        ...


Deed = Callable[[Desk], Awaitable[Accepted]]
"""What is to be done about a delivery that could be read."""


@dataclass(frozen=True)
class Hook:
    """One web hook. ``read`` raises NotReadable; ``form`` describes a JSON body; ``limit`` is in bytes."""

    name: HookName
    summary: str
    description: str
    read: Callable[[Delivery, bytes], Deed]
    form: type[BaseModel] | None
    status: HTTPStatus = HTTPStatus.ACCEPTED
    limit: int = 1024 * 1024
    media_type: str = JSON

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/hooks/{self.name}"
