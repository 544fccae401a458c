"""How a CSPR takes its dates: the first plan as it opens, and every later one beside it."""

from collections.abc import Iterator
from datetime import date, datetime

from domain.cspr.dates import CsprDates
from domain.cspr.messages import CsprReplan, PlanCspr
from domain.cspr.state import Cspr
from domain.record import Event
from domain.recounting import RECOUNTED, nothing_moves, recounted
from domain.timetable import london, london_day


def plan_request(cspr: Cspr, at: datetime, fact: CsprReplan | None = None) -> PlanCspr:
    """What to ask the calendar: the day of the decision, and the day that was granted last, if any was."""
    granted = fact.extend_to if fact else None
    return PlanCspr(
        decided_on=london_day(cspr.opening.decided_at),
        rules=cspr.opening.rules,
        as_of=at,
        extended_to=granted or cspr.extended_to,
    )


def planned(cspr: Cspr, dates: CsprDates, at: datetime) -> Cspr:
    """The CSPR with its first dates."""
    says = f"Publication is due {london(dates.publication_due)}: {dates.explanation}."
    says = says if cspr.publishes else "There is no duty to publish, and so no date for it."
    warnings = dates.warnings if cspr.publishes else ()
    return cspr.with_(plans=(dates,)).noting(at, Event.DATES_PLANNED, says, None, *warnings)


def replanned(cspr: Cspr, fact: CsprReplan, dates: CsprDates, at: datetime) -> Cspr:
    """The CSPR under new dates: the earlier ones stay, and what moved is said in the record.

    Raises:
        NothingMoves: the dates are the same as those in force, counted on the same days.
    """
    before = cspr.dates
    after = cspr.with_(plans=(*cspr.plans, dates), extended_to=fact.extend_to or cspr.extended_to)
    moved = list(_moves(cspr, after))
    if not moved and not recounted(before.working_days, dates.working_days):
        raise nothing_moves(f"the CSPR of {cspr.reference}", dates.calendar)
    granted = f" Granted by {fact.granted_by}." if fact.granted_by else ""
    fresh = [warning for warning in dates.warnings if warning not in before.warnings]
    warnings = fresh if cspr.publishes else []
    says = f"{'; '.join(moved) or RECOUNTED}. {fact.reason}{granted}"
    return after.noting(at, Event.DATES_REPLANNED, says, fact.by, *warnings)


def _moves(before: Cspr, after: Cspr) -> Iterator[str]:
    """What moved, a sentence for each date that people work to."""
    if before.publishes and not before.publication:
        was, now = before.dates.publication_due, after.dates.publication_due
        if was != now:
            yield f"To be published by: was {london(was)}, now {london(now)}"
        yield from _moved("May be published from", before.may_publish_on, after.may_publish_on)
    yield from _moved("Kept available until", before.available_until, after.available_until)


def _moved(what: str, was: date | None, now: date | None) -> Iterator[str]:
    if was and now and was != now:
        yield f"{what}: was {was:%a %-d %b %Y}, now {now:%a %-d %b %Y}"
