"""The opening file: what an officer writes, and the sentence that answers each mistake."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import NotReadable
from domain.particulars import (
    MEDIA_TYPE,
    Child,
    OpeningFile,
    Particulars,
    london_wall_clock,
    read_opening,
)
from tests.laws import examples

EXAMPLE = Path(__file__).parents[2] / "examples" / "sin.toml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
NOW = datetime(2026, 12, 7, 16, 0, tzinfo=UTC)
MARKER = "Zz-Planted-Marker"


def read(text: str, now: datetime = NOW) -> OpeningFile:
    """The file as read on the afternoon of the SIN."""
    return read_opening(text, "sin.toml", now=now)


def refusal(text: str) -> list[str]:
    """The lines that answer a mistaken file."""
    with pytest.raises(NotReadable) as refused:
        read(text)
    return str(refused.value).splitlines()


def but(old: str, new: str) -> str:
    """The example with one passage changed."""
    assert TEXT.count(old) >= 1
    return TEXT.replace(old, new, 1)


def test_the_example_opens_a_review() -> None:
    """The shipped example is read whole."""
    opening = read(TEXT)
    assert (opening.reference, opening.area, opening.ask) == ("RR-2026-07", "northamptonshire", None)
    assert opening.sin.sent_at == datetime(2026, 12, 7, 15, 20, tzinfo=UTC)
    assert (opening.sin.incident_on, opening.sin.aware_on) == (date(2026, 12, 2), date(2026, 12, 3))
    assert [c.pseudonym for c in opening.children] == ["Child A", "Child B"]
    assert opening.children[1].ethnicity == "Not known"
    assert [f.date_of_birth for f in opening.family] == [date(1994, 7, 30), None]


def test_every_line_of_the_example_that_can_be_left_out_says_so_truly() -> None:
    """The aware date, the family and the agencies to ask may all be missing or given."""
    without = but("aware_on = 2026-12-03\n", "")
    assert read(without[: without.index("# One [[family]]")]).sin.aware_on is None
    assert read(but("# ask =", "ask =")).ask == ("police", "icb", "childrens-trust")


def test_what_is_sealed_is_the_particulars_and_nothing_else() -> None:
    """The stored JSON reads back the same, and holds no key of the opening."""
    particulars = read(TEXT).particulars
    stored = particulars.model_dump_json()
    assert type(particulars) is Particulars
    assert Particulars.model_validate_json(stored) == particulars
    assert "opened_by" not in stored
    assert MEDIA_TYPE.endswith("+json")


def test_no_model_shows_what_it_holds() -> None:
    """A particular that strays into a log shows the name of its class."""
    opening = read(TEXT)
    for model in (opening, opening.particulars, opening.children[0], opening.family[0]):
        assert f"{model!r}" == f"{type(model).__name__}()"
        assert "Example" not in str(model)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-12-07T15:20:00", datetime(2026, 12, 7, 15, 20, tzinfo=UTC)),
        ("2026-06-01T12:00:00", datetime(2026, 6, 1, 11, 0, tzinfo=UTC)),
        ("2026-10-25T01:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-03-29T01:30:00", datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
        ("2026-12-07T15:20:00+01:00", datetime(2026, 12, 7, 14, 20, tzinfo=UTC)),
    ],
    ids=["winter", "summer", "the hour that comes twice", "the hour that never comes", "with an offset"],
)
def test_sent_at_is_london_wall_clock_time(written: str, instant: datetime) -> None:
    """Without an offset London is meant; of two possible instants the earlier."""
    text = but("sent_at = 2026-12-07T15:20:00", f"sent_at = {written}")
    text = text.replace("incident_on = 2026-12-02", "incident_on = 2026-01-02").replace("aware_on = ", "# ")
    assert read(text).sin.sent_at == instant


@given(st.datetimes(datetime(2012, 1, 1), datetime(2028, 1, 1)))  # noqa: DTZ001 -- a wall clock has no zone
@settings(max_examples=examples(400), deadline=None)
def test_wall_clock_time_never_leaves_its_day(wall: datetime) -> None:
    """However the clocks stand, the day in London is the day that was written, or Day 0 would move."""
    instant = london_wall_clock(wall)
    offset = wall - instant.replace(tzinfo=None)
    assert offset.total_seconds() in {0, 3600}
    assert (instant + offset).date() == wall.date()


def future_sin(text: str) -> str:
    """A SIN sent a minute after now."""
    return text.replace("2026-12-07T15:20:00", "2026-12-07T16:01:00")


MISTAKES: dict[str, tuple[Callable[[str], str], str]] = {
    "SIN in the future": (future_sin, "sin.sent_at: this time has not come yet"),
    "SIN in the year 1": (
        lambda t: t.replace("2026-12-07T15:20:00", "0001-01-01T00:00:00Z"),
        "sin.sent_at: this is in another century",
    ),
    "SIN as text": (
        lambda t: t.replace("2026-12-07T15:20:00", '"7 Dec"'),
        "sin.sent_at: give when the SIN went",
    ),
    "SIN without its hour": (lambda t: t.replace("T15:20:00", ""), "sin.sent_at: give when the SIN went"),
    "incident after its SIN": (
        lambda t: t.replace("incident_on = 2026-12-02", "incident_on = 2026-12-08").replace("aware_on", "# "),
        "sin.incident_on: the incident is after its SIN",
    ),
    "aware before the incident": (
        lambda t: t.replace("aware_on = 2026-12-03", "aware_on = 2026-12-01"),
        "sin.aware_on: nobody can be aware before the incident",
    ),
    "aware after the SIN": (
        lambda t: t.replace("aware_on = 2026-12-03", "aware_on = 2026-12-08"),
        "sin.aware_on: this is after the SIN was sent",
    ),
    "no incident date": (
        lambda t: t.replace("incident_on = 2026-12-02", ""),
        "sin.incident_on: this is missing",
    ),
    "incident date as words": (
        lambda t: t.replace("incident_on = 2026-12-02", f'incident_on = "{MARKER}"'),
        "sin.incident_on: write a date such as",
    ),
    "no SIN reference": (
        lambda t: t.replace('reference = "SIN-2026-0113"', ""),
        "sin.reference: give the reference of the SIN",
    ),
    "no SIN": (
        lambda t: re.sub(r"\[sin\].*?\n\n# One", "# One", t, flags=re.DOTALL),
        "sin: this table is missing",
    ),
    "a name for a reference": (
        lambda t: t.replace('"RR-2026-07"', f'"{MARKER}"'),
        "reference: this is not a neutral reference",
    ),
    "an area in words": (
        lambda t: t.replace('"northamptonshire"', '"All Over"'),
        "area: this is not the key",
    ),
    "nobody opens it": (
        lambda t: t.replace('opened_by = "Business Officer"', ""),
        "opened_by: give the name",
    ),
    "no circumstances": (
        lambda t: re.sub(r'circumstances = """.*?"""', "", t, flags=re.DOTALL),
        "circumstances: say in a few sentences",
    ),
    "empty circumstances": (
        lambda t: re.sub(r'circumstances = """.*?"""', 'circumstances = ""', t, flags=re.DOTALL),
        "circumstances: say in a few sentences",
    ),
    "no safeguarding": (
        lambda t: re.sub(r'immediate_safeguarding = """.*?"""', "", t, flags=re.DOTALL),
        "immediate_safeguarding: say what has been done",
    ),
    "no children": (
        lambda t: re.sub(r"\[\[children\]\].*?# One \[\[family", "# One [[family", t, flags=re.DOTALL),
        "children: no child is given",
    ),
    "children as a number": (
        lambda t: "children = 1\n" + re.sub(r"\[\[children\]\].*?# One", "# One", t, flags=re.DOTALL),
        "children: no child is given",
    ),
    "a name for a pseudonym": (
        lambda t: t.replace('"Child A" ', f'"{MARKER}" '),
        r"children\[1\].pseudonym: write Child A, Child B",
    ),
    "one pseudonym twice": (
        lambda t: t.replace('pseudonym = "Child B"', 'pseudonym = "Child A"'),
        "children: two have the same pseudonym",
    ),
    "a child without a name": (
        lambda t: t.replace('name = "Example Sibling"', ""),
        r"children\[2\].name: this is missing",
    ),
    "a name as a number": (
        lambda t: t.replace('name = "Example Sibling"', "name = 7"),
        r"children\[2\].name: this is not in the form expected",
    ),
    "neither born nor expected": (
        lambda t: t.replace("date_of_birth = 2021-03-14", ""),
        r"children\[1\]: give one of date_of_birth and expected_delivery_on",
    ),
    "born and expected": (
        lambda t: t.replace("expected_delivery_on =", "date_of_birth = 2026-01-01\nexpected_delivery_on ="),
        r"children\[2\]: give one of date_of_birth and expected_delivery_on, and only one",
    ),
    "born tomorrow": (
        lambda t: t.replace("2021-03-14", "2026-12-08"),
        r"children\[1\].date_of_birth: this day has not come yet",
    ),
    "a parent born tomorrow": (
        lambda t: t.replace("1994-07-30", "2026-12-08"),
        r"family\[1\].date_of_birth: this day has not come yet",
    ),
    "a misspelt key": (
        lambda t: t.replace("legal_status = ", "legal_state = "),
        r"children\[1\].legal_state: no such key is known",
    ),
    "a name for a key": (
        lambda t: t.replace("legal_status = ", f"{MARKER} = "),
        r"children\[1\]\.\?: no such key is known",
    ),
    "a key below the tables": (lambda t: t + '\narea = "x"\n', r"family\[2\].area: no such key is known"),
    "asking nobody": (lambda t: t.replace("# ask =", "ask = [] #"), "ask: list keys of agencies"),
    "asking one twice": (
        lambda t: t.replace("# ask =", 'ask = ["gp", "gp"] #'),
        "ask: an agency is listed twice",
    ),
    "asking by name": (
        lambda t: t.replace("# ask =", f'ask = ["{MARKER}"] #'),
        "ask.*: list keys of agencies",
    ),
    "a character that Word cannot show": (
        lambda t: t.replace("Grandparent of", rf"{MARKER}\u000b"),
        r"family\[2\].relationship: this holds a hidden character",
    ),
    "no quotation marks": (
        lambda t: t.replace('"Example Parent"', f"{MARKER} Parent"),
        r"line \d+: this is not TOML",
    ),
    "an unfinished text": (lambda t: t + f'x = """{MARKER}', "its last line: this is not TOML"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_by_file_key_and_remedy(mistake: str) -> None:
    """One line for one mistake, naming where it is and what to write, and never the value."""
    change, expected = MISTAKES[mistake]
    text = change(TEXT)
    assert text != TEXT
    (line,) = refusal(text)
    assert re.match(f"sin.toml: ({expected})", line)
    assert line.endswith((".", "examples/sin.toml."))
    for value in (MARKER, "Example", "Grandparent", "Exampleton", "2021", "1994"):
        assert value not in line


