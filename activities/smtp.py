"""Handing mail to a server: where it is, the line to it, and what its answers mean.

Every failure leaves as an `ApplicationError` whose sentence holds no address: what a server answers
often quotes the recipient, and what a failed activity says is written into history. Its type is one of

- ``MailServerRefusedUs``: it will not have our password or our sender; left alone for `LOCKOUT`.
- ``MailServerNotSecure``: it offers no encryption, or a certificate nobody we trust vouches for.
- ``MailServerUnreachable``: nothing answers there.
- ``MailServerHungUp``: it stopped answering in the middle of a letter.
- ``MailServerBusy``: it said "not now" (4xx).

The last three mend themselves and are benign.
"""

import re
import ssl
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import KW_ONLY, dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import aiosmtplib
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from domain.errors import NotConfigured
from domain.hosts import is_this_machine

LOCKOUT = timedelta(minutes=15)
"""How long a server that refused us is left alone: trying faster gets accounts locked."""

_PERMANENT = 500
_TAKEN = (250, 251)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")
_SAYS = {
    "MailServerRefusedUs": "{0} refused us ({1}). Check the RAPID_REVIEW_SMTP_ user name and password, and "
    "that this account may send as the partnership's mail_from.",
    "MailServerNotSecure": "{0} does not encrypt, or its certificate is not trusted. Mend the server, set "
    "RAPID_REVIEW_SMTP_SECURITY to what it offers, or name its authority in RAPID_REVIEW_SMTP_CA_FILE.",
    "MailServerUnreachable": "{0} does not answer. Check RAPID_REVIEW_SMTP_HOST and _PORT, and that the "
    "mail server runs. The letters wait and are tried again.",
    "MailServerHungUp": "{0} stopped answering in the middle of a letter. It is tried again.",
    "MailServerBusy": "{0} cannot take a letter now ({1}). It waits and is tried again.",
}
_BENIGN = ("MailServerUnreachable", "MailServerHungUp", "MailServerBusy")


@dataclass(frozen=True)
class SmtpServer:
    """Where mail is handed over, and how.

    ``security`` is ``starttls`` (RFC 3207; usual, port 587), ``tls`` from the first byte (RFC 8314; port
    465), or ``none``, which only a server on this machine may have. ``ca_file`` names the certificate
    authority of a server that no public one vouches for. ``timeout`` is in seconds, for each answer;
    ``retry_after`` is how long a busy or silent server is left alone.

    Raises:
        NotConfigured: mail would cross a network unencrypted.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    security: Literal["starttls", "tls", "none"] = "starttls"
    _: KW_ONLY
    timeout: float = 20.0
    ca_file: Path | None = None
    retry_after: timedelta = timedelta(minutes=1)

    def __post_init__(self) -> None:
        """Refuse to send these letters in the clear."""
        if self.security == "none" and not is_this_machine(self.host):
            raise NotConfigured(
                f"Mail to {self} would cross the network unencrypted. Set RAPID_REVIEW_SMTP_SECURITY to "
                "starttls or tls; none is for a server on this machine."
            )

    @cached_property
    def tls(self) -> ssl.SSLContext:
        """The certificate authorities we trust, read once."""
        return ssl.create_default_context(cafile=self.ca_file)

    def __str__(self) -> str:
        """Host and port, for sentences."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Reply:
    """A server's answer: its code (RFC 5321, section 4.2) and enhanced status (RFC 3463)."""

    code: int
    status: str

    @classmethod
    def of(cls, given: aiosmtplib.SMTPResponse | aiosmtplib.SMTPResponseException) -> Self:
        """The answer without its text; a server that gives no enhanced status gets the general one."""
        found = _STATUS.match(given.message)
        return cls(given.code, found[0] if found else f"{given.code // 100}.0.0")

    @property
    def permanent(self) -> bool:
        """Whether asking again will not help."""
        return self.code >= _PERMANENT


def _dotted(message: bytes) -> bytes:
    """A message as it follows DATA: its lines ended, its dots doubled, and the dot that ends it.

    Source: RFC 5321, sections 2.3.8 and 4.5.2. aiosmtplib does the same by regular expressions, which find
    every line one by one: five times the cost, and a twelfth of what a letter takes.
    """
    lines = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    ended = b"\n" + lines + (b"" if lines.endswith(b"\n") else b"\n")
    return ended.replace(b"\n.", b"\n..").replace(b"\n", b"\r\n")[2:] + b".\r\n"


def _path(address: str) -> bytes:
    """An address as MAIL and RCPT take it; it was checked as the partnership's folder was read."""
    return f"<{address}>".encode("ascii")


