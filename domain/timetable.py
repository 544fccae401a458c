"""The due dates of a case: each one planned once, recorded, and able to explain itself."""

from bisect import bisect_left, bisect_right
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime
from pydantic.dataclasses import dataclass

from domain.messages import STRICT, Message

LONDON = ZoneInfo("Europe/London")

FRIDAY = 4
WEEK = 5
"""How many weekdays a week has."""

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


@lru_cache(maxsize=8192)
def _one_of(day: date) -> date:
    return day


SharedDay = Annotated[date, AfterValidator(_one_of)]
"""A day of which a worker holds one, however many of its cases have it among a hundred and thirty each."""


class WorkingDays(Message):
    """Working days recorded in order with a plan, so that its process can count without a calendar.

    ``weekdays_after``: after the last of them every Monday to Friday counts, bank holidays among them, until
    a re-plan records more. Plans made before this was so end with their last day.
    """

    working_days: tuple[SharedDay, ...]
    weekdays_after: bool = False

    def is_working_day(self, day: date) -> bool:
        """Whether a day is among the recorded working days, or a weekday after them."""
        if self._after_the_last(day):
            return day.weekday() <= FRIDAY
        place = bisect_right(self.working_days, day)
        return place > 0 and self.working_days[place - 1] == day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after ``start`` up to and including ``end``; 0 where none do."""
        recorded = bisect_right(self.working_days, end) - bisect_right(self.working_days, start)
        if self._after_the_last(end):
            recorded += _weekdays_between(max(start, self.working_days[-1]), end)
        return max(0, recorded)

    def working_day_after(self, start: date, n: int) -> date:
        """The nth working day after ``start``, from the recorded days and the weekdays after them."""
        beyond = bisect_right(self.working_days, start) + n - len(self.working_days)
        if self.weekdays_after and beyond > 0:
            last = self.working_days[-1]
            return _weekday_after(start, n) if start > last else _weekday_after(last, beyond)
        return self.working_days[min(bisect_right(self.working_days, start) + n, len(self.working_days)) - 1]

    def working_day_before(self, start: date, n: int) -> date | None:
        """The nth working day before ``start``; None where the recorded days do not go back so far.

        A ``start`` after the last of them counts as the day that follows it.
        """
        place = bisect_left(self.working_days, start) - n
        return self.working_days[place] if place >= 0 else None

    def _after_the_last(self, day: date) -> bool:
        return self.weekdays_after and day > self.working_days[-1]


def _weekday_after(day: date, n: int) -> date:
    """The nth Monday to Friday after a day; a weekend counts as its Friday."""
    friday = min(day.weekday(), FRIDAY)
    weeks, left = divmod(friday + n, WEEK)
    return day + timedelta(days=friday - day.weekday() + weeks * 7 + left - friday)


def _weekdays_between(start: date, end: date) -> int:
    """How many days from Monday to Friday lie after ``start`` up to and including ``end``."""
    weeks, left = divmod((end - start).days, 7)
    return weeks * WEEK + sum((start.weekday() + n) % 7 <= FRIDAY for n in range(1, left + 1))


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
