"""Playing a case put forward on a moved clock: the real workflow, with a mail room that keeps."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Interceptor

from domain.calendar import Calendar
from domain.consideration.messages import PutForward
from domain.consideration.state import ConsiderationStage
from domain.messages import Message, Receipt
from starter.clock import ReviewClock
from starter.considerations import Considerations
from starter.reviews import Reviews
from starter.scenario import moment_of
from tests import sample
from tests.domain import consideration as facts
from tests.workflows.playing import soon, working
from tests.workflows.post_room import FakePostRoom

_references = count(5000)


@dataclass
class PlayedConsideration:
    """A case put forward, being played; moments are days from the one on which it was."""

    considerations: Considerations
    reviews: Reviews
    clock: ReviewClock
    handle: WorkflowHandle[Any, Any]
    put: PutForward
    post: FakePostRoom

    async def until(self, day: str) -> datetime:
        """Move the clock to a moment, which is answered."""
        plan = (await self.considerations.plans(self.put.reference))[0]
        await self.clock.move_to(self.handle, moment_of(day, plan))
        return await self.clock.now(self.handle)

    async def tell(self, *told: Message) -> Receipt:
        """Bring facts, let what answers them be carried out, and answer the last one's receipt."""
        for fact in told:
            receipt = await self.considerations.tell(self.put.reference, fact)
            await self.settle()
        return receipt

    async def settle(self) -> None:
        """Let what falls due at once be carried out."""
        await self.clock.move_on(self.handle, timedelta(seconds=5))

    async def stage(self) -> ConsiderationStage:
        """How far it has come."""
        return (await self.considerations.standing(self.put.reference)).stage


def put_at(begins: datetime, **changes: object) -> PutForward:
    """The sample case put forward at that moment, under a reference no other test uses."""
    dates = {"incident_on": begins.date() - timedelta(days=2), "aware_on": begins.date()}
    return facts.put(**{"reference": f"RR-2026-{next(_references)}", **dates, **changes})


@asynccontextmanager
async def considered(
    client: Client,
    post: FakePostRoom,
    calendar: Callable[[], Calendar] = lambda: sample.CALENDAR,
    interceptors: Sequence[Interceptor] = (),
    **changes: object,
) -> AsyncIterator[PlayedConsideration]:
    """Put a case forward and bring it past its first moment, with a worker for as long as the block lasts."""
    begins = soon()
    put, clock = put_at(begins, **changes), ReviewClock(client)
    async with working(client, put.reference, post, calendar, interceptors):
        considerations = Considerations(clock.client, put.reference)
        after = begins - clock.wall() + timedelta(seconds=1)
        handle = await considerations.open(put, after=after)
        await clock.start(handle, after)
        while not await considerations.plans(put.reference):
            await clock.move_on(handle, timedelta(seconds=1))
        reviews = Reviews(clock.client, put.reference)
        case = PlayedConsideration(considerations, reviews, clock, handle, put, post)
        await case.settle()
        yield case
