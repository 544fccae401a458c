"""A case put forward, on a real server: it leads to a review that outlives it, or to its local outcomes."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.worker import Replayer

from domain.consideration.messages import (
    Convert,
    LinkDuplicate,
    OutcomeKind,
    RecordNotification,
    Route,
    SinAnswer,
    View,
    WithdrawConsideration,
)
from domain.consideration.state import ConsiderationStage
from domain.errors import Refused
from domain.messages import DeliveryFailed, DuplicateLinked
from domain.record import Event
from starter.listing import every_case
from tests import sample
from tests.domain import consideration as facts
from tests.workflows.considering import PlayedConsideration, considered
from tests.workflows.post_room import FakePostRoom
from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin
from workflows.consideration import ConsiderationWorkflow, consideration_id
from workflows.held_case import HeldCase

Play = Callable[..., AbstractAsyncContextManager[PlayedConsideration]]


@pytest.fixture
def play(server: Client, post: FakePostRoom) -> Play:
    """Puts a case forward at a moment to come, changed as a test says."""
    return partial(considered, server, post)


async def test_the_sin_opens_the_review_which_outlives_the_consideration(play: Play) -> None:
    """Day 0 is the SIN's, the reference and the sealed particulars are the same, and it goes on by itself."""
    async with play() as case:
        await case.until("day 2 10:00")
        await case.tell(facts.decided())
        sent = await case.until("day 3 11:00")
        receipt = await case.tell(facts.sin(sent))
        assert "the Rapid Review opens" in receipt.recorded
        result = await case.handle.result()
        assert (result.ended_as, result.review) == ("review_opened", case.put.reference)
        review = case.reviews.handle(case.put.reference)
        assert (await review.describe()).status is WorkflowExecutionStatus.RUNNING
        await case.clock.move_on(review, timedelta(seconds=30))
        plan = (await case.reviews.plans(case.put.reference))[0]
        assert plan.day0 == sent.date()
        assert case.post.told("request-for-information") == ["agency:police", "agency:icb"]


async def test_a_request_that_does_not_meet_ends_in_local_outcomes_and_tells_neither_panel_nor_ofsted(
    play: Play,
) -> None:
    """The whole way, every letter of it looked at."""
    async with play(route=Route.REQUEST) as case:
        now = await case.until("day 8 10:00")
        await case.tell(*(facts.view(lead) for lead in sample.LEADS))
        due = (now + timedelta(days=60 - now.weekday() + 4)).date()
        due -= timedelta(days=due.weekday())
        while not sample.CALENDAR.is_working_day(due):
            due += timedelta(days=1)
        await case.tell(facts.chosen(facts.outcome(OutcomeKind.LEARNING_EVENT, due_on=due)))
        result = await case.handle.result()
        assert result.outcomes == (OutcomeKind.LEARNING_EVENT,)
        assert not [s for s in case.post.sent if str(s.letter.to) in {"panel", "ofsted"}]
        assert not await case.reviews.exists(case.put.reference)


async def test_a_notification_is_converted_by_planning_anew(play: Play) -> None:
    """The first plan stays beside the second, and the manager is asked a second time."""
    async with play() as case:
        now = await case.until("day 2 10:00")
        noted = RecordNotification(notification_reference="N-1", sent_at=now, by="Business Officer")
        await case.tell(facts.decided(SinAnswer.NOTIFY), noted)
        now = await case.until("day 30 10:00")
        await case.tell(Convert(aware_on=now.date(), reason="The post-mortem", by="Business Officer"))
        first, second = await case.considerations.plans(case.put.reference)
        assert second["sin_due"].due > first["sin_due"].due
        assert case.post.told("sin-decision-request") == ["sqas-manager", "sqas-manager"]
        assert await case.stage() is ConsiderationStage.DECIDING


async def test_the_same_alert_twice_opens_nothing_twice(play: Play) -> None:
    """Whatever delivers it again is told where it is."""
    async with play() as case:
        with pytest.raises(Refused, match="already in use"):
            await case.considerations.open(case.put)


async def test_a_duplicate_is_linked_to_a_case_there_is(play: Play) -> None:
    """The second ends as linked; a reference nobody knows is refused."""
    async with play() as first, play() as second:
        unknown = LinkDuplicate(to="RR-1999-01", reason="The same incident", by="Business Officer")
        with pytest.raises(Refused, match="There is no case RR-1999-01"):
            await second.tell(unknown)
        assert not (await second.considerations.standing(second.put.reference)).linked_to
        await second.tell(unknown.model_copy(update={"to": first.put.reference}))
        assert (await second.handle.result()).linked_to == first.put.reference
        back = unknown.model_copy(update={"to": second.put.reference})
        with pytest.raises(Refused, match=r"is linked to .* already, and has ended"):
            await first.tell(back)
        assert await first.stage() is ConsiderationStage.DECIDING
        standing = await first.considerations.standing(first.put.reference)
        assert standing.duplicates == (second.put.reference,)


