"""Reviews that are open, their requests sent, and wait for their returns."""

import asyncio

from temporalio.client import WorkflowHandle

from bench.place import Bench
from bench.script import until_done
from domain.messages import Concluded
from starter.reviews import Reviews
from workflows.rapid_review import RapidReviewWorkflow

AT_ONCE = 24

Opened = WorkflowHandle[RapidReviewWorkflow, Concluded]


async def opened(place: Bench, queue: str, count: int, *ask: str) -> list[Opened]:
    """Open so many, each until its requests are out; of eight agencies unless ``ask`` names others."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one() -> Opened:
        async with turns:
            handle = await Reviews(place.client, queue).open(await place.opening(*ask))
            await until_done(handle, 2)
            return handle

    return list(await asyncio.gather(*(one() for _ in range(count))))