class MailLine:
    """A connection to the mail server: opened when first needed, kept for the batch."""

    def __init__(self, server: SmtpServer, hostname: str) -> None:
        """A line to ``server`` that will introduce itself as ``hostname``."""
        self.server = server
        self._smtp = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            local_hostname=hostname,
            timeout=server.timeout,
            use_tls=server.security == "tls",
            start_tls=False,
            tls_context=None if server.security == "none" else server.tls,
        )

    async def __aenter__(self) -> Self:
        """Nothing is opened yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye where there is time for it, and hang up in any case."""
        # All letters have been answered by now: a goodbye that fails changes nothing.
        with suppress(aiosmtplib.SMTPException):
            if self._smtp.is_connected and kind is None:
                await self._smtp.quit()
        self._smtp.close()

    async def open(self) -> None:
        """Connect, encrypt and log in, unless that is done."""
        if self._smtp.is_connected:
            return
        try:
            await self._introduce()
        except (aiosmtplib.SMTPException, OSError) as error:
            self._smtp.close()
            raise self._not_opened(error) from None

    async def address(self, sender: str, recipients: Sequence[str]) -> tuple[Reply, ...]:
        """Announce a letter (MAIL, RCPT), before anything of it is sent: the recipients' refusals."""
        with self._answering():
            await self._expect(250, self._smtp.execute_command(b"MAIL", b"FROM:" + _path(sender)))
            answers = [await self._ask(recipient) for recipient in recipients]
        return tuple(filter(None, answers))

    async def hand_over(self, message: bytes) -> Reply:
        """Send the announced letter (DATA): that it was taken, or will never be."""
        with self._answering():
            try:
                await self._expect(354, self._smtp.execute_command(b"DATA"))
                await self._expect(250, self._write(_dotted(message)))
            except aiosmtplib.SMTPDataError as error:
                await self.forget()
                if not Reply.of(error).permanent:
                    raise
                return Reply.of(error)
        return Reply(250, "")

    async def forget(self) -> None:
        """Drop what was announced (RSET), so that the next letter starts afresh."""
        try:
            await self._smtp.rset()
        except aiosmtplib.SMTPException:
            self._smtp.close()

    def trouble(self, kind: str, code: int = 0) -> ApplicationError:
        """The error of a kind named in this module's docstring, with the server's answer code."""
        return ApplicationError(
            _SAYS[kind].format(f"The mail server {self.server}", code or "no code"),
            type=kind,
            next_retry_delay=self.server.retry_after if kind in _BENIGN else LOCKOUT,
            category=ApplicationErrorCategory.BENIGN
            if kind in _BENIGN
            else ApplicationErrorCategory.UNSPECIFIED,
        )

    async def _introduce(self) -> None:
        await self._smtp.connect()
        await self._smtp.ehlo()
        if self.server.security == "starttls":
            if not self._smtp.supports_extension("starttls"):
                raise ssl.SSLError
            await self._smtp.starttls()
            await self._smtp.ehlo()
        if self.server.username:
            await self._smtp.login(self.server.username, self.server.password or "")

    def _not_opened(self, error: Exception) -> ApplicationError:
        if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
            return self.trouble("MailServerNotSecure")
        if isinstance(error, aiosmtplib.SMTPResponseException):
            return self._refusal(error)
        return self.trouble("MailServerUnreachable" if isinstance(error, OSError) else "MailServerRefusedUs")

    def _refusal(self, error: aiosmtplib.SMTPResponseException) -> ApplicationError:
        kind = "MailServerRefusedUs" if Reply.of(error).permanent else "MailServerBusy"
        return self.trouble(kind, error.code)

    async def _write(self, content: bytes) -> aiosmtplib.SMTPResponse:
        """Give the server what follows DATA, and hear what it says of it."""
        protocol = self._smtp.protocol
        if protocol is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        protocol.write(content)
        return await protocol.read_response(self.server.timeout)

    async def _expect(self, code: int, answer: Awaitable[aiosmtplib.SMTPResponse]) -> None:
        given = await answer
        if given.code != code:
            raise aiosmtplib.SMTPDataError(given.code, given.message)

    async def _ask(self, recipient: str) -> Reply | None:
        given = await self._smtp.execute_command(b"RCPT", b"TO:" + _path(recipient))
        return None if given.code in _TAKEN else Reply.of(given)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        try:
            yield
        except aiosmtplib.SMTPResponseException as error:
            raise self._refusal(error) from None
        except (aiosmtplib.SMTPException, OSError):
            self._smtp.close()
            raise self.trouble("MailServerHungUp") from None
