"""Working days as people count them aloud, and the sentence that explains each count."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.calendar import Calendar, counted, spoken
from domain.errors import NotCovered, Refused
from domain.partnership import Closure

ENGLAND = Calendar.english()


def said(words: str) -> date:
    """The date of words such as "Wed 30 Dec 2026"; the weekday must be right too."""
    day = datetime.strptime(words, "%a %d %b %Y").replace(tzinfo=UTC).date()
    assert spoken(day) == words
    return day


@pytest.mark.parametrize(
    ("start", "n", "end"),
    [
        ("Mon 7 Dec 2026", 1, "Tue 8 Dec 2026"),
        ("Mon 7 Dec 2026", 8, "Thu 17 Dec 2026"),
        ("Mon 7 Dec 2026", 10, "Mon 21 Dec 2026"),
        ("Mon 7 Dec 2026", 12, "Wed 23 Dec 2026"),
        ("Mon 7 Dec 2026", 15, "Wed 30 Dec 2026"),
        ("Fri 18 Dec 2026", 8, "Mon 4 Jan 2027"),
        ("Fri 18 Dec 2026", 15, "Wed 13 Jan 2027"),
        ("Mon 22 Mar 2027", 8, "Mon 5 Apr 2027"),
        ("Mon 22 Mar 2027", 15, "Wed 14 Apr 2027"),
        ("Sat 12 Dec 2026", 1, "Mon 14 Dec 2026"),
        ("Sun 13 Dec 2026", 1, "Mon 14 Dec 2026"),
        ("Thu 24 Dec 2026", 1, "Tue 29 Dec 2026"),
        ("Fri 24 Dec 2027", 1, "Wed 29 Dec 2027"),
        ("Thu 7 May 2020", 1, "Mon 11 May 2020"),
        ("Wed 1 Jun 2022", 1, "Mon 6 Jun 2022"),
        ("Fri 16 Sep 2022", 1, "Tue 20 Sep 2022"),
        ("Fri 5 May 2023", 1, "Tue 9 May 2023"),
    ],
)
def test_the_nth_working_day(start: str, n: int, end: str) -> None:
    """Christmas, Easter, weekends, a moved May Day, a jubilee, a funeral and a coronation are passed over."""
    assert ENGLAND.nth_working_day(said(start), n) == said(end)


def test_a_day_proclaimed_for_one_partnership_is_a_working_day_in_another() -> None:
    """What the library knows is worked out once for all calendars; what is added to one stays with it."""
    day = said("Fri 3 Jul 2026")
    assert not Calendar.english(proclaimed={day: "A jubilee"}).is_working_day(day)
    assert Calendar.english().is_working_day(day)


def test_counting_none_stays_where_it_is() -> None:
    """The 0th working day is the day itself, even a Saturday."""
    assert ENGLAND.nth_working_day(said("Sat 12 Dec 2026"), 0) == said("Sat 12 Dec 2026")


def test_counting_backwards_is_refused() -> None:
    """A negative number of days is refused with a sentence."""
    with pytest.raises(Refused, match="counted forwards, so -1 cannot be"):
        ENGLAND.nth_working_day(said("Mon 7 Dec 2026"), -1)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("Fri 24 Dec 2027", True),
        ("Sat 25 Dec 2027", False),
        ("Sun 26 Dec 2027", False),
        ("Mon 27 Dec 2027", False),
        ("Tue 28 Dec 2027", False),
        ("Wed 29 Dec 2027", True),
        ("Mon 2 Aug 2027", True),
    ],
)
def test_is_working_day(day: str, works: bool) -> None:  # noqa: FBT001 - a table of days and answers
    """Two substitute days follow a Christmas at the weekend; Scotland's August holiday is a working day."""
    assert ENGLAND.is_working_day(said(day)) is works


def test_the_working_days_after_a_day() -> None:
    """They come in order, without the start, without Easter."""
    days = ENGLAND.working_days_after(said("Thu 25 Mar 2027"), 3)
    assert [spoken(day) for day in days] == ["Tue 30 Mar 2027", "Wed 31 Mar 2027", "Thu 1 Apr 2027"]
    assert ENGLAND.working_days_after(said("Thu 25 Mar 2027"), 0) == ()


