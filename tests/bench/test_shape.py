"""The bare workflow does what a review does, and so ends as a review does."""

import asyncio
from collections import Counter
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle

from bench.place import bench
from bench.shape import shape_of
from bench.throughput import bare_play, program, review_play

PATIENCE = 60.0
"""Seconds within which both end; either hangs where they are not alike."""

BATCHED = "WORKFLOW_TASK_"
"""Signals that come together share a task, and when they do is chance."""


async def test_a_bare_workflow_has_a_reviews_events() -> None:
    """As many of every kind, in a history played by the same script."""
    async with asyncio.timeout(PATIENCE), bench() as place:
        report = await place.report()
        async with place.worker("ours"), place.worker("bare", program("bare")):
            review = await review_play(place, place.client, "ours", report)()
            shape = await shape_of(place.client, review.id)
            bare = await (await bare_play(place, shape, report))()
            theirs, ours = await _events(bare), await _events(review)
    assert theirs == ours
    assert ours["START_CHILD_WORKFLOW_EXECUTION_INITIATED"] == 3


async def _events(handle: WorkflowHandle[Any, Any]) -> Counter[str]:
    names = [
        EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
        async for event in handle.fetch_history_events()
    ]
    return Counter(name for name in names if not name.startswith(BATCHED))
