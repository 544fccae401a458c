"""The partnership's file: read whole, every mistake named by its key, and nobody's details repeated."""

import re
from datetime import date
from pathlib import Path

import pytest

from domain.errors import NotConfigured, Refused
from domain.messages import Recipient, RecipientKind
from domain.partnership import Partnership, load_partnership

SMALL = """\
key = "northamptonshire"
name = "A Partnership"
area = "northamptonshire"
mail_from = "review@office.example"
reply_domain = "replies.office.example"
office = { name = "Business Office", email = "office@office.example", phone = "01632 960000" }
panel = { name = "Panel", email = "panel@panel.example" }
ofsted = { name = "Ofsted", email = "ofsted@ofsted.example" }
secretary_of_state = { name = "Department", email = "reviews@department.example" }

[timetable]
rfi_due = 8

[leads.police]
title = "Police"
name = "Police Lead"
email = "lead@police.example"
deputies = [{ name = "Police Deputy", email = "deputy@police.example" }]
partner = { name = "Police Partner", email = "partner@police.example" }

[agencies.probation]
name = "Probation"
sector = "probation"
lead = "police"
delivery = "encrypted_attachment"
contacts = [
  { name = "Desk One", email = "one@probation.example" },
  { name = "Desk Two", email = "two@probation.example" },
]
representative = { name = "Representative", email = "llr@probation.example" }

[reviewers.one]
name = "Reviewer One"
email = "one@reviewers.example"
[sqas_manager]
name = "SQAS Manager"
email = "sqas@probation.example"
agency = "probation"

[[closures]]
name = "Christmas week"
first = 2026-12-24
last = 2027-01-01

[[bank_holidays]]
date = 2027-06-04
name = "Proclaimed Day"
"""


def written(folder: Path, text: str) -> Path:
    """A partnership's folder holding this text as its file."""
    (folder / "partnership.toml").write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path, text: str) -> list[str]:
    """The lines with which a file of this text is refused."""
    with pytest.raises(NotConfigured) as refusal:
        load_partnership(written(folder, text))
    return str(refusal.value).splitlines()


@pytest.fixture
def partnership(tmp_path: Path) -> Partnership:
    """The small partnership above."""
    return load_partnership(written(tmp_path, SMALL))


def test_a_small_folder_is_read(partnership: Partnership, tmp_path: Path) -> None:
    """What the file says is what the partnership holds, with the folder it came from."""
    assert partnership.folder == tmp_path.resolve()
    assert partnership.timetable.panel_submission_due == 15
    assert partnership.closures[0].last == date(2027, 1, 1)
    assert {day.date: day.name for day in partnership.bank_holidays} == {date(2027, 6, 4): "Proclaimed Day"}


def test_the_roster_holds_names_and_no_addresses(partnership: Partnership) -> None:
    """A case gets agencies, leads and deputies by name; the contact book stays here."""
    roster = partnership.roster()
    assert roster.agencies["probation"].lead == "police"
    assert roster.leads["police"].deputies == ("Police Deputy",)
    assert "@" not in roster.model_dump_json()


@pytest.mark.parametrize(
    ("kind", "key", "emails"),
    [
        ("agency", "probation", ["one@probation.example", "two@probation.example"]),
        ("representative", "probation", ["llr@probation.example"]),
        ("lead", "police", ["lead@police.example"]),
        ("partner", "police", ["partner@police.example"]),
        ("office", None, ["office@office.example"]),
        ("panel", None, ["panel@panel.example"]),
        ("ofsted", None, ["ofsted@ofsted.example"]),
        ("reviewer", "one", ["one@reviewers.example"]),
        ("secretary-of-state", None, ["reviews@department.example"]),
        ("sqas-manager", None, ["sqas@probation.example"]),
    ],
)
def test_every_kind_of_recipient_is_in_the_contact_book(
    partnership: Partnership, kind: str, key: str | None, emails: list[str]
) -> None:
    """Each kind of recipient leads to its own entries, in the file's order."""
    contacts = partnership.contacts_for(Recipient(kind=RecipientKind(kind), key=key))
    assert [contact.email for contact in contacts] == emails


def test_the_kinds_above_are_all_there_are() -> None:
    """A new kind of recipient must be given its addresses, and its line above."""
    desks = {"office", "panel", "ofsted", "secretary-of-state", "sqas-manager"}
    assert {*RecipientKind} == desks | {"agency", "representative", "lead", "partner", "reviewer"}


@pytest.mark.parametrize(
    ("kind", "key", "says"),
    [
        ("agency", "fire", "agencies has no entry for agency:fire. Known are: probation."),
        ("representative", "fire", "agencies has no entry for representative:fire. Known are: probation."),
        ("lead", "health", "leads has no entry for lead:health. Known are: police."),
        ("partner", "health", "leads has no entry for partner:health. Known are: police."),
        ("agency", None, "agencies has no entry for agency. Known are: probation."),
        ("lead", None, "leads has no entry for lead. Known are: police."),
    ],
)
def test_an_unknown_recipient_is_refused(
    partnership: Partnership, kind: str, key: str | None, says: str
) -> None:
    """Mail goes only to the contact book: a key it does not hold has no address."""
    with pytest.raises(Refused, match=says):
        partnership.contacts_for(Recipient(kind=RecipientKind(kind), key=key))


