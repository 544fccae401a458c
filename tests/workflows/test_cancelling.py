"""A request to cancel, as the Web UI offers, ends no case: it is put on record, and the case goes on."""

from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.worker import Replayer

from domain.follow_up.messages import WithdrawAction
from domain.record import Event
from starter.clock import ReviewClock
from tests import cspr_sample as told
from tests import sample
from tests.domain import consideration
from tests.workflows import facts
from tests.workflows.considering import considered
from tests.workflows.cspr_playing import PlayedCspr
from tests.workflows.following import Followed
from tests.workflows.playing import PlayedReview, opening_at, played, soon
from tests.workflows.post_room import FakePostRoom
from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin


async def _goes_on(clock: ReviewClock, handle: WorkflowHandle[Any, Any], ended_by: str) -> None:
    """Request its cancellation: it runs, and a line of its record says how it is ended."""
    await handle.cancel()
    await clock.move_on(handle, timedelta(seconds=5))
    assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    [noted] = [e for e in await handle.query("record") if e["event"] == Event.FACT_NOT_TAKEN]
    assert f"To end it, type: rapid-review {ended_by} " in noted["says"]


async def _replays(handle: WorkflowHandle[Any, Any], keys: KeyRing) -> None:
    await Replayer(workflows=[], plugins=[rapid_review_plugin(keys)]).replay_workflow(
        await handle.fetch_history()
    )


async def test_a_review_goes_on_to_its_end(review: PlayedReview, session_keys: KeyRing) -> None:
    """Its reminders leave as planned, it is concluded, and its history replays."""
    await _goes_on(review.clock, review.handle, f"withdraw {review.reference}")
    await review.until("day 6 12:00")
    assert review.post.moments("reminder") == [review.at("day 6 09:00")]
    await review.met()
    await review.tell(facts.draft())
    await review.confirmed()
    assert (await review.handle.result()).reference == review.reference
    await _replays(review.handle, session_keys)


async def test_letters_under_way_are_not_called_back(review: PlayedReview, session_keys: KeyRing) -> None:
    """Cancelled while the mail server is down: the letters go when it is back."""
    review.post.closed_for = timedelta(hours=2)
    await review.reviews.tell(review.reference, facts.booking(review.at("day 11 10:00")))
    await _goes_on(review.clock, review.handle, f"withdraw {review.reference}")
    await review.until("day 1 10:00")
    assert len(review.post.letters("invitation")) == len(review.opening.ask) + 4
    await _replays(review.handle, session_keys)


async def test_an_action_goes_on(followed: Followed, session_keys: KeyRing) -> None:
    """And ends by its own command."""
    review = followed.review
    handle = followed.follow_ups.handle(review.reference, 1)
    await _goes_on(review.clock, handle, f"withdraw-action {review.reference} 1")
    await followed.tell(1, WithdrawAction(reason="It fell away", by=facts.OFFICE))
    assert not (await followed.result(1)).closed
    await _replays(handle, session_keys)


async def test_a_concluded_case_still_awaits_the_panel(server: Client, post: FakePostRoom) -> None:
    """What holds it until the answer is in goes on too."""
    opening = opening_at(soon(), decision_rules=sample.decision_rules())
    async with played(server, opening, post) as review:
        await review.met()
        await review.tell(facts.draft())
        await review.confirmed()
        await review.handle.result()
        holder = await review.reviews.held_by(review.reference)
        assert holder.id != review.reference
        await _goes_on(review.clock, holder, f"withdraw {review.reference}")


async def test_a_cspr_goes_on(cspr: PlayedCspr, session_keys: KeyRing) -> None:
    """And ends by its own command, everyone who was told being told."""
    review = cspr.review
    await _goes_on(review.clock, cspr.handle, f"cspr-withdraw {review.reference}")
    await cspr.tell(told.withdrawal())
    assert (await cspr.handle.result()).withdrawn
    assert review.post.told("cspr-withdrawn") == review.post.told("cspr-opened")
    await _replays(cspr.handle, session_keys)


async def test_a_consideration_goes_on(server: Client, post: FakePostRoom, session_keys: KeyRing) -> None:
    """And still opens its review."""
    async with considered(server, post) as case:
        await _goes_on(case.clock, case.handle, f"withdraw {case.put.reference}")
        await case.tell(consideration.decided(), consideration.sin(await case.clock.now(case.handle)))
        assert (await case.handle.result()).review == case.put.reference
        await _replays(case.handle, session_keys)
