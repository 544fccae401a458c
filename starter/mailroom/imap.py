"""A door: a mailbox on an IMAP server, looked into as mail arrives, or now and then where it cannot say so.

A message stays in the inbox until its case knows of it, and is then moved; what is held for a person goes
to a folder of its own. Whatever interrupts this finds the message still there, and begins it again.
Sources: RFC 3501; RFC 2177 (IDLE); RFC 6851 (MOVE).
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import Protocol

from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox

from domain.errors import RapidReviewError
from starter.mailroom.account import BROKEN, Account
from starter.mailroom.journal import Fate, Settled

BACKOFF = (1.0, 2, 5, 15, 60)
"""Seconds between tries while the server does not answer; the last is kept to.

They begin anew only after a connection that held for longer than the last: a server that lets us in and
hangs up at once is left alone as one that is away.
"""

IDLE_SECONDS = 60
"""How long one IDLE lasts: what was announced while something else was asked is found after it."""

GLANCE_SECONDS = 0.5
"""How often it is looked, while idling, whether this program is to end."""

_INTERNALDATE = re.compile(rb'INTERNALDATE "([^"]+)"')

log = logging.getLogger(__name__)


class Inbox(Protocol):
    """Whoever keeps mail and carries it on."""

    async def settle(
        self, raw: bytes, *, mail_from: str | None, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> Settled:
        """Keep a mail and wait for what becomes of it; NotReachable where it could not be kept."""
        ...


@dataclass(frozen=True)
class ImapDoor:
    """Brings what arrives in a mailbox to ``inbox``, and moves it once that is done."""

    account: Account
    inbox: Inbox
    poll_seconds: float
    backoff: tuple[float, ...] = BACKOFF

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Look into the mailbox while the block lasts."""
        looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking

    async def _look(self) -> None:
        clock = asyncio.get_running_loop().time
        waits = self._waits()
        while True:
            began = clock()
            await self._until_it_breaks()
            if clock() - began > self.backoff[-1]:
                waits = self._waits()
            await asyncio.sleep(next(waits))

    def _waits(self) -> Iterator[float]:
        return chain(self.backoff, repeat(self.backoff[-1]))

    async def _until_it_breaks(self) -> None:
        """Attend to the mailbox for as long as one connection holds."""
        try:
            async with self._connected() as box:
                await self._attend(box)
        except RapidReviewError as trouble:
            log.warning("%s", trouble)
        except Exception as trouble:  # noqa: BLE001 - whatever breaks, the door opens again
            kind = type(trouble).__name__
            log.warning("The IMAP server does not answer as it should (%s).", kind)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[BaseMailBox]:
        box = await asyncio.to_thread(self.account.connected)
        try:
            _, said = await asyncio.to_thread(box.client.capability)  # more is offered once logged in
            box.client.capabilities = tuple(said[-1].decode("ascii").upper().split())
            for folder in (self.account.done, self.account.held):
                if not await asyncio.to_thread(box.folder.exists, folder):
                    await asyncio.to_thread(box.folder.create, folder)
            yield box
        finally:
            with suppress(*BROKEN):
                await asyncio.to_thread(box.client.shutdown)

    async def _attend(self, box: BaseMailBox) -> None:
        """Carry on every message in the inbox, then wait for the next; ends only by an error."""
        while True:
            for uid in await asyncio.to_thread(box.uids):
                await self._carry_on(box, uid)
            await self._wait(box)

    async def _carry_on(self, box: BaseMailBox, uid: str) -> None:
        fetched = await asyncio.to_thread(_fetched, box, uid)
        if fetched is None:  # moved or deleted by a person meanwhile
            return
        raw, received_at = fetched
        try:
            settled = await self.inbox.settle(raw, mail_from=None, rcpt_to=(), received_at=received_at)
        except RapidReviewError as trouble:
            kind = type(trouble).__name__
            log.warning("A mail could not be kept, stays in the inbox and is tried again (%s).", kind)
            return
        folder = self.account.held if settled.fate is Fate.QUARANTINED else self.account.done
        try:
            await asyncio.to_thread(box.move, uid, folder)
        except ImapToolsError:
            log.warning("A mail that was dealt with could not be moved to its folder. Look at the mailbox.")

    async def _wait(self, box: BaseMailBox) -> None:
        """Until something arrives; on a server without IDLE, for a while."""
        if "IDLE" not in box.client.capabilities:
            await asyncio.sleep(self.poll_seconds)
            await asyncio.to_thread(box.client.noop)
            return
        await asyncio.to_thread(box.idle.start)
        loop = asyncio.get_running_loop()
        until = loop.time() + IDLE_SECONDS
        while loop.time() < until:
            if await asyncio.to_thread(box.idle.poll, GLANCE_SECONDS):
                break
        await asyncio.to_thread(box.idle.stop)


def _fetched(box: BaseMailBox, uid: str) -> tuple[bytes, datetime] | None:
    """A message as it came, unchanged and still unread, and when the server received it."""
    _, parts = box.client.uid("FETCH", uid, "(INTERNALDATE BODY.PEEK[])")
    for part in parts:
        if isinstance(part, tuple):
            return part[1], _received_at(part[0])
    return None


def _received_at(said: bytes) -> datetime:
    """The server's own date of receipt (RFC 3501, section 2.3.3); now, where none can be read."""
    found = _INTERNALDATE.search(said)
    try:
        written = found[1].decode("ascii").strip() if found else ""
        return datetime.strptime(written, "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)
