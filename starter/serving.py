"""Serving the codec to a browser on this machine, alone or beside everything else."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Iterator

import uvicorn

from domain.errors import NotReachable
from starter.codec_server import codec_app
from vault.keys import KeyRing
from worker.process import until_told_to_stop
from worker.settings import Settings


class QuietServer(uvicorn.Server):
    """A web server that leaves Ctrl-C to the program it is part of."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def codec_server(settings: Settings, keyring: KeyRing, origins: tuple[str, ...]) -> AsyncIterator[str]:
    """Serve the codec while the block lasts, and yield its address."""
    app = codec_app(keyring, origins)
    config = uvicorn.Config(app, host=settings.codec_host, port=settings.codec_port, log_level="error")
    server = QuietServer(config)
    # Left to itself uvicorn would end the whole program, servers and all, where the port is taken.
    serving = asyncio.create_task(server.serve(sockets=[_listening(settings)]))
    try:
        yield f"http://{settings.codec_host}:{settings.codec_port}"
    finally:
        server.should_exit = True
        await serving


def _listening(settings: Settings) -> socket.socket:
    try:
        return socket.create_server((settings.codec_host, settings.codec_port))
    except OSError as taken:
        raise NotReachable(
            f"The Web UI's codec cannot listen on {settings.codec_host}:{settings.codec_port} "
            f"({os.strerror(taken.errno or 0)}). End what listens there, or choose another port with "
            "RAPID_REVIEW_CODEC_PORT."
        ) from taken


async def run_codec_server(settings: Settings) -> None:
    """Serve the codec until told to stop; NotSealed where there is no key ring."""
    keyring = KeyRing.read(settings.keyring_path)
    async with codec_server(settings, keyring, settings.ui_origins) as address:
        print(f"Codec for the Web UI: {address}")  # noqa: T201 - a program telling its user where it is
        await until_told_to_stop()
