"""Counting the dates of a follow-up on the calendar: an activity's work, recorded with the follow-up."""

from datetime import date, timedelta

from domain.calendar import Calendar, counted, spoken
from domain.follow_up.messages import FollowUpPlan, Notice, PlanFollowUp
from domain.timetable import at_london, london_day

KEPT_AFTER = 260
"""A year of working days after the due date is recorded, for what is never closed."""


def plan_follow_up(request: PlanFollowUp, calendar: Calendar) -> FollowUpPlan:
    """The dates of an action. One due on no working day is due on the next.

    A reminder whose morning is past when the dates are planned is left out.

    Raises:
        NotCovered: a date lies outside the calendar.
    """
    day = _due_day(request.due_on, calendar)
    first = min(london_day(request.handed_over_at), day) - timedelta(days=1)
    kept = calendar.working_days_between(first, day) + KEPT_AFTER
    return FollowUpPlan(
        due_on=request.due_on,
        due=at_london(day, request.hours.due_hour),
        notices=tuple(n for n in _notices(request, day, calendar) if _ahead(n, request)),
        explanation=_explained(request.due_on, day),
        working_days=calendar.working_days_after(first, kept),
        calendar=calendar.version,
        planned_at=request.as_of,
    )


def _due_day(day: date, calendar: Calendar) -> date:
    return day if calendar.is_working_day(day) else calendar.nth_working_day(day, 1)


def _ahead(notice: Notice, request: PlanFollowUp) -> bool:
    return notice.kind != "reminder" or notice.due > request.as_of


def _notices(request: PlanFollowUp, due: date, calendar: Calendar) -> list[Notice]:
    rules, hour = request.rules, request.hours.send_hour
    late_from = max(due, london_day(request.handed_over_at))
    reminders = [calendar.nth_working_day_before(due, n) for n in sorted(rules.reminders, reverse=True)]
    overdue = calendar.nth_working_day(due, 1)
    escalated = calendar.nth_working_day(late_from, rules.escalation_after)
    return [
        *(Notice(kind="reminder", due=at_london(day, hour)) for day in dict.fromkeys(reminders)),
        Notice(kind="overdue", due=at_london(overdue, hour)),
        Notice(kind="escalation", due=at_london(escalated, hour)),
    ]


def _explained(asked: date, due: date) -> str:
    if asked == due:
        return f"Due on {spoken(due)}"
    return f"{spoken(asked)} is not a working day: due on {spoken(due)}, {counted(1, 'working day')} after it"
