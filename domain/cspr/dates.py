"""The dates of a CSPR: six months from the decision, and the working days it counts on by itself."""

from bisect import bisect_right
from calendar import monthrange
from datetime import date, timedelta

from pydantic import AwareDatetime

from domain.messages import Message

SATURDAY = 5


class CsprDates(Message):
    """The six-month date with its explanation, and the working days after the decision, in order.

    ``working_days`` reach some years ahead. A hold can last longer: after the last of them every Monday
    to Friday counts as a working day, bank holidays among them.
    """

    decided_on: date
    publication_due: AwareDatetime
    explanation: str
    working_days: tuple[date, ...]
    warnings: tuple[str, ...] = ()
    calendar: str
    planned_at: AwareDatetime

    def is_working_day(self, day: date) -> bool:
        """Whether a day after the decision is a working day."""
        if day > self.working_days[-1]:
            return day.weekday() < SATURDAY
        place = bisect_right(self.working_days, day)
        return place > 0 and self.working_days[place - 1] == day

    def working_day_after(self, start: date, n: int) -> date:
        """The nth working day after ``start``; for 0 ``start`` itself."""
        if n == 0:
            return start
        place = bisect_right(self.working_days, start) + n
        if place <= len(self.working_days):
            return self.working_days[place - 1]
        day = max(start, self.working_days[-1])
        for _ in range(place - len(self.working_days)):
            day += timedelta(1)
            while day.weekday() >= SATURDAY:
                day += timedelta(1)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after ``start`` up to and including ``end``; 0 where none do."""
        days = (start + timedelta(n) for n in range(1, (end - start).days + 1))
        return sum(map(self.is_working_day, days))

    def working_day_before(self, start: date, n: int) -> date:
        """The nth working day before ``start``, and never before the decision."""
        place = bisect_right(self.working_days, start - timedelta(1)) - n
        return self.working_days[max(place, 0)]

    def working_day_from(self, day: date) -> date:
        """The day itself where it is a working day, else the next one."""
        return self.working_day_after(day - timedelta(1), 1)


def months_after(day: date, months: int) -> date:
    """The corresponding date so many months later; the month's last day where it has no such date."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
