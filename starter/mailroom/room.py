"""The way of a mail from a door to its case: kept, read, told or held, and only then let go of.

Each step may be done again: the journal knows what was cut short, a case takes each fact once, and a mail in
quarantine is one line. So a mail is at every moment either still with whoever brought it, or in the journal,
and known to its case in the end.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, repeat
from typing import Protocol
from weakref import WeakValueDictionary

from domain.errors import NotReachable, NotSealed, RapidReviewError
from domain.timetable import london_day
from postbox.verdicts import Verdict, Why
from starter.mailroom.guard import LoopGuard
from starter.mailroom.journal import Arrival, Fate, Journal, Settled
from starter.mailroom.quarantine import Held, Line, Quarantine
from starter.mailroom.read import Read, answers_a_party, unreadable
from starter.mailroom.reader import MailReader

AT_ONCE = 8
"""How many mails are on their way at the same time."""

WAITING = 1000
"""How many may wait; a door is then kept waiting too."""

BACKOFF: tuple[float, ...] = (0.5, 1, 2, 5, 15, 60)
"""Seconds between tries while the store or the server does not answer; the last is kept to."""

UNTOLD = frozenset({Verdict.DUPLICATE, Verdict.LOOP})
"""The verdicts about which nobody need know."""

log = logging.getLogger(__name__)


class Teller(Protocol):
    """Whoever tells cases."""

    async def tell(self, read: Read, arrival: Arrival) -> Held | None:
        """Tell the case, or say why the mail has to wait for a person; NotReachable to be told again."""
        ...


@dataclass(frozen=True)
class MailRoom:
    """Takes mail from every door; `working` carries it on."""

    journal: Journal
    quarantine: Quarantine
    reader: MailReader
    teller: Teller
    guard: LoopGuard
    backoff: Sequence[float] = BACKOFF
    _queue: "asyncio.Queue[str]" = field(default_factory=lambda: asyncio.Queue(WAITING))
    _open: "dict[str, asyncio.Future[Settled | None]]" = field(default_factory=dict)
    _turns: "WeakValueDictionary[str, asyncio.Lock]" = field(default_factory=WeakValueDictionary)

    async def take(
        self, raw: bytes, *, mail_from: str | None, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> None:
        """Keep a mail safely; what becomes of it follows, whatever happens to this program.

        The same mail may be brought again. ``mail_from`` is empty for a report, None where it is not known.

        Raises:
            NotReachable: it could not be kept: whoever brought it must bring it again.
        """
        await self._taken(raw, mail_from=mail_from, rcpt_to=rcpt_to, received_at=received_at)

    async def settle(
        self, raw: bytes, *, mail_from: str | None, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> Settled:
        """Keep a mail and wait for what becomes of it; raises as `take` does."""
        entry = await self._taken(raw, mail_from=mail_from, rcpt_to=rcpt_to, received_at=received_at)
        while not (settled := await self.journal.settled(entry)):
            await self._enqueue(entry)
            await asyncio.shield(self._open[entry])
        return settled

    async def all_settled(self) -> None:
        """Wait until something has become of every mail taken so far."""
        await asyncio.gather(*self._open.values(), return_exceptions=True)

    async def _taken(
        self, raw: bytes, *, mail_from: str | None, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> str:
        arrival = await self.journal.take(raw, mail_from=mail_from, rcpt_to=rcpt_to, received_at=received_at)
        if not await self.journal.settled(arrival.entry):
            await self._enqueue(arrival.entry)
        return arrival.entry

    async def _enqueue(self, entry: str) -> None:
        if entry in self._open:
            return
        self._open[entry] = asyncio.get_running_loop().create_future()
        try:
            await self._queue.put(entry)
        except asyncio.CancelledError:  # whoever waited at the door went; who else waits tries for itself
            self._open.pop(entry).set_result(None)
            raise

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Carry mails on while the block lasts, beginning with those that were cut short."""
        left = await self.journal.unfinished()
        tasks = [asyncio.create_task(self._work()) for _ in range(AT_ONCE)]
        tasks.append(asyncio.create_task(self._take_up(left)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _take_up(self, entries: list[str]) -> None:
        for entry in entries:
            await self._enqueue(entry)

    async def _work(self) -> None:
        while True:
            entry = await self._queue.get()
            try:
                settled = await self._until_settled(entry)
            except Exception as trouble:  # noqa: BLE001 - whatever it is, it stops no mail behind this one
                # What is kept of it does not open, or we fail at it: it stays unfinished, for the next start.
                kind = type(trouble).__name__
                log.error("A kept mail is left for the next start (%s). See `quarantine list`.", kind)  # noqa: TRY400 - a trace may quote it
                waiting = self._open.pop(entry)
                waiting.set_exception(NotReachable(f"The mail was kept, and not carried on ({kind})."))
                waiting.exception()  # nobody need wait for it
            else:
                self._open.pop(entry).set_result(settled)

    async def _until_settled(self, entry: str) -> Settled:
        waits = chain(self.backoff, repeat(self.backoff[-1]))
        while True:
            try:
                return await self._carried_on(entry)
            except NotReachable as trouble:
                kind = type(trouble).__name__
                log.warning("Mail waits for the store, the scanner or the Temporal server (%s).", kind)
                await asyncio.sleep(next(waits))

    async def _carried_on(self, entry: str) -> Settled:
        try:
            arrival = await self.journal.arrival(entry)
        except NotSealed:
            await self.quarantine.set_aside(entry)
            raise
        try:
            read = await self.reader.read(arrival)
            async with self._turns.setdefault(read.remembered_under, asyncio.Lock()):
                read = await self._beside_others(read)
                fate, reason = await self._effect(read, arrival)
                if fate is Fate.TOLD:
                    await self.journal.mark_seen(read)
        except RapidReviewError:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, the mail is not lost, nor the post stopped
            kind = type(fault).__name__
            log.error("A mail met a fault of ours and is held (%s).", kind)  # noqa: TRY400 - as above
            read, fate, reason = unreadable(arrival.mail), Fate.QUARANTINED, Held.TROUBLE
        if reason:
            await self.quarantine.hold(Line(arrival=arrival, read=read, reason=reason))
        settled = Settled(
            id=read.id, verdict=read.verdict, fate=fate, reference=read.reference, sender=read.sender
        )
        await self.journal.settle(entry, settled)
        return settled

    async def _beside_others(self, read: Read) -> Read:
        """What was read, as it is once another mail of its Message-ID may have had its effect meanwhile."""
        if read.verdict is Verdict.QUARANTINED or read.verdict in UNTOLD:
            return read
        seen = await self.journal.seen(read.remembered_under)
        if read.id in seen:
            return read.model_copy(update={"verdict": Verdict.DUPLICATE})
        held = {"verdict": Verdict.QUARANTINED, "why": Why.ID_USED}
        return read.model_copy(update=held) if seen else read

    async def _effect(self, read: Read, arrival: Arrival) -> tuple[Fate, str | None]:
        """What becomes of a mail that was read, and the reason where it has to wait for a person."""
        if read.verdict is Verdict.QUARANTINED:
            return Fate.QUARANTINED, read.why or Held.TROUBLE
        if read.verdict in UNTOLD or (read.verdict is Verdict.AUTOMATIC and not answers_a_party(read)):
            return Fate.NOTHING, None
        held = await self._beyond(read, london_day(arrival.received_at))
        held = held or await self.teller.tell(read, arrival)
        return (Fate.QUARANTINED, held) if held else (Fate.TOLD, None)

    async def _beyond(self, read: Read, day: date) -> Held | None:
        """Which cap of the day a mail goes beyond, those counted that came before this start."""
        if not self.guard.knows(day):
            self.guard.remember(day, [settled async for settled in self.journal.of_day(day)])
        return self.guard.check(day, read.id, read.reference, read.sender)
