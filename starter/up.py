"""Everything on this machine: a server on a SQLite file, the worker, a mail sink, the Web UI's codec.

All of it is kept in one folder and taken up again at the next start, however the last one ended.
"""

import fcntl
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import GetClusterInfoRequest, ResetStickyTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from domain.errors import NotConfigured, NotReachable, NotSealed, Refused
from domain.partnership import load_partnership
from starter.embedded import Place, embedded_server
from starter.listing import every_case
from starter.mailroom.room import MailRoom
from starter.mailroom.running import Premises, doors, mail_room
from starter.overview_screen import list_screen
from starter.reviews import Reviews
from starter.screens import console
from starter.serving import codec_server, hook_server
from starter.sink import MailSink
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker import process
from worker.connection import ADDRESS
from worker.plugin import rapid_review_plugin
from worker.settings import Settings
from worker.setup import prepare
from worker.stopping import until_told_to_stop


async def run_up(settings: Settings, port: int, ui_port: int) -> None:
    """Run it all until Ctrl-C, telling the user where things are and what is open.

    Raises:
        Refused: it already runs on this folder.
        NotConfigured, NotReachable: the partnership's folder is wrong, or a port is taken.
    """
    home = settings.home
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as wrong:
        raise NotConfigured(
            f"{home} cannot be this machine's folder ({wrong.strerror}). "
            "Set RAPID_REVIEW_HOME to one that can."
        ) from None
    with _alone(home):
        # A new ring beside old data could open none of it: one is made for a new folder only.
        old = (home / "temporal.db").exists()
        keyring = _ring_of_old_cases(settings) if old else KeyRing.create(settings.keyring_path)
        await DocumentStore(settings.store_url, keyring).prove()
        origins = (f"http://127.0.0.1:{ui_port}", f"http://localhost:{ui_port}")
        async with (
            codec_server(settings, keyring, origins) as codec,
            _server(home, Place(home / "temporal.db", port, ui_port, codec), keyring) as client,
            _mail(settings) as smtp,
        ):
            await prepare(client, timedelta(days=settings.retention_days))
            reviews = Reviews(client, settings.task_queue)
            async with (
                process.worker(client, settings.task_queue, process.desks(settings, smtp)),
                _mail_in(settings, client, keyring) as room,
                _hooks(settings, reviews, keyring, room),
            ):
                await _greet(settings, reviews, room, port, ui_port)
                await until_told_to_stop()
    console().print("Stopped. Every open case waits in the folder and goes on at the next `rapid-review up`.")


def _ring_of_old_cases(settings: Settings) -> KeyRing:
    if not settings.keyring_path.exists():
        raise NotSealed(
            f"{settings.home} holds cases, and the key ring that opens them is not at "
            f"{settings.keyring_path}. Restore it from its backup."
        )
    return KeyRing.read(settings.keyring_path)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused(
                f"`rapid-review up` already runs on {home}. Use the one that runs, or set RAPID_REVIEW_HOME "
                "to another folder."
            ) from None
        yield


@asynccontextmanager
async def _server(home: Path, place: Place, keyring: KeyRing) -> AsyncIterator[Client]:
    """Our own server: started, or taken over where an `up` that was killed left it running."""
    left = await _left_running(home, place.port, keyring)
    if left:
        await _released_by_the_dead(left)
        yield left
        console().print(
            "The server that an earlier, killed `up` left running goes on running, and is used next time."
        )
        return
    async with embedded_server(place, keyring) as client:
        (home / "server.json").write_text(json.dumps({"cluster": await _cluster(client)}))
        yield client


async def _left_running(home: Path, port: int, keyring: KeyRing) -> Client | None:
    try:
        client = await Client.connect(f"127.0.0.1:{port}", plugins=[rapid_review_plugin(keyring)])
    except (RuntimeError, RPCError):
        return None
    known = home / "server.json"
    if known.exists() and json.loads(known.read_text())["cluster"] == await _cluster(client):
        return client
    raise NotReachable(
        f"Another Temporal server answers on port {port}, and it is not this folder's. End it, or choose "
        "another port with --port."
    )


async def _released_by_the_dead(client: Client) -> None:
    """Let any worker answer for what is open: the server would give the killed one ten seconds a case."""
    async for each in client.list_workflows("ExecutionStatus = 'Running'"):
        held = WorkflowExecution(workflow_id=each.id)
        await client.workflow_service.reset_sticky_task_queue(
            ResetStickyTaskQueueRequest(namespace=client.namespace, execution=held)
        )


async def _cluster(client: Client) -> str:
    info = await client.workflow_service.get_cluster_info(GetClusterInfoRequest())
    return info.cluster_id


@asynccontextmanager
async def _mail(settings: Settings) -> AsyncIterator[process.SmtpServer]:
    """The configured mail server, or a sink that keeps each letter as a file."""
    if settings.mail_port:
        yield process.smtp_server(settings)
        return
    async with MailSink(settings.home / "mail") as sink:
        yield process.sink_server(sink.port)


@asynccontextmanager
async def _hooks(
    settings: Settings, reviews: Reviews, keyring: KeyRing, room: MailRoom
) -> AsyncIterator[None]:
    """The web hooks, where a file names who may send."""
    if not settings.hooks_path.exists():
        yield
        return
    store = DocumentStore(settings.store_url, keyring)
    async with hook_server(settings, reviews, store, keyring, room) as address:
        console().print(f"Web hooks: {address}")
        yield


@asynccontextmanager
async def _mail_in(settings: Settings, client: Client, keyring: KeyRing) -> AsyncIterator[MailRoom]:
    """Take what partners answer: by our own listener, and from a mailbox where one is configured."""
    store = DocumentStore(settings.store_url, keyring)
    premises = Premises(settings, client, keyring, store, load_partnership(settings.partnership))
    async with mail_room(premises) as room, doors(premises, room) as told:
        for line in told:
            console().print(line)
        yield room


async def _greet(settings: Settings, reviews: Reviews, room: MailRoom, port: int, ui_port: int) -> None:
    out = console()
    mail = (
        f"{settings.smtp_host}:{settings.mail_port}"
        if settings.mail_port
        else f"kept in {settings.home / 'mail'}"
    )
    out.print(f"Temporal server: 127.0.0.1:{port}   Web UI: http://127.0.0.1:{ui_port}")
    out.print(f"Mail: {mail}   Everything else: {settings.home}")
    held = await room.quarantine.number_waiting()
    out.print(list_screen(await every_case(reviews.client), datetime.now(UTC), held=held))
    if f"127.0.0.1:{port}" != ADDRESS:
        out.print(f"In every other terminal: export TEMPORAL_ADDRESS=127.0.0.1:{port}")
    out.print("To open a review: copy examples/sin.toml, write in what is known, and in another terminal")
    out.print(f"  {sys.argv[0]} open FILE")
    out.print("Ctrl-C stops all this; what is open goes on at the next start.")
