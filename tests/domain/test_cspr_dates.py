"""The dates of a CSPR: six months from the decision, and working days without a calendar."""

from datetime import date, timedelta

import pytest

from domain.calendar import Calendar
from domain.cspr.dates import CsprDates, months_after
from domain.cspr.messages import PlanCspr
from domain.cspr.planning import plan_cspr
from domain.messages import CsprRules
from domain.partnership import Closure
from domain.timetable import london
from tests import sample


def dates(decided: date, calendar: Calendar = sample.CALENDAR, **changes: object) -> CsprDates:
    """The dates of a CSPR decided on a day."""
    rules = CsprRules.model_validate(changes)
    return plan_cspr(PlanCspr(decided_on=decided, rules=rules, as_of=sample.sin().sent_at), calendar)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 12, 18), 6, date(2027, 6, 18)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 6, 15), 0, date(2026, 6, 15)),
    ],
)
def test_months_end_on_the_corresponding_date(day: date, months: int, later: date) -> None:
    """A month that has no such date ends on its last day."""
    assert months_after(day, months) == later


@pytest.mark.parametrize(
    ("decided", "due", "why"),
    [
        (date(2026, 12, 18), "Fri 18 Jun 2027 17:00", "6 months from Fri 18 Dec 2026 is Fri 18 Jun 2027"),
        (date(2026, 11, 20), "Thu 20 May 2027 17:00", "6 months from Fri 20 Nov 2026 is Thu 20 May 2027"),
        (date(2026, 12, 5), "Fri 4 Jun 2027 17:00", "that is a weekend, so the last working day by then"),
        (date(2026, 9, 29), "Thu 25 Mar 2027 17:00", "that is Easter Monday, so the last working day"),
    ],
)
def test_the_date_is_a_working_day_within_the_six_months(decided: date, due: str, why: str) -> None:
    """It is never later than the six months, and says how it was counted."""
    planned = dates(decided)
    assert london(planned.publication_due) == due
    assert why in planned.explanation


def test_the_months_are_configuration() -> None:
    """Another number of months is another date."""
    assert london(dates(date(2026, 12, 18), publish_months=9).publication_due) == "Fri 17 Sep 2027 17:00"


def test_an_office_closed_on_the_date_warns() -> None:
    """The date stands."""
    shut = Closure(name="Summer", first=date(2027, 6, 14), last=date(2027, 6, 18))
    planned = dates(date(2026, 12, 18), Calendar.english(closures=[shut]))
    assert [w for w in planned.warnings if "finish before Mon 14 Jun 2027" in w]
    assert london(planned.publication_due) == "Fri 18 Jun 2027 17:00"


def test_working_days_agree_with_the_calendar() -> None:
    """For as far as they were recorded the calendar's own answers come without it."""
    planned = dates(date(2026, 12, 18))
    days = [date(2026, 12, 18) + timedelta(n) for n in range(1, 800)]
    assert [d for d in days if planned.is_working_day(d) != sample.CALENDAR.is_working_day(d)] == []
    assert planned.working_day_after(date(2026, 12, 24), 2) == sample.CALENDAR.nth_working_day(
        date(2026, 12, 24), 2
    )
    assert planned.working_day_before(date(2027, 1, 4), 1) == date(2026, 12, 31)


def test_after_the_recorded_days_only_weekends_are_left_out() -> None:
    """A hold of many years still has review dates."""
    planned = dates(date(2026, 12, 18))
    last = planned.working_days[-1]
    later = planned.working_day_after(last, 300)
    assert later > last + timedelta(days=400)
    assert later.weekday() < 5


def test_the_nth_working_day_is_the_one_that_counting_day_by_day_finds() -> None:
    """From before the decision until after the last recorded day, whichever day it is counted from."""
    planned = dates(date(2026, 12, 18))
    for start in (planned.decided_on, date(2026, 12, 12), planned.working_days[-9]):
        for first in (start + timedelta(n) for n in range(30)):
            after = (first + timedelta(n) for n in range(1, 100))
            counted = [day for day in after if planned.is_working_day(day)][:30]
            assert [planned.working_day_after(first, n) for n in range(1, 31)] == counted
