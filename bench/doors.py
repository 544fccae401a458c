"""Our programs at whose doors mail arrives, each a process of its own, and partners who send to them."""

import asyncio
import smtplib
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.place import Bench
from bench.process import children
from tests.crash.worker_process import PROGRAM, WorkerProcess
from tests.mailroom.replies import Reply
from tests.ports import free_port
from tests.postbox.pieces import SERVER
from worker.settings import PROJECT

PATIENCE = 30.0
"""Seconds in which a program starts."""

SENDER = "reviews@police.example"
"""What the envelope says, which nothing is decided by."""


@dataclass(frozen=True)
class Program:
    """A program of ours that takes mail at ``port``; its ``reader`` is the process that reads it."""

    port: int
    pid: int
    reader: int


@asynccontextmanager
async def mailbox(place: Bench, queue: str, **more: str) -> AsyncIterator[Program]:
    """``rapid-review mailbox`` with its listener; ``more`` are settings by their variables."""
    port = free_port()
    async with _running(place, "mailbox", queue, port, RAPID_REVIEW_MAIL_IN_PORT=str(port), **more) as made:
        yield made


@asynccontextmanager
async def serve(place: Bench, queue: str) -> AsyncIterator[Program]:
    """``rapid-review serve``, for the sources in the place's hooks.toml."""
    port = free_port()
    async with _running(place, "serve", queue, port, RAPID_REVIEW_HOOKS_PORT=str(port)) as made:
        yield made


@asynccontextmanager
async def _running(place: Bench, verb: str, queue: str, port: int, **more: str) -> AsyncIterator[Program]:
    settings = place.settings.model_copy(update={"task_queue": queue})
    trusted = {"RAPID_REVIEW_MAIL_IN_AUTHSERV_IDS": f'["{SERVER}"]'}
    environment = WorkerProcess(settings, place.address).environment | trusted | more
    process = await asyncio.create_subprocess_exec(
        PROGRAM[0], verb, env=environment, cwd=PROJECT, stdout=PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE):
            while str(port) not in (line := (await process.stdout.readline()).decode()):  # type: ignore[union-attr]  # it is a pipe
                if not line:
                    raise RuntimeError(f"`rapid-review {verb}` ended as it started.")
        (reader,) = children(of=process.pid)
        yield Program(port, process.pid, reader)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def send(port: int, mails: Iterable[Reply]) -> None:
    """Send mails over one connection, each answered for before the next."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        for mail in mails:
            client.sendmail(SENDER, [mail.address], mail.raw)
