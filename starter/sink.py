"""A mail server for rehearsals and for a machine of one's own: it keeps every letter and sends none on.

Each letter is a file such as ``0007-RR-2026-07.eml``, readable by its owner alone and safely on disk
before the sender hears "250". Its name holds the case reference from the Message-ID, or ``letter`` where
there is none: never a subject, a name or an address.
"""

import asyncio
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import default
from pathlib import Path
from typing import Self
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, Envelope, Session

from domain.errors import NotReachable, Refused
from domain.tokens import parse_message_id
from starter.smtp_line import Line, hang_up
from vault.files import make_private, write_whole

_MESSAGE_ID = re.compile(rb"^Message-ID:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
"""Read for a file's name, without the parser of mails: a sender waits for it."""


class MailSink:
    """Takes mail over SMTP within the caller's event loop; ``port`` 0 lets the machine choose one."""

    def __init__(self, folder: Path, host: str = "127.0.0.1", port: int = 0) -> None:
        """Keep letters in ``folder``, made (mode 0700) where needed, after those already there."""
        make_private(folder)
        self._folder = folder
        self._host = host
        self._port = port
        self._taken = max(map(_number, self._kept()), default=0)
        self._server: asyncio.Server | None = None
        self._sessions: WeakSet[SMTP] = WeakSet()

    @property
    def port(self) -> int:
        """The port it listens on; once started, never 0."""
        return self._port

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            NotReachable: the port is taken, or may not be had.
        """
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._session, self._host, self._port)
        except OSError as error:
            raise NotReachable(
                f"The mail sink cannot listen on {self._host}:{self._port} ({error.strerror}). "
                "Stop what listens there, or choose another port."
            ) from error
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and hang up; letters already taken stay."""
        if self._server:
            self._server.close()
            hang_up(self._sessions)
            await self._server.wait_closed()
            self._server = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    def messages(self) -> Iterator[EmailMessage]:
        """Every letter taken, in the order it came."""
        for kept in self._kept():
            message = message_from_bytes(kept.read_bytes(), policy=default)
            if isinstance(message, EmailMessage):
                yield message

    def headers(self, known: int = 0) -> Iterator[EmailMessage]:
        """The headers alone, far sooner read, of every letter taken after the first ``known``."""
        for kept in self._kept()[known:]:
            head = kept.read_bytes().partition(b"\r\n\r\n")[0]
            yield BytesHeaderParser(EmailMessage, policy=default).parsebytes(head)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802 - the name and arguments aiosmtpd calls it by
        """Keep a letter; only then say that it was taken."""
        content = envelope.original_content or b""
        self._taken += 1
        await asyncio.to_thread(write_whole, self._folder / _name(self._taken, content), content)
        return "250 2.0.0 Kept"

    def _session(self) -> SMTP:
        session = Line(self, "sink.invalid", "Mail sink")
        self._sessions.add(session)
        return session

    def _kept(self) -> list[Path]:
        return sorted(self._folder.glob("[0-9]*-*.eml"), key=_number)


def _number(kept: Path) -> int:
    return int(kept.name.partition("-")[0])


def _name(number: int, content: bytes) -> str:
    found = _MESSAGE_ID.search(content.partition(b"\r\n\r\n")[0])
    try:
        token, _, _ = parse_message_id(found[1].decode("ascii", "replace") if found else "")
    except Refused:
        return f"{number:04}-letter.eml"
    return f"{number:04}-{token.reference}.eml"
