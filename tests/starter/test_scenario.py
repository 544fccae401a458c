"""Scenario files: read, dated, and answered with a sentence where they are wrong."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import NotReadable
from domain.timetable import london
from starter.scenario import DEMO, moment_of, next_moment, read_scenario
from tests import sample

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("next 18 December 15:20", "Fri 18 Dec 2026 15:20"),
        ("next 24 November 12:02", "Tue 24 Nov 2026 12:02"),
        ("next 24 November 11:00", "Wed 24 Nov 2027 11:00"),
        ("next 29 February 09:00", "Tue 29 Feb 2028 09:00"),
        ("next 1 July 00:30", "Thu 1 Jul 2027 00:30"),
        ("next Monday in November 15:20", "Mon 30 Nov 2026 15:20"),
        ("next Saturday in November 23:10", "Sat 28 Nov 2026 23:10"),
        ("next Monday in October 15:20", "Mon 4 Oct 2027 15:20"),
    ],
)
def test_the_next_moment_is_the_first_to_come(text: str, expected: str) -> None:
    """A scenario's SIN is always in the future, on a London day and hour."""
    assert london(next_moment(text, NOON)) == expected


@pytest.mark.parametrize("text", ["next 31 June 10:00", "next 18 Dezember 15:20", "next 18 December 25:00"])
def test_a_moment_that_never_comes_is_refused(text: str) -> None:
    """A slip of the pen is answered with how to write it."""
    with pytest.raises(NotReadable, match="Write one like: next 18 December 15:20"):
        next_moment(text, NOON)


def test_days_are_counted_from_the_sin() -> None:
    """Day 8 of an SIN on Mon 7 December 2026 is Thu 17 December; Day 0 is its own day."""
    assert london(moment_of("day 8 16:59", sample.timetable())) == "Thu 17 Dec 2026 16:59"
    assert london(moment_of("day 0 16:00", sample.timetable())) == "Mon 7 Dec 2026 16:00"


def test_where_the_sin_day_is_day_1_so_are_the_steps() -> None:
    """Under the setting that counts the SIN day as Day 1, a scenario's days are counted so too."""
    rules = sample.opening().rules.model_copy(update={"sin_day_is": 1})
    plan = sample.timetable(sample.opening(rules=rules))
    assert london(moment_of("day 1 16:00", plan)) == "Mon 7 Dec 2026 16:00"
    assert london(moment_of("day 8 16:59", plan)) == "Wed 16 Dec 2026 16:59"


def test_a_moment_must_be_of_the_reviews_clock() -> None:
    """A calendar date is no moment of a scenario."""
    with pytest.raises(NotReadable, match="Write one like: day 8 16:59"):
        moment_of("2026-12-17 16:59", sample.timetable())


def test_the_shipped_example_is_read() -> None:
    """What a step does not know as its own is one of its details."""
    demo = read_scenario(DEMO)
    assert demo.name == "demo"
    assert demo.steps[0].details == {
        "starts_at": "day 11 10:00",
        "place": "Meeting Room 1, and by video link",
    }
    assert demo.opening_path.is_file()


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("title = ", "this is not TOML"),
        ('title = "x"\nopening = "y.toml"\nsin_sent = "tomorrow"', "sin_sent: String should match"),
        ('title = "x"\nopening = "y.toml"\nsin_sent = "next 1 May 10:00"\nstep = ["x"]', "steps.0: Input"),
        ('sin_sent = "next 1 May 10:00"', "title: Field required"),
    ],
    ids=["not TOML", "no moment", "no step", "no title"],
)
def test_a_wrong_file_is_answered_with_its_mistakes(text: str, fault: str, tmp_path: Path) -> None:
    """The file, the key and where the form is described."""
    path = tmp_path / "wrong.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(NotReadable, match=rf"wrong.toml: {fault}(.|\n)*docs/scenarios.md"):
        read_scenario(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A file that is not there is answered with its name."""
    with pytest.raises(NotReadable, match=r"nowhere.toml: this file cannot be read"):
        read_scenario(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("text", ["day 8 25:00", "day 8 16:60", "day 140 09:00", "day eight 09:00", "day 8"])
def test_a_slip_in_a_moment_is_answered_with_how_to_write_it(text: str) -> None:
    """An hour that is none, or a day far beyond the review, is no moment either."""
    with pytest.raises(NotReadable, match="Write one like: day 8 16:59"):
        moment_of(text, sample.timetable())
