"""The diary: what is written down of a rehearsal, how it is shown, and how it is held against a scenario."""

from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from domain.errors import Refused
from domain.record import Entry, Event
from domain.standing import standing
from domain.timetable import LONDON
from starter.diary import Diary
from starter.scenario import Expectation, Scenario
from tests import sample


def mail(key: str, to: str, at: str = "day 6 09:00") -> EmailMessage:
    """A letter as the sink hands it on."""
    letter = EmailMessage()
    letter["Date"] = format_datetime(sample.at(at).astimezone(LONDON))
    letter["Subject"] = "[SECURE] RR-2026-90: reminder 1"
    letter["To"] = to
    letter["X-Rapid-Review-Letter"] = key
    return letter


def diary() -> Diary:
    """A silent diary of one return, five reminders, and a case that has missed its first date."""
    kept = Diary(silent=True)
    returned = Entry(
        at=sample.at("day 6 10:00"),
        event=Event.RETURN_RECORDED,
        says="The police agency: nil return, version 1.",
        by="Business Officer",
    )
    unseen = Entry(
        at=sample.at("day 6 09:00"), event=Event.LETTERS_SENT, says="reminder: 5 of 5 letters sent."
    )
    kept.add([returned, unseen], [mail(f"reminder/1/a{n}", f"desk-{n}@agency.example") for n in range(5)])
    kept.standing = standing(sample.case(), sample.at("day 9 10:00"))
    return kept


def expecting(**expect: object) -> Scenario:
    """A scenario that expects something of that diary, besides the date it missed."""
    missed = {"missed": ["Request for Information due"]}
    return Scenario(
        title="A diary",
        name="diary",
        folder=Path(),
        opening=Path("sin.toml"),
        sin_sent="next 7 December 15:20",
        steps=(),
        expect=Expectation.model_validate(missed | expect),
    )


def test_it_holds_what_happened_in_order() -> None:
    """Letters of one moment and subject are one line, facts are another, and counts of letters none."""
    first, second = diary().lines
    assert (first.who, len(first.to)) == ("mail", 5)
    assert str(second) == "Tue 15 Dec 2026 10:00 Business Officer The police agency: nil return, version 1."


def test_a_long_list_of_addresses_is_cut_short_where_it_is_shown() -> None:
    """The screen shows three addresses and how many more; the data holds them all."""
    kept = diary()
    assert kept.lines[0].shown.endswith(
        "-> desk-0@agency.example, desk-1@agency.example, desk-2@agency.example and 2 more"
    )
    assert "desk-4@agency.example" in str(kept.as_json())


def test_a_line_too_long_for_the_screen_hangs_under_what_happened() -> None:
    """The eye goes down the dates; nothing stands under them that is none."""
    out = Console(width=80, record=True, file=StringIO())
    out.print(diary().lines[0].in_columns())
    first, *rest = out.export_text().splitlines()
    where = first.index("[SECURE]")
    assert len(rest) >= 1
    assert {line[:where] for line in rest} == {" " * where}


def test_each_note_begins_a_line_of_its_own() -> None:
    """And hangs under what happened, while the line itself stays one text."""
    kept, says = Diary(silent=True), "Dates planned."
    at, noted = sample.at("day 6 10:00"), ("The office is closed.", "It is late.")
    kept.add([Entry(at=at, event=Event.DATES_PLANNED, says=says, warnings=noted)], [])
    (line,) = kept.lines
    assert line.what == "Dates planned. (Note: The office is closed.) (Note: It is late.)"
    assert line.shown.splitlines() == [says, "(Note: The office is closed.)", "(Note: It is late.)"]


def test_it_prints_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    """Unless it is silent, each line appears at once, brackets and all."""
    Diary().add([], [mail("reminder/1/police", "desk@agency.example")])
    assert "[SECURE] RR-2026-90: reminder 1 -> desk@agency.example" in " ".join(
        capsys.readouterr().out.split()
    )


def test_what_is_expected_passes() -> None:
    """Outcome, dates, counts and words that are as expected raise nothing."""
    diary().check(
        expecting(
            letters={"reminder": 5, "overdue": 0},
            says=["Tue * 09:00 mail * reminder 1 -> * desk-4@agency.example", "nil return, version 1."],
            never=["version 2", "reminder 1 * reminder 1"],
        )
    )


@pytest.mark.parametrize(
    ("expect", "fault"),
    [
        ({"outcome": "cspr"}, r"outcome: expected cspr, was None\."),
        ({"missed": []}, r"dates missed: expected \[\], were \['Request for Information due'\]\."),
        ({"letters": {"reminder": 4}}, r"letters of reminder: expected 4, were 5\."),
        ({"letters": {"overdue": 1}}, r"letters of overdue: expected 1, were 0\."),
        ({"says": ["nil return, version 2."]}, r"no line says: nil return, version 2\."),
        ({"says": ["nil return, version 1!"]}, "no line says"),
        (
            {"never": ["nil * version"]},
            "a line says what none should: Tue 15 Dec 2026 10:00 Business Officer",
        ),
    ],
)
def test_each_expectation_can_fail(expect: Mapping[str, object], fault: str) -> None:
    """A review that ended otherwise is told of, by what differs."""
    with pytest.raises(Refused, match=f"diary did not end as it expects.(.|\n)*{fault}"):
        diary().check(expecting(**expect))
