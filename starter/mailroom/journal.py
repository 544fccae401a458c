"""The journal of arrived mail, in the encrypted store: what came, and what became of it.

A mail is stored before anything is read of it, and its entry made atomically, as
``arrived/<day>/<64 hex>.received``; beside it ``.settled`` says what became of it. An entry without that was
cut short and is taken up again at the next start: everything on the way may be done twice. ``seen/<id>``
marks the ids of mails that have had their effect.
"""

from collections.abc import AsyncIterator
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from pydantic import AwareDatetime

from domain.errors import NotSealed
from domain.messages import DocumentRef, Message, Reference
from domain.timetable import london_day
from postbox.house import Envelope
from vault.documents import DocumentStore

RAW_MAIL = "message/rfc822"
"""The media type under which a mail is stored as it came."""

ARRIVED = "arrived"
RECEIVED, SETTLED = ".received", ".settled"


class Arrival(Message):
    """A mail as it came. Its envelope names people, so it lies in the store and travels nowhere."""

    mail: DocumentRef
    received_at: AwareDatetime
    mail_from: str | None
    rcpt_to: tuple[str, ...]

    @property
    def envelope(self) -> Envelope:
        """The envelope, as the postbox is told it."""
        return Envelope(self.received_at, self.mail_from, self.rcpt_to)

    @property
    def entry(self) -> str:
        """Its name in the journal: the day, and a hash of mail and envelope. A redelivery has the same."""
        told = self.model_dump_json(include={"mail", "mail_from", "rcpt_to"})
        return f"{london_day(self.received_at)}/{sha256(told.encode()).hexdigest()}"


class Fate(StrEnum):
    """What became of a mail."""

    TOLD = "told"
    """Its case knows of it."""

    QUARANTINED = "quarantined"
    """It waits for a person."""

    NOTHING = "nothing"
    """A duplicate, a letter of our own, or an automatic reply that names no case: nobody need know."""


class Settled(Message):
    """What became of one mail: plain facts. ``sender`` is a keyed hash, by which senders are told apart."""

    id: str
    verdict: str
    fate: Fate
    reference: Reference | None = None
    sender: str = ""


class Journal:
    """The mails that arrived."""

    def __init__(self, store: DocumentStore) -> None:
        """Keep the journal in ``store``, which must offer an atomic create."""
        self._store = store

    async def take(
        self, raw: bytes, *, mail_from: str | None, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> Arrival:
        """Keep a mail, safely on the disk when this answers. The same mail again keeps its first entry."""
        mail = await self._store.put(raw, RAW_MAIL)
        arrival = Arrival(mail=mail, received_at=received_at, mail_from=mail_from, rcpt_to=rcpt_to)
        await self._store.create(_path(arrival.entry, RECEIVED), arrival.model_dump_json().encode())
        return arrival

    async def arrival(self, entry: str) -> Arrival:
        """How the mail of an entry came.

        Raises:
            NotSealed: it is gone or does not open.
        """
        kept = await self._store.read(_path(entry, RECEIVED))
        if kept is None:
            raise NotSealed(f"{_path(entry, RECEIVED)} is not in the store. Restore it from the backup.")
        return Arrival.model_validate_json(kept)

    async def settled(self, entry: str) -> Settled | None:
        """What became of a mail; None while nothing has."""
        kept = await self._store.read(_path(entry, SETTLED))
        return Settled.model_validate_json(kept) if kept is not None else None

    async def settle(self, entry: str, settled: Settled) -> None:
        """Write down what became of a mail.

        A power failure may undo this, and the mail then has its effect again, which changes nothing.
        """
        await self._store.replace(_path(entry, SETTLED), settled.model_dump_json().encode(), flush=False)

    async def unfinished(self) -> list[str]:
        """The entries of which nothing has become, the oldest day first."""
        paths = await self._store.list(ARRIVED)
        done = {path.removesuffix(SETTLED) for path in paths if path.endswith(SETTLED)}
        received = (path.removesuffix(RECEIVED) for path in paths if path.endswith(RECEIVED))
        return [path.removeprefix(f"{ARRIVED}/") for path in received if path not in done]

    async def of_day(self, day: date) -> AsyncIterator[Settled]:
        """What became of the mails that came on one day."""
        for path in await self._store.list(f"{ARRIVED}/{day}"):
            if path.endswith(SETTLED) and (kept := await self._store.read(path)):
                yield Settled.model_validate_json(kept)

    async def mark_seen(self, mail_id: str) -> None:
        """Remember that a mail of this id has had its effect."""
        await self._store.replace(f"seen/{mail_id}", b"seen", flush=False)

    async def seen(self, mail_id: str) -> bool:
        """Whether a mail of this id has had its effect."""
        return await self._store.read(f"seen/{mail_id}") is not None


def _path(entry: str, record: str) -> str:
    return f"{ARRIVED}/{entry}{record}"