async def test_the_case_to_which_a_duplicate_is_linked_hears_of_it_once(play: Play) -> None:
    """Its consideration, or the review that has opened since; told twice, it notes one line."""
    async with play() as first, play() as second:
        await first.tell(facts.decided(), facts.sin(await first.clock.now(first.handle)))
        await first.handle.result()
        reference = first.put.reference
        link = LinkDuplicate(to=reference, reason="The same incident", by="Business Officer")
        await second.tell(link)
        await second.handle.result()
        fact = DuplicateLinked(reference=second.put.reference, reason=link.reason, by=link.by)
        review = first.reviews.handle(reference)
        await review.signal(HeldCase.duplicate_linked, fact)
        await first.clock.move_on(review, timedelta(seconds=5))
        assert (await first.reviews.standing(reference)).duplicates == (second.put.reference,)
        linked = [e for e in await first.reviews.record(reference) if e.event is Event.DUPLICATE_LINKED]
        assert [entry.by for entry in linked] == ["Business Officer"]


async def test_a_duplicate_of_a_case_that_has_ended_says_so(play: Play) -> None:
    """Nobody is left to hear it, and the link stands."""
    async with play() as first, play() as second:
        gone = WithdrawConsideration(reason="Not one of ours", by="Business Officer")
        await first.tell(gone)
        await first.handle.result()
        to = first.put.reference
        await second.tell(LinkDuplicate(to=to, reason="The same incident", by="Business Officer"))
        assert (await second.handle.result()).linked_to == to
        record = await second.considerations.record(second.put.reference)
        assert record[-1].says == f"{to} has ended, so that nothing was added to its record."


async def test_what_is_refused_changes_nothing_and_says_why(play: Play) -> None:
    """A validator answers in a sentence; the record has no trace of it."""
    async with play(route=Route.REQUEST) as case:
        before = await case.considerations.record(case.put.reference)
        with pytest.raises(Refused, match="Only the lead or a named deputy"):
            await case.tell(facts.view("police", View.MAY_MEET, by="Somebody Else"))
        assert await case.considerations.record(case.put.reference) == before


async def test_a_letter_that_comes_back_is_a_task_for_the_office(play: Play) -> None:
    """It is told of once, and taken up by send-again."""
    async with play() as case:
        key = "consideration/sin_request/1/sqas-manager"
        bounce = DeliveryFailed(id="bounce-1", letter=key, status="5.1.1")
        for _ in range(2):
            await case.handle.signal(ConsiderationWorkflow.delivery_failed, bounce)
            await case.settle()
        assert case.post.told("undelivered") == ["office"]
        standing = await case.considerations.standing(case.put.reference)
        assert [todo.type for todo in standing.todo if "send-again" in todo.type] == [
            f"rapid-review send-again {case.put.reference} {key}"
        ]


async def test_a_case_put_forward_is_listed_until_its_review_is(play: Play) -> None:
    """The list has each case once: as put forward, then as a review."""
    async with play() as case:
        await case.until("day 1 10:00")

        async def stages() -> list[str]:
            rows = await every_case(case.reviews.client, closed=True)
            return [row.stage for row in rows if row.reference == case.put.reference]

        await _until(stages, ["deciding"])
        await case.tell(facts.decided(), facts.sin(await case.clock.now(case.handle)))
        review = case.reviews.handle(case.put.reference)
        await case.clock.move_on(review, timedelta(minutes=1))
        await _until(stages, ["gathering"])


async def _until(ask: Callable[[], Any], wanted: list[str]) -> None:
    """Ask until the answer is as wanted: visibility is a little behind."""
    for _ in range(200):
        found = await ask()
        if found == wanted:
            return
    assert found == wanted


async def test_its_history_replays(play: Play, session_keys: KeyRing) -> None:
    """The workflow is deterministic, with the opening of its review in it."""
    async with play() as case:
        await case.tell(facts.decided(), facts.sin(await case.clock.now(case.handle)))
        await case.handle.result()
        history = await case.handle.fetch_history()
        assert history.workflow_id == consideration_id(case.put.reference)
        await Replayer(workflows=[], plugins=[rapid_review_plugin(session_keys)]).replay_workflow(history)
