"""The laws of the calendar, on days nobody thought of, and its agreement with GOV.UK's own list."""

from bisect import bisect_right
from datetime import date, timedelta

from govuk_bank_holidays.bank_holidays import BankHolidays
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendar import Calendar, spoken
from tests.laws import examples

ENGLAND = Calendar.english()
FIRST, LAST = date(2012, 1, 1), date(2028, 12, 31)
DAYS = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]

days = st.dates(FIRST, date(2035, 1, 1))
counts = st.integers(1, 130)
bounded = settings(max_examples=examples(120), deadline=None)


def published() -> set[date]:
    """GOV.UK's bank holidays of England and Wales, from the list that the package ships."""
    listed = BankHolidays(use_cached_holidays=True).get_holidays(division=BankHolidays.ENGLAND_AND_WALES)
    return {holiday["date"] for holiday in listed}


PUBLISHED = published()
WORKING = [day for day in DAYS if day.weekday() < 5 and day not in PUBLISHED]


@bounded
@given(days, counts, counts)
def test_a_later_number_is_a_later_day(start: date, n: int, m: int) -> None:
    """The count is strictly monotone in n."""
    low, high = ENGLAND.nth_working_day(start, n), ENGLAND.nth_working_day(start, m)
    assert (low < high, low == high) == (n < m, n == m)


@bounded
@given(days, days, counts)
def test_a_later_start_is_never_an_earlier_day(one: date, other: date, n: int) -> None:
    """The count is monotone in its start."""
    early, late = sorted((one, other))
    assert ENGLAND.nth_working_day(early, n) <= ENGLAND.nth_working_day(late, n)


@bounded
@given(days, counts)
def test_a_counted_day_is_a_working_day_after_its_start(start: date, n: int) -> None:
    """No count ends on a weekend or bank holiday, nor on the day it starts from."""
    end = ENGLAND.nth_working_day(start, n)
    assert end > start
    assert ENGLAND.is_working_day(end)


@bounded
@given(days, counts)
def test_counting_there_and_counting_between_agree(start: date, n: int) -> None:
    """The nth working day has n working days up to it, and is the last of the first n."""
    end = ENGLAND.nth_working_day(start, n)
    assert ENGLAND.working_days_between(start, end) == n
    assert ENGLAND.working_days_after(start, n)[-1] == end


@bounded
@given(days, st.integers(0, 60), st.integers(0, 60))
def test_counting_in_two_steps_is_counting_once(start: date, n: int, m: int) -> None:
    """Counting n working days and then m more is counting n + m."""
    halfway = ENGLAND.nth_working_day(start, n)
    assert ENGLAND.nth_working_day(halfway, m) == ENGLAND.nth_working_day(start, n + m)


@bounded
@given(days, counts)
def test_every_day_passed_is_accounted_for(start: date, n: int) -> None:
    """Working days, weekend days and listed bank holidays make up the whole stretch."""
    end = ENGLAND.nth_working_day(start, n)
    stretch = [start + timedelta(step) for step in range(1, (end - start).days + 1)]
    weekend_days = sum(day.weekday() >= 5 for day in stretch)
    assert n + weekend_days + len(ENGLAND.not_counted(start, end)) == len(stretch)


@settings(max_examples=examples(80), deadline=None)
@given(
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    st.dates(date(2026, 1, 1), date(2027, 6, 30)),
    st.integers(1, 60),
)
def test_a_new_bank_holiday_never_makes_a_date_earlier(start: date, proclaimed: date, n: int) -> None:
    """A proclaimed day moves a date by one working day, or not at all, and never back."""
    plain = Calendar.english(first_year=2026, last_year=2027)
    more = Calendar.english(proclaimed={proclaimed: "Proclaimed day"}, first_year=2026, last_year=2027)
    before, after = plain.nth_working_day(start, n), more.nth_working_day(start, n)
    counted = start < proclaimed <= before and plain.is_working_day(proclaimed)
    assert after == plain.nth_working_day(start, n + counted)


@bounded
@given(days, counts)
def test_an_explanation_names_both_ends(start: date, n: int) -> None:
    """Whatever the count, its sentence holds the start, the end and the number."""
    sentence = ENGLAND.explain(start, n)
    assert sentence.startswith(f"{n} working day")
    assert f" from {spoken(start)} is {spoken(ENGLAND.nth_working_day(start, n))}" in sentence


def test_every_day_from_2012_to_2028_agrees_with_govuk() -> None:
    """A working day here is a working day on GOV.UK's list, on each of some 6,200 dates."""
    assert max(PUBLISHED) >= date(2028, 12, 1), "the list ends before 2028, and this test would prove little"
    assert [day for day in DAYS if ENGLAND.is_working_day(day)] == WORKING


def test_day_15_of_every_sin_from_2012_to_2028_agrees_with_govuk() -> None:
    """Counted along GOV.UK's list, the fifteenth working day after every date is ours."""
    starts = [day for day in DAYS if bisect_right(WORKING, day) + 14 < len(WORKING)]
    assert len(starts) > 6000
    wrong = [d for d in starts if ENGLAND.nth_working_day(d, 15) != WORKING[bisect_right(WORKING, d) + 14]]
    assert wrong == []
