"""How a case takes its dates: the first plan as it opens, and every later one beside it."""

from collections.abc import Mapping
from datetime import datetime

from domain.actions import replanned_actions
from domain.breaches import missed
from domain.case import Case, Request
from domain.errors import Refused
from domain.messages import OpenReview, PlanDates, Replan, ReplanWait
from domain.record import Event
from domain.recounting import extended, nothing_moves, recounted, unmoved
from domain.requests import first_requests, replanned_requests
from domain.steps import reminders_to_come
from domain.timetable import TITLES, Timetable, london


def plan_request(case: Case, fact: Replan, at: datetime) -> PlanDates:
    """What to ask the calendar for a re-plan: the SIN as corrected, with every extension granted so far."""
    sin = case.opening.sin
    if fact.sin_sent_at:
        sin = sin.model_copy(update={"sent_at": fact.sin_sent_at})
    granted = {fact.extend: fact.to} if fact.extend and fact.to else {}
    extensions = {**case.extensions, **granted}
    return PlanDates(sin=sin, rules=case.opening.rules, as_of=at, extensions=extensions)


def check_opening(opening: OpenReview) -> None:
    """Refuse a review started by hand whose parts do not fit together; `starter` refuses them earlier.

    Raises:
        Refused: it asks an agency that is not in its roster, or one answers to no lead of it.
    """
    roster = opening.roster
    strangers = [key for key in opening.ask if key not in roster.agencies]
    if strangers:
        raise Refused(f"No agency of the roster has the key {', '.join(strangers)}. Start it again without.")
    leaderless = [key for key, agency in roster.agencies.items() if agency.lead not in roster.leads]
    if leaderless:
        raise Refused(
            f"These agencies answer to no lead of the roster: {', '.join(leaderless)}. Mend the roster."
        )


def planned(case: Case, plan: Timetable, at: datetime) -> Case:
    """The case with its first plan, and a request to be sent to each agency."""
    case = case.with_(plans=(plan,))
    case = case.with_(requests=first_requests(case, at))
    says = f"Dates planned on {plan.calendar}; the report is due {london(plan['panel_submission_due'].due)}."
    case = case.noting(at, Event.DATES_PLANNED, says, None, *plan.warnings)
    sin_due = plan["sin_due"].due
    return missed(case, "sin_due", sin_due, at) if case.opening.sin.sent_at > sin_due else case


def replanned(case: Case, fact: Replan, plan: Timetable, at: datetime) -> Case:
    """The case under a new plan: the earlier ones stay, and what moved is said in the record.

    A plan on which only days to come are counted otherwise is taken too, without a word to anybody.

    Raises:
        NothingMoves: the new plan has the same dates as the one in force, and counts the same days.
    """
    before = case.timetable
    requests = replanned_requests(case, plan)
    moved = [*moves(before, plan), *_own_moves(case, requests)]
    days = before.working_days, plan.working_days
    if not (moved or recounted(*days) or extended(*days)):
        raise nothing_moves(case.reference, plan.calendar)
    asked, outdated = plan_request(case, fact, at), stale(case) if fact.sin_sent_at else []
    case = case.with_(
        plans=(*case.plans, plan),
        extensions=asked.extensions,
        requests=requests,
        opening=case.opening.model_copy(update={"sin": asked.sin}),
    )
    fresh = [warning for warning in plan.warnings if warning not in before.warnings]
    granted = f" Granted by {fact.granted_by}." if fact.granted_by else ""
    says = "; ".join(moved) or unmoved(*days)
    warned = [f"Letters sent before, which say the old dates: {', '.join(outdated)}."] if outdated else []
    case = replanned_actions(case, fact, at)
    return case.noting(at, Event.DATES_REPLANNED, f"{says}. {fact.reason}{granted}", fact.by, *fresh, *warned)


def wait_request(case: Case, fact: ReplanWait, at: datetime) -> PlanDates:
    """What to ask the calendar for a case that waits for the Panel: its dates once more."""
    return plan_request(case, Replan(reason=fact.reason, by=fact.by), at)


def wait_replanned(case: Case, fact: ReplanWait, plan: Timetable, at: datetime) -> Case:
    """The case that waits for the Panel, its days to come counted anew. The dates of its report stand.

    Raises:
        NothingMoves: the same days are counted as before.
    """
    before = case.timetable
    days = before.working_days, plan.working_days
    if not (recounted(*days) or extended(*days)):
        raise nothing_moves(case.reference, plan.calendar)
    plan = plan.model_copy(update={"milestones": before.milestones, "warnings": before.warnings})
    fresh = case.with_(plans=(*case.plans, plan))
    says = _reminders_moved(case, fresh, at) or unmoved(*days)
    return fresh.noting(at, Event.DATES_REPLANNED, f"{says}. {fact.reason}", fact.by)


def _reminders_moved(case: Case, fresh: Case, at: datetime) -> str:
    """The first reminder to the office that moved, and how many after it; nothing where none did."""
    both = zip(reminders_to_come(case, at), reminders_to_come(fresh, at), strict=False)
    moved = [(step, was.due, step.due) for was, step in both if step.due != was.due]
    if not moved:
        return ""
    [(step, was, now), *after] = moved
    more = f", and {len(after)} reminders after it" if after else ""
    return f"{step.says[0].upper()}{step.says[1:]}: was {london(was)}, now {london(now)}{more}"


def _own_moves(case: Case, requests: dict[str, Request]) -> list[str]:
    """What moved for agencies that joined late and have dates of their own."""
    return [
        f"{case.agency_name(key)}'s return due: was {london(case.requests[key].due)}, now {london(r.due)}"
        for key, r in requests.items()
        if r.joined_late and r.due != case.requests[key].due
    ]


def stale(case: Case) -> list[str]:
    """The letters already sent, by key, whose dates a corrected Day 0 makes wrong."""
    asked = {k: r for k, r in case.requests.items() if r.asked_at and not r.joined_late}
    leads = [*case.opening.roster.leads]
    return [
        *(f"request/{key}" for key in asked),
        *(f"review-opened/{key}" for key in leads if asked),
        *(f"{chase}/{key}" for key, r in asked.items() for chase in sorted(r.chased) if "reminder" in chase),
        *(f"{step}/{key}" for step in sorted(case.done) if "sign_off_re" in step for key in leads),
    ]


def moves(before: Timetable, after: Timetable, titles: Mapping[str, str] = TITLES) -> list[str]:
    """What moved between two plans, a sentence for each date that people work to; these have ``titles``."""
    return [
        f"{titles[m.key]}: was {london(before[m.key].due)}, now {london(m.due)}"
        for m in after.milestones
        if m.key in titles and m.due != before[m.key].due
    ]
