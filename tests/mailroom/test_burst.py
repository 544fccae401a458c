"""A burst of replies through the listener: every one is recorded, none twice; and one is soon seen.

How many a second, and how soon, is for the bench to say (``burst``, ``seen``): it depends on what else the
machine does.
"""

import asyncio
import smtplib
import statistics
import time
from dataclasses import replace
from functools import partial

import pytest

from starter.mailroom.reader import ReadingProcess
from starter.mailroom.running import listener
from tests.mailroom.conftest import Office, until
from tests.mailroom.replies import Reply, returned

REPLIES = 120
SENDERS = 4


@pytest.fixture
def reads() -> type[ReadingProcess]:
    """The process that reads."""
    return ReadingProcess


def send(port: int, mails: list[Reply]) -> None:
    """Send mails over one connection."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        for mail in mails:
            client.sendmail("reviews@police.example", [mail.address], mail.raw)


async def test_a_burst_of_replies_is_recorded_whole_and_once(office_today: Office) -> None:
    """From four senders at once, each mail sent twice by another way."""
    office = office_today
    mail = returned(office.reference)
    mails = [replace(mail, number=n) for n in range(REPLIES)]
    async with listener(office.premises, office.room) as door:
        shares = [mails[n::SENDERS] for n in range(SENDERS)]
        await asyncio.gather(*(asyncio.to_thread(send, door.port, share) for share in shares))
        await office.room.all_settled()
        await asyncio.to_thread(send, door.port, mails[:10])
        await office.room.all_settled()
    versions = await office.review.reviews.client.get_workflow_handle(office.reference).query(
        "returns", "police"
    )
    assert len(versions) == REPLIES


async def test_a_reply_is_soon_seen(office_today: Office) -> None:
    """From the listener's 250 to the return in the case's own answer."""
    office, waits = office_today, []
    mail = returned(office.reference)
    handle = office.review.reviews.client.get_workflow_handle(office.reference)

    async def seen(number: int) -> bool:
        return len(await handle.query("returns", "police")) > number

    async with listener(office.premises, office.room) as door:
        for number in range(15):
            await asyncio.to_thread(send, door.port, [replace(mail, number=number)])
            began = time.perf_counter()
            await until(partial(seen, number))
            waits.append(time.perf_counter() - began)
    median = statistics.median(waits)
    assert median < 1, f"{median * 1000:.0f} ms"
