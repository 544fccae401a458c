"""The receiving end of an SMTP or LMTP conversation, as our sink and our listener share it."""

import asyncio
import logging
import re
from typing import Any

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, syntax

_END = b"\r\n.\r\n"
_READ_BYTES = 2**18
_PLAIN = re.compile(r"<([\w+=-]+(?:\.[\w+=-]+)*@[\w-]+(?:\.[\w-]+)*)> *(.*)", re.ASCII)

# The library writes senders, recipients and commands into its log, which is no place for them.
logging.getLogger("mail.log").disabled = True


class Line(SMTP):
    """A sender's line. It takes a mail by the piece: aiosmtpd's line by line costs ten times as much."""

    def __init__(self, handler: object, hostname: str, ident: str, size_limit: int | None = None) -> None:
        """Converse for ``handler``; a mail of more than ``size_limit`` bytes is refused."""
        loop = asyncio.get_running_loop()
        super().__init__(handler, hostname=hostname, ident=ident, data_size_limit=size_limit, loop=loop)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:  # noqa: ARG002, N802 - the name and arguments aiosmtpd calls it by
        """Take the mail, its dots put back as they were (RFC 5321, section 4.5.2), and have it kept."""
        if not (self.envelope and self.envelope.rcpt_tos):
            await self.push("503 5.5.1 Say for whom first")
            return
        await self.push("354 End with a dot on a line of its own")
        taken = await self._taken()
        if taken is None:
            return
        replies = self.replies
        if taken:
            self.envelope.original_content = taken
            del taken  # a large mail is held once
            answer = await self._call_handler_hook("DATA")
        else:
            answer = f"552 5.3.4 A mail of more than {self.data_size_limit} bytes is not taken"
        self._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd is half typed
        for _ in range(replies):
            await self.push(answer)

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """A plain address and what follows it; any other as the library reads it, at many times the cost."""
        plain = _PLAIN.fullmatch(arg)
        return (plain[1], plain[2]) if plain else super()._getaddr(arg)

    @property
    def replies(self) -> int:
        """How many answers a mail gets."""
        return 1

    async def _taken(self) -> bytes | None:
        """The mail; nothing of one that is too large; None where the sender hung up."""
        taken, beyond = bytearray(b"\r\n"), False
        while not taken.endswith(_END):
            taken += await self._reader.read(_READ_BYTES)
            if self._reader.at_eof():
                return None
            if self.data_size_limit and len(taken) > self.data_size_limit + len(_END) + 2:
                beyond = True
                del taken[: -len(_END)]
        if beyond:
            return b""
        del taken[-3:]
        stuffed = taken.find(b"\r\n.") >= 0
        plain = taken.replace(b"\r\n.", b"\r\n") if stuffed else taken
        del plain[:2]
        return bytes(plain)


class LmtpLine(Line, LMTP):
    """The same over LMTP, which answers once for each recipient (RFC 2033, section 4.2)."""

    @property
    def replies(self) -> int:
        """One for each recipient."""
        return len(self.envelope.rcpt_tos) if self.envelope else 1


def hang_up(sessions: Any) -> None:  # noqa: ANN401 - a weak set of lines
    """Close every line still open."""
    for session in sessions:
        if session.transport:
            session.transport.close()
