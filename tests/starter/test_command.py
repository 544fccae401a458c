"""The command line: help that answers at once, a timetable without a server, and its exit statuses."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
import typer
from typer.core import TyperGroup
from typer.main import get_command

from starter import command
from starter.command import app, held
from vault.keys import KeyRing

HEAVY = ("temporalio", "holidays", "jinja2", "docx", "docxtpl", "fastapi", "obstore", "pydantic")
NOT_FOR_WORKFLOWS = (
    "holidays",
    "jinja2",
    "aiosmtplib",
    "docx",
    "docxtpl",
    "obstore",
    "msoffcrypto",
    "icalendar",
    "cryptography",
)
COMMANDS = [(c.name or "", (c.callback.__doc__ or "").strip()) for c in app.registered_commands if c.callback]
HELD = [
    (f"quarantine {c.name}", (c.callback.__doc__ or "").strip())
    for c in held.registered_commands
    if c.callback
]
BY = ("--by", "Business Officer")
PROGRAM = cast("TyperGroup", get_command(app))


def python(script: str, home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a line of Python with these arguments, as on an office's machine that has nothing set up."""
    ours = {k: v for k, v in os.environ.items() if not k.startswith(("RAPID_REVIEW_", "TEMPORAL_"))}
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=home,
        env={**ours, "RAPID_REVIEW_HOME": str(home), "COLUMNS": "120", "NO_COLOR": "1", **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def typed(home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """What the program answers to a line typed at it, under these settings."""
    return python("from starter.command import main; main()", home, *arguments, **settings)


@dataclass(frozen=True)
class Answer:
    """What was answered, as by a process."""

    returncode: int
    stdout: str
    stderr: str


Typing = Callable[..., Answer]
"""Types a line at the program."""


@pytest.fixture
def typed_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Typing]:
    """Types a line at the program as `typed` does, within this process: much sooner answered."""
    for name in [name for name in os.environ if name.startswith(("RAPID_REVIEW_", "TEMPORAL_"))]:
        monkeypatch.delenv(name)
    for name, value in {"RAPID_REVIEW_HOME": str(tmp_path), "COLUMNS": "120", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "_leave", sys.exit)
    mask = os.umask(0o022)

    def answered(*arguments: str) -> Answer:
        monkeypatch.setattr(sys, "argv", ["rapid-review", *arguments])
        with pytest.raises(SystemExit) as ended:
            command.main()
        return Answer(cast("int", ended.value.code), *capsys.readouterr())

    yield answered
    os.umask(mask)


def imported(home: Path, script: str, wanted: tuple[str, ...]) -> list[str]:
    """Which of the wanted libraries a script brings in."""
    told = f"import sys\n{script}\nsys.stderr.write(' '.join(m for m in {wanted!r} if m in sys.modules))"
    return python(told, home, "--help").stderr.split()


@pytest.mark.parametrize(("name", "says"), COMMANDS + HELD, ids=[name for name, _ in COMMANDS + HELD])
def test_every_command_says_what_it_is_for(name: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its help opens with its one sentence, and ends well."""
    *groups, last = name.split()
    group = PROGRAM
    for word in groups:
        group = cast("TyperGroup", group.commands[word])
    with pytest.raises(typer.Exit) as ended:
        group.commands[last].make_context(last, ["--help"])
    assert ended.value.exit_code == 0
    assert says.endswith(".")
    assert says.partition(". ")[0].rstrip(".")[:50] in " ".join(capsys.readouterr().out.split())


def test_help_lists_every_command(tmp_path: Path) -> None:
    """In the order of the process: a timetable, a case opened, what is told of it."""
    answer = typed(tmp_path, "--help")
    shown = [word for word in answer.stdout.split("Commands:")[1].split() if word in dict(COMMANDS)]
    assert (answer.returncode, answer.stderr) == (0, "")
    assert set(shown) == {name for name, _ in COMMANDS}
    assert [name for name, _ in COMMANDS][:2] == ["timetable", "open"]


def test_help_brings_in_nothing_heavy(tmp_path: Path) -> None:
    """Neither engine nor calendar, template or document library: it answers at once."""
    script = "from starter.command import app\ntry:\n    app()\nexcept SystemExit:\n    pass"
    assert imported(tmp_path, script, (*HEAVY, "starter.command")) == ["starter.command"]


def test_a_workflow_brings_in_no_library_that_touches_the_world(tmp_path: Path) -> None:
    """A cached workflow stays small, and replay never depends on a calendar or a template."""
    script = "import workflows.rapid_review"
    assert imported(tmp_path, script, (*NOT_FOR_WORKFLOWS, "temporalio")) == ["temporalio"]


DATES = {
    "2026-12-07T15:20": ("2026-12-17T17:00:00Z", "2026-12-30T17:00:00Z"),
    "2026-12-18T15:20": ("2027-01-04T17:00:00Z", "2027-01-13T17:00:00Z"),
    "2027-03-22T09:00": ("2027-04-05T16:00:00Z", "2027-04-14T16:00:00Z"),
    "2026-12-12T23:59": ("2026-12-23T17:00:00Z", "2027-01-06T17:00:00Z"),
}


@pytest.mark.parametrize("sent", DATES)
def test_the_worked_dates_as_data(sent: str, typed_here: Typing) -> None:
    """Day 8 and Day 15 over Christmas, over Easter, from a Saturday."""
    answer = typed_here("timetable", "--sin", sent, "--json")
    by_key = {m["key"]: m for m in json.loads(answer.stdout)}
    day_8, day_15 = by_key["rfi_due"], by_key["panel_submission_due"]
    assert (answer.returncode, answer.stderr) == (0, "")
    assert (day_8["day"], day_8["due"], day_15["day"], day_15["due"]) == (
        8,
        DATES[sent][0],
        15,
        DATES[sent][1],
    )
    assert {"key", "day", "kind", "due", "explanation"} <= set(day_8)


def test_the_whole_timetable_as_data(typed_here: Typing) -> None:
    """Every date of domain.md under its key, in time order; the SIN's own where it can be counted."""
    answer = typed_here("timetable", "--sin", "2026-12-18T15:20", "--aware", "2026-12-14", "--json")
    planned = json.loads(answer.stdout)
    assert [m["due"] for m in planned] == sorted(m["due"] for m in planned)
    assert {m["key"]: m["day"] for m in planned} == {
        "sin_sent": 0,
        "meeting_nudge": 3,
        "agency_checkpoint": 5,
        "sin_due": 5,
        "rfi_reminder_1": 6,
        "rfi_reminder_2": 7,
        "rfi_due": 8,
        "rfi_overdue": 9,
        "rfi_escalation": 10,
        "meeting_window_opens": 10,
        "meeting_window_closes": 12,
        "draft_due": 13,
        "sign_off_reminder": 14,
        "panel_submission_due": 15,
    }
    explained = next(m["explanation"] for m in planned if m["key"] == "panel_submission_due")
    assert explained == (
        "15 working days from Fri 18 Dec 2026 is Wed 13 Jan 2027; not counted: 25 Dec (Christmas Day), "
        "28 Dec (Boxing Day, substitute day), 1 Jan 2027 (New Year's Day), 4 weekends"
    )


def test_the_timetable_for_people(tmp_path: Path) -> None:
    """Dates as the office says them, how each was counted, and which convention counts."""
    answer = typed(tmp_path, "timetable", "--sin", "2026-12-18T15:20")
    text = " ".join(answer.stdout.split())
    assert (answer.returncode, answer.stderr) == (0, "")
    for said in (
        "Mon 4 Jan 2027 17:00",
        "Wed 13 Jan 2027 17:00",
        "(Christmas Day)",
        "Fri 18 Dec 2026 is Day 0",
    ):
        assert said in text
    assert "give --aware, or --incident" in text


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("tomorrow",),
        ("timetable",),
        ("timetable", "--sun", "2026-12-18"),
        ("book-meeting", "RR-2026-07", "--at", "2026-12-22T10:00", "--place", "Room 1", "--minutes", "long"),
        ("sign-off", "RR-2026-07", "health"),
        ("show",),
        ("close-action", "RR-2026-07", "first"),
    ],
    ids=lambda given: " ".join(given) or "nothing",
)
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...], typed_here: Typing) -> None:
    """With how to use it on standard error, and nothing done."""
    answer = typed_here(*arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert "Usage: " in answer.stderr
    assert "Traceback" not in answer.stderr


MISTYPED: dict[tuple[str, ...], str] = {
    (
        "timetable",
        "--sin",
        "tomorrow",
    ): "--sin: 'tomorrow' is not a date and time. Write one like",
    (
        "timetable",
        "--sin",
        "2026-12-18T15:20",
        "--aware",
        "then",
    ): "--aware: 'then' is not a date. Write one like",
    (
        "timetable",
        "--sin",
        "1066-10-14T10:00",
    ): "--sin: no date of a case is in the year 1066.",
    (
        "timetable",
        "--sin",
        "9999-12-31T23:59-05:00",
    ): "--sin: ",
    (
        "book-meeting",
        "RR-2026-07",
        "--at",
        "noon",
        "--place",
        "Room 1",
        *BY,
    ): "--at: 'noon' is not a date and time",
    (
        "decide",
        "RR-2026-07",
        "perhaps",
        "--reason",
        "Because.",
        *BY,
    ): "outcome: write cspr, no_cspr",
    (
        "decide",
        "RR-2026-07",
        "cspr",
        "--reason",
        "Because.",
    ): "by: say who",
    (
        "sign-off",
        "RR-2026-07",
        "health",
        "--version",
        "1",
        "--as",
        "Lead",
    ): "Say one of --confirm and --amend",
    (
        "replan",
        "RR-2026-07",
        "--reason",
        "Because.",
        "--to",
        "soon",
        *BY,
    ): "--to: 'soon' is not a date",
    (
        "plan-learning",
        "RR-2026-07",
        "--owner",
        "icb",
        "--due",
        "soon",
        "--what",
        "Brief all",
        *BY,
    ): "--due: 'soon' is not a date",
    (
        "close-action",
        "RR-2026-07",
        "1",
    ): "by: say who",
    (
        "move-action",
        "RR-2026-07",
        "1",
        "--to",
        "soon",
        "--reason",
        "Because.",
        *BY,
    ): "--to: 'soon' is not",
    (
        "timetable",
        "--sin",
        "0001-01-01",
    ): "--sin: no date of a case is in the year 1.",
    (
        "plan-learning",
        "RR-2026-07",
        "--owner",
        "icb",
        "--due",
        "0001-01-01",
        "--what",
        "Brief all",
        *BY,
    ): "--due: no date of a case is in the year 1.",
    (
        "withdraw",
        "RR-2026-07",
        "--reason",
        "x",
        *BY,
    ): "reason: this is too short, with fewer than 3 letters. Write it out.",
}
"""What is typed wrong, and what is said of it."""


REFUSED: dict[tuple[str, ...], str] = {
    (
        "timetable",
        "--sin",
        "2099-01-01T10:00",
    ): "Thu 1 Jan 2099 is outside the calendar",
    (
        "open",
        "nowhere.toml",
    ): "nowhere.toml: this file cannot be read",
    (
        "rehearse",
        "nowhere.toml",
    ): "nowhere.toml: this file cannot be read",
    (
        "submit-draft",
        "RR-2026-07",
        "nowhere.docx",
        *BY,
    ): "nowhere.docx: this file cannot be read",
    (
        "record-evidence",
        "RR-2026-07",
        "1",
        "--evidence",
        "A list",
        "--file",
        "nowhere.pdf",
        *BY,
    ): "nowhere.pdf: this file cannot be read",
    (
        "password",
        "RR-2026-07",
    ): "run `rapid-review up`",
}
"""What is typed, and what the refusal says: what is wrong and how to mend it."""


@pytest.mark.parametrize("arguments", MISTYPED, ids=lambda given: " ".join(given[:4]))
def test_a_value_that_is_typed_wrong_ends_with_2_and_one_sentence(
    arguments: tuple[str, ...], typed_here: Typing
) -> None:
    """Wrong usage is not a refusal: a program that calls us can tell a slip from a case that says no."""
    answer = typed_here(*arguments)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("Wrong usage. ")
    assert MISTYPED[arguments] in answer.stderr
    assert answer.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", REFUSED, ids=lambda given: " ".join(given[:4]))
def test_a_refusal_ends_with_1_and_one_sentence(arguments: tuple[str, ...], typed_here: Typing) -> None:
    """On standard error, and with nothing on standard output."""
    answer = typed_here(*arguments)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("Refused. ")
    assert REFUSED[arguments] in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_process_ends_as_the_program_does(tmp_path: Path) -> None:
    """Its exit status is the program's own, and there is no traceback."""
    for status, *arguments in ((0, "--help"), (1, "open", "nowhere.toml"), (2, "show")):
        answer = typed(tmp_path, *map(str, arguments))
        assert (answer.returncode, "Traceback" in answer.stderr) == (status, False)


def test_a_server_that_does_not_answer_is_a_refusal(tmp_path: Path) -> None:
    """The sentence names the address; nothing is left waiting."""
    KeyRing.create(tmp_path / "keyring.json")
    answer = typed(tmp_path, "show", "RR-2026-07", TEMPORAL_ADDRESS="127.0.0.1:9")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("Refused. ")
    assert "127.0.0.1:9" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_wrong_setting_names_its_variable_and_not_its_value(
    typed_here: Typing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip in the environment is a refusal like any other."""
    monkeypatch.setenv("RAPID_REVIEW_SMTP_PORT", "mailhub")
    answer = typed_here("timetable", "--sin", "2026-12-18T15:20")
    assert (answer.returncode, answer.stdout) == (1, "")
    assert "RAPID_REVIEW_SMTP_PORT" in answer.stderr
    assert "mailhub" not in answer.stderr
