"""Whole reviews a second, against a bare workflow of the same shape: decision 0006 says what is compared."""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from statistics import median
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle

from bench.bare import Bare, Filler
from bench.place import Bench, bench
from bench.process import children, cpu_ms
from bench.row import Row
from bench.script import Sent, Told, play, whole_review
from bench.shape import Carried, Shape, shape_of
from bench.worker import OPEN, bare_plugin
from domain.messages import DocumentRef
from starter.reviews import Reviews
from tests.crash.worker_process import WorkerProcess

REVIEWS, AT_ONCE, ROUNDS = 24, 12, 9
"""So many in each round, so many of them at the same time; the rounds of what is compared alternate."""

PIECES = {
    "documents": "the Word files: forms, and encrypted lists and actions",
    "ledger": "the ledger's files, flushed to disk",
    "mail": "all of the mail: the two above, wording, MIME and SMTP",
    "codec": "sealing every payload",
}
"""What `bench.worker` can leave out."""

PROCESSES = {"worker": "the worker", "server": "Temporal's server", "here": "mail sink and office"}
"""Whose processor time is told."""

Play = Callable[[], Awaitable[WorkflowHandle[Any, Any]]]
"""Plays one more review, or one more of the bare, to its end."""


async def measure() -> list[Row]:
    """The ratio first, then where the processor time goes, then what each piece costs the worker."""
    async with bench() as place:
        report, new_file = await place.report(), place.new_file()
        async with place.worker("ours") as worker, place.worker("bare", program("bare")) as bare_worker:
            ours = Side(place, worker, review_play(place, place.client, "ours", report))
            shape = await shape_of(place.client, (await ours.one()).id)
            bare = Side(place, bare_worker, await bare_play(place, shape, report))
            events = [await _events(side) for side in (ours, bare)]
            await _in_turn(ROUNDS, ours, bare)
            lesser = {name: await _lesser(place, name, report, beside=(ours, bare)) for name in PIECES}
    return [
        Row.at_least("whole reviews, as a ratio of bare workflows", ours.pace(bare), 0.6),
        Row("the same in processor time, of all processes", f"{bare.total / ours.total:.2f}"),
        *[
            Row(f"the ratio without {PIECES[name]}", f"{side.pace(bare):.2f}")
            for name, side in lesser.items()
        ],
        Row("a second, ours and bare", f"{ours.rate:.1f} and {bare.rate:.1f}"),
        Row("events of one, ours and bare", " and ".join(events)),
        *[
            Row(
                f"processor time of {whose} for one", f"{ours.cpu(name):.0f} ms, bare {bare.cpu(name):.0f} ms"
            )
            for name, whose in PROCESSES.items()
        ],
        *[Row(f"of the worker's, {PIECES[name]}", _cost(ours, side)) for name, side in lesser.items()],
        Row("a new file on this disk; a slow one is told of in decision 0006", f"{new_file:.0f} \u00b5s"),
    ]


async def _events(side: "Side") -> str:
    """How many events one has in its history, and how long that is."""
    history = (await (await side.one()).fetch_history()).events
    return f"{len(history)} ({sum(event.ByteSize() for event in history) / 1024:.0f} KiB)"


async def _in_turn(rounds: int, *sides: "Side") -> None:
    """Rounds of each side in turn, so that what else the machine does falls on all of them."""
    for _ in range(rounds):
        for side in sides:
            await side.round()


def _cost(whole: "Side", lesser: "Side") -> str:
    """What a piece costs; two parts in a hundred are more than these rounds can tell apart."""
    cost = whole.cpu("worker") - lesser.cpu("worker")
    return f"{cost:.0f} ms" if cost > whole.cpu("worker") / 50 else "too little to tell"


class Side:
    """One of the things compared: a worker, and ``one``, which is played on it."""

    def __init__(self, place: Bench, worker: WorkerProcess, one: Play) -> None:
        """Nothing has been played yet."""
        self._place, self.one = place, one
        self._pids = {"worker": worker.pid, "server": children("temporal")[0], "here": os.getpid()}
        self.seconds: list[float] = []
        self._cpu: dict[str, list[float]] = {name: [] for name in self._pids}

    @property
    def rate(self) -> float:
        """How many are played to their end in a second: the median round's."""
        return REVIEWS / median(self.seconds)

    def pace(self, other: "Side") -> float:
        """This side's rate as a ratio of another's: the median of the rounds they played in turn."""
        shared = min(len(self.seconds), len(other.seconds))
        rounds = zip(self.seconds[-shared:], other.seconds[-shared:], strict=True)
        return median(theirs / ours for ours, theirs in rounds)

    def cpu(self, process: str) -> float:
        """A process's time on a processor for one, in milliseconds: the median round's."""
        return median(self._cpu[process]) / REVIEWS

    @property
    def total(self) -> float:
        """The processor time of all processes for one, in milliseconds."""
        return sum(map(self.cpu, self._cpu))

    async def round(self) -> None:
        """Play one round."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def in_turn() -> None:
            async with turns:
                await self.one()

        began, used = time.perf_counter(), self._used()
        await asyncio.gather(*(in_turn() for _ in range(REVIEWS)))
        self.seconds.append(time.perf_counter() - began)
        for name, now in self._used().items():
            self._cpu[name].append(now - used[name])
        self._place.forget_letters()

    def _used(self) -> dict[str, float]:
        return {name: cpu_ms(pid) for name, pid in self._pids.items()}


def program(*without: str) -> tuple[str, ...]:
    """The program of a worker with some pieces left out."""
    return (sys.executable, "-m", "bench.worker", *without)


async def _lesser(place: Bench, name: str, report: DocumentRef, *, beside: tuple["Side", ...]) -> Side:
    """Reviews without one piece, in turn with those it is compared to."""
    queue = f"without-{name}"
    client = await Client.connect(place.address, plugins=[OPEN]) if name == "codec" else place.client
    async with place.worker(queue, program(name)) as worker:
        side = Side(place, worker, review_play(place, client, queue, report))
        await side.one()
        await _in_turn(2, *beside, side)
    return side


def review_play(place: Bench, client: Client, queue: str, report: DocumentRef) -> Play:
    """A whole review on a task queue."""

    async def one() -> WorkflowHandle[Any, Any]:
        opening = await place.opening()
        handle = await Reviews(client, queue).open(opening)
        await play(handle, whole_review(opening, report))
        return handle

    return one


async def bare_play(place: Bench, shape: Shape, report: DocumentRef) -> Play:
    """The same script for the bare workflow: as many messages, as long as a review's."""
    script = whole_review(await place.opening(), report)
    carried = iter(shape.messages)
    hollow = [act if isinstance(act, Sent) else _hollow(act, next(carried)) for act in script]
    client = await Client.connect(place.address, plugins=[bare_plugin(place.keyring)])

    async def one() -> WorkflowHandle[Any, Any]:
        handle = await client.start_workflow(
            Bare.run, args=[shape, Filler.opening(shape)], id=f"bare-{uuid4()}", task_queue="bare"
        )
        await play(handle, hollow)
        return handle

    return one


def _hollow(act: Told, carried: Carried) -> Told:
    return Told(act.by, "signalled" if act.by == "signal" else "told", partial(Filler.of, carried))
