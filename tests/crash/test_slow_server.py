"""A slow mail server is not a dead worker: while one waits for the other, nobody else takes over."""

import asyncio
from dataclasses import replace

from tests.crash.conftest import Offices
from tests.crash.holding import Moment
from tests.crash.worker_process import WorkerProcess

SLOW = 17.0
"""Seconds: longer than a worker may be silent, shorter than it waits for an answer."""


async def test_a_slow_answer_makes_no_duplicate(offices: Offices) -> None:
    """The server takes longer over a letter than a worker may be silent: each still arrives once."""
    async with replace(offices, worker=WorkerProcess).open(Moment.DATA, 1) as office:
        await office.sink.held.wait()
        await asyncio.sleep(SLOW)
        office.sink.answer()
        await office.settle()
        assert set(office.keys.values()) == {1}
