"""A mail with an attachment of 25 MB by way of the listener: ``python -m tests.mailroom.large_mail FOLDER``.

Prints how many MB the mail room and the process that reads took above their resting level, as JSON. It is a
program of its own, so that nothing else is measured. Source: proc(5), ``VmHWM`` and ``clear_refs``.
"""

import asyncio
import json
import os
import smtplib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from starter.mailroom.guard import LoopGuard
from starter.mailroom.journal import Arrival, Journal
from starter.mailroom.quarantine import Quarantine
from starter.mailroom.read import Read
from starter.mailroom.reader import ReadingProcess
from starter.mailroom.reading import Place
from starter.mailroom.room import MailRoom
from starter.mailroom.smtp import Addresses, MailListener
from tests.mailroom.replies import returned
from tests.postbox.pieces import FOLDER, KEYS, PARTNERSHIP, SERVER, pdf
from vault.documents import DocumentStore

SIZE = 25 * 2**20
LIMIT = 50 * 2**20
SEND = "--send"


class Listening:
    """Hears what a case would be told."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.told: list[int] = []

    async def tell(self, read: Read, arrival: Arrival) -> None:  # noqa: ARG002 - as a teller is asked
        """Keep how large the documents are."""
        self.told += [document.size for document in read.documents]


def megabytes(process: str, field: str) -> int:
    """A field of a process's status, such as VmRSS, in MB."""
    lines = Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith(field))


def forget_peak(process: str) -> None:
    """Begin to count its highest level anew."""
    Path(f"/proc/{process}/clear_refs").write_text("5", "ascii")


def send(port: int) -> None:
    """Send the mail."""
    form = replace(pdf(), content=pdf().content[:9] + os.urandom(SIZE) + pdf().content[9:])
    mail = replace(returned("RR-2026-07"), attached=(form,))
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("reviews@police.example", [mail.address], mail.raw)


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


async def measure(folder: Path) -> None:
    """Take the mail, and print what it took."""
    teller = Listening()
    async with (
        room(folder, teller) as (made, reader),
        MailListener(made, Addresses(PARTNERSHIP, KEYS), "127.0.0.1", 0, "smtp", LIMIT) as door,
    ):
        processes = {"room": "self", "reader": str(reader.pid)}
        rest = {name: megabytes(process, "VmRSS") for name, process in processes.items()}
        for process in processes.values():
            forget_peak(process)
        sender = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.mailroom.large_mail", SEND, str(door.port))
        )
        await sender.wait()
        await made.all_settled()
        took = {name: megabytes(process, "VmHWM") - rest[name] for name, process in processes.items()}
    print(json.dumps({**took, "told": teller.told}))  # noqa: T201 - what it is run for


if __name__ == "__main__":
    if sys.argv[1] == SEND:
        send(int(sys.argv[2]))
    else:
        asyncio.run(measure(Path(sys.argv[1])))
