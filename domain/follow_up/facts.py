"""How each fact changes a follow-up: one pure transition for each. See `domain.facts` for the pattern."""

from datetime import datetime, timedelta
from functools import singledispatch

from domain.errors import Refused
from domain.follow_up.counting_again import news, told_by_itself, told_together, with_news
from domain.follow_up.messages import (
    CloseAction,
    FollowUpPlan,
    MoveAction,
    Notice,
    PlanFollowUp,
    RecordEvidence,
    ReplanAction,
    WithdrawAction,
)
from domain.follow_up.resending import came_back, to_send_again
from domain.follow_up.state import Evidence, FollowUp
from domain.follow_up.steps import FollowUpStepKind, untold
from domain.messages import DeliveryFailed, Message, SendAgain
from domain.record import Event
from domain.recounting import RECOUNTED, nothing_moves, recounted
from domain.timetable import london, london_day


@singledispatch
def apply(fact: Message, follow_up: FollowUp, at: datetime) -> FollowUp:
    """The follow-up after a fact recorded at ``at``.

    Raises:
        Refused: it cannot take this fact as it stands; the sentence says why and what to do.
        TypeError: no transition is written for this kind of fact.
    """
    raise TypeError(f"A follow-up knows no fact of type {type(fact).__name__} ({follow_up.name}, {at}).")


@apply.register
def _(fact: RecordEvidence, follow_up: FollowUp, at: datetime) -> FollowUp:
    if fact.id in {e.given.id for e in follow_up.evidence}:
        return follow_up
    _still_open(follow_up)
    received = fact.received_at or at
    if received > at + timedelta(minutes=5):
        raise Refused(f"It cannot have been received at {london(received)}, which has not come yet.")
    follow_up = follow_up.with_(evidence=(*follow_up.evidence, Evidence(given=fact, received_at=received)))
    late = f", late by {follow_up.lateness(at)}" if follow_up.late(at) else ""
    says = f"Evidence {len(follow_up.evidence)} given by {follow_up.owner}{late}. {fact.evidence}"
    return follow_up.noting(at, Event.ACTION_EVIDENCED, says, fact.by)


@apply.register
def _(fact: CloseAction, follow_up: FollowUp, at: datetime) -> FollowUp:
    _still_open(follow_up)
    if not follow_up.evidence:
        raise Refused(
            f"{follow_up.name} has no evidence yet, and is closed with evidence only. "
            "Record it first with record-evidence."
        )
    if _same(fact.by) in _givers(follow_up):
        raise Refused(
            f"{follow_up.name} is closed by a second person: neither by its owner nor by who gave the "
            "evidence. Ask somebody else to look at it and close it."
        )
    follow_up = follow_up.with_(closed=fact, settled_at=at)
    note = f" {fact.note}" if fact.note else ""
    return follow_up.noting(at, Event.ACTION_CLOSED, f"Closed with evidence.{note}", fact.by)


@apply.register
def _(fact: MoveAction, follow_up: FollowUp, at: datetime) -> FollowUp:
    """What can be refused of a move before the calendar is asked; `moved` then takes its dates."""
    _still_open(follow_up)
    if follow_up.evidence:
        raise Refused(f"{follow_up.name} has its evidence, so its date is not moved. Close it instead.")
    if fact.to <= london_day(at):
        raise Refused(f"An action cannot be moved to {fact.to}, which is not still to come.")
    return follow_up


@apply.register
def _(fact: ReplanAction, follow_up: FollowUp, at: datetime) -> FollowUp:
    """What can be refused before the calendar is asked; `moved` then takes its dates."""
    del fact, at
    _still_open(follow_up)
    return follow_up


@apply.register
def _(fact: WithdrawAction, follow_up: FollowUp, at: datetime) -> FollowUp:
    _still_open(follow_up)
    follow_up = follow_up.with_(withdrawn=fact, settled_at=at)
    return follow_up.noting(at, Event.ACTION_WITHDRAWN, f"Withdrawn. {fact.reason}", fact.by)


@apply.register
def _(fact: DeliveryFailed, follow_up: FollowUp, at: datetime) -> FollowUp:
    return came_back(follow_up, fact, at)


@apply.register
def _(fact: SendAgain, follow_up: FollowUp, at: datetime) -> FollowUp:
    return to_send_again(follow_up, fact, at)


def not_taken(follow_up: FollowUp, why: Refused, at: datetime) -> FollowUp:
    """The follow-up with a line saying that something arrived and could not be taken."""
    return follow_up.noting(at, Event.FACT_NOT_TAKEN, str(why))


