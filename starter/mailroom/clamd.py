"""A virus scanner: ClamAV's daemon, asked by its own protocol over a socket (clamd(8), INSTREAM)."""

import socket
from contextlib import suppress
from dataclasses import dataclass

from domain.errors import NotReachable

_PIECE = 256 * 1024
_PATIENCE_SECONDS = 30.0
_TOO_LARGE = b"INSTREAM size limit exceeded"
"""Its answer about more than its StreamMaxLength: the same at every try, so no mail may wait for another."""


@dataclass(frozen=True)
class ClamdScanner:
    """The daemon at ``address``: the path of its socket, or ``host:port``."""

    address: str

    def __call__(self, content: bytes, /) -> bool:
        """Whether ``content`` is clean; what is larger than the daemon takes is not.

        Raises:
            NotReachable: the daemon does not answer, or answers neither yes nor no.
        """
        try:
            with self._connected() as line:
                with suppress(BrokenPipeError, ConnectionResetError):  # it answers before it has heard all
                    _streamed(content, line)
                said = line.recv(4096)
        except OSError as error:
            raise NotReachable(
                f"The virus scanner at {self.address} does not answer ({type(error).__name__}). Start clamd, "
                "or correct RAPID_REVIEW_CLAMD."
            ) from None
        return _verdict(said, self.address)

    def _connected(self) -> socket.socket:
        host, _, port = self.address.rpartition(":")
        if host and port.isdigit():
            return socket.create_connection((host, int(port)), timeout=_PATIENCE_SECONDS)
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(_PATIENCE_SECONDS)
        try:
            line.connect(self.address)
        except OSError:
            line.close()
            raise
        return line


def _streamed(content: bytes, line: socket.socket) -> None:
    line.sendall(b"zINSTREAM\0")
    for start in range(0, len(content), _PIECE):
        piece = content[start : start + _PIECE]
        line.sendall(len(piece).to_bytes(4, "big") + piece)
    line.sendall(bytes(4))


def _verdict(said: bytes, address: str) -> bool:
    text = said.rstrip(b"\0\n")
    if text.endswith(b" OK"):
        return True
    if text.endswith(b" FOUND") or text.startswith(_TOO_LARGE):
        return False
    raise NotReachable(f"The virus scanner at {address} gave no verdict. Look into its log.")
