"""The processes whose histories are kept: each is played once, recorded, and never recorded again."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.consideration.messages import OutcomeKind, Route, SinAnswer, View
from domain.cspr.messages import CsprEnded
from domain.follow_up.messages import (
    CloseAction,
    FollowedUp,
    MoveAction,
    RecordEvidence,
    ReplanAction,
    WithdrawAction,
)
from domain.messages import (
    Concluded,
    DeliveryFailed,
    DuplicateLinked,
    ImmediateAction,
    Message,
    PlanLearning,
    Recommendation,
    ReplanWait,
    ReturnKind,
    SendAgain,
)
from starter.follow_ups import FollowUps
from tests import cspr_sample as told
from tests import sample
from tests.domain import consideration
from tests.workflows import facts
from tests.workflows.considering import PlayedConsideration
from tests.workflows.cspr_playing import decided
from tests.workflows.gap import REVIEW, HeldBack
from tests.workflows.playing import PlayedReview
from workflows.consideration import ConsiderationWorkflow
from workflows.cspr import CsprWorkflow
from workflows.follow_up import FollowUpWorkflow
from workflows.held_case import HeldCase
from workflows.rapid_review import RapidReviewWorkflow


async def _to_the_panel_in_time(review: PlayedReview) -> None:
    """Everything on its day: one agency reminded and late, one lead by deputy, two immediate actions."""
    await review.tell(facts.booking(review.at("day 11 10:00")))
    await review.until("day 2 11:00")
    await review.signal(RapidReviewWorkflow.agency_return_received, facts.returned("police"))
    await review.until("day 4 14:00")
    nil = facts.returned("gp", kind=ReturnKind.NIL, people_searched=3)
    await review.tell(nil, facts.returned("icb"), facts.returned("hospital"))
    await review.until("day 7 10:00")
    await review.all_returned("police", "gp", "icb", "hospital", "housing")
    await review.until("day 9 15:00")
    await review.tell(facts.returned("housing"))
    await review.until("day 11 12:30")
    due = review.at("day 20 12:00").date()
    actions = [
        ImmediateAction(agency=key, action="Check the records", due_on=due) for key in ("housing", "gp")
    ]
    await review.tell(facts.held(review.at("day 11 10:00"), *actions), facts.decided())
    await review.until("day 13 10:00")
    await review.tell(facts.draft())
    await review.confirmed("police")
    await review.until("day 14 10:00")
    await review.tell(facts.confirmed("health", by="Deputy health"), facts.confirmed("local-authority"))


async def _changed_on_the_way(review: PlayedReview) -> None:
    """An agency added, an extension, a refused letter mended, a meeting moved, an amendment."""
    await review.until("day 1 10:00")
    review.post.refused.clear()
    await review.tell(SendAgain(letter="request/probation", by=facts.OFFICE))
    await review.tell(facts.booking(review.at("day 11 10:00")))
    await review.until("day 5 11:00")
    await review.tell(facts.added("voluntary-sector"))
    await review.all_returned("housing")
    await review.until("day 7 16:00")
    to = review.at("day 10 12:00").date()
    await review.tell(facts.replan(extend="rfi_due", to=to, granted_by="Lead police"))
    await review.tell(facts.booking(review.at("day 12 14:00")))
    await review.until("day 12 17:00")
    await review.tell(facts.returned("housing"), facts.held(review.at("day 12 14:00")))
    await review.tell(facts.draft("a"))
    await review.confirmed("health")
    await review.tell(facts.amended("police"))
    await review.until("day 14 11:00")
    await review.tell(facts.draft("b"), facts.returned("voluntary-sector"))
    await review.confirmed(version=2)
    await review.tell(facts.decided())


async def _every_date_missed(review: PlayedReview) -> None:
    """Nobody returns, nothing is booked or drafted in time, and the report goes late."""
    await review.until("day 17 11:00")
    await review.tell(facts.held(review.at("day 17 09:00")), facts.draft())
    await review.until("day 18 11:00")
    await review.confirmed()
    await review.until("day 24 11:00")
    await review.tell(facts.decided())


async def _hands_over(review: PlayedReview) -> None:
    """A review that leaves an immediate action and an item of its plan for the learning."""
    due = [review.at(f"day {number} 12:00").date() for number in (20, 40)]
    await review.met(ImmediateAction(agency="housing", action="Check the records", due_on=due[0]))
    await review.tell(PlanLearning(owner="health", due_on=due[1], what="Brief all", by=facts.OFFICE))
    await review.until("day 13 10:00")
    await review.tell(facts.draft())
    await review.confirmed()
    await review.handle.result()


async def _action_to_its_end(review: PlayedReview) -> "WorkflowHandle[FollowUpWorkflow, FollowedUp]":
    """The first action of such a review: reminded, moved, overdue, escalated, shown, closed."""
    await _hands_over(review)
    follow_ups, to = FollowUps(review.client), review.at("day 22 12:00").date()
    handle = follow_ups.handle(review.reference, 1)
    told: list[tuple[str, Message]] = [
        ("day 16 10:00", MoveAction(to=to, reason="Agreed with the leads", by=facts.OFFICE)),
        ("day 38 10:00", RecordEvidence(id="mail-1", evidence="A signed list", by="Housing Manager")),
        ("day 39 10:00", CloseAction(by="Second Officer")),
    ]
    for moment, fact in told:
        await review.clock.move_to(handle, review.at(moment))
        await follow_ups.tell(review.reference, 1, fact)
    await handle.result()
    return handle


async def _follows_its_actions(review: PlayedReview) -> None:
    """One action done and closed in the review, reminded and overdue before; two handed over, one moved."""
    due = [review.at(f"day {number} 12:00").date() for number in (13, 20, 30, 14)]
    agreed = zip(("housing", "gp"), due, strict=False)
    await review.met(*(ImmediateAction(agency=key, action="Check the lists", due_on=d) for key, d in agreed))
    await review.tell(PlanLearning(owner="health", due_on=due[3], what="Brief all", by=facts.OFFICE))
    told: list[tuple[str, int, Message]] = [
        ("day 12 10:00", 2, MoveAction(to=due[2], reason="Agreed with the leads", by=facts.OFFICE)),
        ("day 14 10:00", 1, RecordEvidence(id="mail-1", evidence="A signed list", by="Housing Manager")),
        ("day 14 10:30", 1, CloseAction(by="Second Officer")),
        ("day 14 11:00", 3, RecordEvidence(id="mail-2", evidence="The minutes", by="Ward Manager")),
    ]
    for moment, number, fact in told:
        await review.until(moment)
        await FollowUps(review.client).tell(review.reference, number, fact)
        await review.settle()
    await review.tell(facts.draft())
    await review.confirmed()
    await review.handle.result()


async def _handed_over_with_evidence(
    review: PlayedReview,
) -> "WorkflowHandle[FollowUpWorkflow, FollowedUp]":
    """The third action of such a review: the evidence came in the review, and it is closed after it."""
    await _follows_its_actions(review)
    follow_ups = FollowUps(review.client)
    handle = follow_ups.handle(review.reference, 3)
    await review.clock.move_to(handle, review.at("day 26 10:00"))
    await follow_ups.tell(review.reference, 3, CloseAction(by="Second Officer"))
    await handle.result()
    return handle


async def _still_gathering(review: PlayedReview) -> None:
    """A review that was open when it was recorded, in the middle of its reminders."""
    await review.tell(facts.booking(review.at("day 11 10:00")), facts.returned("police"))
    await review.signal(RapidReviewWorkflow.agency_return_received, facts.returned("ambulance"))
    await review.until("day 7 12:00")
    await review.settle()
    await review.clock.move_to(review.handle, review.at("day 7 12:00") + timedelta(minutes=5))


async def _reopened(review: PlayedReview) -> None:
    """Asked to sign and for views in one letter; reopened for a late return; the second version signed."""
    await review.until("day 5 12:00")
    await review.all_returned("housing")
    await review.until("day 11 12:00")
    await review.tell(facts.held(review.at("day 11 10:00")))
    await review.until("day 13 10:00")
    await review.tell(facts.draft("a"))
    await review.tell(facts.view("health"), facts.confirmed("police"), facts.returned("housing"))
    await review.tell(facts.reopened())
    await review.until("day 14 11:00")
    await review.tell(facts.draft("b"))
    await review.tell(facts.view("police"), facts.view("local-authority"))
    await review.confirmed(version=2)
    await review.handle.result()


async def _panel_disagrees(review: PlayedReview) -> "WorkflowHandle[RapidReviewWorkflow, Concluded]":
    """The Panel's answer is chased and disagrees; a letter comes back; the leads reconsider; a CSPR opens."""
    await _reopened(review)
    handle = await review.reviews.held_by(review.reference)
    await review.clock.move_to(handle, review.at("day 26 10:00"))
    await handle.signal(HeldCase.panel_replied, facts.panel_disagrees())
    await handle.signal(HeldCase.delivery_failed, facts.came_back("submission/1/panel"))
    await review.clock.move_to(handle, review.at("day 32 10:00"))
    for lead in sample.LEADS:
        await review.reviews.tell(review.reference, facts.view(lead, "cspr", reason="The Panel is right"))
    await handle.result()
    return handle


