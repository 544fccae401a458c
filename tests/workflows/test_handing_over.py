"""What a review is told between the start of the wait for the Panel and its own last task is passed on."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Replayer

from domain.messages import (
    EDITION,
    DuplicateLinked,
    ImmediateAction,
    Message,
    Outcome,
    PassedOn,
    Receipt,
    SendAgain,
    Withdraw,
)
from domain.record import Event
from starter.follow_ups import FollowUps
from tests import sample
from tests.workflows import facts
from tests.workflows.gap import HeldOpen
from tests.workflows.playing import PlayedReview, opening_at, played, soon
from tests.workflows.post_room import FakePostRoom
from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin
from workflows.held_case import HeldCase
from workflows.panel_answer import panel_workflow_id
from workflows.rapid_review import RapidReviewWorkflow

ACTION = "follow-up/1/opened/agency/housing"
LINKED = DuplicateLinked(reference="RR-2026-91", reason="The same incident", by=facts.OFFICE)


async def handing_over(review: PlayedReview, moment: HeldOpen) -> PlayedReview:
    """The review signed and decided on: it hands over, and goes on once it is told something more."""
    await review.until("day 11 12:00")
    due = review.at("day 30 12:00").date()
    action = ImmediateAction(agency="housing", action="Check the records", due_on=due)
    await review.tell(facts.held(review.at("day 11 10:00"), action))
    await review.until("day 13 10:00")
    await review.tell(facts.draft(), facts.decided())
    for lead in sample.LEADS:
        await review.reviews.tell(review.reference, facts.confirmed(lead))
    await moment.reached()
    waiting = await review.reviews.held_by(review.reference)
    assert waiting.id == panel_workflow_id(review.reference)
    return review


@pytest.fixture(params=[EDITION])
async def review(
    request: pytest.FixtureRequest, server: Client, post: FakePostRoom
) -> AsyncIterator[PlayedReview]:
    """A review in that moment, of the edition that is asked for."""
    opening = opening_at(soon(), decision_rules=sample.decision_rules(), edition=request.param)
    moment = HeldOpen()
    async with played(server, opening, post, interceptors=[moment]) as going:
        yield await handing_over(going, moment)


of_the_second_edition = pytest.mark.parametrize("review", [2], indirect=True)


async def settled(review: PlayedReview, *handles: "WorkflowHandle[Any, Any]") -> None:
    """The review has ended, and what goes on has carried out what falls due at once."""
    await review.handle.result()
    for handle in handles:
        await review.clock.move_on(handle, timedelta(seconds=5))


async def test_the_panels_answer_reaches_what_waits_for_it(review: PlayedReview, post: FakePostRoom) -> None:
    """The leads are asked to reconsider, and the record has the answer once."""
    waiting = await review.reviews.held_by(review.reference)
    await review.handle.signal(HeldCase.panel_replied, facts.panel_disagrees())
    await settled(review, waiting)
    assert len(await review.entries(Event.PANEL_REPLIED)) == 1
    assert post.keys("view-request")[-3:] == [f"view_request/2/{lead}" for lead in sample.LEADS]


async def test_a_withdrawal_reaches_everyone_and_the_actions(
    review: PlayedReview, post: FakePostRoom
) -> None:
    """It is answered as always; the wait tells everyone, ends, and ends what had been handed over."""
    waiting = await review.reviews.held_by(review.reference)
    fact = Withdraw(reason="The inquest found another cause", by=facts.OFFICE)
    receipt = await review.handle.execute_update("withdraw", fact, result_type=Receipt)
    assert receipt.recorded.startswith("Withdrawn")
    action = FollowUps(review.client).handle(review.reference, 1)
    await settled(review, waiting, action)
    assert (await waiting.result()).outcome is Outcome.WITHDRAWN
    assert set(post.told("withdrawn")) >= {"agency:police", "lead:health", "panel", "ofsted"}
    assert (await action.result()).closed is False


async def test_what_cannot_be_taken_is_on_the_record_that_people_see(review: PlayedReview) -> None:
    """A return that came then is too late; nobody waits for an answer, so the record has to say so."""
    waiting = await review.reviews.held_by(review.reference)
    await review.handle.signal(RapidReviewWorkflow.agency_return_received, facts.returned("gp"))
    await settled(review, waiting)
    [entry] = await review.entries(Event.FACT_NOT_TAKEN)
    assert "was concluded" in entry.says


async def test_word_of_an_actions_letter_reaches_the_action(review: PlayedReview, post: FakePostRoom) -> None:
    """It was handed over a moment ago, and has the task."""
    action = FollowUps(review.client).handle(review.reference, 1)
    await review.handle.signal(HeldCase.delivery_failed, facts.came_back(ACTION))
    await settled(review, action)
    standing = await FollowUps(review.client).standing(review.reference, 1)
    assert [one.letter for one in standing.undelivered] == [ACTION]
    assert post.told("follow-up-undelivered") == ["office"]


async def test_what_nothing_holds_any_more_is_said_on_the_reviews_record(review: PlayedReview) -> None:
    """The action ended before word of its letter came."""
    action = FollowUps(review.client).handle(review.reference, 1)
    await action.terminate()
    await review.handle.signal(HeldCase.delivery_failed, facts.came_back(ACTION))
    await settled(review)
    record = await review.handle.query(RapidReviewWorkflow.record)
    assert record[-1].says == "What came as the case was handed over stays here: nothing holds it now."


@of_the_second_edition
async def test_a_case_opened_before_does_as_it_always_did(review: PlayedReview) -> None:
    """The answer stays with the review that has ended, which asks the engine for nothing more."""
    waiting = await review.reviews.held_by(review.reference)
    await review.handle.signal(HeldCase.panel_replied, facts.panel_disagrees())
    await settled(review, waiting)
    assert await review.entries(Event.PANEL_REPLIED) == []
    assert "signalExternalWorkflow" not in (await review.handle.fetch_history()).to_json()


async def test_the_wait_began_with_the_case_as_it_was(review: PlayedReview, session_keys: KeyRing) -> None:
    """What is told meanwhile comes by signal alone, so that nothing is taken twice; it replays."""
    waiting = await review.reviews.held_by(review.reference)
    await review.handle.signal(HeldCase.duplicate_linked, LINKED)
    await settled(review, waiting)
    assert len(await review.entries(Event.DUPLICATE_LINKED)) == 1
    replayer = Replayer(workflows=[], plugins=[rapid_review_plugin(session_keys)])
    await replayer.replay_workflow(await waiting.fetch_history())


@pytest.mark.parametrize(
    "fact",
    [
        facts.returned("gp"),
        facts.confirmed("health"),
        facts.view("health"),
        facts.decided(),
        Withdraw(reason="The case was none", by=facts.OFFICE),
        SendAgain(letter="submission/1/panel", by=facts.OFFICE),
        facts.came_back("submission/1/panel"),
        facts.panel_agrees(),
        LINKED,
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_a_fact_that_is_passed_on_travels_as_what_it_is(fact: Message) -> None:
    """No two kinds of fact are taken for one another."""
    told = PassedOn.model_validate({"fact": fact, "at": datetime(2026, 12, 29, 10, tzinfo=UTC)})
    assert PassedOn.model_validate_json(told.model_dump_json()) == told
    assert type(PassedOn.model_validate_json(told.model_dump_json()).fact) is type(fact)
