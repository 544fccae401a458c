"""How long the lists of a thousand open cases take, each as a whole process, with no worker at all."""

import os
import time
from statistics import median

from bench.place import Bench, bench
from bench.row import Row
from starter.reviews import Reviews, first_plan
from tests.crash.worker_process import PROGRAM, WorkerProcess

CASES = 1000
"""How many cases are open."""

TIMED = ("list --json", "list", "overview --json", "overview --csv -")
"""The commands, each meant to answer within two seconds on a machine that does nothing else."""


async def measure() -> list[Row]:
    """The median of three runs of each, and their own processor time, which other programs do not change."""
    async with bench() as place:
        await _opened(place)
        rows = []
        for command in TIMED:
            took = [await _seconds(place, command) for _ in range(3)]
            rows += [
                Row.at_most(
                    f"rapid-review {command}, {CASES} open", median(wall for wall, _ in took), 2, "s"
                ),
                Row("of which its own processor time", f"{median(busy for _, busy in took):.2f} s"),
            ]
        return rows


async def _opened(place: Bench) -> None:
    """Open them as an office does; nothing carries them on, and they are listed from their start."""
    opening = await place.opening()
    plan, reviews = first_plan(opening.sin, place.partnership), Reviews(place.client, "nobody-works-here")
    for number in range(CASES):
        case = opening.model_copy(update={"reference": f"LS-2026-{number:04}"})
        await reviews.open(case, plan=plan)


async def _seconds(place: Bench, command: str) -> tuple[float, float]:
    """How long a command took by the clock, and how much of it it computed."""
    process = WorkerProcess(place.settings, place.address, (PROGRAM[0], *command.split()))
    began, before = time.perf_counter(), os.times()
    await process.start()
    if await process.ended():
        raise AssertionError(f"rapid-review {command} was refused; see worker.log")
    took, after = time.perf_counter() - began, os.times()
    busy = after.children_user + after.children_system - before.children_user - before.children_system
    return took, busy
