"""Programs of ours that begin at once, each a process of its own: what they import is there already.

A program that is to be killed, or told to stop, has to be a process. It need not read its libraries from the
disk each time: it is forked from one that has. How a program begins from nothing is for the few tests that
say so.
"""

import asyncio
import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from signal import SIGKILL
from subprocess import CompletedProcess
from threading import Timer

from starter.command import main
from worker.settings import PROJECT

_BEGINNING = multiprocessing.get_context("forkserver")
_BEGINNING.set_forkserver_preload(
    ["starter.command", "starter.up", "starter.mailroom.running", "starter.screens", "tests.programs"]
)

PATIENCE = 60
"""Seconds in which a program that was told to end, or a command, has ended."""


class Program:
    """A program at work. What it says can be read from ``out``; what it complains of is in ``complaints``."""

    def __init__(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        complaints: Path,
        begin: Callable[[], None] = main,
        *,
        own_session: bool = False,
    ) -> None:
        """Run ``rapid-review`` with these words, or another ``begin``, which finds them in `sys.argv`."""
        heard, said = _BEGINNING.Pipe(duplex=False)
        given = {"said": said, "complaints": complaints, "own_session": own_session}
        self._process = _BEGINNING.Process(
            target=_begun, args=(begin, tuple(words), dict(environment)), kwargs=given, daemon=True
        )
        self._process.start()
        said.close()
        self.out = os.fdopen(os.dup(heard.fileno()), encoding="utf-8")
        heard.close()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """Its exit status once it has ended; less than nothing for the signal that ended it."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def ended(self) -> int:
        """Wait until it has ended, and close ``out``; its exit status."""
        self._process.join(PATIENCE)
        self.out.close()
        if self.returncode is None:
            raise TimeoutError
        return self.returncode

    async def wait(self) -> int:
        """The same, while others go on."""
        return await asyncio.to_thread(self.ended)


def _begun(
    begin: Callable[[], None],
    words: Sequence[str],
    environment: Mapping[str, str],
    *,
    said: Connection,
    complaints: Path,
    own_session: bool,
) -> None:
    if own_session:
        os.setsid()
    os.dup2(said.fileno(), 1)
    said.close()
    with complaints.open("ab") as written:
        os.dup2(written.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(PROJECT)
    sys.argv = ["rapid-review", *words]
    begin()


def answered(
    words: Sequence[str], environment: Mapping[str, str], complaints: Path
) -> "CompletedProcess[str]":
    """Run ``rapid-review`` with these words to its end."""
    complaints.unlink(missing_ok=True)
    program = Program(words, environment, complaints)
    late = Timer(PATIENCE, program.send_signal, (SIGKILL,))
    late.start()
    try:
        said = program.out.read()
    finally:
        late.cancel()
    return CompletedProcess(words, program.ended(), said, complaints.read_text("utf-8"))
