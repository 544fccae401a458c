"""What may be logged: a fixed sentence, and plain facts beside it."""

import ast
from pathlib import Path

import pytest

from worker.settings import PROJECT

ROOMS = ("domain", "workflows", "activities", "worker", "starter", "vault")

LEVELS = {"debug", "info", "warning", "warn", "error", "exception", "critical", "fatal", "log"}

PLAIN = {"reference", "key", "kind", "stage", "status", "code", "count", "port", "template", "version"}
"""What a log line may add to its sentence: keys, counts and codes."""

REVIEWED = {"starter/mailroom/imap.py: log.warning('%s', trouble)"}
"""Lines that were looked at: an error of ours on opening the mailbox names its host, port and settings."""


def loggings(source: str) -> list[ast.Call]:
    """Every call that writes to a log: ``workflow.logger.info(...)``, ``log.warning(...)``."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return [call for call in calls if isinstance(call.func, ast.Attribute) and _to_a_log(call.func)]


def _to_a_log(called: ast.Attribute) -> bool:
    return called.attr in LEVELS and "log" in ast.unparse(called.value).lower()


def says_too_much(call: ast.Call) -> bool:
    """Whether a logging call may say more than a fixed sentence and plain facts."""
    sentence, *values = [*call.args, *(keyword.value for keyword in call.keywords)]
    return not isinstance(sentence, ast.Constant) or not all(map(_plain, values))


def _plain(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return True
    return isinstance(value, ast.Name | ast.Attribute) and ast.unparse(value).rsplit(".", 1)[-1] in PLAIN


@pytest.mark.parametrize("room", ROOMS)
def test_no_log_line_is_put_together_from_what_people_say(room: str) -> None:
    """Log lines hold fixed sentences, references, keys and counts; anything else waits for a review here."""
    wordy = [
        f"{path.relative_to(PROJECT)}:{call.lineno}"
        for path in sorted((PROJECT / room).rglob("*.py"))
        for call in loggings(path.read_text("utf-8"))
        if says_too_much(call) and f"{path.relative_to(PROJECT)}: {ast.unparse(call)}" not in REVIEWED
    ]
    assert wordy == []


@pytest.mark.parametrize(
    ("line", "too_much"),
    [
        ('workflow.logger.info("Planned")', False),
        ('log.info("Sent %s", letter.key)', False),
        ('log.info("Sent", key=letter.key, count=3)', False),
        ('workflow.logger.info(f"Decided by {fact.by}")', True),
        ('log.warning("Decided by %s", fact.by)', True),
        ('log.warning("Decided by " + name)', True),
        ('structlog.get_logger().error("Wrong", reason=reason)', True),
        ("logger.exception(error)", True),
    ],
)
def test_the_guard_knows_a_wordy_line(line: str, *, too_much: bool) -> None:
    """What the guard is to find, it finds."""
    [call] = loggings(line)
    assert says_too_much(call) is too_much


def test_the_rooms_are_there() -> None:
    """The guard reads real files."""
    assert all(list(Path(PROJECT / room).rglob("*.py")) for room in ROOMS)
