"""What people type, read as London times, dates, actions and files, or answered with a sentence."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from domain.errors import Mistyped, NotReadable
from domain.messages import AgencyReturn, BookMeeting, Decide
from domain.partnership import load_partnership
from starter.arguments import (
    MEDIA_TYPES,
    action,
    built,
    contents,
    day,
    document,
    file_named,
    media_type,
    moment,
    typed,
)
from starter.reviews import listed, refuse_strangers
from tests.postbox.pieces import pdf
from worker.settings import PROJECT


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-22T10:00", datetime(2026, 12, 22, 10, tzinfo=UTC)),
        ("2026-12-22 10:00", datetime(2026, 12, 22, 10, tzinfo=UTC)),
        (" 2026-12-22T10:00 ", datetime(2026, 12, 22, 10, tzinfo=UTC)),
        ("2026-07-01T10:00", datetime(2026, 7, 1, 9, tzinfo=UTC)),
        ("2026-07-01T10:00Z", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-07-01T10:00+02:00", datetime(2026, 7, 1, 8, tzinfo=UTC)),
    ],
)
def test_a_moment_is_londons_unless_it_says_otherwise(text: str, instant: datetime) -> None:
    """Winter and summer; an offset of its own is kept."""
    assert moment(text, "--at") == instant


@pytest.mark.parametrize("text", ["", "soon", "22/12/2026 10:00", "2026-12-22T25:00", "2026-02-30T10:00"])
def test_what_is_no_moment_is_answered_with_the_option_and_an_example(text: str) -> None:
    """The sentence repeats what was typed."""
    with pytest.raises(
        NotReadable, match=r"^--at: '.*' is not a date and time\. Write one like 2026-12-22T10:00"
    ):
        moment(text, "--at")


def test_a_day_is_read() -> None:
    """With or without spaces round it."""
    assert day(" 2026-12-22 ", "--to") == date(2026, 12, 22)


@pytest.mark.parametrize("text", ["", "Christmas", "22.12.2026", "2026-02-30", "2026-12-22T10:00"])
def test_what_is_no_day_is_answered_with_the_option_and_an_example(text: str) -> None:
    """The sentence repeats what was typed."""
    with pytest.raises(NotReadable, match=r"^--to: '.*' is not a date\. Write one like 2026-12-22\."):
        day(text, "--to")


def test_an_immediate_action_has_three_parts() -> None:
    """Agency, due date and what is to be done; a bar in the wording stays."""
    read = action("police | 2026-12-30 | Tell every desk | every night desk too")
    assert (read.agency, read.due_on) == ("police", date(2026, 12, 30))
    assert read.action == "Tell every desk | every night desk too"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("police", "--action: write the agency, the due date and what is to be done"),
        ("police | 2026-12-30", "--action: write the agency, the due date"),
        ("police | soon | Tell every desk.", "--action: 'soon' is not a date"),
        ("The Police | 2026-12-30 | Tell every desk.", "agency: String should match pattern"),
        ("police | 2026-12-30 | x", "action: this is too short, with fewer than 3 letters. Write it out."),
    ],
)
def test_an_action_that_is_wrong_is_answered_with_its_part(text: str, says: str) -> None:
    """Which of the three is wrong."""
    with pytest.raises(NotReadable) as wrong:
        action(text)
    assert str(wrong.value).startswith(says)


@pytest.mark.parametrize("text", ["0001-01-01", "1066-10-14", "9999-12-31"])
def test_a_year_in_which_no_case_lies_is_a_slip(text: str) -> None:
    """At the ends of every calendar nothing can be counted."""
    said = r"^--to: no date of a case is in the year \d+\."
    with pytest.raises(Mistyped, match=said):
        day(text, "--to")
    with pytest.raises(Mistyped, match=said):
        moment(f"{text}T10:00", "--to")


def test_a_word_in_place_of_a_sentence_is_too_short() -> None:
    """One letter is not left out: the sentence says what is wrong with it."""
    with pytest.raises(Mistyped, match=r"^reason: this is too short, with fewer than 3 letters\."):
        typed(Decide, outcome="cspr", reason="x", by="Business Officer")


def test_every_fault_of_a_message_has_its_line() -> None:
    """Who and why have a remedy of their own; the others say what they need."""
    with pytest.raises(NotReadable) as wrong:
        built(Decide, outcome="perhaps", reason="", by="")
    lines = str(wrong.value).splitlines()
    assert lines[0] == "outcome: write cspr, no_cspr or other_review."
    assert lines[1] == "reason: say why with --reason 'in a sentence'."
    assert lines[2].startswith("by: say who")
    assert "RAPID_REVIEW_BY" in lines[2]


def test_a_fault_never_repeats_what_was_given() -> None:
    """What was typed may be about a person, so it stays out of the sentence."""
    with pytest.raises(NotReadable) as wrong:
        built(AgencyReturn, id="1", agency="Child A", kind="Child A", people_searched=-1, recorded_by="A")
    assert "Child" not in str(wrong.value)
    assert [line.split(":")[0] for line in str(wrong.value).splitlines()] == [
        "agency",
        "kind",
        "people_searched",
        "recorded_by",
    ]


def test_a_message_without_fault_is_built() -> None:
    """Of the fields given."""
    given = {"starts_at": datetime(2026, 12, 22, 10, tzinfo=UTC), "place": "Room 1", "by": "Business Officer"}
    assert built(BookMeeting, **given) == BookMeeting.model_validate(given)


def test_a_document_is_known_by_its_bytes(tmp_path: Path) -> None:
    """Whatever it is called: as the mail room would know it."""
    path = tmp_path / "return.txt"
    path.write_bytes(pdf().content)
    assert document(path) == (pdf().content, "application/pdf")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("return.docx", b"\x7fELF\x02\x01\x01", "a program"),
        ("return.docx", b"\x01\x02\x03", "another kind of file"),
        ("return.zip", b"Rar!\x1a\x07\x01\0", "an archive"),
        ("return.pdf", b"%PDF-1.7 /Encrypt", "this file is sealed"),
    ],
)
def test_what_is_no_document_is_refused_with_what_would_be(
    name: str, content: bytes, says: str, tmp_path: Path
) -> None:
    """Before anything is stored."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(NotReadable, match=f"{name}: .*{says}"):
        document(path)


