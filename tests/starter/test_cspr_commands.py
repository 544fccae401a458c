"""The commands of a CSPR: what each tells it, what is shown of it, and the moments of its scenarios."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from domain.cspr.facts import apply
from domain.cspr.messages import (
    CsprCommission,
    CsprHold,
    CsprMonitor,
    CsprPublish,
    CsprRequest,
    CsprTerms,
    cspr_id,
)
from domain.cspr.standing import CsprStanding, standing
from domain.errors import NotReadable, Refused
from domain.messages import DocumentRef, Message, Receipt, SignOff
from domain.record import Entry
from domain.timetable import london
from starter import cspr as commands
from starter import csprs
from starter.command import app
from starter.cspr_screen import cspr_screen
from starter.scenario import cspr_moment_of
from tests import cspr_sample as told
from tests import sample

BY = ("--by", "Business Officer")


class Office:
    """A server, store and CSPR in one, which keep what they are given."""

    client = None

    def __init__(self) -> None:
        """Nothing is told yet."""
        self.facts: list[Message] = []
        self.told_to: list[str] = []

    async def put(self, content: bytes, media_type: str) -> DocumentRef:
        """Keep a document, known by its first letter."""
        return DocumentRef(sha256=chr(content[0]) * 64, size=len(content), media_type=media_type)

    async def tell(self, reference: str, fact: Message) -> Receipt:
        """Keep a fact."""
        self.facts.append(fact)
        self.told_to.append(reference)
        return Receipt(
            reference=reference.split("/", maxsplit=1)[0],
            recorded="Recorded.",
            warnings=("Mind this.",),
            next="nothing",
        )

    async def standing(self, reference: str, as_of: datetime) -> CsprStanding:
        """A CSPR whose report was sent."""
        assert reference == sample.REFERENCE
        return standing(told.sent(), as_of)

    async def record(self, reference: str) -> tuple[Entry, ...]:
        """Its record."""
        assert reference == sample.REFERENCE
        return told.sent().record


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Office:
    """An office at hand, and documents in the folder it is typed in."""
    fake = Office()

    async def at_hand() -> tuple[None, Office, Office]:
        return None, fake, fake

    monkeypatch.setattr(commands, "office", at_hand)
    monkeypatch.setattr(csprs, "Csprs", lambda _: fake)
    monkeypatch.chdir(tmp_path)
    for letter in "abc":
        (tmp_path / f"{letter}.docx").write_text(letter, encoding="utf-8")
    return fake


TYPED: dict[str, tuple[tuple[str, ...], type[Message], dict[str, object]]] = {
    "cspr-commission": (
        ("reviewer-one", "--no-conflict", *BY),
        CsprCommission,
        {"reviewer": "reviewer-one", "name": "Independent Reviewer One", "no_conflict": True},
    ),
    "cspr-terms": (
        ("a.docx", "b.docx", *BY),
        CsprTerms,
        {"terms.sha256": "a" * 64, "key_lines.sha256": "b" * 64},
    ),
    "cspr-monitor": (
        ("--late", "--reason", "Begun late", *BY),
        CsprMonitor,
        {"on_time": False, "good_quality": True},
    ),
    "cspr-request": (
        ("c.docx", "--about", "time", "--answer-by", "2027-03-01", "--reason", "A plan", *BY),
        CsprRequest,
        {"about": "time", "document.sha256": "c" * 64, "answer_by": date(2027, 3, 1)},
    ),
    "cspr-sign-off": (
        ("health", "--version", "2", "--as", "Health Lead", "--amend", "Say more"),
        SignOff,
        {"lead": "health", "version": 2, "answer": "amend", "note": "Say more", "by": "Health Lead"},
    ),
    "cspr-hold": (
        ("coroner", "--review", "2027-03-01", "--reason", "An inquest", *BY),
        CsprHold,
        {"proceedings": "coroner", "review_on": date(2027, 3, 1)},
    ),
    "cspr-publish": (
        ("--on", "2027-06-01", "--improvements", "a.docx", "--reason", "A child is known", *BY),
        CsprPublish,
        {"published_on": date(2027, 6, 1), "improvements.sha256": "a" * 64},
    ),
}
"""What is typed after a command and the reference, and what the CSPR is then told."""


@pytest.mark.parametrize("command", TYPED)
def test_what_is_typed_is_what_the_cspr_is_told(command: str, office: Office) -> None:
    """Each command brings its fact, with its documents stored, and prints the receipt."""
    words, kind, fields = TYPED[command]
    answer = CliRunner().invoke(app, [command, sample.REFERENCE, *words], catch_exceptions=False)
    assert "Recorded." in answer.output
    assert "Mind this." in answer.output
    (fact,) = office.facts
    assert isinstance(fact, kind)
    for path, value in fields.items():
        found: object = fact
        for name in path.split("."):
            found = getattr(found, name)
        assert found == value


@pytest.mark.parametrize("command", ["cspr-send", "cspr-draft", "cspr-lift-hold", "cspr-send-again"])
def test_a_receipt_can_be_had_as_data(command: str, office: Office) -> None:
    """With --json the receipt is data."""
    words = {
        "cspr-draft": ["a.docx"],
        "cspr-lift-hold": ["criminal", "--reason", "It is over"],
        "cspr-send-again": ["cspr/terms/1/reviewer/reviewer-one"],
    }
    typed = [command, sample.REFERENCE, *words.get(command, []), *BY, "--json"]
    answer = CliRunner().invoke(app, typed, catch_exceptions=False)
    assert json.loads(answer.output)["recorded"] == "Recorded."
    assert len(office.facts) == 1


@pytest.mark.parametrize(
    ("typed", "told_to"), [("RR-2026-90", "RR-2026-90"), ("rr-2026-90/2", "RR-2026-90/2")]
)
def test_the_second_review_of_a_case_has_a_reference_of_its_own(
    typed: str, told_to: str, office: Office
) -> None:
    """With /2 after the case's."""
    CliRunner().invoke(app, ["cspr-send", typed, *BY], catch_exceptions=False)
    assert office.told_to == [told_to]
    assert cspr_id(told_to) == f"RR-2026-90/cspr{told_to.removeprefix('RR-2026-90')}"


