"""The dates of a consideration: the SIN's five working days, and those of the leads' views."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from domain.calendar import Calendar, spoken
from domain.consideration.messages import PlanConsideration
from domain.planning import days_kept
from domain.timetable import Milestone, Timetable, at_london, london, london_day


def plan_consideration(request: PlanConsideration, calendar: Calendar) -> Timetable:
    """The dates of a consideration, in time order. Its Day 0 is the day it was put forward or converted.

    Raises:
        NotCovered: a date lies outside the calendar.
    """
    day0 = request.day0 or london_day(request.as_of)
    milestones = sorted([*_of_the_sin(request, calendar), *_of_the_views(request, calendar, day0)], key=_due)
    return Timetable(
        day0=day0,
        sin_day_is=0,
        milestones=tuple(milestones),
        working_days=days_kept(day0, request.as_of, calendar),
        weekdays_after=True,
        warnings=tuple(_warnings(request, milestones)),
        calendar=calendar.version,
        planned_at=request.as_of,
    )


def _due(milestone: Milestone) -> str:
    return milestone.due.isoformat()


def _of_the_sin(request: PlanConsideration, calendar: Calendar) -> Iterator[Milestone]:
    start, days = request.aware_on or request.incident_on, request.timetable.sin_due
    count = Count(start, request, calendar)
    for number, n in enumerate(request.rules.sin_reminders, 1):
        yield count.notice(f"sin_reminder_{number}", n)
    yield count.notice("sin_escalation", request.rules.sin_escalation)
    yield count.deadline("sin_due", days)
    yield count.notice("sin_late", days + 1)


def _of_the_views(request: PlanConsideration, calendar: Calendar, start: date) -> Iterator[Milestone]:
    days, count = request.rules.views_due, Count(start, request, calendar)
    for number, n in enumerate(request.rules.views_reminders, 1):
        yield count.notice(f"views_reminder_{number}", n)
    yield count.deadline("views_due", days)
    yield count.notice("views_late", days + 1)


@dataclass(frozen=True)
class Count:
    """A count of working days from one day."""

    start: date
    request: PlanConsideration
    calendar: Calendar

    def notice(self, key: str, n: int) -> Milestone:
        """What is sent at the send hour of a day."""
        return self._milestone(key, n, "notice", self.request.timetable.send_hour)

    def deadline(self, key: str, n: int) -> Milestone:
        """What falls due at the end of a day."""
        return self._milestone(key, n, "deadline", self.request.timetable.due_hour)

    def _milestone(self, key: str, n: int, kind: Literal["deadline", "notice"], hour: str) -> Milestone:
        due = at_london(self.calendar.nth_working_day(self.start, n), hour)
        counted = self.calendar.explain(self.start, n)
        explanation = f"Counted from {self._since}: {counted}" if key.startswith("sin_") else counted
        return Milestone(key=key, day=n, kind=kind, due=due, explanation=explanation)

    @property
    def _since(self) -> str:
        known = "the day the local authority became aware"
        return known if self.request.aware_on else "the incident, as the aware date is not recorded"


def _warnings(request: PlanConsideration, milestones: list[Milestone]) -> Iterator[str]:
    if not request.aware_on:
        yield (
            "The date on which the local authority became aware is not recorded. The SIN's due date is "
            f"counted from the incident on {spoken(request.incident_on)} instead, so it may be too early."
        )
    due = next(m.due for m in milestones if m.key == "sin_due")
    if due < request.as_of and not request.day0:
        yield f"The SIN's due date, {london(due)}, had passed when the case was put forward."
