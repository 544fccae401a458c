"""The recorded dates of a case: found by key, counted without a calendar, read in London time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.messages import PlanDates
from domain.planning import DEADLINES
from domain.planning import plan as planned
from domain.timetable import TITLES, at_london, london
from tests.laws import examples
from tests.sample import CALENDAR, opening, timetable

SUMMER, WINTER = date(2026, 7, 1), date(2026, 12, 17)


def test_a_date_is_found_by_its_key() -> None:
    """Whatever the order they are kept in."""
    plan = timetable()
    assert [plan[m.key] for m in plan.milestones] == list(plan.milestones)
    assert plan["rfi_due"].day == 8


def test_a_date_that_is_not_there_is_a_mistake_of_ours() -> None:
    """The error names the key."""
    with pytest.raises(KeyError, match="rfi_undue"):
        timetable()["rfi_undue"]


def test_every_deadline_has_a_title() -> None:
    """What can be missed can be spoken of."""
    keys = {m.key for m in timetable().milestones}
    assert set(TITLES) <= keys
    assert {*DEADLINES, "sin_due"} <= set(TITLES)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-12-17", "2026-12-17", 0),
        ("2026-12-17", "2026-12-18", 1),
        ("2026-12-18", "2026-12-20", 0),
        ("2026-12-18", "2026-12-21", 1),
        ("2026-12-24", "2026-12-29", 1),
        ("2026-12-07", "2026-12-30", 15),
        ("2026-12-21", "2026-12-18", 0),
        ("2026-11-01", "2026-12-07", 0),
    ],
)
def test_working_days_between_two_days(start: str, end: str, days: int) -> None:
    """After the first, up to and including the second; never less than none."""
    assert timetable().working_days_between(date.fromisoformat(start), date.fromisoformat(end)) == days


@pytest.mark.parametrize(
    ("start", "n", "day"),
    [
        ("2026-12-07", 1, "2026-12-08"),
        ("2026-12-18", 1, "2026-12-21"),
        ("2026-12-19", 1, "2026-12-21"),
        ("2026-12-24", 1, "2026-12-29"),
        ("2026-12-07", 15, "2026-12-30"),
        ("2026-12-31", 2, "2027-01-05"),
    ],
)
def test_the_nth_working_day_after(start: str, n: int, day: str) -> None:
    """Over weekends, Christmas and New Year, from the recorded days alone."""
    assert timetable().working_day_after(date.fromisoformat(start), n) == date.fromisoformat(day)


def test_counting_stops_at_the_last_recorded_day_of_a_plan_made_so() -> None:
    """Half a year on, a case still answers, with the last day it knows, as it always did."""
    plan = timetable().model_copy(update={"weekdays_after": False})
    assert not plan.is_working_day(plan.working_days[-1] + timedelta(days=1))
    assert plan.working_days_between(plan.working_days[-2], plan.working_days[-1] + timedelta(days=30)) == 1
    assert plan.working_day_after(plan.working_days[-2], 1) == plan.working_days[-1]
    assert plan.working_day_after(plan.working_days[-2], 9) == plan.working_days[-1]


@given(back=st.integers(0, 40), ahead=st.integers(0, 900), n=st.integers(1, 200))
@settings(max_examples=examples(400), deadline=None)
def test_after_the_last_recorded_day_every_weekday_counts(back: int, ahead: int, n: int) -> None:
    """A day at a time or all at once, from before the last of them or after it: the count is the same."""
    plan = timetable()
    last = plan.working_days[-1]
    for start in (last - timedelta(days=back), last + timedelta(days=ahead)):
        day = start
        for _ in range(n):
            day += timedelta(days=1)
            while not plan.is_working_day(day):
                day += timedelta(days=1)
        assert plan.working_day_after(start, n) == day
        assert plan.working_days_between(start, day) == n
    assert plan.is_working_day(last + timedelta(days=ahead + 1)) == (
        (last + timedelta(days=ahead + 1)).weekday() < 5
    )


def test_a_plan_made_again_reaches_a_quarter_of_a_year_ahead() -> None:
    """However long the case has been open; made twice on one day it is the same."""
    review = opening()
    for months in range(30):
        as_of = review.sin.sent_at + timedelta(days=30 * months)
        again = planned(PlanDates(sin=review.sin, rules=review.rules, as_of=as_of), CALENDAR)
        assert again.working_days_between(as_of.date(), again.working_days[-1]) >= 65
        assert again.working_days[:130] == timetable().working_days


def test_which_days_are_working_days() -> None:
    """Of two weeks over Christmas: no weekend, no bank holiday, no day before the first."""
    plan, first = timetable(), date(2026, 12, 18)
    days = [first + timedelta(n) for n in range(14)]
    working = [int(f"{day:%d}") for day in days if plan.is_working_day(day)]
    assert working == [18, 21, 22, 23, 24, 29, 30, 31]
    assert not plan.is_working_day(date(2026, 12, 4))


@pytest.mark.parametrize(
    ("day", "hour", "instant"),
    [
        (WINTER, "17:00", datetime(2026, 12, 17, 17, tzinfo=UTC)),
        (SUMMER, "17:00", datetime(2026, 7, 1, 16, tzinfo=UTC)),
        (date(2027, 3, 26), "09:00", datetime(2027, 3, 26, 9, tzinfo=UTC)),
        (date(2027, 3, 30), "09:00", datetime(2027, 3, 30, 8, tzinfo=UTC)),
        (date(2026, 10, 23), "09:00", datetime(2026, 10, 23, 8, tzinfo=UTC)),
        (date(2026, 10, 26), "09:00", datetime(2026, 10, 26, 9, tzinfo=UTC)),
    ],
)
def test_a_london_hour_through_both_clock_changes(day: date, hour: str, instant: datetime) -> None:
    """The wall clock stays; the instant moves by an hour."""
    assert at_london(day, hour) == instant
    assert at_london(day, hour).utcoffset() == timedelta()


def test_an_instant_as_the_office_reads_it() -> None:
    """In London, by weekday, without a leading nought."""
    assert london(datetime(2026, 12, 17, 17, tzinfo=UTC)) == "Thu 17 Dec 2026 17:00"
    assert london(datetime(2026, 7, 1, 23, 5, tzinfo=UTC)) == "Thu 2 Jul 2026 00:05"