def test_an_unknown_agency_is_named_by_file_and_place_and_never_by_what_was_written() -> None:
    """What was written may be about a person; its place is enough to find it."""
    partnership = load_partnership(PROJECT / "partnerships" / "northamptonshire")
    with (
        pytest.raises(
            NotReadable, match=r"^sin\.toml: ask, entry 2: no agency .* It has: childrens-trust,"
        ) as no,
        file_named("sin.toml"),
    ):
        refuse_strangers(listed("ask", ("police", "some-body")), "northamptonshire", partnership)
    assert "some-body" not in str(no.value)


def test_the_kind_of_a_document_is_known_by_its_ending() -> None:
    """In capitals too; an unknown one is plain bytes."""
    assert media_type(Path("draft.docx")) == MEDIA_TYPES[".docx"]
    assert media_type(Path("RETURN.PDF")) == "application/pdf"
    assert media_type(Path("scan.tiff")) == "application/octet-stream"
    assert media_type(Path("nothing")) == "application/octet-stream"


def test_a_file_is_read(tmp_path: Path) -> None:
    """Byte for byte."""
    path = tmp_path / "draft.docx"
    path.write_bytes(b"\x00draft")
    assert contents(path) == b"\x00draft"


@pytest.mark.parametrize("name", ["draft.docx", "."], ids=["missing", "a folder"])
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    """With the reason and the remedy."""
    with pytest.raises(NotReadable, match=r"this file cannot be read \(.+\)\. Check its name\.") as wrong:
        contents(tmp_path / name)
    assert str(tmp_path / name) in str(wrong.value)
