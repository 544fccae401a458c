"""Where the bench runs: a server in memory, a mail sink and a store in a folder that is thrown away.

The keys are those that the tests' partners sign with, so that their replies count.
"""

import os
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from temporalio.client import Client

from domain.messages import DocumentRef, OpenReview
from domain.partnership import Partnership, load_partnership
from starter.arguments import MEDIA_TYPES
from starter.embedded import Place, embedded_server
from starter.sink import MailSink
from tests.crash.opening import eight_agencies
from tests.crash.worker_process import PROGRAM, WorkerProcess
from tests.postbox.pieces import KEYS
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker.settings import Settings

NEW_FILES = 500
"""How many empty files are made to see what one takes. They stay: see `Bench.forget_letters`."""


@dataclass
class Bench:
    """A place in which reviews are opened, played and counted."""

    settings: Settings
    keyring: KeyRing
    client: Client
    sink: MailSink
    store: DocumentStore
    partnership: Partnership
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def address(self) -> str:
        """Where the Temporal server answers."""
        return self.client.service_client.config.target_host

    async def opening(self, *ask: str) -> OpenReview:
        """A review whose SIN is sent now, under a reference of its own; of eight agencies unless told."""
        reference = f"BN-2026-{next(self._numbers):04}"
        opening = await eight_agencies(reference, datetime.now(UTC), self.partnership, self.store)
        return opening.model_copy(update={"ask": ask}) if ask else opening

    async def report(self) -> DocumentRef:
        """A stored report, as long as a short report is."""
        return await self.store.put(b"A draft report. " * 4000, MEDIA_TYPES[".docx"])

    @asynccontextmanager
    async def worker(self, queue: str, program: Sequence[str] = PROGRAM) -> AsyncIterator[WorkerProcess]:
        """A worker process on a task queue of its own, for as long as the block lasts."""
        settings = self.settings.model_copy(update={"task_queue": queue})
        process = WorkerProcess(settings, self.address, program)
        await process.start()
        try:
            yield process
        finally:
            await process.kill()

    def new_file(self) -> float:
        """What a new file takes of a processor here, in microseconds: the mean of some hundreds."""
        folder, began = self.settings.home / "mail", time.process_time()
        for number in range(NEW_FILES):
            (folder / f"{number}.new").touch(exist_ok=False)
        return (time.process_time() - began) / NEW_FILES * 1e6

    def forget_letters(self) -> None:
        """Empty the letters taken so far, so that a long run fills no disk.

        They stay as names: a disk may be slow to give a deleted file's place away, which would slow down
        the letters to come, and them alone.
        """
        for letter in (self.settings.home / "mail").glob("*.eml"):
            os.truncate(letter, 0)


@asynccontextmanager
async def bench() -> AsyncIterator[Bench]:
    """Set the place up, and take it down again."""
    with tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        settings = Settings(home=home)
        KEYS.write(settings.keyring_path)
        async with embedded_server(Place(), KEYS) as client, MailSink(home / "mail") as sink:
            yield Bench(
                settings=settings.model_copy(update={"smtp_port": sink.port}),
                keyring=KEYS,
                client=client,
                sink=sink,
                store=DocumentStore(settings.store_url, KEYS),
                partnership=load_partnership(settings.partnership),
            )
