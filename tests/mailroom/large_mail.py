"""A mail room that takes one mail by one door, and says what it took: ``smtp|imap FOLDER PORT``.

Prints how many MiB the mail room and the process that reads took above their resting level, as JSON. It is a
program of its own, so that nothing else is measured. The port is that of the mailbox to fetch from.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench.process import forget_peak, peak_kib, resident_kib
from starter.mailroom.guard import LoopGuard
from starter.mailroom.journal import Arrival, Journal
from starter.mailroom.quarantine import Quarantine
from starter.mailroom.read import Read
from starter.mailroom.reader import Place, ReadingProcess
from starter.mailroom.room import MailRoom
from starter.mailroom.running import imap_door
from starter.mailroom.smtp import Addresses, MailListener
from tests.postbox.pieces import FOLDER, KEYS, PARTNERSHIP, SERVER
from vault.documents import DocumentStore
from worker.settings import Settings

LIMIT = 50 * 2**20

PATIENCE = 120
"""Seconds in which the mail is here, however busy the machine is."""


class Listening:
    """Hears what a case would be told."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.told: list[int] = []
        self.heard = asyncio.Event()

    async def tell(self, read: Read, arrival: Arrival) -> None:  # noqa: ARG002 - as a teller is asked
        """Keep how large the documents are."""
        self.told += [document.size for document in read.documents]
        self.heard.set()


@asynccontextmanager
async def room(folder: Path, teller: Listening) -> AsyncIterator[tuple[MailRoom, ReadingProcess]]:
    """A mail room that tells nobody but us."""
    KEYS.write(folder / "keyring.json")
    store = DocumentStore((folder / "store").as_uri(), KEYS)
    place = Place(
        partnership=FOLDER,
        keyring=folder / "keyring.json",
        store=(folder / "store").as_uri(),
        authserv_ids=(SERVER,),
    )
    async with ReadingProcess(place) as reader:
        made = MailRoom(Journal(store), Quarantine(store), reader, teller, LoopGuard(9, 9))
        async with made.working():
            yield made, reader


async def by_smtp(room: MailRoom, teller: Listening, _: int) -> None:
    """Take the mail at our listener, at the port that is printed."""
    async with MailListener(room, Addresses(PARTNERSHIP, KEYS), "127.0.0.1", 0, "smtp", LIMIT) as door:
        print(door.port, flush=True)  # noqa: T201 - the sender waits for it
        await teller.heard.wait()


async def by_imap(room: MailRoom, teller: Listening, port: int) -> None:
    """Fetch the mail from a mailbox."""
    settings = Settings(imap_host="127.0.0.1", imap_port=port, imap_security="none", imap_poll_seconds=1)
    async with imap_door(settings, room).open():
        await teller.heard.wait()


BY = {"smtp": by_smtp, "imap": by_imap}


async def measure(by: str, folder: Path, port: int) -> None:
    """Take the mail, and print what it took."""
    teller = Listening()
    async with room(folder, teller) as (made, reader):
        processes = {"room": os.getpid(), "reader": reader.pid or 0}
        rest = {name: resident_kib(pid) for name, pid in processes.items()}
        for pid in processes.values():
            forget_peak(pid)
        async with asyncio.timeout(PATIENCE):
            await BY[by](made, teller, port)
            await made.all_settled()
        took = {name: (peak_kib(pid) - rest[name]) / 1024 for name, pid in processes.items()}
    print(json.dumps({**took, "told": teller.told}))  # noqa: T201 - what it is run for


def main() -> None:
    """Do that, as the words of the command line say."""
    by, folder, port = sys.argv[1:]
    asyncio.run(measure(by, Path(folder), int(port)))
