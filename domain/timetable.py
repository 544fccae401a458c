"""The due dates of a case: each one planned once, recorded, and able to explain itself."""

from bisect import bisect_left, bisect_right
from datetime import date, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime
from pydantic.dataclasses import dataclass

from domain.messages import STRICT, Message

LONDON = ZoneInfo("Europe/London")

TITLES = {
    "rfi_due": "Request for Information due",
    "meeting_window_opens": "Meeting window opens",
    "meeting_window_closes": "Meeting window closes",
    "draft_due": "Draft report due",
    "panel_submission_due": "Report due to the Panel",
    "sin_due": "SIN due",
}
"""What the dates that people work to are called when they are told of them."""


@dataclass(frozen=True, slots=True, config=STRICT)
class Milestone:
    """One date of the timetable.

    ``day`` is the working-day number from the SIN (negative or zero never occurs but for Day 0 itself;
    for ``sin_due`` it is counted from the day the local authority became aware). ``due`` is a UTC
    instant. A ``deadline`` can be missed; a ``notice`` is when something is sent or opens.
    """

    key: str
    day: int
    kind: Literal["deadline", "notice"]
    due: AwareDatetime
    explanation: str


class WorkingDays(Message):
    """Working days recorded in order with a plan, so that its process can count without a calendar."""

    working_days: tuple[date, ...]

    def is_working_day(self, day: date) -> bool:
        """Whether a day is among the recorded working days."""
        place = bisect_right(self.working_days, day)
        return place > 0 and self.working_days[place - 1] == day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after ``start`` up to and including ``end``; 0 where none do."""
        return max(0, bisect_right(self.working_days, end) - bisect_right(self.working_days, start))

    def working_day_after(self, start: date, n: int) -> date:
        """The nth working day after ``start``, from the recorded days."""
        return self.working_days[min(bisect_right(self.working_days, start) + n, len(self.working_days)) - 1]

    def working_day_before(self, start: date, n: int) -> date | None:
        """The nth working day before ``start``; None where the recorded days do not go back so far."""
        place = bisect_left(self.working_days, start) - n
        return self.working_days[place] if place >= 0 else None


class Timetable(WorkingDays):
    """All dates of a case as planned on one occasion, with the calendar they were planned on.

    ``working_days`` are those after Day 0: the first is Day 1 (or Day 2 where the SIN day is Day 1).
    """

    day0: date
    sin_day_is: Literal[0, 1]
    milestones: tuple[Milestone, ...]
    warnings: tuple[str, ...] = ()
    calendar: str
    planned_at: AwareDatetime

    def __getitem__(self, key: str) -> Milestone:
        """The milestone of that key.

        Raises:
            KeyError: no milestone has that key.
        """
        for milestone in self.milestones:
            if milestone.key == key:
                return milestone
        raise KeyError(key)


def at_london(day: date, hour: str) -> datetime:
    """The UTC instant of a London wall-clock hour (``"17:00"``) on a day, through both clock changes."""
    return datetime.combine(day, time.fromisoformat(hour), LONDON).astimezone(ZoneInfo("UTC"))


def london_day(instant: datetime) -> date:
    """The calendar day in London on which an instant falls."""
    return instant.astimezone(LONDON).date()


def london(instant: datetime) -> str:
    """An instant as people in the office read it: ``Thu 17 Dec 2026 17:00``."""
    return f"{instant.astimezone(LONDON):%a %-d %b %Y %H:%M}"
