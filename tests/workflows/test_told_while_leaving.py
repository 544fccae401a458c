"""What a consideration is told between its decision and its own last task is passed on, or acted upon."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle

from domain.consideration.messages import LinkDuplicate, OutcomeKind, SinAnswer
from domain.messages import EDITION, DeliveryFailed, DuplicateLinked, Message
from domain.record import Event
from tests import sample
from tests.domain import consideration as facts
from tests.workflows.considering import PlayedConsideration, considered
from tests.workflows.gap import FOLLOW_UP, LINK, REVIEW, HeldOpen
from tests.workflows.post_room import FakePostRoom
from workflows.consideration import ConsiderationWorkflow
from workflows.rapid_review import RapidReviewWorkflow

LETTER = "consideration/sin_request/1/sqas-manager"
CAME_BACK = DeliveryFailed(id="bounce-1", letter=LETTER, status="5.1.1")
LINKED = DuplicateLinked(reference="RR-2026-91", reason="The same incident", by="Business Officer")
STAYS = "What came as the case was handed over stays here: nothing holds it now."

Leaving = Callable[..., AbstractAsyncContextManager[PlayedConsideration]]


@pytest.fixture
def leaving(server: Client, post: FakePostRoom) -> Leaving:
    """A consideration that ends, and goes on once it is told something more."""

    @asynccontextmanager
    async def left(by: str, edition: int = EDITION) -> AsyncIterator[PlayedConsideration]:
        async with considered(server, post, interceptors=[HeldOpen(by)], edition=edition) as case:
            yield case

    return left


async def told_last(case: PlayedConsideration, fact: Message, event: EventType.ValueType) -> None:
    """Bring the fact by which it ends, and wait until it leaves: until its history has such an event."""
    await case.considerations.tell(case.put.reference, fact)
    async for entry in case.handle.fetch_history_events(wait_new_event=True):
        if entry.event_type == event:
            return


async def review_opened(case: PlayedConsideration) -> "WorkflowHandle[RapidReviewWorkflow, Any]":
    """The SIN is recorded: the review has started, and the consideration has still to end."""
    await case.tell(facts.decided())
    sin = facts.sin(await case.clock.now(case.handle))
    await told_last(case, sin, EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED)
    return case.reviews.handle(case.put.reference)


async def settled(case: PlayedConsideration, review: "WorkflowHandle[Any, Any]") -> None:
    """The consideration has ended, and the review has taken what it was told."""
    await case.handle.result()
    await case.clock.move_to(review, await case.clock.now(review) + timedelta(seconds=5))


async def test_a_second_report_reaches_the_review_that_was_just_opened(leaving: Leaving) -> None:
    """Once, and it is on the record that people see from now on."""
    async with leaving(by=REVIEW) as case:
        review = await review_opened(case)
        await case.handle.signal(ConsiderationWorkflow.duplicate_linked, LINKED)
        await settled(case, review)
        reference = case.put.reference
        assert (await case.reviews.standing(reference)).duplicates == (LINKED.reference,)
        told = [e for e in await case.reviews.record(reference) if e.event is Event.DUPLICATE_LINKED]
        assert [entry.by for entry in told] == [LINKED.by]


async def test_a_letter_that_comes_back_is_told_to_the_office(leaving: Leaving, post: FakePostRoom) -> None:
    """The consideration ends only once the office has been written to."""
    async with leaving(by=REVIEW) as case:
        review = await review_opened(case)
        await case.handle.signal(ConsiderationWorkflow.delivery_failed, CAME_BACK)
        await settled(case, review)
        assert post.told("undelivered") == ["office"]


async def test_what_nothing_holds_any_more_is_said_on_the_record(leaving: Leaving) -> None:
    """Local outcomes were chosen: there is no review that a second report could reach."""
    async with leaving(by=FOLLOW_UP) as case:
        now = await case.until("day 4 10:00")
        await case.tell(facts.decided(SinAnswer.NO))
        due = sample.CALENDAR.nth_working_day(now.date(), 30)
        chosen = facts.chosen(facts.outcome(OutcomeKind.LEARNING_EVENT, due_on=due))
        await told_last(case, chosen, EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED)
        await case.handle.signal(ConsiderationWorkflow.duplicate_linked, LINKED)
        await case.handle.result()
        record = await case.considerations.record(case.put.reference)
        assert record[-1].says == STAYS


async def test_a_third_report_reaches_the_case_that_goes_on(leaving: Leaving) -> None:
    """It was linked to the second in the moment in which that was linked to the first."""
    async with leaving(by=LINK) as first, leaving(by=LINK) as second:
        to = first.put.reference
        link = LinkDuplicate(to=to, reason="The same incident", by="Business Officer")
        await told_last(second, link, EventType.EVENT_TYPE_EXTERNAL_WORKFLOW_EXECUTION_SIGNALED)
        await second.handle.signal(ConsiderationWorkflow.duplicate_linked, LINKED)
        await second.handle.result()
        standing = await first.considerations.standing(to)
        assert standing.duplicates == (second.put.reference, LINKED.reference)


async def test_a_case_put_forward_before_the_fourth_edition_does_as_it_always_did(
    leaving: Leaving, post: FakePostRoom
) -> None:
    """Both stay on the record of the consideration, which asks the engine for nothing more."""
    async with leaving(by=REVIEW, edition=3) as case:
        review = await review_opened(case)
        await case.handle.signal(ConsiderationWorkflow.duplicate_linked, LINKED)
        await case.handle.signal(ConsiderationWorkflow.delivery_failed, CAME_BACK)
        await settled(case, review)
        assert (await case.reviews.standing(case.put.reference)).duplicates == ()
        assert post.told("undelivered") == []
