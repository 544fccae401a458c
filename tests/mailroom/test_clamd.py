"""The virus scanner, asked over a socket as clamd(8) has it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from domain.errors import NotReachable
from starter.mailroom.clamd import ClamdScanner

CONTENT = b"harmless" * 100_000


@contextmanager
def clamd(answer: bytes) -> Iterator[tuple[str, bytearray]]:
    """A daemon that takes one stream, keeps it and answers."""
    taken = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line, line.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                while length := int.from_bytes(stream.read(4), "big"):
                    taken.extend(stream.read(length))
                line.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        yield f"127.0.0.1:{server.getsockname()[1]}", taken
        serving.join(timeout=10)


@pytest.mark.parametrize(
    ("answer", "clean"), [(b"stream: OK\0", True), (b"stream: Eicar-Signature FOUND\0", False)]
)
def test_a_content_is_streamed_whole_and_judged(answer: bytes, clean: bool) -> None:  # noqa: FBT001 - a table's column
    """In pieces, with their lengths before them."""
    with clamd(answer) as (address, taken):
        assert ClamdScanner(address)(CONTENT) is clean
    assert bytes(taken) == CONTENT


def test_what_is_neither_yes_nor_no_is_no_answer() -> None:
    """Mail then waits, and is never let through."""
    with (
        clamd(b"INSTREAM size limit exceeded. ERROR\0") as (address, _),
        pytest.raises(NotReachable, match="StreamMaxLength"),
    ):
        ClamdScanner(address)(CONTENT)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.ctl"])
def test_a_daemon_that_is_silent_is_named(address: str) -> None:
    """With the setting that names it."""
    with pytest.raises(NotReachable, match="RAPID_REVIEW_CLAMD"):
        ClamdScanner(address)(b"x")
