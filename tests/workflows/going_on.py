"""What goes on after a review, begun with what a real review handed over: the review is not played again."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.messages import Message
from starter.reviews import Reviews, started_with
from tests.workflows.playing import PlayedReview, fresh_reference, working
from tests.workflows.post_room import FakePostRoom

AHEAD = timedelta(seconds=1)
"""How long before its start the clock stops first: a move that ends as one starts may go too far."""


@dataclass(frozen=True)
class GoingOn:
    """A case whose review has ended, as ``ended`` did; ``case`` has its own reference, and no review."""

    ended: PlayedReview
    case: PlayedReview

    async def begin(
        self,
        run: Callable[..., Any],
        given: type[Message],
        id_after: Callable[[str], str],
        at: datetime,
    ) -> "WorkflowHandle[Any, Any]":
        """Start what the ended review started, with the same but for the reference, and settle it.

        ``given`` is what it takes, ``id_after`` answers its id by the case's reference.
        """
        case, clock = self.case, self.case.clock
        theirs = await started_with(
            case.client, case.client.get_workflow_handle(id_after(self.ended.reference)), given
        )
        text = theirs.model_dump_json().replace(self.ended.reference, case.reference)
        after = at - clock.wall()
        handle = await clock.client.start_workflow(
            run,
            given.model_validate_json(text),
            id=id_after(case.reference),
            task_queue=case.reference,
            start_delay=after,
        )
        await clock.start(handle, after - AHEAD)
        await clock.move_on(handle, AHEAD + timedelta(seconds=5))
        return handle


@asynccontextmanager
async def going_on(ended: PlayedReview, post: FakePostRoom) -> AsyncIterator[GoingOn]:
    """The case under a reference of its own, with a worker for as long as the block lasts."""
    reference = fresh_reference()
    reviews = Reviews(ended.clock.client, reference)
    opening = ended.opening.model_copy(update={"reference": reference})
    case = replace(ended, reviews=reviews, post=post, handle=reviews.handle(reference), opening=opening)
    async with working(ended.client, reference, post):
        yield GoingOn(ended, case)