MISTAKES = {
    "bad address": (
        '"two@probation.example"',
        '"Desk Two"',
        (
            "agencies.probation.contacts[1].email: is not an e-mail address. "
            "Write one such as name@agency.example."
        ),
    ),
    "address on two lines": (
        '"llr@probation.example"',
        '"llr@probation.example\\nBcc: all@probation.example"',
        (
            "agencies.probation.representative.email: is not an e-mail address. "
            "Write one such as name@agency.example."
        ),
    ),
    "bad sender": (
        'mail_from = "review@office.example"',
        'mail_from = "review at office"',
        "mail_from: is not an e-mail address. Write one such as name@agency.example.",
    ),
    "bad reply domain": (
        '"replies.office.example"',
        '"office@replies.office.example"',
        "reply_domain: is not a mail domain. Write the part after the @, such as replies.agency.example.",
    ),
    "name on two lines": (
        '"Desk One"',
        '"Desk\\nOne"',
        "agencies.probation.contacts[0].name: is empty or runs over several lines. Write it on one line.",
    ),
    "name that a header would decode": (
        'name = "Probation"',
        'name = "=?utf-8?q?Probation?="',
        'agencies.probation.name: holds "=?", which in a mail begins what is encoded. Write it without.',
    ),
    "name left empty": (
        'name = "Probation"',
        'name = ""',
        "agencies.probation.name: is empty or runs over several lines. Write it on one line.",
    ),
    "unknown lead": (
        'lead = "police"',
        'lead = "health"',
        "agencies.probation.lead: is not the key of a strategic lead. The leads are: police.",
    ),
    "unknown delivery": (
        '"encrypted_attachment"',
        '"by_pigeon"',
        (
            "agencies.probation.delivery: is not one of the choices. "
            "Write 'encrypted_attachment' or 'by_telephone'."
        ),
    ),
    "missing key": (
        'sector = "probation"\n',
        "",
        "agencies.probation.sector: is missing. Add it; docs/partnership.md says what it holds.",
    ),
    "misspelt key": (
        "rfi_due = 8",
        "rfi_dew = 8",
        "timetable.rfi_dew: is not a key this file knows. Correct its spelling or remove it.",
    ),
    "bad agency key": (
        "[agencies.probation]",
        '[agencies."The Probation"]',
        "agencies.The Probation: is not a key. Use 2 to 24 small letters, digits and hyphens: early-years.",
    ),
    "no deputy": (
        'deputies = [{ name = "Police Deputy", email = "deputy@police.example" }]',
        "deputies = []",
        "leads.police.deputies: is empty. Give at least one.",
    ),
    "no leads": (
        SMALL[SMALL.index("[leads.police]") : SMALL.index("[agencies.probation]")],
        "[leads]\n",
        "leads: is empty. Give at least one.",
    ),
    "two people of one name": (
        '"Police Deputy"',
        '"Police Lead"',
        "leads.police: has two people of the same name. Tell them apart: a sign-off is by name.",
    ),
    "office without telephone": (
        ', phone = "01632 960000"',
        "",
        "office: has no phone. Add it: every letter says where to telephone, and for passwords.",
    ),
    "a table is expected": (
        'ofsted = { name = "Ofsted", email = "ofsted@ofsted.example" }',
        'ofsted = "ofsted@ofsted.example"',
        "ofsted: is not a table. Write it with its own keys, as docs/partnership.md shows.",
    ),
    "bad hour": (
        "rfi_due = 8",
        'rfi_due_hour = "noon"',
        "timetable.rfi_due_hour: is not a time of day. Write one such as 17:00.",
    ),
    "mail leaves after the due hour": (
        "rfi_due = 8",
        'rfi_due_hour = "08:30"',
        (
            "timetable: rfi_due_hour must be later than send_hour, when the day's mail leaves. "
            "Correct one of the two."
        ),
    ),
    "a day is not a number": (
        "rfi_due = 8",
        'rfi_due = "eight"',
        "timetable.rfi_due: must be a valid integer, unable to parse string as an integer.",
    ),
    "closure ends first": (
        "last = 2027-01-01",
        "last = 2026-01-01",
        "closures[0]: ends before it begins. Let last be the same day as first, or later.",
    ),
    "bank holiday without a date": (
        "date = 2027-06-04",
        'date = "the first Friday"',
        "bank_holidays[0].date: must be a valid date or datetime, invalid character in year.",
    ),
}
"""What is wrong: the words of SMALL, what stands there instead, and the sentence that names it."""


