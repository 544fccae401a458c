"""A thousand open reviews planned again by one command, on a calendar with a new bank holiday."""

import asyncio
import json
import shutil
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from bench.opened import opened
from bench.place import Bench, bench
from bench.row import Row
from bench.throughput import program
from domain.partnership import FILE, load_partnership
from domain.timetable import london_day
from starter.reviews import Reviews
from tests.crash.worker_process import PROGRAM, WorkerProcess

REVIEWS = 1000
AIM = 120.0
"""Seconds within which the command has answered for all of them, on two processors."""

QUIET = 5.0
"""Seconds without a letter after which no more is expected."""

PATIENCE = 120.0
"""Seconds for which the letters that follow are waited for once the command has ended."""


async def measure() -> list[Row]:
    """Open the reviews without their mail; then give the command twice, with real letters to the sink."""
    async with bench() as shared:
        place = _with_a_folder_of_its_own(shared)
        began = time.perf_counter()
        day = await _opened(place)
        opening = time.perf_counter() - began
        async with place.worker("replan") as worker:
            first, became = await _commanded(worker)
            sent, after = await _letters_gone(place)
            second, left = await _commanded(worker)
            again = (await _letters_gone(place))[0] - sent
    return [
        Row(f"seconds to open {REVIEWS} reviews, without their mail", f"{opening:.0f}"),
        Row.at_most(f"seconds to plan them again ({day} proclaimed)", first, AIM),
        Row("of which", ", ".join(f"{n} {word}" for word, n in became.items())),
        Row("letters that followed, the last so many seconds later", f"{sent}, {after:.0f}"),
        Row.at_most("seconds for the same command again", second, AIM),
        Row("of which", ", ".join(f"{n} {word}" for word, n in left.items())),
        Row.at_most("letters that followed the second", again, 0),
    ]


def _with_a_folder_of_its_own(place: Bench) -> Bench:
    """The same place with a copy of the partnership's folder, in which a bank holiday can be written."""
    folder = Path(shutil.copytree(place.settings.partnership, place.settings.home / "partnership"))
    settings = place.settings.model_copy(update={"partnership": folder})
    return replace(place, settings=settings, partnership=load_partnership(folder))


async def _opened(place: Bench) -> str:
    """Open all, each until its requests are out, and proclaim a day; the worker then stops in good order."""
    async with place.worker("replan", program("mail")) as worker:
        await opened(place, "replan", REVIEWS)
        day = await _proclaimed(place)
        await worker.stop()
    return day


async def _proclaimed(place: Bench) -> str:
    """Write down a bank holiday for the day on which every review's returns are due."""
    plan = (await Reviews(place.client, "replan").plans("BN-2026-0001"))[0]
    day = london_day(plan["rfi_due"].due)
    with (place.settings.partnership / FILE).open("a", encoding="utf-8") as file:
        file.write(f'\n[[bank_holidays]]\ndate = {day}\nname = "A proclaimed day"\n')
    return f"{day:%a %-d %b}"


async def _commanded(worker: WorkerProcess) -> tuple[float, Counter[str]]:
    """How long the command takes as an office types it, and how many it says became what."""
    began = time.perf_counter()
    command = await asyncio.create_subprocess_exec(
        *(PROGRAM[0], "replan", "--all-open", "--reason", "A bank holiday was proclaimed."),
        *("--by", "Business Officer", "--json"),
        env=worker.environment,
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await command.communicate()
    took = time.perf_counter() - began
    return took, Counter(one["became"] for one in json.loads(said))


async def _letters_gone(place: Bench) -> tuple[int, float]:
    """How many letters have come once no more do, and how many seconds the last came after the command."""
    began = last = time.perf_counter()
    count = 0
    while time.perf_counter() - began < PATIENCE and time.perf_counter() - last < QUIET:
        await asyncio.sleep(1)
        now = _letters(place)
        if now != count:
            count, last = now, time.perf_counter()
    return count, last - began


def _letters(place: Bench) -> int:
    return len(list((place.settings.home / "mail").glob("*.eml")))
