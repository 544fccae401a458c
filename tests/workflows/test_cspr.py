"""The CSPR's workflow: started as its Rapid Review closes, living on by itself, told through its updates."""

from datetime import datetime, timedelta

import pytest
from temporalio.client import WorkflowExecutionStatus

from domain.cspr.state import CsprStage
from domain.errors import Refused
from domain.messages import Recommendation, SendAgain
from domain.record import Event
from domain.timetable import LONDON, london
from starter.csprs import Csprs
from tests import cspr_sample as told
from tests import sample
from tests.workflows import facts
from tests.workflows.cspr_playing import PlayedCspr, decided
from tests.workflows.playing import PlayedReview
from tests.workflows.post_room import FakePostRoom
from workflows.cspr import CsprWorkflow


async def test_it_lives_on_when_its_review_has_closed(left_to_a_cspr: PlayedCspr) -> None:
    """The review is completed, the CSPR runs; its six months count from the decision."""
    review, csprs = left_to_a_cspr.review, left_to_a_cspr.csprs
    assert (await review.handle.describe()).status is WorkflowExecutionStatus.COMPLETED
    running = await left_to_a_cspr.handle.describe()
    assert (running.id, running.status) == (f"{review.reference}/cspr", WorkflowExecutionStatus.RUNNING)
    standing = await csprs.standing(review.reference)
    (decision,) = await review.entries(Event.DECISION_RECORDED)
    assert standing.decided_at == decision.at
    assert standing.explanation.startswith("6 months from ")
    assert review.post.told("cspr-opened") == ["office", *(f"lead:{lead}" for lead in sample.LEADS)]


async def test_a_whole_year_is_carried_to_its_end(cspr: PlayedCspr, post: FakePostRoom) -> None:
    """Commission, approval, the full report, its working days, publication, the year it is available."""
    await cspr.approve()
    await cspr.tell(told.send())
    with pytest.raises(Refused, match="7 working days later and no earlier"):
        await cspr.tell(told.published((await cspr.now()).date()))
    day = await cspr.on(20)
    assert len(post.keys("cspr-may-publish")) == 1
    receipt = await cspr.tell(told.published(day))
    assert receipt.recorded.startswith("The report was published on")
    await cspr.review.clock.move_to(cspr.handle, await cspr.now() + timedelta(days=380))
    result = await cspr.handle.result()
    assert (result.published_on, result.breaches, result.versions) == (day, 0, 1)
    assert [f"{moment:%H:%M}" for moment in map(_local, post.moments("cspr-last-day"))] == ["09:00"]


def _local(moment: datetime) -> datetime:
    return moment.astimezone(LONDON)


async def test_the_six_months_pass_and_it_goes_on(cspr: PlayedCspr, post: FakePostRoom) -> None:
    """Escalated to the lead safeguarding partners on the next working morning; on record; never stopped."""
    due = (await cspr.csprs.standing(cspr.review.reference)).publication_due
    assert due
    await cspr.review.clock.move_to(cspr.handle, due + timedelta(days=7))
    standing = await cspr.csprs.standing(cspr.review.reference, await cspr.now())
    assert standing.late == (f"CSPR published {london(due)}",)
    assert standing.stage is CsprStage.COMMISSIONING
    assert [who for who in post.told("cspr-late") if who.startswith("partner")] == [
        f"partner:{lead}" for lead in sample.LEADS
    ]
    record = await cspr.csprs.record(cspr.review.reference)
    assert [entry.event for entry in record].count(Event.DATE_BREACHED) == 1
    await cspr.tell(told.commission())


async def test_a_hold_and_its_lifting(cspr: PlayedCspr, post: FakePostRoom) -> None:
    """The office is reminded at nine on the review date; the lifting is told."""
    await cspr.tell(told.commission())
    review_on = sample.CALENDAR.nth_working_day((await cspr.now()).date(), 10)
    await cspr.tell(told.hold(review_on))
    await cspr.on(30)
    first = post.moments("cspr-hold-review")[0].astimezone(LONDON)
    assert (first.date(), f"{first:%H:%M}") == (review_on, "09:00")
    await cspr.tell(told.lift())
    assert (await cspr.csprs.standing(cspr.review.reference)).holds == ()
    assert len(post.letters("cspr-hold-lifted")) == 5


async def test_a_refused_letter_is_a_task_and_goes_again(cspr: PlayedCspr, post: FakePostRoom) -> None:
    """The reviewer's server refuses the request; mended, it is sent once more."""
    await cspr.tell(told.commission())
    post.refused["reviewer:reviewer-one"] = "5.1.1"
    answer_by = sample.CALENDAR.nth_working_day((await cspr.now()).date(), 10)
    await cspr.tell(told.request(answer_by))
    standing = await cspr.csprs.standing(cspr.review.reference)
    key = "cspr/request/1/reviewer/reviewer-one"
    assert standing.todo[0].command == f"cspr-send-again REF {key}"
    post.refused.clear()
    await cspr.tell(SendAgain(letter=key, by=told.OFFICE))
    assert post.keys("cspr-request") == [f"{key}/again"]


async def test_a_letter_that_came_back_is_a_task(cspr: PlayedCspr, post: FakePostRoom) -> None:
    """The office is told, and notes it as dealt with; what is no letter of ours is noted too."""
    letter = "cspr/opened/lead/health"
    await cspr.handle.signal(CsprWorkflow.delivery_failed, facts.came_back(letter))
    await cspr.handle.signal(CsprWorkflow.delivery_failed, facts.came_back("request/nobody"))
    await cspr.review.clock.move_to(cspr.handle, await cspr.now() + timedelta(seconds=5))
    receipt = await cspr.tell(SendAgain(letter=letter, by=told.OFFICE))
    assert "dealt with by hand" in receipt.recorded
    assert post.keys("cspr-undelivered") == [f"cspr/undelivered/{letter}/office"]
    record = await cspr.csprs.record(cspr.review.reference)
    assert Event.FACT_NOT_TAKEN in [entry.event for entry in record]


async def test_another_learning_review_ends_with_its_approval(review: PlayedReview) -> None:
    """No CSPR, but another review; the leads approve it, and it is over. Nobody else is told."""
    other = await decided(review, outcome=Recommendation.OTHER_REVIEW)
    await other.approve()
    result = await other.handle.result()
    assert (result.kind, result.published_on) == ("other_learning_review", None)
    assert review.post.letters("cspr-notice") == []


async def test_no_cspr_starts_nothing(review: PlayedReview) -> None:
    """Where the leads decide on none, there is none to tell."""
    ended = await decided_on_none(review)
    with pytest.raises(Refused, match=f"No review {ended.reference}/cspr takes this"):
        await Csprs(review.clock.client).standing(ended.reference)


async def decided_on_none(review: PlayedReview) -> PlayedReview:
    """The review, concluded without a CSPR."""
    await review.met()
    await review.tell(facts.draft())
    await review.confirmed()
    await review.handle.result()
    return review