def test_the_working_days_between_two_days() -> None:
    """The start does not count, the end does; backwards there are none."""
    start, end = said("Mon 7 Dec 2026"), said("Wed 30 Dec 2026")
    assert ENGLAND.working_days_between(start, end) == 15
    assert ENGLAND.working_days_between(start, start) == 0
    assert ENGLAND.working_days_between(end, start) == 0


def test_what_was_not_counted() -> None:
    """Bank holidays on weekdays only, the end included and the start not; substitute days say so."""
    assert ENGLAND.not_counted(said("Fri 24 Dec 2027"), said("Tue 28 Dec 2027")) == [
        (said("Mon 27 Dec 2027"), "Christmas Day, substitute day"),
        (said("Tue 28 Dec 2027"), "Boxing Day, substitute day"),
    ]
    assert ENGLAND.not_counted(said("Mon 27 Dec 2027"), said("Mon 27 Dec 2027")) == []


@pytest.mark.parametrize(
    ("start", "n", "sentence"),
    [
        (
            "Mon 7 Dec 2026",
            15,
            (
                "15 working days from Mon 7 Dec 2026 is Wed 30 Dec 2026; not counted: "
                "25 Dec (Christmas Day), 28 Dec (Boxing Day, substitute day), 3 weekends"
            ),
        ),
        ("Mon 7 Dec 2026", 1, "1 working day from Mon 7 Dec 2026 is Tue 8 Dec 2026"),
        ("Mon 7 Dec 2026", 0, "0 working days from Mon 7 Dec 2026 is Mon 7 Dec 2026"),
        ("Mon 7 Dec 2026", 4, "4 working days from Mon 7 Dec 2026 is Fri 11 Dec 2026"),
        (
            "Mon 7 Dec 2026",
            5,
            "5 working days from Mon 7 Dec 2026 is Mon 14 Dec 2026; not counted: 1 weekend",
        ),
        (
            "Sat 12 Dec 2026",
            1,
            "1 working day from Sat 12 Dec 2026 is Mon 14 Dec 2026; not counted: 1 weekend",
        ),
        ("Sun 13 Dec 2026", 1, "1 working day from Sun 13 Dec 2026 is Mon 14 Dec 2026"),
        (
            "Thu 31 Dec 2026",
            1,
            (
                "1 working day from Thu 31 Dec 2026 is Mon 4 Jan 2027; not counted: "
                "1 Jan 2027 (New Year's Day), 1 weekend"
            ),
        ),
        (
            "Tue 5 May 2026",
            14,
            (
                "14 working days from Tue 5 May 2026 is Tue 26 May 2026; not counted: "
                "25 May (Spring Bank Holiday), 3 weekends"
            ),
        ),
    ],
)
def test_a_date_explains_itself(start: str, n: int, sentence: str) -> None:
    """One sentence says what was counted and what was passed over, in numbers that agree."""
    assert ENGLAND.explain(said(start), n) == sentence


def test_a_number_agrees_with_its_noun() -> None:
    """One weekend, no weekends, two weekends."""
    assert [counted(n, "weekend") for n in (0, 1, 2)] == ["0 weekends", "1 weekend", "2 weekends"]


def test_a_proclaimed_bank_holiday_is_passed_over_and_named() -> None:
    """A day proclaimed after the library's release moves the count by one, and the sentence says why."""
    calendar = Calendar.english(proclaimed={said("Tue 15 Dec 2026"): "Day of thanksgiving"})
    assert calendar.nth_working_day(said("Mon 7 Dec 2026"), 8) == said("Fri 18 Dec 2026")
    assert "15 Dec (Day of thanksgiving), 1 weekend" in calendar.explain(said("Mon 7 Dec 2026"), 8)
    assert "15 Dec (Day of thanksgiving), 25 Dec (" in calendar.explain(said("Mon 7 Dec 2026"), 15)


def test_the_version_tells_which_bank_holidays_were_used() -> None:
    """The library's release; with proclaimed days also their number and a hash that changes with them."""
    plain = ENGLAND.version
    one = Calendar.english(proclaimed={said("Tue 15 Dec 2026"): "Day of thanksgiving"}).version
    other = Calendar.english(proclaimed={said("Wed 16 Dec 2026"): "Day of thanksgiving"}).version
    assert plain.startswith("holidays 0.")
    assert "proclaimed" not in plain
    assert one.startswith(f"{plain} +1 proclaimed (")
    assert len(one) == len(f"{plain} +1 proclaimed (ab12cd)")
    assert one != other


