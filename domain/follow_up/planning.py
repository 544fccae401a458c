"""Counting the dates of a follow-up on the calendar: an activity's work, recorded with the follow-up."""

from datetime import timedelta

from domain.calendar import Calendar
from domain.follow_up.dates import dated
from domain.follow_up.messages import FollowUpPlan, PlanFollowUp
from domain.timetable import WorkingDays, london_day

KEPT_AFTER = 260
"""A year of working days after the due date is recorded, for what is never closed."""


def plan_follow_up(request: PlanFollowUp, calendar: Calendar) -> FollowUpPlan:
    """The dates of an action, as `dated` counts them, on the calendar's own working days.

    Raises:
        NotCovered: a date lies outside the calendar.
    """
    begins = london_day(request.handed_over_at)
    first, last = min(begins, request.due_on) - timedelta(days=1), max(begins, request.due_on)
    kept = calendar.working_days_between(first, last) + KEPT_AFTER
    days = WorkingDays(working_days=calendar.working_days_after(first, kept), weekdays_after=True)
    return dated(request, days, calendar.version)
