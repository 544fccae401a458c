"""A Temporal server on this machine: in memory for a rehearsal, on a SQLite file for the office."""

import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from domain.errors import NotReachable
from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin
from workflows.attributes import REGISTRY

SKIPPING = (
    "--dynamic-config-value",
    "frontend.WorkflowTimeSkippingEnabled=true",
    "--dynamic-config-value",
    'history.timerProcessorMaxTimeShift="10ms"',
    "--dynamic-config-value",
    "history.timerProcessorMaxPollRPS=1000",
    "--dynamic-config-value",
    "worker.perNamespaceWorkerCount=0",
    "--dynamic-config-value",
    "matching.numTaskqueueReadPartitions=1",
    "--dynamic-config-value",
    "matching.numTaskqueueWritePartitions=1",
)
"""Lets a rehearsal move one workflow's clock, makes each move take milliseconds, and keeps queues whole.

The workers that the server itself starts in each namespace, for schedules and batches, are left out: a
rehearsal has neither.
"""

DURABLE = ("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=full")
"""Makes every write reach the disk before it is acknowledged, so that power may fail at any moment."""


@dataclass(frozen=True)
class Place:
    """Where an embedded server keeps its data and listens.

    ``database`` None keeps all in memory; ``port`` and ``ui_port`` 0 let the system choose, and a
    ``ui_port`` of None starts no Web UI. ``skipping`` allows clocks to be moved, for rehearsals only.
    ``namespaces`` are had beside the default one.
    """

    database: Path | None = None
    port: int = 0
    ui_port: int | None = None
    codec: str = ""
    skipping: bool = False
    namespaces: tuple[str, ...] = ()

    @property
    def arguments(self) -> list[str]:
        """The server's extra command-line arguments."""
        codec = ["--ui-codec-endpoint", self.codec] if self.codec else []
        durable = DURABLE if self.database else ()
        more = [argument for name in self.namespaces for argument in ("--namespace", name)]
        return [*codec, *durable, *(SKIPPING if self.skipping else ()), *more]


@asynccontextmanager
async def embedded_server(place: Place, keyring: KeyRing) -> AsyncIterator[Client]:
    """Run a server while the block lasts, and yield a client that seals with ``keyring``.

    Raises:
        NotReachable: the server does not start, most often because its port is taken.
    """
    program = Path(sys.executable).parent / "temporal"
    try:
        with _banner_unprinted():
            environment = await WorkflowEnvironment.start_local(
                port=place.port or None,
                ui=place.ui_port is not None,
                ui_port=place.ui_port or None,
                search_attributes=REGISTRY,
                plugins=[rapid_review_plugin(keyring)],
                dev_server_existing_path=str(program) if program.exists() else None,
                dev_server_database_filename=str(place.database) if place.database else None,
                dev_server_extra_args=place.arguments,
                dev_server_log_level="error",
            )
    except RuntimeError as failure:
        raise NotReachable(
            f"The Temporal server did not start on port {place.port or 'chosen by the system'}. If another "
            "program holds that port, end it or choose another with --port."
        ) from failure
    async with environment:
        yield environment.client


@contextmanager
def _banner_unprinted() -> Iterator[None]:
    """Start the server with its standard output closed off: what it announces is not for our user."""
    ours, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(ours, 1)
        os.close(ours)
        os.close(nowhere)
