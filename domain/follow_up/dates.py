"""The dates of a follow-up, counted on working days already recorded: by a workflow too, with no calendar."""

from collections.abc import Iterator
from datetime import date

from domain.follow_up.messages import FollowUpPlan, Notice, PlanFollowUp
from domain.timetable import WorkingDays, at_london, london_day


def dated(request: PlanFollowUp, days: WorkingDays, calendar: str) -> FollowUpPlan:
    """The dates of an action. One due on no working day is due on the next.

    A reminder whose morning is past when the dates are planned is left out. Where the recorded days end
    before its escalation there are no notices at all: they are planned once more days are known.
    """
    due = due_day(request.due_on, days)
    return FollowUpPlan(
        due_on=request.due_on,
        due=at_london(due, request.hours.due_hour),
        notices=tuple(_notices(request, due, days)),
        explanation=_explained(request.due_on, due),
        working_days=days.working_days,
        weekdays_after=days.weekdays_after,
        calendar=calendar,
        planned_at=request.as_of,
    )


def due_day(day: date, days: WorkingDays) -> date:
    """The day itself where it is a working day, or is past those recorded; else the next working day."""
    known = day <= days.working_days[-1]
    return days.working_day_after(day, 1) if known and not days.is_working_day(day) else day


def _notices(request: PlanFollowUp, due: date, days: WorkingDays) -> Iterator[Notice]:
    rules, hour = request.rules, request.hours.send_hour
    late_from = max(due, london_day(request.handed_over_at))
    if days.working_days_between(late_from, days.working_days[-1]) < rules.escalation_after:
        return
    for number in sorted({*rules.reminders}, reverse=True):
        day = days.working_day_before(due, number)
        if day and at_london(day, hour) > request.as_of:
            yield Notice(kind="reminder", due=at_london(day, hour))
    yield Notice(kind="overdue", due=at_london(days.working_day_after(due, 1), hour))
    escalated = days.working_day_after(late_from, rules.escalation_after)
    yield Notice(kind="escalation", due=at_london(escalated, hour))


def _explained(asked: date, due: date) -> str:
    if asked == due:
        return f"Due on {due:%a %-d %b %Y}"
    return f"{asked:%a %-d %b %Y} is not a working day: due on {due:%a %-d %b %Y}, 1 working day after it"
