"""The virus scanner, asked over a socket as clamd(8) has it."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import pytest

from domain.errors import NotReachable
from starter.mailroom.clamd import ClamdScanner
from starter.mailroom.reader import WITHIN_SECONDS

CONTENT = b"harmless" * 100_000


@contextmanager
def clamd(answer: bytes, *, hears: int = 2**40) -> Iterator[tuple[str, bytearray]]:
    """A daemon that takes one stream, keeps it and answers; it listens for so many bytes and no more."""
    taken = bytearray()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            line, _ = server.accept()
            with line, line.makefile("rb") as stream:
                assert stream.read(10) == b"zINSTREAM\0"
                while len(taken) < hears and (length := int.from_bytes(stream.read(4), "big")):
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


@pytest.mark.parametrize("answer", [b"stream: Can't allocate memory ERROR\0", b""])
def test_what_is_neither_yes_nor_no_is_no_verdict(answer: bytes) -> None:
    """Or it hangs up, for this content may have ended it: a person looks, and no other mail waits."""
    with clamd(answer) as (address, _):
        assert ClamdScanner(address)(CONTENT) is None


def test_a_daemon_that_hangs_gives_no_verdict_in_the_time_there_is() -> None:
    """It takes the call, and says nothing; nor does the next attachment wait once the time is over."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        scanner = ClamdScanner(f"127.0.0.1:{silent.getsockname()[1]}", until=monotonic() + 0.2)
        began = monotonic()
        assert scanner(b"small") is None
        assert scanner(CONTENT * 20) is None
        assert monotonic() - began < 1


def test_a_scan_ends_before_whoever_reads_is_ended() -> None:
    """Or its mail would be called unreadable."""
    assert ClamdScanner("127.0.0.1:3310").until - monotonic() < WITHIN_SECONDS - 5


@pytest.mark.parametrize("hears", [1, len(CONTENT)])
def test_what_is_larger_than_the_daemon_takes_is_refused(hears: int) -> None:
    """It would be as large at the next try, and keep all mail behind it waiting for ever."""
    with clamd(b"INSTREAM size limit exceeded. ERROR\0", hears=hears) as (address, _):
        assert ClamdScanner(address)(CONTENT * 8) is False


@pytest.mark.parametrize("address", ["127.0.0.1:1", "/nowhere/clamd.ctl"])
def test_a_daemon_that_is_silent_is_named(address: str) -> None:
    """With the setting that names it."""
    with pytest.raises(NotReachable, match="RAPID_REVIEW_CLAMD"):
        ClamdScanner(address)(b"x")
