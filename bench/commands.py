"""How long the commands take that answer by themselves, each as a whole process."""

import asyncio
import time
from pathlib import Path
from statistics import median

from bench.row import Row
from tests.crash.worker_process import PROGRAM

TIMED = {"--help": 0.5, "timetable --sin 2026-12-07": 1.0}
"""The commands, and what they are meant to stay under, in seconds."""


async def measure() -> list[Row]:
    """The median of five runs of each. Seconds depend on the machine, so nothing is held against them."""
    rows = []
    for command, limit in TIMED.items():
        took = median([await _seconds(*command.split()) for _ in range(5)])
        rows.append(Row(f"rapid-review {command}", f"{took:.2f} s", f"{limit} s, for information"))
    return rows


async def _seconds(*arguments: str) -> float:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        Path(PROGRAM[0]), *arguments, stdout=asyncio.subprocess.DEVNULL
    )
    await process.wait()
    return time.perf_counter() - began
