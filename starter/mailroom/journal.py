"""The journal of arrived mail, in the encrypted store: what came, and what became of it.

A mail is stored before anything is read of it, and its entry made atomically, as
``arrived/<day>/<64 hex>.received``; beside it ``.settled`` says what became of it. An entry without that was
cut short and is taken up again at the next start: everything on the way may be done twice.
``seen/<message>`` holds the ids of those that had their effect under a case's Message-ID, a line each.
"""

from collections.abc import AsyncIterator
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar

from pydantic import AwareDatetime, ValidationError

from domain.errors import NotSealed
from domain.messages import DocumentRef, Message, Reference
from domain.timetable import london_day
from postbox.house import Envelope
from starter.mailroom.read import Read
from vault.documents import DocumentStore

RAW_MAIL = "message/rfc822"
"""The media type under which a mail is stored as it came."""

ARRIVED = "arrived"
RECEIVED, SETTLED = ".received", ".settled"

Kept = TypeVar("Kept", bound=Message)


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


def opened(model: type[Kept], kept: bytes, path: str) -> Kept:
    """A record of the store as it was written.

    Raises:
        NotSealed: it is not what we write.
    """
    try:
        return model.model_validate_json(kept)
    except ValidationError:
        raise NotSealed(f"{path} in the store is damaged. Restore it from the backup.") from None


class Journal:
    """The mails that arrived."""

    def __init__(self, store: DocumentStore) -> None:
        """Keep the journal in ``store``, which must offer an atomic create."""
        self._store = store

    async def take(
        self, raw: bytes, *, mail_from: str | None, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> Arrival:
        """Keep a mail, safely on the disk when this answers.

        The same mail again keeps its first entry, and mends it where it no longer opens.
        """
        mail = await self._store.put(raw, RAW_MAIL)
        arrival = Arrival(mail=mail, received_at=received_at, mail_from=mail_from, rcpt_to=rcpt_to)
        path, written = path_of(arrival.entry), arrival.model_dump_json().encode()
        if not await self._store.create(path, written) and not await self._opens(arrival.entry):
            await self._store.replace(path, written)
        return arrival

    async def _opens(self, entry: str) -> bool:
        try:
            return bool(await self.arrival(entry))
        except NotSealed:
            return False

    async def arrival(self, entry: str) -> Arrival:
        """How the mail of an entry came.

        Raises:
            NotSealed: it is gone, damaged, or does not open.
        """
        path = path_of(entry)
        kept = await self._store.read(path)
        if kept is None:
            raise NotSealed(f"{path} is not in the store. Restore it from the backup.")
        return opened(Arrival, kept, path)

    async def settled(self, entry: str) -> Settled | None:
        """What became of a mail; None while nothing has, or where what was written does not open.

        The mail then has its effect again, which changes nothing.
        """
        path = f"{ARRIVED}/{entry}{SETTLED}"
        try:
            kept = await self._store.read(path)
            return opened(Settled, kept, path) if kept is not None else None
        except NotSealed:
            return None

    async def settle(self, entry: str, settled: Settled) -> None:
        """Write down what became of a mail.

        A power failure may undo this, and the mail then has its effect again, which changes nothing.
        """
        await self._store.replace(
            f"{ARRIVED}/{entry}{SETTLED}", settled.model_dump_json().encode(), flush=False
        )

    async def unfinished(self) -> list[str]:
        """The entries of which nothing has become, the oldest day first."""
        paths = await self._store.list(ARRIVED)
        done = {path.removesuffix(SETTLED) for path in paths if path.endswith(SETTLED)}
        received = (path.removesuffix(RECEIVED) for path in paths if path.endswith(RECEIVED))
        return [path.removeprefix(f"{ARRIVED}/") for path in received if path not in done]

    async def of_day(self, day: date) -> AsyncIterator[Settled]:
        """What became of the mails that came on one day."""
        for path in await self._store.list(f"{ARRIVED}/{day}"):
            entry = path.removeprefix(f"{ARRIVED}/").removesuffix(SETTLED)
            if path.endswith(SETTLED) and (settled := await self.settled(entry)):
                yield settled

    async def mark_seen(self, read: Read) -> None:
        """Remember that a mail has had its effect, beside those that had theirs under its Message-ID."""
        message = read.remembered_under
        ids = "\n".join(sorted({*await self.seen(message), read.id}))
        await self._store.replace(f"seen/{message}", ids.encode(), flush=False)

    async def seen(self, message: str) -> frozenset[str]:
        """The ids of the mails that have had their effect under a case's Message-ID."""
        kept = await self._store.read(f"seen/{message}")
        return frozenset(kept.decode().split()) if kept is not None else frozenset()


def path_of(entry: str) -> str:
    """Where in the store an entry says how its mail came."""
    return f"{ARRIVED}/{entry}{RECEIVED}"
