"""A mail with an attachment of 25 MB by one door: ``python -m tests.mailroom.large_mail smtp|imap FOLDER``.

Prints how many MiB the mail room and the process that reads took above their resting level, as JSON. It is a
program of its own, so that nothing else is measured.
"""

import asyncio
import json
import os
import smtplib
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.process import forget_peak, peak_kib, resident_kib
from domain.timetable import london_day
from starter.mailroom.guard import LoopGuard
from starter.mailroom.journal import Arrival, Journal
from starter.mailroom.quarantine import Quarantine
from starter.mailroom.read import Read
from starter.mailroom.reader import Place, ReadingProcess
from starter.mailroom.room import MailRoom
from starter.mailroom.running import imap_door
from starter.mailroom.smtp import Addresses, MailListener
from tests.mailroom.conftest import until
from tests.mailroom.imap_server import ImapServer
from tests.mailroom.replies import Reply, returned
from tests.postbox.pieces import FOLDER, KEYS, PARTNERSHIP, SERVER, pdf
from vault.documents import DocumentStore
from worker.settings import Settings

SIZE = 25 * 2**20
LIMIT = 50 * 2**20
SEND, SERVE = "--send", "--serve"


class Listening:
    """Hears what a case would be told."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.told: list[int] = []

    async def tell(self, read: Read, arrival: Arrival) -> None:  # noqa: ARG002 - as a teller is asked
        """Keep how large the documents are."""
        self.told += [document.size for document in read.documents]


def mail() -> Reply:
    """The mail."""
    form = replace(pdf(), content=pdf().content[:9] + os.urandom(SIZE) + pdf().content[9:])
    return replace(returned("RR-2026-07"), attached=(form,))


def send(port: int) -> None:
    """Send it."""
    sent = mail()
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("reviews@police.example", [sent.address], sent.raw)


def serve() -> None:
    """Have it in an IMAP mailbox, at the port that is printed, until standard input ends."""
    with ImapServer() as server:
        server.deliver(mail().raw)
        print(server.port, flush=True)  # noqa: T201 - what it is started for
        sys.stdin.read()


async def other(*words: str) -> asyncio.subprocess.Process:
    """The other side, in a process of its own."""
    program = (sys.executable, "-m", "tests.mailroom.large_mail", *words)
    return await asyncio.create_subprocess_exec(*program, stdin=PIPE, stdout=PIPE)


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


async def by_smtp(room: MailRoom) -> None:
    """Take the mail at our listener."""
    async with MailListener(room, Addresses(PARTNERSHIP, KEYS), "127.0.0.1", 0, "smtp", LIMIT) as door:
        await (await other(SEND, str(door.port))).communicate()
        await room.all_settled()


async def by_imap(room: MailRoom) -> None:
    """Fetch the mail from a mailbox."""
    server = await other(SERVE)
    port = int(await server.stdout.readline())  # type: ignore[union-attr]  # it is a pipe
    settings = Settings(imap_host="127.0.0.1", imap_port=port, imap_security="none", imap_poll_seconds=1)
    async with imap_door(settings, room).open():
        await until(lambda: _one_settled(room))
    await server.communicate(b"")


async def _one_settled(room: MailRoom) -> bool:
    return bool([settled async for settled in room.journal.of_day(london_day(datetime.now(UTC)))])


BY = {"smtp": by_smtp, "imap": by_imap}


async def measure(by: str, folder: Path) -> None:
    """Take the mail, and print what it took."""
    teller = Listening()
    async with room(folder, teller) as (made, reader):
        processes = {"room": os.getpid(), "reader": reader.pid or 0}
        rest = {name: resident_kib(pid) for name, pid in processes.items()}
        for pid in processes.values():
            forget_peak(pid)
        await BY[by](made)
        took = {name: (peak_kib(pid) - rest[name]) / 1024 for name, pid in processes.items()}
    print(json.dumps({**took, "told": teller.told}))  # noqa: T201 - what it is run for


if __name__ == "__main__":
    if sys.argv[1] == SEND:
        send(int(sys.argv[2]))
    elif sys.argv[1] == SERVE:
        serve()
    else:
        asyncio.run(measure(sys.argv[1], Path(sys.argv[2])))
