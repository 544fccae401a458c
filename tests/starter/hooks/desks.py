"""Desks for the web hooks to call: one that remembers what it was asked, one that must never be asked."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import RapidReviewError
from domain.messages import DocumentRef, PanelReplied
from domain.particulars import OpeningFile, RequestFile
from starter.hooks.hook import LetterReturned
from starter.mailroom.journal import Journal
from tests import sample


@dataclass(frozen=True)
class TakenMail:
    """A mail handed over, with its envelope."""

    raw: bytes
    mail_from: str
    rcpt_to: tuple[str, ...]
    received_at: datetime


@dataclass(frozen=True)
class JournalledMail:
    """A mail room in which nobody works: what is handed in is in its journal, unread."""

    journal: Journal

    async def take(
        self, raw: bytes, *, mail_from: str, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> None:
        """Keep a mail."""
        await self.journal.take(raw, mail_from=mail_from, rcpt_to=rcpt_to, received_at=received_at)


@dataclass(frozen=True)
class ToldCase:
    """A fact brought to a case."""

    reference: str
    fact: PanelReplied


@dataclass
class KeepingDesk:
    """Keeps what it is asked to do; while ``trouble`` is set it refuses everything with it."""

    deeds: list[object] = field(default_factory=list)
    trouble: RapidReviewError | None = None

    @property
    def mail(self) -> "KeepingDesk":
        """Itself: mail is kept with the rest."""
        return self

    def _keep(self, deed: object) -> None:
        if self.trouble:
            raise self.trouble
        self.deeds.append(deed)

    async def take(
        self, raw: bytes, *, mail_from: str, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> None:
        """Keep a mail."""
        self._keep(TakenMail(raw, mail_from, rcpt_to, received_at))

    async def open_review(self, opening: OpeningFile) -> None:
        """Keep a SIN."""
        self._keep(opening)

    async def put_forward(self, request: RequestFile, received_at: datetime) -> None:
        """Keep a request."""
        assert received_at.tzinfo
        self._keep(request)

    async def keep(self, content: bytes, media_type: str) -> DocumentRef:
        """Keep a document's bytes."""
        self._keep((content, media_type))
        return sample.document()

    async def panel_replied(self, reference: str, fact: PanelReplied) -> None:
        """Keep the Panel's answer."""
        self._keep(ToldCase(reference, fact))

    async def letter_returned(self, returned: LetterReturned) -> str:
        """Keep a letter that came back."""
        self._keep(returned)
        return sample.REFERENCE


@dataclass
class BusyDesk(KeepingDesk):
    """A desk that is done with a letter that came back only once it is ``free``."""

    free: asyncio.Event = field(default_factory=asyncio.Event)

    async def letter_returned(self, returned: LetterReturned) -> str:
        """Keep it at once, and answer when there is time."""
        told = await super().letter_returned(returned)
        await self.free.wait()
        return told
