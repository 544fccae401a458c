"""Whole reviews a second, against a bare workflow of the same shape: decision 0006 says what is compared."""

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle

from bench.bare import Bare
from bench.place import Bench, bench
from bench.process import cpu_ms
from bench.row import Row
from bench.script import Sent, Told, play, whole_review
from bench.worker import OPEN
from domain.messages import DocumentRef
from starter.reviews import Reviews
from tests.crash.worker_process import WorkerProcess

REVIEWS, AT_ONCE, ROUNDS = 24, 12, 2
"""So many in each round, so many of them at the same time; the rounds of what is compared alternate."""

PIECES = {
    "documents": "the Word files: forms, and encrypted lists and actions",
    "ledger": "the ledger's files, flushed to disk",
    "mail": "all of the mail: the two above, wording, MIME and SMTP",
    "codec": "sealing every payload",
}
"""What `bench.worker` can leave out."""

Play = Callable[[], Awaitable[WorkflowHandle[Any, Any]]]
"""Plays one more review, or one more of the bare, to its end."""


async def measure() -> list[Row]:
    """The ratio first, then what each piece costs the worker."""
    async with bench() as place:
        report = await place.report()
        async with place.worker("ours") as worker, place.worker("bare", program("bare")) as bare_worker:
            ours = Side(place, worker, _review(place, place.client, "ours", report))
            bare = Side(place, bare_worker, await _bare(place, report))
            shapes = [await ours.shape(), await bare.shape()]
            await _in_turn(ours, bare)
            lesser = {name: await _lesser(place, name, report, beside=(ours, bare)) for name in PIECES}
    return [
        Row.at_least("whole reviews, as a ratio of bare workflows", ours.rate / bare.rate, 0.6),
        Row("the same without the mail", f"{lesser['mail'].rate / bare.rate:.2f}"),
        Row("a second, ours and bare", f"{ours.rate:.1f} and {bare.rate:.1f}"),
        Row("events of one, ours and bare", " and ".join(map(str, shapes))),
        Row("the worker's processor time for one", f"{ours.cpu:.0f} ms, bare {bare.cpu:.0f} ms"),
        *[Row(f"of which {PIECES[name]}", _cost(ours, side)) for name, side in lesser.items()],
    ]


async def _in_turn(*sides: "Side") -> None:
    """Rounds of each side in turn, so that what else the machine does falls on all of them."""
    for _ in range(ROUNDS):
        for side in sides:
            await side.round()


def _cost(whole: "Side", lesser: "Side") -> str:
    """What a piece costs; two parts in a hundred are more than these rounds can tell apart."""
    cost = whole.cpu - lesser.cpu
    return f"{cost:.0f} ms" if cost > whole.cpu / 50 else "too little to tell"


class Side:
    """One of the things compared: a worker, and what is played on it."""

    def __init__(self, place: Bench, worker: WorkerProcess, one: Play) -> None:
        """Nothing has been played yet."""
        self._place, self._worker, self._one = place, worker, one
        self._seconds: list[float] = []
        self._cpu: list[float] = []

    @property
    def rate(self) -> float:
        """How many are played to their end in a second: the median round's."""
        return REVIEWS / median(self._seconds)

    @property
    def cpu(self) -> float:
        """The worker's processor time for one, in milliseconds: the median round's."""
        return median(self._cpu) / REVIEWS

    async def shape(self) -> int:
        """Play one that is not measured, and count the events of its history."""
        history = await (await self._one()).fetch_history()
        return len(history.events)

    async def round(self) -> None:
        """Play one round."""
        turns = asyncio.Semaphore(AT_ONCE)

        async def in_turn() -> None:
            async with turns:
                await self._one()

        began, used = time.perf_counter(), cpu_ms(self._worker.pid)
        await asyncio.gather(*(in_turn() for _ in range(REVIEWS)))
        self._seconds.append(time.perf_counter() - began)
        self._cpu.append(cpu_ms(self._worker.pid) - used)
        self._place.forget_letters()


def program(*without: str) -> tuple[str, ...]:
    """The program of a worker with some pieces left out."""
    return (sys.executable, "-m", "bench.worker", *without)


async def _lesser(place: Bench, name: str, report: DocumentRef, *, beside: tuple["Side", ...]) -> Side:
    """Reviews without one piece, in turn with those it is compared to."""
    queue = f"without-{name}"
    client = await Client.connect(place.address, plugins=[OPEN]) if name == "codec" else place.client
    async with place.worker(queue, program(name)) as worker:
        side = Side(place, worker, _review(place, client, queue, report))
        await side.shape()
        await _in_turn(*beside, side)
    return side


def _review(place: Bench, client: Client, queue: str, report: DocumentRef) -> Play:
    async def one() -> WorkflowHandle[Any, Any]:
        opening = await place.opening()
        handle = await Reviews(client, queue).open(opening)
        await play(handle, whole_review(opening, report))
        return handle

    return one


async def _bare(place: Bench, report: DocumentRef) -> Play:
    """The same script with nothing in it, for a client and a worker that seal nothing."""
    script = whole_review(await place.opening(), report)
    hollow = [act if isinstance(act, Sent) else _hollow(act) for act in script]
    client = await Client.connect(place.address)

    async def one() -> WorkflowHandle[Any, Any]:
        handle = await client.start_workflow(
            Bare.run, _after(script), id=f"bare-{uuid4()}", task_queue="bare"
        )
        await play(handle, hollow)
        return handle

    return one


def _hollow(act: Told) -> Told:
    return Told(act.by, "signalled" if act.by == "signal" else "told", dict)


def _after(script: Sequence[Told | Sent]) -> list[int]:
    """After how many messages each activity begins; two begin before the first, and one after the last."""
    waits = [n for n, act in enumerate(script) if isinstance(act, Sent)]
    heard = [n - k for k, n in enumerate(waits)]
    return [0, *heard, len(script) - len(waits)]
