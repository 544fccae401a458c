"""What a review costs a worker that remembers it, and what it takes to remember it again."""

import gc
import time
import tracemalloc
from collections.abc import AsyncIterator
from functools import partial

from temporalio.client import Client, WorkflowHistory
from temporalio.worker import Replayer

from activities.calendar import CalendarDesk
from bench.opened import opened
from bench.place import Bench, bench
from bench.process import resident_kib
from bench.row import Row
from bench.throughput import program
from bench.worker import answer_for_all
from domain.calendar import Calendar
from worker import process
from worker.plugin import rapid_review_plugin

WARMING, IDLE, REPLAYED = 100, 300, 50
"""Reviews opened before measuring, while measuring, and played again from their histories."""


async def measure() -> list[Row]:
    """Open reviews, leave them waiting for Day 3, and see what a worker grows by."""
    async with bench() as place:
        heap = await _heap(place)
        async with place.worker("idle", program("mail")) as worker:
            await opened(place, "idle", WARMING)
            before = resident_kib(worker.pid)
            idle = await opened(place, "idle", IDLE)
            each = (resident_kib(worker.pid) - before) / IDLE
        rebuilt = await _rebuilt(place, [await handle.fetch_history() for handle in idle[:REPLAYED]])
    return [
        Row.at_most("memory of a cached review, our own (Python's)", heap, 64, "KiB"),
        Row("with the engine's share (the process's)", f"{each:.0f} KiB"),
        Row("rebuilding one from its history", f"{rebuilt:.1f} ms"),
    ]


async def _heap(place: Bench) -> float:
    """KiB of Python's memory for each review that a worker in this process keeps in its cache."""
    client = await Client.connect(place.address, plugins=[rapid_review_plugin(place.keyring)])
    desk = CalendarDesk(partial(Calendar.of, place.partnership))
    async with process.worker(client, "traced", [desk.plan_dates, answer_for_all]):
        await opened(place, "traced", WARMING)
        gc.collect()
        tracemalloc.start()
        await opened(place, "traced", REPLAYED)
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return grown / 1024 / REPLAYED


async def _rebuilt(place: Bench, histories: list[WorkflowHistory]) -> float:
    """Milliseconds to play one history again, the first of them not counted: it loads the workflow."""
    replayer = Replayer(workflows=[], plugins=[rapid_review_plugin(place.keyring)])
    async with replayer.workflow_replay_iterator(_each(histories)) as results:
        await anext(results)
        began = time.perf_counter()
        failures = [result.replay_failure async for result in results if result.replay_failure]
    if failures:
        raise failures[0]
    return 1000 * (time.perf_counter() - began) / (len(histories) - 1)


async def _each(histories: list[WorkflowHistory]) -> AsyncIterator[WorkflowHistory]:
    for history in histories:
        yield history
