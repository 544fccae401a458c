"""The worker as a process of its own, which can be killed the way a machine loses power."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Sequence
from pathlib import Path

from tests.programs import Program
from worker.settings import PROJECT, Settings

PROGRAM = (str(Path(sys.executable).parent / "rapid-review"), "worker")
"""The program an office runs."""


class WorkerProcess:
    """A worker for ``settings`` on the server at ``address``; what it says is kept in ``worker.log``."""

    def __init__(self, settings: Settings, address: str, program: Sequence[str] = PROGRAM) -> None:
        """Nothing is started yet; ``program`` is what to run instead of ``rapid-review worker``."""
        self._program = program
        self._log = settings.home / "worker.log"
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PROJECT),  # this tree, whichever is installed
            "TEMPORAL_ADDRESS": address,
            "RAPID_REVIEW_HOME": str(settings.home),
            "RAPID_REVIEW_KEYRING": str(settings.keyring_path),
            "RAPID_REVIEW_STORE": settings.store_url,
            "RAPID_REVIEW_PARTNERSHIP": str(settings.partnership),
            "RAPID_REVIEW_SMTP_PORT": str(settings.smtp_port),
            "RAPID_REVIEW_SMTP_SECURITY": "none",
            "RAPID_REVIEW_TASK_QUEUE": settings.task_queue,
        }
        self._process: Process | Program | None = None

    @property
    def pid(self) -> int:
        """The process's id while it runs."""
        return self._running.pid

    async def start(self) -> None:
        """Start it, from nothing but its settings and what is in the store."""
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._program, env=self.environment, cwd=PROJECT, stdout=log, stderr=log
            )

    async def ended(self) -> int:
        """Wait until it has ended by itself; its exit status."""
        return await self._running.wait()

    async def kill(self) -> None:
        """End it with SIGKILL: it can finish, release and write nothing more."""
        await self._ended_by(signal.SIGKILL)

    async def stop(self) -> None:
        """Tell it to stop, and wait until it has."""
        await self._ended_by(signal.SIGTERM)

    @property
    def _running(self) -> Process | Program:
        if self._process is None:
            raise RuntimeError("The worker has not been started.")
        return self._process

    async def _ended_by(self, number: signal.Signals) -> None:
        if self._running.returncode is None:
            self._running.send_signal(number)
        await self._running.wait()


class ReadyWorkerProcess(WorkerProcess):
    """The same worker, which begins at once: see `tests.programs`."""

    async def start(self) -> None:
        """Start it, from nothing but its settings and what is in the store."""
        self._process = Program(("worker",), self.environment, self._log)
