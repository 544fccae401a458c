"""What 25 MB attached to a mail take of memory, by each door, and of the case's history.

Each door is a program of its own, with a process that reads. Measured is how far the peak of each lies above
what it held before, a smaller mail having gone the same way first.
"""

import asyncio
import os
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from time import time

from bench.doors import SENDER, Program, mailbox, send, serve
from bench.opened import Opened, opened
from bench.place import Bench, bench
from bench.process import forget_peak, peak_kib, resident_kib
from bench.row import Row
from starter.hooks.sources import fresh_secret, lines_for
from tests.mailroom.imap_server import ImapServer
from tests.mailroom.replies import Reply, returned
from tests.postbox.pieces import pdf
from tests.starter.hooks.mutations import Sent
from workflows.rapid_review import RapidReviewWorkflow

SIZE = 25 * 2**20
AIM = 100
"""MiB above what was held before."""

HISTORY = 16
"""KiB by which the history of a case may grow."""

PATIENCE = 120.0


@dataclass(frozen=True)
class Door:
    """What brings a mail, which program takes it there, and who sends a small one and a large."""

    name: str
    bring: Callable[[Reply], None]
    program: Program
    agencies: tuple[str, str]


async def measure() -> list[Row]:
    """By each door a small return, then a large one, each waited for in its case."""
    rows = []
    async with bench() as place, place.worker("large"):
        (review,) = await opened(place, "large", 1)
        async with _doors(place) as doors:
            for door in doors:
                rows += await _by(door, review)
    return rows


@asynccontextmanager
async def _doors(place: Bench) -> AsyncIterator[list[Door]]:
    secret = fresh_secret()
    place.settings.hooks_path.write_text(lines_for("mail-provider", ["inbound-mail"], secret))
    place.settings.hooks_path.chmod(0o600)
    with ImapServer() as imap:
        fetched = {
            "RAPID_REVIEW_IMAP_HOST": "127.0.0.1",
            "RAPID_REVIEW_IMAP_PORT": str(imap.port),
            "RAPID_REVIEW_IMAP_SECURITY": "none",
            "RAPID_REVIEW_IMAP_POLL_SECONDS": "1",
        }
        async with (
            mailbox(place, "large") as listener,
            mailbox(place, "large", **fetched) as fetcher,
            serve(place, "large") as hooks,
        ):
            yield [
                Door("the listener", lambda mail: send(listener.port, [mail]), listener, ("icb", "police")),
                Door("IMAP", lambda mail: imap.deliver(mail.raw), fetcher, ("hospital", "education")),
                Door("the web hook", lambda mail: _post(hooks.port, secret, mail), hooks, ("housing", "gp")),
            ]


def _post(port: int, secret: str, mail: Reply) -> None:
    envelope = f"Return-Path: <{SENDER}>\r\nDelivered-To: {mail.address}\r\n".encode()
    name = f"bench-{os.urandom(8).hex()}"
    sent = Sent("inbound-mail", envelope + mail.raw, name, int(time()), "message/rfc822")
    address = f"http://127.0.0.1:{port}/hooks/inbound-mail"
    with urllib.request.urlopen(urllib.request.Request(address, sent.body, sent.headers(secret))):
        pass


async def _by(door: Door, review: Opened) -> list[Row]:
    """What the large mail took of each process, and of the history."""
    small, large = door.agencies
    await asyncio.to_thread(door.bring, returned(review.id, small))
    await _recorded(review, small)
    processes = {"the program": door.program.pid, "its reader": door.program.reader}
    rest = {name: resident_kib(pid) for name, pid in processes.items()}
    history = await _history(review)
    for pid in processes.values():
        forget_peak(pid)
    noise = pdf().content[:9] + os.urandom(SIZE) + pdf().content[9:]
    attached = (replace(pdf(), content=noise),)
    await asyncio.to_thread(door.bring, replace(returned(review.id, large), attached=attached))
    await _recorded(review, large)
    took = {name: (peak_kib(pid) - rest[name]) / 1024 for name, pid in processes.items()}
    grown = (await _history(review) - history) / 1024
    return [
        *(Row.at_most(f"by {door.name}: {name}, at its peak", mib, AIM, "MiB") for name, mib in took.items()),
        Row.at_most(f"by {door.name}: the case's history", grown, HISTORY, "KiB"),
    ]


async def _recorded(review: Opened, agency: str) -> None:
    """Wait until a case has an agency's return."""
    async with asyncio.timeout(PATIENCE):
        while not await review.query(RapidReviewWorkflow.returns, agency):  # noqa: ASYNC110 - only the case knows, and can only be asked
            await asyncio.sleep(0.2)


async def _history(review: Opened) -> int:
    """How long a case's history is, in bytes."""
    return (await review.describe()).raw_description.workflow_execution_info.history_size_bytes
