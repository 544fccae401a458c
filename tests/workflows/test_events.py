"""What a review asks of the engine, counted where the fourth edition asks for less than those before."""

from collections.abc import AsyncIterator

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from domain.messages import EDITION, ImmediateAction
from starter.follow_ups import FollowUps
from tests import sample
from tests.workflows import facts
from tests.workflows.playing import PlayedReview, opening_at, played, soon
from tests.workflows.post_room import FakePostRoom

STARTED = "START_CHILD_WORKFLOW_EXECUTION_INITIATED"


@pytest.fixture(params=[EDITION])
async def review(
    request: pytest.FixtureRequest, server: Client, post: FakePostRoom
) -> AsyncIterator[PlayedReview]:
    """A review of the edition that is asked for."""
    opening = opening_at(soon(), decision_rules=sample.decision_rules(), edition=request.param)
    async with played(server, opening, post) as going:
        yield going


before_the_fourth = pytest.mark.parametrize("review", [3], indirect=True)


async def events(review: PlayedReview) -> list[str]:
    """The kinds of event in its history, in their order."""
    names = [EventType.Name(event.event_type) async for event in review.handle.fetch_history_events()]
    return [name.removeprefix("EVENT_TYPE_") for name in names]


async def handed_over(review: PlayedReview) -> list[str]:
    """The events of a review that ends with two actions and the wait for the Panel, from its first start."""
    due = review.at("day 30 12:00").date()
    await review.met(
        *(ImmediateAction(agency=key, action="Check the lists", due_on=due) for key in ("housing", "gp"))
    )
    await review.until("day 13 10:00")
    await review.tell(facts.draft())
    await review.confirmed()
    await review.handle.result()
    kinds = await events(review)
    return kinds[kinds.index(STARTED) :]


async def test_a_timer_stands_while_letters_go_out(review: PlayedReview, post: FakePostRoom) -> None:
    """The meeting is booked a day before the checkpoint, which is next before and after the invitations."""
    await review.until("day 4 10:00")
    before = await events(review)
    await review.tell(facts.booking(review.at("day 11 10:00")))
    assert post.keys("invitation")
    fresh = (await events(review))[len(before) :]
    assert [kind for kind in fresh if kind.startswith("TIMER")] == []
    await review.until("day 5 12:00")
    assert post.told("agency-checkpoint")


@before_the_fourth
async def test_before_the_fourth_edition_it_is_begun_again(review: PlayedReview) -> None:
    """As the history of every open case has it."""
    await review.until("day 4 10:00")
    before = await events(review)
    await review.tell(facts.booking(review.at("day 11 10:00")))
    fresh = (await events(review))[len(before) :]
    assert [kind for kind in fresh if kind.startswith("TIMER")] == ["TIMER_CANCELED", "TIMER_STARTED"]


async def test_a_step_that_another_replaces_has_its_timer_no_more(review: PlayedReview) -> None:
    """The meeting is held: the timer of its escalation is cancelled, that of the draft's stands."""
    await review.until("day 11 12:00")
    before = await events(review)
    await review.tell(facts.held(review.at("day 11 10:00")))
    fresh = (await events(review))[len(before) :]
    assert [kind for kind in fresh if kind.startswith("TIMER")] == ["TIMER_CANCELED", "TIMER_STARTED"]


async def test_all_that_outlives_a_review_is_started_at_once(review: PlayedReview) -> None:
    """In one task: nothing waits for another's start, and the record has a line for each action."""
    kinds = await handed_over(review)
    assert kinds[:3] == [STARTED] * 3
    for number in (1, 2):
        assert (await FollowUps(review.client).standing(review.reference, number)).number == number
    record = [entry.says for entry in await review.reviews.record(review.reference)]
    assert [says.split(" is ")[0] for says in record if "from here on" in says] == ["Action 1", "Action 2"]


@before_the_fourth
async def test_before_the_fourth_edition_one_waits_for_the_other(review: PlayedReview) -> None:
    """A task between each start and the next."""
    kinds = await handed_over(review)
    assert kinds.count(STARTED) == 3
    assert kinds[1] != STARTED