def test_the_version_does_not_depend_on_the_order_of_the_folder() -> None:
    """The same proclaimed days give the same version in whatever order they are written."""
    days = {said("Tue 15 Dec 2026"): "First", said("Wed 16 Dec 2026"): "Second"}
    backwards = dict(reversed(days.items()))
    assert Calendar.english(proclaimed=days).version == Calendar.english(proclaimed=backwards).version


def test_a_proclaimed_day_the_library_knows_changes_nothing() -> None:
    """A line left behind in the folder after the library learnt of the day is harmless."""
    calendar = Calendar.english(proclaimed={said("Fri 25 Dec 2026"): "Christmas"})
    assert calendar.version == ENGLAND.version
    assert calendar.not_counted(said("Thu 24 Dec 2026"), said("Fri 25 Dec 2026")) == [
        (said("Fri 25 Dec 2026"), "Christmas Day")
    ]


def test_an_office_closure_moves_no_date() -> None:
    """A closed office is known by its days, both ends included, and is still counted."""
    closure = Closure(name="Christmas", first=said("Thu 24 Dec 2026"), last=said("Fri 1 Jan 2027"))
    calendar = Calendar.english(closures=[closure])
    assert calendar.nth_working_day(said("Mon 7 Dec 2026"), 15) == said("Wed 30 Dec 2026")
    assert calendar.is_working_day(said("Wed 30 Dec 2026"))
    assert calendar.closures_on(said("Thu 24 Dec 2026")) == [closure]
    assert calendar.closures_on(said("Fri 1 Jan 2027")) == [closure]
    assert calendar.closures_on(said("Wed 23 Dec 2026")) == []
    assert calendar.closures_on(said("Sat 2 Jan 2027")) == []


def test_days_outside_the_calendar_are_not_guessed() -> None:
    """Both ends of the calendar are inside it; the day before and the day after are refused."""
    calendar = Calendar.english(first_year=2026, last_year=2027)
    calendar.check_covers(said("Thu 1 Jan 2026"))
    calendar.check_covers(said("Fri 31 Dec 2027"))
    with pytest.raises(NotCovered, match="Wed 31 Dec 2025 is outside the calendar"):
        calendar.check_covers(said("Wed 31 Dec 2025"))
    with pytest.raises(NotCovered) as refusal:
        calendar.is_working_day(said("Sat 1 Jan 2028"))
    assert str(refusal.value) == (
        f"Sat 1 Jan 2028 is outside the calendar ({calendar.version}), which covers Thu 1 Jan 2026 to "
        "Fri 31 Dec 2027. Check the date; if it is right, install a newer release, which covers more years."
    )


def test_the_last_year_is_known_to_its_end() -> None:
    """The bank holidays of the first and of the last year are both there."""
    calendar = Calendar.english(first_year=2026, last_year=2027)
    assert not calendar.is_working_day(said("Thu 1 Jan 2026"))
    assert not calendar.is_working_day(said("Tue 28 Dec 2027"))


def test_a_count_that_runs_off_the_calendar_is_refused() -> None:
    """Counting on past the last known bank holiday would give a wrong date, so it gives none."""
    calendar = Calendar.english(first_year=2026, last_year=2027)
    assert calendar.nth_working_day(said("Wed 29 Dec 2027"), 2) == calendar.horizon
    with pytest.raises(NotCovered, match="3 working days from Wed 29 Dec 2027 is outside the calendar"):
        calendar.nth_working_day(said("Wed 29 Dec 2027"), 3)
    with pytest.raises(NotCovered):
        calendar.nth_working_day(said("Wed 31 Dec 2025"), 1)
    with pytest.raises(NotCovered):
        calendar.working_days_after(said("Wed 29 Dec 2027"), 3)
    with pytest.raises(NotCovered):
        calendar.working_days_between(said("Wed 31 Dec 2025"), said("Mon 5 Jan 2026"))
    with pytest.raises(NotCovered):
        calendar.working_days_between(said("Wed 29 Dec 2027"), said("Mon 3 Jan 2028"))


def test_more_than_a_year_of_bank_holidays_lies_ahead() -> None:
    """Red a year before the calendar ends: raise LAST_YEAR in domain/calendar.py, and check the rules."""
    assert ENGLAND.horizon > datetime.now(UTC).date() + timedelta(days=365)