async def _cspr_to_publication(review: PlayedReview) -> "WorkflowHandle[CsprWorkflow, CsprEnded]":
    """A CSPR extended, held, written, approved, sent, published and kept available for its year."""
    cspr = await decided(review)
    await cspr.on(7)
    await cspr.tell(told.commission(), told.terms())
    day = await cspr.on(50)
    to = sample.CALENDAR.nth_working_day(day, 120)
    hold = told.hold(sample.CALENDAR.nth_working_day(day, 10))
    await cspr.tell(told.monitor(good_quality=False), hold, told.extension(to))
    await cspr.on(30)
    await cspr.tell(told.lift(), told.draft())
    await cspr.tell(*(told.confirmed(lead) for lead in sample.LEADS))
    await cspr.tell(told.send())
    await cspr.tell(told.published(await cspr.on(14)))
    await cspr.review.clock.move_to(cspr.handle, await cspr.now() + timedelta(days=400))
    await cspr.handle.result()
    return cspr.handle


async def _cspr_withdrawn(review: PlayedReview) -> "WorkflowHandle[CsprWorkflow, CsprEnded]":
    """A CSPR whose cancellation was requested and put on record, and that was then withdrawn."""
    cspr = await decided(review)
    await cspr.tell(told.commission())
    await cspr.handle.cancel()
    await cspr.on(7)
    await cspr.tell(told.withdrawal())
    await cspr.handle.result()
    return cspr.handle