@pytest.mark.parametrize("typed", ["RR-2026-90/3", "RR-2026-90/cspr"])
def test_no_case_has_a_third(typed: str, office: Office) -> None:
    """What cannot be a reference is wrong usage."""
    assert CliRunner().invoke(app, ["cspr-send", typed, *BY]).exit_code == 2
    assert office.facts == []


def test_a_sign_off_says_one_thing(office: Office) -> None:
    """Neither or both of --confirm and --amend is no answer."""
    typed = ["cspr-sign-off", sample.REFERENCE, "health", "--version", "1", "--as", "Health Lead"]
    answer = CliRunner().invoke(app, typed)
    assert isinstance(answer.exception, NotReadable)
    assert office.facts == []


def test_a_reviewer_who_is_not_in_the_folder_is_refused(office: Office) -> None:
    """The sentence says whom the file knows."""
    answer = CliRunner().invoke(app, ["cspr-commission", sample.REFERENCE, "nobody", "--no-conflict", *BY])
    assert isinstance(answer.exception, Refused)
    assert "Known are: reviewer-one, reviewer-two" in str(answer.exception)
    assert office.facts == []


def test_a_cspr_is_shown_and_its_record_too(office: Office) -> None:
    """The screen, the data, and every line of the record."""
    shown = CliRunner().invoke(app, ["cspr-show", sample.REFERENCE], catch_exceptions=False)
    assert "rapid-review cspr-publish RR-2026-90 --on DATE" in shown.output
    data = CliRunner().invoke(app, ["cspr-show", sample.REFERENCE, "--json"], catch_exceptions=False)
    assert json.loads(data.output)["may_publish_on"] == "2027-03-11"
    record = CliRunner().invoke(app, ["cspr-show", sample.REFERENCE, "--record"], catch_exceptions=False)
    assert "cspr.commissioned" in record.output
    as_data = CliRunner().invoke(
        app, ["cspr-show", sample.REFERENCE, "--record", "--json"], catch_exceptions=False
    )
    assert len(json.loads(as_data.output)) == len(told.sent().record)
    assert office.facts == []


def test_the_screen_keeps_the_six_month_date_in_sight() -> None:
    """Late and held: the date, how it was counted, the breach and the hold."""
    held = apply(told.hold(date(2027, 9, 1)), told.sent(), told.at("2027-03-03 10:00"))
    console = Console(width=200)
    with console.capture() as captured:
        console.print(cspr_screen(standing(held, told.at("2027-07-01 10:00"))))
    said = captured.get()
    assert "To be published by: Fri 18 Jun 2027 17:00 (6 months from Fri 18 Dec 2026" in said
    assert "LATE  CSPR published Fri 18 Jun 2027 17:00" in said
    assert "ON HOLD  criminal proceedings, review Wed 1 Sep 2027" in said


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("month 3 10:00", "Thu 18 Mar 2027 10:00"),
        ("+98 days 09:30", "Tue 30 Mar 2027 09:30"),
        ("+1 day 10:00", "Mon 21 Dec 2026 10:00"),
    ],
)
def test_a_moment_of_a_cspr(text: str, moment: str) -> None:
    """Months or days after the decision; Good Friday and a Saturday become the next working day."""
    assert london(cspr_moment_of(text, told.DECIDED, sample.CALENDAR)) == moment


def test_a_slip_in_such_a_moment_is_answered_with_how_to_write_it() -> None:
    """A working day of the Rapid Review is none of the CSPR."""
    with pytest.raises(NotReadable, match="Write one like: month 3 10:00"):
        cspr_moment_of("day 3 10:00", datetime(2026, 12, 18, tzinfo=UTC), sample.CALENDAR)