def plan_request(
    follow_up: FollowUp, at: datetime, fact: MoveAction | ReplanAction | None = None
) -> PlanFollowUp:
    """What to ask the calendar: the day it is moved to, or else the one last agreed."""
    opening = follow_up.opening
    agreed = follow_up.plans[-1].due_on if follow_up.plans else opening.due_on
    due_on = fact.to if isinstance(fact, MoveAction) else agreed
    return PlanFollowUp(
        due_on=due_on,
        rules=opening.rules,
        hours=opening.hours,
        as_of=at,
        handed_over_at=follow_up.opened_at,
    )


def planned(follow_up: FollowUp, plan: FollowUpPlan, at: datetime) -> FollowUp:
    """The follow-up with its first dates, or with those that the calendar gives once it is handed over.

    A plan that has the same due date takes the place of the one before it.
    """
    if follow_up.plans and follow_up.due == plan.due:
        follow_up = follow_up.with_(plans=follow_up.plans[:-1])
    follow_up = _under(follow_up, plan)
    return follow_up.noting(at, Event.DATES_PLANNED, f"{plan.explanation}, counted on {plan.calendar}.")


def moved(follow_up: FollowUp, fact: MoveAction | ReplanAction, plan: FollowUpPlan, at: datetime) -> FollowUp:
    """The follow-up under new dates; the earlier ones stay.

    Raises:
        Refused: it is moved to the day on which it is due already.
        NothingMoves: it is counted again, and the calendar has the same days as before.
    """
    was = follow_up.plan
    stands = not differs(plan, was, at)
    if stands and isinstance(fact, MoveAction):
        raise Refused(f"{follow_up.name} is due {london(plan.due)} already. Nothing was changed.")
    if stands and not recounted(was.working_days, plan.working_days):
        raise nothing_moves(follow_up.name, plan.calendar)
    follow_up = _under(follow_up, plan)
    if isinstance(fact, ReplanAction):
        follow_up = _told_together(follow_up, fact, at)
    if plan.due != was.due:
        says = f"Due date moved: was {london(was.due)}, now {london(plan.due)}."
    elif stands:
        says = f"{RECOUNTED}."
    else:
        says = f"Reminders planned again on {plan.calendar}; the due date stands."
    return follow_up.noting(at, Event.ACTION_MOVED, f"{says} {fact.reason}", fact.by)


def _told_together(follow_up: FollowUp, fact: ReplanAction, at: datetime) -> FollowUp:
    """The follow-up whose owner hears of the new date in a letter about all, if this re-plan says so."""
    if not told_together(follow_up, fact):
        return follow_up
    follow_up = follow_up.with_(done=follow_up.done | {f"{FollowUpStepKind.MOVED}/{len(follow_up.plans)}"})
    return with_news(follow_up, news(follow_up), at) if told_by_itself(follow_up, fact) else follow_up


def _under(follow_up: FollowUp, plan: FollowUpPlan) -> FollowUp:
    """The follow-up under one more plan. An owner not told of it yet will hear the new date alone."""
    plans = (*follow_up.plans, plan)
    heard = {f"{FollowUpStepKind.MOVED}/{len(plans)}"} if untold(follow_up) else set()
    return follow_up.with_(plans=plans, done=follow_up.done | heard)


def differs(plan: FollowUpPlan, was: FollowUpPlan, at: datetime) -> bool:
    """Whether a plan has another due date than the one before it, or other notices still to come."""
    return _to_come(plan, at) != _to_come(was, at)


def _to_come(plan: FollowUpPlan, at: datetime) -> tuple[datetime, tuple[Notice, ...]]:
    return plan.due, tuple(notice for notice in plan.notices if notice.due > at)


def _still_open(follow_up: FollowUp) -> None:
    _ = follow_up.plan
    if follow_up.settled_at:
        ended = f"{follow_up.stage} on {london(follow_up.settled_at)}"
        raise Refused(f"{follow_up.name} was {ended} and takes no more facts.")


def _givers(follow_up: FollowUp) -> set[str]:
    """Everybody who may not close it: who gave evidence, and a lead that owns it with the deputies."""
    lead = follow_up.opening.roster.leads.get(follow_up.opening.owner)
    owners = (lead.name, *lead.deputies) if lead else ()
    return {_same(name) for name in (*owners, *(e.given.by for e in follow_up.evidence))}


def _same(name: str) -> str:
    """A name as it is compared: capitals and spaces make no second person."""
    return " ".join(name.casefold().split())