async def _request_to_sin(case: PlayedConsideration) -> None:
    """A request on which a lead is reminded and late, then decided to be a SIN, which opens the review."""
    await case.until("day 1 10:00")
    await case.tell(consideration.view("police", View.MAY_MEET), consideration.view("health"))
    await case.until("day 6 12:00")
    await case.tell(consideration.view("local-authority"))
    await case.tell(consideration.decided())
    await case.until("day 8 11:00")
    await case.tell(consideration.sin(await case.clock.now(case.handle)))
    await case.handle.result()


async def _local_outcomes(case: PlayedConsideration) -> None:
    """An alert that is no SIN: the outcomes are asked for, asked for again, chosen, and followed."""
    now = await case.until("day 4 10:00")
    await case.tell(consideration.decided(SinAnswer.NO))
    now = await case.until("day 12 10:00")
    due = sample.CALENDAR.nth_working_day(now.date(), 30)
    chosen = consideration.outcome(OutcomeKind.LEARNING_EVENT, due_on=due)
    await case.tell(consideration.chosen(chosen))
    await case.handle.result()


HELD_BACK = HeldBack()
"""Holds a review back as it starts the wait for the Panel."""

PROCLAIMED: dict[date, str] = {}
"""The bank holidays proclaimed while a history is recorded."""


async def _told_while_handing_over(review: PlayedReview) -> None:
    """The Panel's answer, and word of an action's letter, come as the review hands its case over."""
    due = review.at("day 20 12:00").date()
    await review.met(ImmediateAction(agency="housing", action="Check the records", due_on=due))
    await review.until("day 13 10:00")
    await review.tell(facts.draft())
    ending = asyncio.create_task(review.confirmed())
    await HELD_BACK.reached()
    await review.handle.signal(HeldCase.panel_replied, facts.panel_disagrees())
    letter = f"follow-up/1/reminder/{due}/agency/housing"
    await review.handle.signal(HeldCase.delivery_failed, facts.came_back(letter))
    HELD_BACK.go_on()
    await ending
    await review.handle.result()


async def _wait_counted_again(review: PlayedReview) -> "WorkflowHandle[RapidReviewWorkflow, Concluded]":
    """A bank holiday is proclaimed for the day of a reminder; the office is reminded, the Panel agrees."""
    await _hands_over(review)
    handle = await review.reviews.held_by(review.reference)
    due = (await review.reviews.standing(review.reference)).next_due or review.at("day 20 09:00")
    PROCLAIMED[due.date()] = "A proclaimed day"
    await handle.execute_update("replan", ReplanWait(reason="It was proclaimed", by=facts.OFFICE))
    await review.clock.move_to(handle, due + timedelta(days=5))
    await handle.signal(HeldCase.panel_replied, facts.panel_agrees())
    await handle.result()
    return handle


