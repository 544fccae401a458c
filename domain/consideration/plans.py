"""How a case put forward takes its dates: the first plan, and every later one beside it."""

from datetime import datetime

from domain.consideration.messages import Convert, PlanConsideration, PutForward, ReplanConsideration
from domain.consideration.state import TITLES, Consideration, ConsiderationEvent
from domain.errors import Refused
from domain.plans import moves
from domain.recounting import extended, nothing_moves, recounted, unmoved
from domain.timetable import Timetable, london


def check_put_forward(put: PutForward) -> None:
    """Refuse a case put forward by hand whose parts do not fit together; `starter` refuses them earlier.

    Raises:
        Refused: it names an agency, or a lead, that is not in its roster.
    """
    strangers = [key for key in (put.agency, *put.ask) if key not in put.roster.agencies]
    if strangers:
        raise Refused(f"No agency of the roster has the key {', '.join(strangers)}. Start it again without.")
    if put.notifier.lead not in put.roster.leads:
        raise Refused(f"No lead of the roster has the key {put.notifier.lead}. Mend who decides on a SIN.")


def plan_request(
    case: Consideration, at: datetime, fact: Convert | ReplanConsideration | None = None
) -> PlanConsideration:
    """What to ask the calendar: a conversion counts from its own day on, a re-plan as before."""
    return PlanConsideration(
        incident_on=case.put.incident_on,
        aware_on=fact.aware_on if isinstance(fact, Convert) else case.aware_on,
        rules=case.put.rules,
        timetable=case.put.timetable,
        as_of=at,
        day0=case.timetable.day0 if isinstance(fact, ReplanConsideration) else None,
    )


def planned(case: Consideration, plan: Timetable, at: datetime) -> Consideration:
    """The consideration with its first plan; an alert asks for the SIN decision at once."""
    case = case.with_(plans=(plan,))
    if not case.awaited_views:
        case = case.with_(asked_at=at)
    says = f"Dates planned on {plan.calendar}; the SIN would be due {london(plan['sin_due'].due)}."
    return case.noting(at, ConsiderationEvent.DATES_PLANNED, says, None, *plan.warnings)


def replanned(case: Consideration, fact: ReplanConsideration, plan: Timetable, at: datetime) -> Consideration:
    """The consideration under a new plan: the earlier ones stay, and what moved is said in the record.

    Raises:
        NothingMoves: the new plan has the same dates as the one in force, and counts the same days.
    """
    before = case.timetable
    moved = moves(before, plan, TITLES)
    days = before.working_days, plan.working_days
    if not (moved or recounted(*days) or extended(*days)):
        raise nothing_moves(case.reference, plan.calendar)
    case = case.with_(plans=(*case.plans, plan), replans=(*case.replans, len(case.plans) + 1))
    says = f"{'; '.join(moved) or unmoved(*days)}. {fact.reason}"
    return case.noting(at, ConsiderationEvent.DATES_REPLANNED, says, fact.by)


def converted(case: Consideration, fact: Convert, plan: Timetable, at: datetime) -> Consideration:
    """The consideration converted, its five working days counted again from the new aware date."""
    case = case.with_(
        plans=(*case.plans, plan),
        conversions=(*case.conversions, fact),
        decision=None,
        notification=None,
        settled_at=None,
        asked_at=at,
    )
    due = london(plan["sin_due"].due)
    says = f"Converted: the local authority decides again; the SIN would be due {due}. {fact.reason}"
    return case.noting(at, ConsiderationEvent.CONVERTED, says, fact.by)
