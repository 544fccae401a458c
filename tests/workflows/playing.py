"""Playing a review on a moved clock: the real workflow and calendar, with a mail room that keeps its letters.

Every review starts on the first Monday of a November to come. Its fifteen working days then hold no bank
holiday and no change of the clocks, whatever the day on which the tests are run.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError
from temporalio.worker import Interceptor, Worker

from activities.calendar import CalendarDesk
from domain.calendar import Calendar
from domain.messages import Concluded, ImmediateAction, Message, OpenReview, Receipt
from domain.record import Entry, Event
from domain.standing import Standing
from domain.timetable import Timetable, at_london
from starter.clock import ReviewClock
from starter.reviews import Reviews
from starter.scenario import moment_of
from tests import sample
from tests.workflows import facts
from tests.workflows.post_room import FakePostRoom
from workflows.rapid_review import RapidReviewWorkflow

_references = count(1000)


def first_monday_of_november(after: datetime) -> datetime:
    """The SIN's moment: 15:20 in London on the first such Monday that is more than an hour away."""
    for year in (after.year, after.year + 1):
        first = date(year, 11, 1)
        monday = first + timedelta(days=-first.weekday() % 7)
        moment = at_london(monday, "15:20")
        if moment > after + timedelta(hours=1):
            return moment
    raise AssertionError(f"no November after {after}")


def opening_at(sent_at: datetime, **changes: object) -> OpenReview:
    """The sample review with its SIN at that moment, under a reference no other test uses."""
    day = sent_at.date()
    sin = sample.sin(sent_at=sent_at, incident_on=day - timedelta(days=5), aware_on=day - timedelta(days=4))
    given = {"reference": fresh_reference(), "sin": sin, **changes}
    return sample.opening(**given)


def fresh_reference() -> str:
    """A reference that no other test uses."""
    return f"RR-2026-{next(_references)}"


def working(
    client: Client,
    task_queue: str,
    post: FakePostRoom,
    calendar: Callable[[], Calendar] = lambda: sample.CALENDAR,
    interceptors: Sequence[Interceptor] = (),
) -> Worker:
    """A worker for one case's queue, with the real calendar and the fake mail room."""
    desk = CalendarDesk(calendar)
    activities: list[Callable[..., Any]] = [
        desk.plan_dates,
        desk.plan_consideration,
        desk.plan_follow_up,
        desk.plan_cspr,
        post.send_letters,
    ]
    return Worker(client, task_queue=task_queue, activities=activities, interceptors=interceptors)


@dataclass
class PlayedReview:
    """A review being played. ``plan`` is its first timetable, by which moments are told."""

    client: Client
    reviews: Reviews
    clock: ReviewClock
    post: FakePostRoom
    handle: "WorkflowHandle[RapidReviewWorkflow, Concluded]"
    opening: OpenReview
    plan: Timetable

    @property
    def reference(self) -> str:
        """The review's reference, which is its workflow's id."""
        return self.opening.reference

    def at(self, moment: str) -> datetime:
        """The instant of ``day 8 16:59``."""
        return moment_of(moment, self.plan)

    async def until(self, moment: str) -> None:
        """Move the clock to a moment, and a little on, carrying out all that falls due."""
        await self.clock.move_to(self.handle, self.at(moment) + timedelta(seconds=10))

    async def settle(self) -> None:
        """Let what falls due at once be carried out."""
        await self.clock.move_on(self.handle, timedelta(seconds=5))

    async def tell(self, *told: Message) -> Receipt:
        """Bring facts as commands, and let what answers them be carried out; the last one's receipt."""
        for fact in told:
            receipt = await self.reviews.tell(self.reference, fact)
        await self.settle()
        return receipt

    async def tell_at_once(self, *told: Message) -> None:
        """Bring facts of which none waits for another, and let what answers them be carried out."""
        await asyncio.gather(*(self.reviews.tell(self.reference, fact) for fact in told))
        await self.settle()

    async def signal(self, signal: Callable[..., Any], fact: Message) -> None:
        """Bring a fact that nobody waits for an answer to."""
        await self.handle.signal(signal, fact)
        await self.settle()

    async def standing(self) -> Standing:
        """Where the review stands now, by its own clock."""
        return await self.reviews.standing(self.reference, await self.clock.now(self.handle))

    async def entries(self, *events: Event) -> list[Entry]:
        """The lines of the record about these events."""
        return [entry for entry in await self.reviews.record(self.reference) if entry.event in events]

    async def all_returned(self, *but: str) -> None:
        """Record a return from every agency but some."""
        await self.tell_at_once(*(facts.returned(key) for key in self.opening.ask if key not in but))

    async def met(self, *actions: ImmediateAction) -> None:
        """Book the meeting on Day 4 for Day 11, collect every return, hold it, and decide."""
        await self.until("day 4 11:00")
        await self.tell(facts.booking(self.at("day 11 10:00")))
        await self.all_returned()
        await self.until("day 11 12:00")
        await self.tell(facts.held(self.at("day 11 10:00"), *actions), facts.decided())

    async def confirmed(self, *leads: str, version: int = 1) -> None:
        """Confirm a version, by every lead unless some are named."""
        await self.tell_at_once(*(facts.confirmed(lead, version) for lead in leads or sample.LEADS))


@asynccontextmanager
async def played(
    client: Client,
    opening: OpenReview,
    post: FakePostRoom,
    calendar: Callable[[], Calendar] = lambda: sample.CALENDAR,
    interceptors: Sequence[Interceptor] = (),
) -> AsyncIterator[PlayedReview]:
    """Open a review and bring it past its first moment, with a worker for as long as the block lasts.

    What is still open then is terminated: a list of every open case would wait for it in vain.
    """
    async with working(client, opening.reference, post, calendar, interceptors):
        review = await opened(client, opening, post)
        try:
            yield review
        finally:
            with suppress(RPCError):
                await review.handle.terminate()


async def opened(client: Client, opening: OpenReview, post: FakePostRoom) -> PlayedReview:
    """Open a review a second after its SIN, or now where that is past; its first letters go.

    A worker must be there.
    """
    clock = ReviewClock(client)
    reviews = Reviews(clock.client, opening.reference)
    after = max(opening.sin.sent_at - clock.wall() + timedelta(seconds=1), timedelta())
    handle = await reviews.open(opening, after=after)
    if after:
        await clock.start(handle, after)
    plan = await _first_letters_gone(reviews, clock, handle)
    return PlayedReview(client, reviews, clock, post, handle, opening, plan)


async def _first_letters_gone(
    reviews: Reviews, clock: ReviewClock, handle: "WorkflowHandle[RapidReviewWorkflow, Concluded]"
) -> Timetable:
    """Move on by seconds until they are: a delayed start is not always on its way when `start` returns."""
    for _ in range(30):
        await clock.move_on(handle, timedelta(seconds=1))
        record = await reviews.record(handle.id)
        if any(entry.event is Event.LETTERS_SENT for entry in record):
            return (await reviews.plans(handle.id))[0]
    raise AssertionError(f"{handle.id} sent no letters as it opened: {record}")


def soon() -> datetime:
    """The SIN's moment counted from this machine's clock."""
    return first_monday_of_november(datetime.now(UTC))
