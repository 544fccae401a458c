"""The pages for people: every command is explained, and what a page says to type is taken."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
import typer.main

from starter.command import app, held

PROJECT = Path(__file__).resolve().parents[1]
PAGES = sorted([*(PROJECT / "docs").glob("*.md"), PROJECT / "README.md"])
GUIDE = [
    PROJECT / "docs" / name
    for name in ("guide.md", "ways-in.md", "review.md", "actions.md", "cspr.md", "mail-in.md")
]
TYPED = re.compile(r"^ {4}(?:\.venv/bin/)?(rapid-review .*)$|`(rapid-review [^`]*)`", re.MULTILINE)
NO_CASE = {"demo", "up", "worker", "setup-server", "codec-server", "rotate-keys"}
"""Commands that a page may name without anything behind them."""

PROGRAM = typer.main.get_command(app)

COMMANDS = [
    *[command.name or "" for command in app.registered_commands],
    *[f"quarantine {command.name}" for command in held.registered_commands],
]


def lines(page: Path) -> Iterator[str]:
    """Every line that the page says to type, its continuation joined to it."""
    text = page.read_text("utf-8").replace("\\\n", " ")
    for shown, quoted in TYPED.findall(text):
        yield re.split(r"  +[a-z]", shown or quoted)[0].strip()


SHOWN = [(page.name, line) for page in PAGES for line in lines(page)]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_guide_explains_every_command(name: str) -> None:
    """Somebody who has forgotten a command finds it in the guide."""
    assert any(re.search(rf"[`\s]{name}[`\s;]", page.read_text("utf-8")) for page in GUIDE)


@pytest.mark.parametrize(("page", "line"), SHOWN, ids=[f"{page}: {line}" for page, line in SHOWN])
def test_what_a_page_says_to_type_is_taken(page: str, line: str) -> None:
    """The command exists, has these options and arguments, and lacks none that it needs."""
    _, *arguments = shlex.split(line.replace("REF", "RR-2026-07"))
    command, named = PROGRAM, list[str]()
    while hasattr(command, "get_command"):  # a group, of all commands or of those about the quarantine
        named.append(arguments.pop(0))
        command = command.get_command(None, named[-1])
        assert command is not None, f"{page}: {' '.join(named)} is no command"
    if not arguments and named[-1] not in NO_CASE:
        with pytest.raises(typer.Exit) as ended:
            command.make_context(named[-1], ["--help"])
        assert ended.value.exit_code == 0
        return
    assert command.make_context(named[-1], arguments).params
