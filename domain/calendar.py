"""Working days in England: counting them, and saying how a date was counted.

A working day is Monday to Friday and not a bank holiday in England. The `holidays` library knows the
bank holidays; one that is proclaimed between its releases is added from the partnership's folder.
Office closures are carried along for warnings: they never move a date.
Source: Banking and Financial Dealings Act 1971, section 1; GOV.UK, "UK bank holidays".
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version as installed
from typing import Self

import holidays

from domain.errors import NotCovered, Refused
from domain.partnership import Closure, Partnership
from domain.timetable import FRIDAY

FIRST_YEAR = 2012
"""The first year that can be checked against GOV.UK's own list."""

LAST_YEAR = 2035
"""The last year counted by default. A test goes red a year before it ends: raise it then."""


@dataclass(frozen=True)
class Calendar:
    """England's working days over whole years, from ``first_day`` to ``horizon``, both included.

    ``bank_holidays`` and ``working_days`` are all there are in them, in order.
    ``version`` is plain text, such as ``holidays 0.109 +1 proclaimed (ab12cd)``: it is recorded with
    every plan and says on which bank holidays its dates were counted.
    """

    bank_holidays: Mapping[date, str] = field(repr=False)
    working_days: tuple[date, ...] = field(repr=False)
    first_day: date
    horizon: date
    version: str
    closures: tuple[Closure, ...] = ()

    @classmethod
    def english(
        cls,
        *,
        proclaimed: Mapping[date, str] | None = None,
        closures: Sequence[Closure] = (),
        first_year: int = FIRST_YEAR,
        last_year: int = LAST_YEAR,
    ) -> Self:
        """The calendar of England from ``first_year`` to ``last_year``, both included.

        ``proclaimed`` holds bank holidays the library does not know yet, by date; one that it has
        since learnt is left to the library.
        """
        known = _known(first_year, last_year)
        added = {day: name for day, name in sorted((proclaimed or {}).items()) if day not in known}
        first_day, horizon = date(first_year, 1, 1), date(last_year, 12, 31)
        return cls(
            bank_holidays=dict(sorted({**known, **added}.items())) if added else known,
            working_days=_working_days(first_day, horizon, frozenset({*known, *added})),
            first_day=first_day,
            horizon=horizon,
            version=_version(added),
            closures=tuple(closures),
        )

    @classmethod
    def of(cls, partnership: Partnership) -> Self:
        """The calendar a partnership works by: England's, with its own closures and proclaimed days."""
        proclaimed = {day.date: day.name for day in partnership.bank_holidays}
        return cls.english(proclaimed=proclaimed, closures=partnership.closures)

    def check_covers(self, day: date) -> None:
        """Make sure that the bank holidays of that day's year are known.

        Raises:
            NotCovered: the day lies outside the years this calendar was made for.
        """
        if not self.first_day <= day <= self.horizon:
            raise self._not_covered(f"{spoken(day)} is outside")

    def is_working_day(self, day: date) -> bool:
        """Whether a day is Monday to Friday and no bank holiday.

        Raises:
            NotCovered: the day lies outside the calendar.
        """
        self.check_covers(day)
        return day.weekday() <= FRIDAY and day not in self.bank_holidays

    def nth_working_day(self, start: date, n: int) -> date:
        """The nth working day after ``start``; for 0 ``start`` itself, working day or not.

        Raises:
            NotCovered: ``start`` or the day counted to lies outside the calendar.
            Refused: ``n`` is negative.
        """
        self.check_covers(start)
        if n < 0:
            raise Refused(f"Working days are counted forwards, so {n} cannot be. Give 0 or more.")
        place = bisect_right(self.working_days, start) + n - 1
        if place >= len(self.working_days):
            raise self._not_covered(f"{counted(n, 'working day')} from {spoken(start)} is outside")
        return self.working_days[place] if n else start

    def working_days_after(self, start: date, count: int) -> tuple[date, ...]:
        """The first ``count`` working days after ``start``, in order.

        Raises:
            NotCovered: ``start`` or one of them lies outside the calendar.
            Refused: ``count`` is negative.
        """
        self.nth_working_day(start, count)  # which raises where not all of them are known
        first = bisect_right(self.working_days, start)
        return self.working_days[first : first + count]

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after ``start`` up to and including ``end``; 0 where none do.

        Raises:
            NotCovered: either day lies outside the calendar.
        """
        self.check_covers(start)
        self.check_covers(end)
        return max(0, bisect_right(self.working_days, end) - bisect_right(self.working_days, start))

    def not_counted(self, start: date, end: date) -> list[tuple[date, str]]:
        """The bank holidays on Monday to Friday after ``start`` up to and including ``end``, by date.

        A substitute day is named so: ``Boxing Day, substitute day``.
        """
        return [
            (day, name.replace(" (observed)", ", substitute day"))
            for day, name in self.bank_holidays.items()
            if start < day <= end and day.weekday() <= FRIDAY
        ]

    def explain(self, start: date, n: int) -> str:
        """How the nth working day after ``start`` was counted, in a sentence that people can check.

        Raises:
            NotCovered: ``start`` or the day counted to lies outside the calendar.
            Refused: ``n`` is negative.
        """
        end = self.nth_working_day(start, n)
        skipped = [_skipped(day, name, start.year) for day, name in self.not_counted(start, end)]
        if weekends := _sundays(start, end):
            skipped.append(counted(weekends, "weekend"))
        counting = f"{counted(n, 'working day')} from {spoken(start)} is {spoken(end)}"
        return f"{counting}; not counted: {', '.join(skipped)}" if skipped else counting

    def closures_on(self, day: date) -> list[Closure]:
        """The office closures that a day falls in."""
        return [closure for closure in self.closures if closure.first <= day <= closure.last]

    def _not_covered(self, what: str) -> NotCovered:
        return NotCovered(
            f"{what} the calendar ({self.version}), which covers "
            f"{spoken(self.first_day)} to {spoken(self.horizon)}. "
            "Check the date; if it is right, install a newer release, which covers more years."
        )


@lru_cache(maxsize=8)
def _known(first_year: int, last_year: int) -> Mapping[date, str]:
    """What the library knows: worked out once, for that takes longer than counting all dates of a case."""
    years = range(first_year, last_year + 1)
    known = holidays.country_holidays("GB", subdiv="ENG", years=years, language="en_GB", expand=False)
    return dict(sorted(known.items()))


@lru_cache(maxsize=8)
def _working_days(first_day: date, horizon: date, bank_holidays: frozenset[date]) -> tuple[date, ...]:
    """All working days from one day to another, both included."""
    days = map(date.fromordinal, range(first_day.toordinal(), horizon.toordinal() + 1))
    return tuple(day for day in days if day.weekday() <= FRIDAY and day not in bank_holidays)


def spoken(day: date) -> str:
    """A date as people in the office read it: ``Wed 30 Dec 2026``."""
    return f"{day:%a %-d %b %Y}"


def counted(n: int, thing: str) -> str:
    """A number of things in words that agree: ``1 weekend``, ``3 weekends``."""
    return f"{n} {thing}" if n == 1 else f"{n} {thing}s"


def _skipped(day: date, name: str, year: int) -> str:
    return f"{day:%-d %b} ({name})" if day.year == year else f"{day:%-d %b %Y} ({name})"


def _sundays(start: date, end: date) -> int:
    """Sundays after ``start`` up to ``end``: the weekends counted over (Sunday's ordinal divides by 7)."""
    return end.toordinal() // 7 - start.toordinal() // 7


def _version(proclaimed: Mapping[date, str]) -> str:
    version = f"holidays {_installed()}"
    if not proclaimed:
        return version
    listed = "\n".join(f"{day.isoformat()} {name}" for day, name in proclaimed.items())
    return f"{version} +{len(proclaimed)} proclaimed ({sha256(listed.encode()).hexdigest()[:6]})"


@lru_cache(maxsize=1)
def _installed() -> str:
    return installed("holidays")