def _two(due: date) -> list[ImmediateAction]:
    """Two actions of one agency, due on the same day."""
    return [ImmediateAction(agency="housing", action=what, due_on=due) for what in ("Look", "Ask")]


async def _counted_again(review: PlayedReview) -> None:
    """Two actions of one agency, handed over; the day on which they are due becomes a bank holiday."""
    due = review.at("day 20 12:00").date()
    await review.met(
        *(ImmediateAction(agency="housing", action=what, due_on=due) for what in ("Look", "Ask"))
    )
    await review.until("day 13 10:00")
    await review.tell(facts.draft())
    await review.confirmed()
    await review.handle.result()
    follow_ups = FollowUps(review.client)
    for number in (1, 2):
        handle = follow_ups.handle(review.reference, number)
        await review.clock.move_to(handle, review.at("day 14 10:00"))
    PROCLAIMED[due] = "A proclaimed day"
    told = ReplanAction(reason="It was proclaimed", by=facts.OFFICE, told_with=1)
    for number in (1, 2):
        await follow_ups.tell(review.reference, number, told)


async def _counted_again_together(review: PlayedReview) -> "WorkflowHandle[FollowUpWorkflow, FollowedUp]":
    """The first tells the owner of both; its letter comes back and goes again; it is withdrawn."""
    await _counted_again(review)
    follow_ups, letter = FollowUps(review.client), "follow-up/1/counted_again/1/agency/housing"
    handle = follow_ups.handle(review.reference, 1)
    await review.clock.move_to(handle, review.at("day 14 11:00"))
    await handle.signal(FollowUpWorkflow.delivery_failed, facts.came_back(letter))
    await review.clock.move_to(handle, review.at("day 14 12:00"))
    for fact in (
        SendAgain(letter=letter, by=facts.OFFICE),
        WithdrawAction(reason="It fell away", by=facts.OFFICE),
    ):
        await follow_ups.tell(review.reference, 1, fact)
        await review.clock.move_on(handle, timedelta(seconds=5))
    await handle.result()
    return handle


async def _told_with_another(review: PlayedReview) -> "WorkflowHandle[FollowUpWorkflow, FollowedUp]":
    """The second of such actions, whose news the first tells; it is reminded, and withdrawn."""
    await _counted_again(review)
    follow_ups = FollowUps(review.client)
    handle = follow_ups.handle(review.reference, 2)
    await review.clock.move_to(handle, review.at("day 20 12:00"))
    await follow_ups.tell(review.reference, 2, WithdrawAction(reason="It fell away", by=facts.OFFICE))
    await handle.result()
    return handle


async def _actions_counted_again(review: PlayedReview) -> None:
    """In a review: two actions move with its dates, told in one letter; a letter about one comes back."""
    due = review.at("day 14 12:00").date()
    await review.met(
        *(ImmediateAction(agency="housing", action=what, due_on=due) for what in ("Look", "Ask"))
    )
    PROCLAIMED[due] = "A proclaimed day"
    await review.tell(facts.replan())
    letter = "follow-up/1/opened/agency/housing"
    await review.signal(RapidReviewWorkflow.delivery_failed, facts.came_back(letter))
    await review.tell(SendAgain(letter=letter, by=facts.OFFICE))
    await review.until("day 13 10:00")
    await review.tell(facts.draft())
    await review.confirmed()
    await review.handle.result()


async def _hands_over_at_once(review: PlayedReview) -> None:
    """Booked a day before the checkpoint; a CSPR, two actions and the wait for the Panel start together."""
    await review.until("day 4 11:00")
    await review.tell(facts.booking(review.at("day 11 10:00")))
    await review.until("day 5 12:00")
    await review.all_returned()
    await review.until("day 11 12:00")
    due = review.at("day 20 12:00").date()
    actions = [
        ImmediateAction(agency=key, action="Check the records", due_on=due) for key in ("housing", "gp")
    ]
    await review.tell(facts.held(review.at("day 11 10:00"), *actions), facts.decided(Recommendation.CSPR))
    await review.until("day 13 10:00")
    await review.tell(facts.draft())
    await review.confirmed()
    await review.handle.result()