def test_all_mistakes_are_told_at_once() -> None:
    """Shape and rules together, so that the officer mends the file once."""
    text = future_sin(TEXT).replace('"RR-2026-07"', '"x"').replace("2021-03-14", "2030-01-01")
    keys = {line.split(": ")[1] for line in refusal(text)}
    assert keys == {"sin.sent_at", "reference", "children[1].date_of_birth"}


@pytest.mark.parametrize(
    "text", ["", "x = 1", "sin = 1", "family = [1]", "children = [[]]", "[children]\nx=1"]
)
def test_any_toml_at_all_is_answered_in_sentences(text: str) -> None:
    """A file of quite another kind is refused, and nothing else goes wrong."""
    assert all(re.fullmatch(r"sin\.toml: \S+: .+\.", line) for line in refusal(text))


def test_reading_needs_no_clock_of_its_own() -> None:
    """The same file is read or refused by the moment it is told."""
    early = datetime(2026, 12, 7, 15, 19, tzinfo=UTC)
    with pytest.raises(NotReadable, match="has not come yet"):
        read(TEXT, early)


def test_particulars_that_do_not_fit_are_refused_without_their_values() -> None:
    """A validation error, as it might reach a log, quotes nothing."""
    with pytest.raises(ValueError, match="pseudonym") as refused:
        Child(pseudonym=MARKER, name=f"{MARKER} name")
    assert MARKER not in str(refused.value)
