"""A door: a mailbox on an IMAP server, looked into as mail arrives, or now and then where it cannot say so.

A message stays in the inbox until its case knows of it, and is then moved; what is held for a person goes
to a folder of its own. Whatever interrupts this finds the message still there, and begins it again.
Sources: RFC 3501; RFC 2177 (IDLE); RFC 6851 (MOVE).
"""

import asyncio
import imaplib
import logging
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, repeat
from pathlib import Path
from typing import Literal, Protocol

from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted

from domain.errors import NotConfigured, RapidReviewError
from starter.mailroom.journal import Fate, Settled

BACKOFF = (1.0, 2, 5, 15, 60)
"""Seconds between tries while the server does not answer; the last is kept to."""

IDLE_SECONDS = 60
"""How long one IDLE lasts: what was announced while something else was asked is found after it."""

GLANCE_SECONDS = 0.5
"""How often it is looked, while idling, whether this program is to end."""

_TIMEOUT_SECONDS = 30
_BROKEN = (OSError, imaplib.IMAP4.error, ImapToolsError)
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
class Account:
    """A mailbox and how to open it: with a password, or with a bearer token (OAuth 2) read from a file.

    The file is read at every connection, so whatever renews the token only has to write it there.
    """

    host: str
    port: int
    username: str
    password: str | None
    token_file: Path | None
    security: Literal["tls", "starttls", "none"]
    ca_file: Path | None
    inbox: str
    done: str
    held: str

    def connected(self) -> BaseMailBox:
        """The mailbox, open, its inbox selected.

        Raises:
            NotConfigured: there is no token to be read.
            OSError, IMAP4.error, ImapToolsError: the server does not answer, or refuses us.
        """
        box = self._box()
        try:
            if self.token_file:
                box.xoauth2(self.username, self._token(self.token_file), self.inbox)
            else:
                box.login(self.username, self.password or "", self.inbox)
        except BaseException:
            with suppress(*_BROKEN):
                box.client.shutdown()
            raise
        return box

    def _box(self) -> BaseMailBox:
        if self.security == "none":
            return MailBoxUnencrypted(self.host, self.port, timeout=_TIMEOUT_SECONDS)
        context = ssl.create_default_context(cafile=self.ca_file)
        kind = MailBox if self.security == "tls" else MailBoxStartTls
        return kind(self.host, self.port, timeout=_TIMEOUT_SECONDS, ssl_context=context)

    @staticmethod
    def _token(path: Path) -> str:
        try:
            return path.read_text("ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise NotConfigured(
                "RAPID_REVIEW_IMAP_TOKEN_FILE: there is no readable token there. Have it written again."
            ) from None


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
        waits = chain(self.backoff, repeat(self.backoff[-1]))
        while True:
            try:
                async with self._connected() as box:
                    waits = chain(self.backoff, repeat(self.backoff[-1]))
                    await self._attend(box)
            except NotConfigured:
                log.warning(
                    "RAPID_REVIEW_IMAP_TOKEN_FILE: there is no readable token there; see docs/mail-in.md."
                )
            except _BROKEN as trouble:
                kind = type(trouble).__name__
                log.warning("The IMAP server does not answer as it should (%s).", kind)
            await asyncio.sleep(next(waits))

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
            with suppress(*_BROKEN):
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
        await asyncio.to_thread(box.move, uid, folder)

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
    """The server's own date of receipt (RFC 3501, section 2.3.3); now, where it gives none."""
    found = _INTERNALDATE.search(said)
    if not found:
        return datetime.now(UTC)
    return datetime.strptime(found[1].decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z").astimezone(UTC)
