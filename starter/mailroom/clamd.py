"""A virus scanner: ClamAV's daemon, asked by its own protocol over a socket (clamd(8), INSTREAM)."""

import socket
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from domain.errors import NotReachable

_PIECE = 256 * 1024
_WITHIN_SECONDS = 20.0
"""How long all that one mail brings may take: less than a reader waits before calling it unreadable."""
_AT_LEAST = 0.001
_TOO_LARGE = b"INSTREAM size limit exceeded"
"""Its answer about more than its StreamMaxLength."""


def _within() -> float:
    return monotonic() + _WITHIN_SECONDS


@dataclass(frozen=True)
class ClamdScanner:
    """The daemon at ``address``: the path of its socket, or ``host:port``.

    It is asked about one mail, and has until ``until`` by the machine's own count of seconds (monotonic).
    """

    address: str
    until: float = field(default_factory=_within)

    def __call__(self, content: bytes, /) -> bool | None:
        """Whether ``content`` is clean; what is larger than the daemon takes is not.

        None where it was asked and says neither: that may lie in the content, which would have every mail
        behind it wait for ever.

        Raises:
            NotReachable: the daemon is not there to be asked.
        """
        try:
            line = self._connected()
        except OSError as error:
            raise NotReachable(
                f"The virus scanner at {self.address} does not answer ({type(error).__name__}). Start clamd, "
                "or correct RAPID_REVIEW_CLAMD."
            ) from None
        with line, suppress(OSError):
            with suppress(BrokenPipeError, ConnectionResetError):  # it answers before it has heard all
                self._streamed(content, line)
            line.settimeout(self._left)
            return _verdict(line.recv(4096))
        return None

    @property
    def _left(self) -> float:
        """The seconds that are left, never none: a socket takes that for "do not wait"."""
        return max(self.until - monotonic(), _AT_LEAST)

    def _connected(self) -> socket.socket:
        host, _, port = self.address.rpartition(":")
        if host and port.isdigit():
            return socket.create_connection((host, int(port)), timeout=self._left)
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(self._left)
        try:
            line.connect(self.address)
        except OSError:
            line.close()
            raise
        return line

    def _streamed(self, content: bytes, line: socket.socket) -> None:
        line.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _PIECE):
            piece = content[start : start + _PIECE]
            line.settimeout(self._left)
            line.sendall(len(piece).to_bytes(4, "big") + piece)
        line.sendall(bytes(4))


def _verdict(said: bytes) -> bool | None:
    text = said.rstrip(b"\0\n")
    if text.endswith(b" OK"):
        return True
    if text.endswith(b" FOUND") or text.startswith(_TOO_LARGE):
        return False
    return None
