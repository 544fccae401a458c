"""How a CSPR is shown on a screen."""

from collections.abc import Iterator

from rich.console import Group
from rich.text import Text

from domain.cspr.standing import CsprStanding
from domain.timetable import london
from starter.screens import to_do, to_type


def cspr_screen(now: CsprStanding) -> Group:
    """One screen of a CSPR: where it stands, its date and why, what is held, what to type next."""
    parts = [Text(f"{now.called}  {now.kind}, {now.stage}, {london(now.as_of)}", style="bold")]
    parts += [Text(line) for line in _dates(now)]
    parts += [Text(f"LATE  {late}", style="red") for late in now.late]
    parts += [Text(f"ON HOLD  {hold}. The six-month date stands.", style="yellow") for hold in now.holds]
    parts += [Text(f"Version {now.version}: {title}: {answer}") for title, answer in now.leads.items()]
    commands = [
        (todo.says, f"rapid-review {todo.command.replace('REF', now.called, 1)}") for todo in now.todo
    ]
    return Group(*parts, *to_do([to_type(says, command) for says, command in commands]))


def _dates(now: CsprStanding) -> Iterator[str]:
    yield f"Decided: {london(now.decided_at)}"
    if now.publication_due:
        yield f"To be published by: {london(now.publication_due)} ({now.explanation})"
    if now.original_due:
        yield f"First due: {london(now.original_due)}; lateness is measured against it"
    if now.reviewer:
        yield f"Reviewer: {now.reviewer}"
    if now.sent_at and now.may_publish_on:
        yield f"Full report sent: {london(now.sent_at)}; publish from {now.may_publish_on:%a %-d %b %Y} on"
    if now.published_on and now.available_until:
        yield f"Published: {now.published_on:%a %-d %b %Y}; keep until {now.available_until:%a %-d %b %Y}"
    if now.next_due:
        yield f"Next by itself: {now.next_step}, {london(now.next_due)}"
