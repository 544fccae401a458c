"""The command ``rapid-review``: exit status 0 done, 1 refused with the reason, 2 wrong usage."""

import os
import sys
from typing import NoReturn

import typer

from domain.errors import Mistyped, RapidReviewError
from starter import asking, cspr, following, overview, programs, putting_forward, quarantine, telling

app = typer.Typer(
    help="Carries a Rapid Review from the Serious Incident Notification to the Panel.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
EVERY = (asking, overview, putting_forward, telling, quarantine, following, cspr, programs)
"""The modules of commands, in the order of the process."""

for command in (command for module in EVERY for command in module.COMMANDS):
    app.command(command.__name__.strip("_").replace("_", "-"))(command)

held = typer.Typer(
    help="Mail that is not believed yet: see it, and settle it.", no_args_is_help=True, rich_markup_mode=None
)
for command in quarantine.HELD:
    held.command(command.__name__.removeprefix("quarantine_"))(command)
app.add_typer(held, name="quarantine")


def main() -> None:
    """Run the command line; what is refused is one sentence on standard error.

    Whatever is written on the way is for its owner alone.
    """
    os.umask(0o077)
    status = 0
    try:
        app()
    except Mistyped as mistake:
        sys.stderr.write(f"Wrong usage. {mistake}\n")
        status = 2
    except RapidReviewError as refusal:
        sys.stderr.write(f"Refused. {refusal}\n")
        status = 1
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    _leave(status)


def _leave(status: int) -> NoReturn:
    """End at once: the Temporal client's own threads can abort an interpreter that takes its time to end."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