OPENING_ITS_REVIEW = HeldBack(REVIEW)
"""Holds a consideration back as it opens its review."""


async def _told_while_opening_its_review(case: PlayedConsideration) -> None:
    """A letter comes back, and a second report is linked, as the consideration opens its review."""
    await case.until("day 2 10:00")
    await case.tell(consideration.decided())
    sin = consideration.sin(await case.until("day 3 11:00"))
    recording = asyncio.create_task(case.considerations.tell(case.put.reference, sin))
    await OPENING_ITS_REVIEW.reached()
    letter = "consideration/sin_request/1/sqas-manager"
    bounce = DeliveryFailed(id="bounce-1", letter=letter, status="5.1.1")
    await case.handle.signal(ConsiderationWorkflow.delivery_failed, bounce)
    linked = DuplicateLinked(reference="RR-2026-91", reason="The same incident", by=facts.OFFICE)
    await case.handle.signal(ConsiderationWorkflow.duplicate_linked, linked)
    OPENING_ITS_REVIEW.go_on()
    await recording
    await case.handle.result()


async def _two_local_outcomes(case: PlayedConsideration) -> None:
    """An alert that is no SIN, and two outcomes of it, whose follow-ups start together."""
    now = await case.until("day 4 10:00")
    await case.tell(consideration.decided(SinAnswer.NO))
    due = sample.CALENDAR.nth_working_day(now.date(), 30)
    kinds = (OutcomeKind.LEARNING_EVENT, OutcomeKind.WORKING_GROUP)
    chosen = consideration.chosen(*(consideration.outcome(kind, due_on=due) for kind in kinds))
    await case.considerations.tell(case.put.reference, chosen)
    await case.handle.result()


Kept = Awaitable["WorkflowHandle[Any, Any] | None"]

REVIEWS: dict[str, Callable[[PlayedReview], Kept]] = {
    "to-the-panel-in-time": _to_the_panel_in_time,
    "changed-on-the-way": _changed_on_the_way,
    "every-date-missed": _every_date_missed,
    "still-gathering": _still_gathering,
    "hands-over": _hands_over,
    "action-to-its-end": _action_to_its_end,
    "reopened": _reopened,
    "panel-disagrees": _panel_disagrees,
    "cspr-to-publication": _cspr_to_publication,
    "cspr-withdrawn": _cspr_withdrawn,
    "follows-its-actions": _follows_its_actions,
    "handed-over-with-evidence": _handed_over_with_evidence,
    "told-while-handing-over": _told_while_handing_over,
    "wait-counted-again": _wait_counted_again,
    "counted-again-together": _counted_again_together,
    "told-with-another": _told_with_another,
    "actions-counted-again": _actions_counted_again,
    "hands-over-at-once": _hands_over_at_once,
    "action-under-one-timer": _action_to_its_end,
    "panel-under-one-timer": _panel_disagrees,
    "cspr-under-one-timer": _cspr_to_publication,
}
"""How each kept review is played, by the name of its files; what it answers with is kept in its place."""

OPENED: dict[str, dict[str, object]] = {
    "reopened": {"decision_rules": sample.decision_rules()},
    "panel-disagrees": {"decision_rules": sample.decision_rules()},
    "told-while-handing-over": {"decision_rules": sample.decision_rules()},
    "wait-counted-again": {"decision_rules": sample.decision_rules()},
    "hands-over-at-once": {"decision_rules": sample.decision_rules()},
    "panel-under-one-timer": {"decision_rules": sample.decision_rules()},
}
"""What opens those that do not open as the sample does."""

CONSIDERATIONS: dict[str, tuple[Route, Callable[[PlayedConsideration], Awaitable[None]]]] = {
    "request-to-sin": (Route.REQUEST, _request_to_sin),
    "local-outcomes": (Route.ALERT, _local_outcomes),
    "told-while-opening-its-review": (Route.ALERT, _told_while_opening_its_review),
    "two-local-outcomes": (Route.ALERT, _two_local_outcomes),
}
"""How each kept consideration is put forward and played."""

NAMES = (*REVIEWS, *CONSIDERATIONS)
"""Every history that is kept."""

HOLDING = {
    "told-while-handing-over": (HELD_BACK,),
    "told-while-opening-its-review": (OPENING_ITS_REVIEW,),
}
"""What holds back those that are told something at a certain moment."""

REFUSING = {"changed-on-the-way": {"agency:probation": "5.1.1"}}
"""Whose mail servers refuse as a review opens."""
