"""Nothing that names a person lies in the open: a review is played with every field marked, then searched.

What may be where is decided in docs/decisions/0002-three-classes-of-data.md.
"""

import re
from pathlib import Path

import pytest

from domain.partnership import FILE
from tests.privacy.markers import DATES, FACTS, KINDS, Kind, labels_in, labels_of
from tests.privacy.opening import handlers_played, letters, opened_history, opened_store, parts, unlocked
from tests.privacy.review import REFERENCE
from tests.privacy.searching import files, found_in, layers, values
from tests.privacy.taken import OF_OUR_OWN, every_message

MOMENTS = ("without-mail", "at-the-end")
"""When the server was asked: while the mail server was down, and when all was over."""

LOCKED = ("people-to-search-for.docx", "immediate-actions.docx")
"""How the names of the attachments end that open only with the case's password."""

REPORT = {"the draft report", "the report", "the CSPR", "the improvements"}
"""What is marked in the report: it speaks of children by pseudonym, and goes to leads, Panel and Ofsted."""

TO_THE_REVIEWER = {
    "terms-of-reference.docx": {"the terms"},
    "terms-of-reference-2.docx": {"the key lines"},
    "request.docx": {"the request"},
}
"""What is marked in the documents that go to the reviewer of a CSPR and nobody else."""

PLACE = {"BookMeeting.place"}
"""What people type that a letter says: where the meeting is, to those it invites."""

REVIEWER = {"CsprCommission.name"}
"""And who reviews, to the reviewer and to the three who must hear of a commission."""

KEY = "X-Rapid-Review-Letter"

COMMISSION = re.compile("cspr/commissioned/")


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_database_holds_nothing_in_the_open(played: Path, moment: str) -> None:
    """Neither the files of the server's database nor any value in it hold a marked word."""
    kept = files(played / "running" / moment) + list(played.glob("temporal.db*"))
    assert {path.name: found for path in kept if (found := found_in(path.read_bytes()))} == {}
    assert [found for value in values(kept[0]) if (found := found_in(value))] == []


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_server_tells_nothing_to_who_has_no_key(played: Path, moment: str) -> None:
    """History, description, visibility and answers are sealed: summaries, details, failures and all."""
    told = files(played / "told" / moment)
    assert {path.name: found for path in told if (found := found_in(path.read_bytes()))} == {}


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_overview_names_nobody_in_any_form(played: Path, moment: str) -> None:
    """It is printed, mailed and opened in spreadsheets: plain facts of the case and nothing else."""
    forms = files(played / "overview" / moment)
    assert len(forms) == 4
    assert all(REFERENCE in path.read_text("utf-8") for path in forms if path.name != "figures.json")
    assert [path.name for path in forms if labels_in(path.read_text("utf-8"))] == []
    assert {path.name: found for path in forms if (found := found_in(path.read_bytes()))} == {}


async def test_what_must_never_enter_temporal_is_not_even_sealed_in_it(played: Path) -> None:
    """A history that is opened still holds no child, no family, no narrative and no document."""
    opened = await opened_history(played)
    assert labels_in(opened) & labels_of(Kind.NEVER) == set()
    assert [day for day in DATES.values() if str(day) in opened] == []


def test_the_store_holds_nothing_in_the_open(played: Path) -> None:
    """Neither what lies in the office's folder, key ring included, nor what it is called."""
    kept = files(played / "office")
    names = {str(path.relative_to(played)) for path in files(played)}
    assert [path.name for path in kept for layer in layers(path.read_bytes()) if found_in(layer)] == []
    assert [name for name in names if found_in(name.encode())] == []


def test_nothing_is_said_in_a_log(played: Path) -> None:
    """Whatever is logged, by us, the SDK or the engine, at whatever level, speaks of nobody."""
    printed = (played / "printed").read_text("utf-8", errors="replace")
    assert [line for line in printed.splitlines() if labels_in(line)] == []
    assert found_in(printed.encode()) == []


def test_a_letters_headers_name_only_whom_it_is_for(played: Path) -> None:
    """Subject, Message-ID, Reply-To and every other header but To are plain facts."""
    for letter in letters(played):
        told = [name for name, value in letter.items() if labels_in(str(value)) and name != "To"]
        assert told == [], letter["X-Rapid-Review-Letter"]
        assert labels_in(letter["To"]) <= {"contact", "address", "lead"}


