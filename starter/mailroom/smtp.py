"""A door: a listener that our own mail server delivers to, by SMTP or LMTP.

It belongs behind that server, which checks who sends and writes Authentication-Results; so it listens on
this machine alone unless told otherwise. A mail is answered for ("250") once it is safely kept.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol, Self
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

from domain.errors import NotReachable, RapidReviewError, Refused
from domain.partnership import Partnership
from domain.tokens import MAILBOX, PURPOSE, parse
from starter.smtp_line import Line, LmtpLine, hang_up
from vault.keys import KeyRing

BACKLOG = 1000
"""How many callers may wait at the door while others are heard."""


class Inbox(Protocol):
    """Whoever keeps mail."""

    async def take(
        self, raw: bytes, *, mail_from: str | None, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> None:
        """Keep a mail safely; NotReachable where it could not be."""
        ...


@dataclass(frozen=True)
class Addresses:
    """Which addresses are ours: the plain mailbox, that which our letters come from, and signed tokens."""

    partnership: Partnership
    keyring: KeyRing

    def ours(self, address: str) -> bool:
        """Whether a mail to this address can be for us."""
        local_part, _, domain = address.lower().rpartition("@")
        if address.lower() == self.partnership.mail_from.lower():
            return True
        if domain != self.partnership.reply_domain.lower():
            return False
        return local_part == MAILBOX or self._signed(local_part)

    def _signed(self, local_part: str) -> bool:
        try:
            token, signature = parse(local_part)
        except Refused:
            return False
        return self.keyring.verify(PURPOSE, token.text, signature)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class MailListener:
    """Listens while its block lasts; ``port`` 0 lets the machine choose one.

    ``size_limit`` is announced to senders, in bytes. ``clock`` says when a mail came.
    """

    inbox: Inbox
    addresses: Addresses
    host: str
    port: int
    protocol: Literal["smtp", "lmtp"]
    size_limit: int
    clock: Callable[[], datetime] = _now
    _server: asyncio.Server | None = None
    _lines: "WeakSet[SMTP]" = field(default_factory=WeakSet)

    async def __aenter__(self) -> Self:
        """Begin to listen.

        Raises:
            NotReachable: the port is taken, or may not be had.
        """
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._line, self.host, self.port, backlog=BACKLOG)
        except OSError as error:
            raise NotReachable(
                f"The mail listener cannot listen on {self.host}:{self.port} ({error.strerror}). Stop what "
                "listens there, or choose another port with RAPID_REVIEW_MAIL_IN_PORT."
            ) from error
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop listening and hang up; what was answered for is kept."""
        if self._server:
            self._server.close()
            hang_up(self._lines)
            await self._server.wait_closed()

    async def handle_RCPT(  # noqa: N802 - the name and arguments aiosmtpd calls it by
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002
    ) -> str:
        """Refuse, before anything is sent, what cannot be for us."""
        if not self.addresses.ours(address):
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - the name and arguments aiosmtpd calls it by
        """Keep a mail; only then say that it was taken."""
        raw, envelope.original_content = envelope.original_content or b"", None
        sender = (envelope.mail_from or "").strip("<>")
        try:
            await self.inbox.take(
                raw, mail_from=sender, rcpt_to=tuple(envelope.rcpt_tos), received_at=self.clock()
            )
        except RapidReviewError:
            return "451 4.3.0 Not kept; try again later"
        return "250 2.6.0 Kept"

    def _line(self) -> SMTP:
        made = LmtpLine if self.protocol == "lmtp" else Line
        line = made(self, self.partnership_host, "Rapid Review", self.size_limit)
        self._lines.add(line)
        return line

    @property
    def partnership_host(self) -> str:
        """The name by which the listener greets."""
        return self.addresses.partnership.reply_domain
