"""Commands that run something: this machine's own office, the worker, a rehearsal, the set-up of a server.

Libraries are imported inside the commands, so that help answers at once.
"""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from starter.session import Json, print_json, run

Keep = Annotated[bool, typer.Option("--keep", help="Leave the server and its Web UI up until Ctrl-C.")]


def up(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the Temporal server listens.")] = 7233,
    ui_port: Annotated[int, typer.Option(min=1, max=65535, help="Where the Web UI listens.")] = 8233,
) -> None:
    """Run everything on this machine: server, worker, mail sink; kept under var/, resumed at the next up."""
    from starter.up import run_up
    from worker.settings import read_settings

    run(run_up, read_settings(), port, ui_port)


def worker() -> None:
    """Run a worker against the Temporal server that TEMPORAL_ADDRESS names."""
    from worker.process import run as run_worker
    from worker.settings import read_settings

    run(run_worker, read_settings())


def mailbox() -> None:
    """Take the mail that partners send: from an IMAP mailbox, from our own mail server, or both."""
    from starter.mailroom.running import run_mailbox
    from worker.settings import read_settings

    run(run_mailbox, read_settings())


def codec_server() -> None:
    """Serve the codec that lets the Temporal Web UI read sealed payloads in your browser."""
    from starter.serving import run_codec_server
    from worker.settings import read_settings

    run(run_codec_server, read_settings())


def serve() -> None:
    """Take web hooks from other systems; see docs/hooks.md."""
    from starter.serving import run_hook_server
    from worker.settings import read_settings

    run(run_hook_server, read_settings())


def hook_secret(
    source: Annotated[str, typer.Argument(help="Who will send, such as council-form.")],
    hook: Annotated[list[str], typer.Option(help="A hook it may use: sin. Repeatable.")],
) -> None:
    """Print a fresh secret for a source of web hooks, as the lines to add to the file of sources."""
    from starter.hooks.sources import fresh_secret, lines_for
    from worker.settings import read_settings

    path = read_settings().hooks_path
    typer.echo(f"# Add these lines to {path}, and start `serve` again. Its owner alone may read it:")
    typer.echo(f"#   chmod 600 {path}")
    typer.echo(lines_for(source, hook, fresh_secret()))


def setup_server() -> None:
    """Prepare a Temporal server: namespace, retention, search attributes. Safe to repeat."""
    run(_setup_server)


async def _setup_server() -> None:
    from worker.connection import connect
    from worker.settings import read_settings
    from worker.setup import prepare

    settings = read_settings()
    for done in await prepare(await connect(settings), timedelta(days=settings.retention_days)):
        typer.echo(done)


def rotate_keys() -> None:
    """Add a new key and seal with it from now on; older ones go on opening what they sealed."""
    from vault.keys import KeyRing
    from worker.settings import read_settings

    path = read_settings().keyring_path
    rotated = KeyRing.read(path).rotated()
    rotated.write(path)
    typer.echo(f"{path}: sealing with {rotated.active} from now on. Restart every worker and server of ours.")


def rehearse(
    file: Annotated[Path, typer.Argument(help="A scenario; see docs/scenarios.md.")],
    keep: Keep = False,
    json: Json = False,
) -> None:
    """Play a scenario on a real server with its clock fast-forwarded, and print its diary."""
    run(_rehearse, file, keep, json)


def demo(keep: Keep = False) -> None:
    """Play the shipped example: a whole Rapid Review, from the SIN to the Panel."""
    from starter.scenario import DEMO

    run(_rehearse, DEMO, keep, False)


async def _rehearse(file: Path, keep: bool, json: bool) -> None:
    from starter.diary import Diary
    from starter.rehearsal import Rehearsal
    from starter.scenario import read_scenario
    from worker.settings import read_settings
    from worker.stopping import until_told_to_stop

    scenario = read_scenario(file)
    settings = read_settings()
    diary = Diary(silent=json)
    async with Rehearsal(scenario, settings, diary, ui=keep).running() as rehearsal:
        await rehearsal.play()
        if json:
            print_json(diary.as_json())
        rehearsal.farewell()
        if keep:
            await until_told_to_stop()
    diary.check(scenario)


COMMANDS = (
    demo,
    rehearse,
    up,
    worker,
    mailbox,
    codec_server,
    serve,
    hook_secret,
    setup_server,
    rotate_keys,
)
"""The commands of this module."""