def test_a_letters_text_says_nothing_of_anybody(played: Path) -> None:
    """Of all that people type a body says only where the meeting is, to those it invites."""
    for letter in letters(played):
        invited = letter["X-Rapid-Review-Letter"].startswith("invitation/")
        bodies = [content.decode() for name, content in parts(letter) if name.startswith("text/")]
        assert len(bodies) == 2
        for body in bodies:
            said = PLACE if invited else REVIEWER if COMMISSION.match(letter[KEY]) else set()
            assert labels_in(body) <= said, letter["X-Rapid-Review-Letter"]
            assert [found for found in found_in(body.encode()) if " as " in found] == []


def test_an_attachment_is_locked_or_names_nobody(played: Path) -> None:
    """An attachment's name is plain; what is in it is locked, or is the report or the invitation."""
    bodies = dict.fromkeys(("text/plain", "text/html"), PLACE | REVIEWER)
    allowed = {"meeting.ics": PLACE | {"address"}, "report.docx": REPORT, **TO_THE_REVIEWER, **bodies}
    for letter in letters(played):
        for name, content in parts(letter):
            may = next((what for ending, what in allowed.items() if name.endswith(ending)), PLACE)
            assert labels_in(name) == set()
            for layer in layers(content):
                assert labels_in(layer.decode("latin-1")) <= may, name
                assert [found for found in found_in(layer) if " as " in found] == []


def test_the_list_of_people_holds_what_a_search_needs(played: Path) -> None:
    """Opened, the list names them all: so these words were on their way, and were hidden."""
    lists = [c for letter in letters(played) for name, c in parts(letter) if name.endswith(LOCKED[0])]
    needed = {"Child.name", "Child.residence", "FamilyMember.name", "FamilyMember.relationship"}
    assert len(lists) >= 3
    for content in lists:
        opened = unlocked(played, content)
        assert labels_in(opened.decode("latin-1")) == needed
        assert {found.split(" as ")[0] for found in found_in(opened) if " as " in found} == set(DATES)


def test_immediate_actions_are_worded_under_lock_alone(played: Path) -> None:
    """Opened, the list of actions has their wording."""
    lists = [(name, c) for letter in letters(played) for name, c in parts(letter) if name.endswith(LOCKED[1])]
    opened = [
        labels_in(unlocked(played, content, name[: len(REFERENCE)]).decode("latin-1"))
        for name, content in lists
    ]
    assert {"ImmediateAction.action"} in opened
    assert {"PlanLearning.what"} in opened
    assert {"LocalOutcome.what"} in opened
    assert all(len(labels) == 1 for labels in opened)


def test_whatever_starts_a_workflow_or_is_told_to_one_was_played(played: Path) -> None:
    """A message that is added tomorrow must be played and marked tomorrow."""
    known, handled = list(every_message()), handlers_played(played)
    taken = {model for kind, name, model in known if (kind, name) in handled}
    assert {model.__name__ for *_, model in known if model not in taken} == set()
    assert {model.__name__ for model in taken.difference(FACTS, OF_OUR_OWN)} == set()


async def test_every_marked_word_was_planted(played: Path) -> None:
    """Each field really held its word: opened, history, store and contact book have them all."""
    opened = await opened_history(played) + await opened_store(played)
    book = (played / "partnership" / FILE).read_text("utf-8")
    planted = labels_in(opened) | labels_in(book)
    assert labels_of(Kind.NEVER, Kind.SEALED, Kind.BOOK) - planted == set()


@pytest.mark.parametrize("moment", MOMENTS)
def test_what_was_searched_is_the_case(played: Path, moment: str) -> None:
    """The database searched is that of the case, and its payloads are sealed ones."""
    content = b"\n".join(values(played / "running" / moment / "temporal.db"))
    assert REFERENCE.encode() in content
    assert b"binary/encrypted" in content


def test_mail_failed_on_the_way(played: Path) -> None:
    """The failures that might have said too much took place: a silent server, a refused recipient."""
    printed = (played / "printed").read_text("utf-8", errors="replace")
    assert "MailServerUnreachable" in printed
    keys = [letter["X-Rapid-Review-Letter"] for letter in letters(played)]
    assert "undelivered/request/hospital/office" in keys
    assert "request/hospital/again" in keys


def test_every_kind_of_word_is_marked() -> None:
    """The fields are found by asking the models: some of those that must be among them are."""
    assert {kind: sum(k is kind for k in KINDS.values()) >= 4 for kind in Kind} == dict.fromkeys(Kind, True)
    assert KINDS["Child.name"] is Kind.NEVER
    assert KINDS["SignOff.note"] is Kind.SEALED
    assert "AddAgency.agency" not in KINDS
