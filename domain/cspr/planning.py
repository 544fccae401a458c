"""Planning the dates of a CSPR on the calendar: as it opens, and again by an explicit re-plan."""

from collections.abc import Iterator
from datetime import date, timedelta

from domain.calendar import Calendar, counted, spoken
from domain.cspr.dates import CsprDates, months_after
from domain.cspr.messages import PlanCspr
from domain.errors import Refused
from domain.timetable import at_london

WORKING_DAYS_KEPT = 1020
"""Some four years of working days: a review that is held for a trial outlasts its six months by far."""


def plan_cspr(request: PlanCspr, calendar: Calendar) -> CsprDates:
    """The dates of a CSPR. Its due date is the last working day within the months of the rules.

    Raises:
        NotCovered: a date lies outside the calendar.
        Refused: it is extended to no working day, or to an earlier day.
    """
    rules, start = request.rules, request.decided_on
    limit = months_after(start, rules.publish_months)
    due = _on_or_before(limit, calendar)
    explanation = f"{counted(rules.publish_months, 'month')} from {spoken(start)} is {spoken(limit)}"
    if due != limit:
        explanation += f"; {_why_not(limit, calendar)}, so the last working day by then: {spoken(due)}"
    if request.extended_to:
        explanation = f"Extended to {spoken(request.extended_to)} from the original: {explanation}"
        due = _extended(due, request.extended_to, calendar)
    return CsprDates(
        decided_on=start,
        publication_due=at_london(due, rules.due_hour),
        explanation=explanation,
        working_days=calendar.working_days_after(start, WORKING_DAYS_KEPT),
        warnings=tuple(_warnings(due, calendar)),
        calendar=calendar.version,
        planned_at=request.as_of,
    )


def _extended(due: date, to: date, calendar: Calendar) -> date:
    """The day to which publication is extended; one that has since been proclaimed a holiday gives way."""
    if to <= due:
        raise Refused(f"Publication is due {spoken(due)}. Extend it to a working day after that.")
    return _on_or_before(to, calendar)


def _on_or_before(day: date, calendar: Calendar) -> date:
    while not calendar.is_working_day(day):
        day -= timedelta(1)
    return day


def _why_not(day: date, calendar: Calendar) -> str:
    holiday = [name for _, name in calendar.not_counted(day - timedelta(1), day)]
    return f"that is {holiday[0]}" if holiday else "that is a weekend"


def _warnings(due: date, calendar: Calendar) -> Iterator[str]:
    for closure in calendar.closures_on(due):
        yield (
            f"Publication is due {spoken(due)}, while the office is closed ({closure.name}). "
            f"The date stands: finish before {spoken(closure.first)}."
        )
