"""What a large attachment takes of this machine's memory."""

import asyncio
import json
import os
import smtplib
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mailroom import large_mail
from tests.mailroom.imap_server import ImapServer
from tests.mailroom.replies import returned
from tests.postbox.pieces import pdf
from tests.programs import Program

SIZE = 25 * 2**20


@pytest.fixture(scope="module")
def mail() -> tuple[str, bytes]:
    """A mail with an attachment of 25 MB: whereto, and its bytes."""
    form = replace(pdf(), content=pdf().content[:9] + os.urandom(SIZE) + pdf().content[9:])
    made = replace(returned("RR-2026-07"), attached=(form,))
    return made.address, made.raw


def send(port: int, mail: tuple[str, bytes]) -> None:
    """Send it."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("reviews@police.example", *mail)


@pytest.mark.parametrize("door", ["smtp", "imap"])
async def test_a_large_attachment_never_takes_a_hundred_megabytes(
    tmp_path: Path, door: str, mail: tuple[str, bytes]
) -> None:
    """Neither of the mail room nor of the process that reads, above what they take at rest."""
    with ImapServer() as server:
        server.deliver(mail[1])
        words = (door, str(tmp_path), str(server.port))
        room = Program(words, os.environ, tmp_path / "log", large_mail.main)
        if door == "smtp":
            port = int(await asyncio.to_thread(room.out.readline))
            await asyncio.to_thread(send, port, mail)
        took = json.loads(await asyncio.to_thread(room.out.read))
        await room.wait()
    assert took["told"][0] > SIZE
    assert 30 < took["room"] < 100
    assert 30 < took["reader"] < 100
