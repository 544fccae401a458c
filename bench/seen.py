"""How soon a reply is seen: from the listener's 250 to the return in what ``rapid-review show`` answers."""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from statistics import median, quantiles

from bench.doors import mailbox, send
from bench.opened import opened
from bench.place import Bench, bench
from bench.row import Row
from bench.throughput import program
from starter.asking import show
from tests.crash.worker_process import WorkerProcess
from tests.mailroom.replies import returned

REVIEWS, AGENCIES = 10, 10
AIM = 150
"""Milliseconds, of the median."""


async def measure() -> list[Row]:
    """A hundred replies, one at a time, each asked for until it is shown."""
    async with bench() as place:
        ask = tuple(place.partnership.agencies)[:AGENCIES]
        async with place.worker("seen", program("mail")) as worker:
            references = [review.id for review in await opened(place, "seen", REVIEWS, *ask)]
            await worker.stop()
        async with place.worker("seen"), mailbox(place, "seen") as door:
            with _as_an_office(place):
                for reference in references:
                    await asyncio.to_thread(_shown, reference)
                waits = [
                    await asyncio.to_thread(_wait, door.port, reference, key)
                    for key in ask
                    for reference in references
                ]
                asking = [await asyncio.to_thread(_asking, reference) for reference in references]
    return [
        Row.at_most("from 250 to the return in `show`, median", 1000 * median(waits), AIM, "ms"),
        Row("the slowest tenth of them", f"{1000 * quantiles(waits, n=10)[-1]:.0f} ms"),
        Row("of which `show` itself takes, median", f"{1000 * median(asking):.0f} ms"),
    ]


def _wait(port: int, reference: str, agency: str) -> float:
    """Seconds from a reply's 250 until its return is shown."""
    mail = returned(reference, agency)
    send(port, [mail])
    began = time.perf_counter()
    while _shown(reference)[agency] == 0:
        pass
    return time.perf_counter() - began


def _asking(reference: str) -> float:
    began = time.perf_counter()
    _shown(reference)
    return time.perf_counter() - began


def _shown(reference: str) -> dict[str, int]:
    """How many versions of each agency's return ``rapid-review show REF --json`` tells of."""
    said = StringIO()
    with redirect_stdout(said):
        show(reference, record=False, json=True)
    return {agency["key"]: agency["versions"] for agency in json.loads(said.getvalue())["agencies"]}


@contextmanager
def _as_an_office(place: Bench) -> Iterator[None]:
    """Have commands called in this process find the place by their variables, as in an office's shell."""
    before = dict(os.environ)
    os.environ.update(WorkerProcess(place.settings, place.address).environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
