"""A thousand replies at once, from the first one sent to the last return in its case.

They come to the listener of `rapid-review mailbox`, which works beside a worker and a server, each a process
of its own. Of the day's mails of one sender the loop guard lets a hundred pass: ten agencies answer for a
hundred reviews, and no setting is changed.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bench.doors import Program, mailbox, send
from bench.opened import Opened, opened
from bench.place import Bench, bench
from bench.process import children, cpu_ms
from bench.row import Row
from bench.throughput import program
from domain.tokens import LETTER_KEY
from starter.mailroom.quarantine import Quarantine
from tests.mailroom.replies import Reply, returned
from workflows.rapid_review import RapidReviewWorkflow

REVIEWS, AGENCIES = 100, 10
REPLIES = REVIEWS * AGENCIES
TWICE = 10
"""Each tenth is sent a second time, by another way."""

SENDERS = 8
"""How many connections send at the same time."""

PATIENCE = 300.0
"""Seconds within which all must have arrived, or what is missing is told as it is."""

ACKNOWLEDGED = "return_received/"
"""How the key of the letter begins that says that a return arrived."""


async def measure() -> list[Row]:
    """Open the reviews without their mail; then let every agency reply, and ask every case."""
    async with bench() as place:
        ask = tuple(place.partnership.agencies)[:AGENCIES]
        async with place.worker("burst", program("mail")) as worker:
            reviews = await opened(place, "burst", REVIEWS, *ask)
            await worker.stop()
        mails = await asyncio.to_thread(_replies, [review.id for review in reviews], ask)
        async with place.worker("burst") as worker, mailbox(place, "burst") as door:
            pids = {"the mail room": door.pid, "its reader": door.reader, "the worker": worker.pid}
            pids |= {"Temporal's server": children("temporal")[0], "senders and mail sink": os.getpid()}
            with _processor_time(pids) as used:
                seconds = await _sent(place, door, mails)
            return [*await _told(place, reviews, ask), *_rates(seconds), *used]


def _replies(references: list[str], ask: tuple[str, ...]) -> list[Reply]:
    """A completed form of each agency for each review, agency by agency, so that no case has a rest."""
    return [returned(reference, key) for key in ask for reference in references]


async def _sent(place: Bench, door: Program, mails: list[Reply]) -> dict[str, float]:
    """Seconds until all were answered for, were told to their cases, and had been acknowledged by them.

    Waited for by counting files, which leaves the processors to what is measured.
    """
    everything = [*mails, *(replace(mail, more=[("X-Way", "another")]) for mail in mails[::TWICE])]
    began, shares = time.perf_counter(), [everything[n::SENDERS] for n in range(SENDERS)]
    await asyncio.gather(*(asyncio.to_thread(send, door.port, share) for share in shares))
    taken = time.perf_counter() - began
    told = await _files(place.settings.home / "store" / "arrived", "*/*.settled", len(everything)) - began
    acknowledged = await _files(place.settings.home / "mail", "*.eml", REPLIES) - began
    return {"taken": taken, "told": told, "acknowledged": acknowledged}


async def _files(folder: Path, pattern: str, wanted: int) -> float:
    """When a folder held so many files; or now, if they have not come in all this time."""
    until = time.perf_counter() + PATIENCE
    while await asyncio.to_thread(_count, folder, pattern) < wanted and time.perf_counter() < until:  # noqa: ASYNC110 - another process writes them
        await asyncio.sleep(0.2)
    return time.perf_counter()


def _count(folder: Path, pattern: str) -> int:
    return sum(1 for _ in folder.glob(pattern))


async def _versions(reviews: list[Opened], ask: tuple[str, ...]) -> Counter[tuple[str, str]]:
    """How many returns of each agency each case says it has."""
    found: Counter[tuple[str, str]] = Counter()
    for review in reviews:
        standing = await review.query(RapidReviewWorkflow.status, None)
        found |= {(review.id, each.key): each.versions for each in standing.agencies if each.key in ask}
    return found


def _acknowledged(place: Bench) -> Counter[str]:
    """How often each acknowledgement reached the mail sink, by its Message-ID."""
    return Counter(
        str(letter["Message-ID"])
        for letter in place.sink.messages()
        if letter[LETTER_KEY].startswith(ACKNOWLEDGED)
    )


async def _told(place: Bench, reviews: list[Opened], ask: tuple[str, ...]) -> list[Row]:
    versions, letters = await _versions(reviews, ask), _acknowledged(place)
    once, twice = sum(n > 0 for n in versions.values()), sum(n > 1 for n in versions.values())
    held = len(await Quarantine(place.store).waiting())
    again = letters.total() - len(letters)
    return [
        Row("replies recorded in their cases", f"{once} of {REPLIES}", f"{REPLIES}", once == REPLIES),
        Row(f"recorded twice, of the {REPLIES // TWICE} sent twice too", f"{twice}", "0", twice == 0),
        Row("held in quarantine, the caps as they are set at first", f"{held}", "0", held == 0),
        Row("acknowledged", f"{len(letters)} of {REPLIES}", f"{REPLIES}", len(letters) == REPLIES),
        Row("acknowledged twice", f"{again}", "0", again == 0),
    ]


def _rates(seconds: dict[str, float]) -> list[Row]:
    steps = {
        "taken": "a second, until the last is answered for (250)",
        "told": "a second, until the last is told to its case",
        "acknowledged": "a second, until the last is acknowledged",
    }
    return [Row(what, f"{REPLIES / seconds[step]:.0f}") for step, what in steps.items()]


@contextmanager
def _processor_time(pids: dict[str, int]) -> Iterator[list[Row]]:
    """What each process used for one reply while the block lasted, once it is over."""
    before, rows = {whose: cpu_ms(pid) for whose, pid in pids.items()}, list[Row]()
    yield rows
    each = {whose: (cpu_ms(pid) - before[whose]) / REPLIES for whose, pid in pids.items()}
    rows += [Row(f"processor time of {whose} for one", f"{ms:.1f} ms") for whose, ms in each.items()]
    rows.append(Row("of all of them", f"{sum(each.values()):.1f} ms"))