@pytest.mark.parametrize(("right", "wrong", "says"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_named_by_file_and_key(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    """One mistake, one line: the file, the key, what is wrong and how to mend it."""
    assert right in SMALL
    assert refused(tmp_path, SMALL.replace(right, wrong)) == [f"partnership.toml: {says}"]


@pytest.mark.parametrize(
    ("days", "says"),
    [
        ("rfi_reminders = [6, 8]", "rfi_due (day 8) must come after rfi_reminders (day 8)"),
        ("rfi_reminders = [7, 6]", "rfi_reminders (day 6) must come after rfi_reminders (day 7)"),
        ("rfi_overdue = 8", "rfi_overdue (day 8) must come after rfi_due (day 8)"),
        ("rfi_escalation = 8", "rfi_escalation (day 8) must not come before rfi_overdue (day 9)"),
        (
            "meeting_window_opens = 13",
            "meeting_window_closes (day 12) must not come before meeting_window_opens (day 13)",
        ),
        ("draft_due = 12", "draft_due (day 12) must come after meeting_window_closes (day 12)"),
        ("sign_off_reminder = 13", "sign_off_reminder (day 13) must come after draft_due (day 13)"),
        (
            "panel_submission_due = 13",
            "panel_submission_due (day 13) must not come before sign_off_reminder (day 14)",
        ),
    ],
)
def test_days_out_of_order_are_named(tmp_path: Path, days: str, says: str) -> None:
    """The days keep the guide's order; both days of a wrong pair are said."""
    lines = refused(tmp_path, SMALL.replace("rfi_due = 8", days))
    assert lines == [f"partnership.toml: timetable: {says}. Correct one of the two."]


def test_a_reminder_on_day_nought_is_refused(tmp_path: Path) -> None:
    """No reminder goes out on the day of the request itself."""
    lines = refused(tmp_path, SMALL.replace("rfi_due = 8", "rfi_reminders = [0, 6]"))
    assert lines == ["partnership.toml: timetable: rfi_reminders must be day 1 or later. Correct the days."]


def test_a_reminder_of_an_action_after_its_due_day_is_refused(tmp_path: Path) -> None:
    """Its days are counted before the due date; no reminder at all is a partnership's choice."""
    lines = refused(tmp_path, f"{SMALL}\n[follow_up]\nreminders = [5, 0]\n")
    assert len(lines) == 1
    assert lines[0].startswith("partnership.toml: follow_up: has a reminder on or after the due day. Give")
    assert load_partnership(written(tmp_path, f"{SMALL}\n[follow_up]\nreminders = []\n")).agencies


@pytest.mark.parametrize(
    "days",
    ["rfi_reminders = []", "rfi_escalation = 9", "meeting_window_opens = 12", "sign_off_reminder = 15"],
)
def test_days_that_may_fall_together_are_taken(tmp_path: Path, days: str) -> None:
    """No reminders at all, or two dates on one day where the guide allows it, is a partnership's choice."""
    assert load_partnership(written(tmp_path, SMALL.replace("rfi_due = 8", days))).agencies


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    """Mistakes in several sections, of several kinds, come in one refusal, a line each."""
    text = SMALL
    for name in ("bad address", "unknown lead", "closure ends first", "bad sender"):
        text = text.replace(*MISTAKES[name][:2])
    text = text.replace("rfi_due = 8", "rfi_overdue = 8\ndraft_due = 12")
    assert [line.split(":")[1].strip() for line in refused(tmp_path, text)] == [
        "mail_from",
        "timetable",
        "timetable",
        "agencies.probation.lead",
        "agencies.probation.contacts[1].email",
        "closures[0]",
    ]


def test_no_value_is_repeated_in_a_refusal(tmp_path: Path) -> None:
    """Whatever is wrong, no sentence holds what the file said: it may be a name or an address."""
    text = re.sub(r'= ("[^"]*"|[\d-]+)', r'= "MARKER\\n@"', SMALL)
    lines = refused(tmp_path, text)
    assert len(lines) == text.count("MARKER") - 1  # any text will do for a telephone number
    assert "MARKER" not in "".join(lines)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A folder without its file is said so, with how to name the right one; no machine path is shown."""
    with pytest.raises(NotConfigured) as refusal:
        load_partnership(tmp_path / "nowhere")
    assert str(refusal.value) == (
        "partnership.toml: cannot be opened in the folder nowhere (No such file or directory). "
        "Name the partnership's folder with RAPID_REVIEW_PARTNERSHIP."
    )


def test_a_file_that_is_not_toml_names_its_line(tmp_path: Path) -> None:
    """A slip of the pen is found by line and column."""
    (line,) = refused(tmp_path, SMALL.replace('name = "A Partnership"', 'name = "A Partnership'))
    assert line.startswith("partnership.toml: is not written as TOML should be: ")
    assert "at line 2, column 22" in line


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    """A file saved in another encoding is refused with how to save it."""
    (tmp_path / "partnership.toml").write_bytes(SMALL.encode("utf-16"))
    with pytest.raises(NotConfigured, match=r"partnership.toml: is not plain text. Save it as UTF-8."):
        load_partnership(tmp_path)
