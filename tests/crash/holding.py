# ruff: noqa: N802, ARG002 - the handlers have the names and arguments aiosmtpd calls them with
"""A mail server that takes letters but holds one answer back, so that a worker can be killed just there."""

import asyncio
from enum import StrEnum
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from starter.sink import MailSink


class Moment(StrEnum):
    """Which command is left without its answer: before, just after, and long after a letter is taken."""

    MAIL = "mail"
    DATA = "data"
    QUIT = "quit"


class HoldingSink(MailSink):
    """Keeps every letter as the office's sink does; the nth ``moment`` is never answered."""

    def __init__(self, folder: Path, moment: Moment, nth: int = 1) -> None:
        """Hold back the answer to the ``nth`` command of one kind; all others are answered."""
        super().__init__(folder)
        self.hold(moment, nth)

    def hold(self, moment: Moment, nth: int) -> None:
        """Hold back the ``nth`` answer of one kind from now on; ``held`` is set when it is."""
        self._moment, self._left = moment, nth
        self.held, self._answer = asyncio.Event(), asyncio.Event()

    def answer(self) -> None:
        """Give the answer that is held back: the server was slow, and nobody was dead."""
        self._answer.set()

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A letter is announced; nothing of it has been sent."""
        await self._answered(Moment.MAIL)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The letter is kept, whether or not the sender gets to hear of it."""
        answer = await super().handle_DATA(server, session, envelope)
        await self._answered(Moment.DATA)
        return answer

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The whole batch is taken and answered for; the sender says goodbye."""
        await self._answered(Moment.QUIT)
        return "221 2.0.0 Goodbye"

    async def _answered(self, moment: Moment) -> None:
        if moment is not self._moment:
            return
        self._left -= 1
        if self._left == 0:
            self.held.set()
            await self._answer.wait()
