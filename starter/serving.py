"""Serving over HTTP on this machine, alone or beside everything else: the codec and the web hooks."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator
from functools import partial

import uvicorn
from fastapi import FastAPI

from domain.errors import NotReachable
from domain.partnership import load_partnership
from starter.codec_server import codec_app
from starter.hooks.app import hooks_app
from starter.hooks.deliveries import Answers
from starter.hooks.desk import HookDesk
from starter.hooks.hook import MailDoor
from starter.hooks.readiness import wanting
from starter.hooks.sources import sources_of
from starter.mailroom.running import Premises, cautions, mail_room
from starter.reviews import Reviews
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker.connection import connect
from worker.settings import Settings
from worker.stopping import until_told_to_stop

CODEC_AT_ONCE = 16
"""How many connections the codec serves at the same time: each may hold a whole body in memory."""


class QuietServer(uvicorn.Server):
    """A web server that leaves Ctrl-C to the program it is part of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def codec_server(settings: Settings, keyring: KeyRing, origins: tuple[str, ...]) -> AsyncIterator[str]:
    """Serve the codec while the block lasts, and yield its address."""
    listening = _listening(
        settings.codec_host, settings.codec_port, "The Web UI's codec", "RAPID_REVIEW_CODEC_PORT"
    )
    async with _served(codec_app(keyring, origins), listening, CODEC_AT_ONCE):
        yield f"http://{settings.codec_host}:{settings.codec_port}"


@contextlib.asynccontextmanager
async def hook_server(
    settings: Settings, reviews: Reviews, store: DocumentStore, keyring: KeyRing, mail: MailDoor
) -> AsyncIterator[str]:
    """Serve the web hooks while the block lasts, and yield their address; ``mail`` takes what arrives.

    Raises:
        NotConfigured: the file of sources or the partnership's folder is wrong.
        NotReachable: the port is taken.
    """
    sources = sources_of(settings)
    load_partnership(settings.partnership)
    partnership = partial(load_partnership, settings.partnership)
    desk = HookDesk(reviews, store, keyring, partnership, mail=mail)
    ready = partial(wanting, reviews.client, store, settings.keyring_path)
    listening = _listening(
        settings.hooks_host, settings.hooks_port, "The web hooks", "RAPID_REVIEW_HOOKS_PORT"
    )
    async with _served(hooks_app(sources, Answers(store), desk, ready), listening):
        yield f"http://{settings.hooks_host}:{settings.hooks_port}/hooks/"


@contextlib.asynccontextmanager
async def _served(app: FastAPI, listening: socket.socket, at_once: int | None = None) -> AsyncIterator[None]:
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=at_once,
    )
    server = QuietServer(config)
    # Left to itself uvicorn would end the whole program, servers and all, where the port is taken.
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _listening(host: str, port: int, what: str, setting: str) -> socket.socket:
    try:
        return socket.create_server((host, port))
    except OSError as taken:
        raise NotReachable(
            f"{what} cannot listen on {host}:{port} ({os.strerror(taken.errno or 0)}). End what listens "
            f"there, or choose another port with {setting}."
        ) from taken


async def run_codec_server(settings: Settings) -> None:
    """Serve the codec until told to stop; NotSealed where there is no key ring."""
    keyring = KeyRing.read(settings.keyring_path)
    async with codec_server(settings, keyring, settings.ui_origins) as address:
        print(f"Codec for the Web UI: {address}")  # noqa: T201 - a program telling its user where it is
        await until_told_to_stop()


async def run_hook_server(settings: Settings) -> None:
    """Serve the web hooks until told to stop.

    Raises:
        NotSealed, NotConfigured, NotReachable: the key ring, a setting or the Temporal server is wanting.
    """
    keyring = KeyRing.read(settings.keyring_path)
    store = DocumentStore(settings.store_url, keyring)
    await store.prove()
    client = await connect(settings)
    premises = Premises(settings, client, keyring, store, load_partnership(settings.partnership))
    async with (
        mail_room(premises) as room,
        hook_server(settings, Reviews(client, settings.task_queue), store, keyring, room) as address,
    ):
        for line in (f"Web hooks: {address}", *cautions(settings)):
            print(line, flush=True)  # noqa: T201 - a program telling its user where it is
        await until_told_to_stop()
