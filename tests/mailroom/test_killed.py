"""The mailbox is killed between any two steps, and started again: nothing is lost, nothing counts twice."""

import asyncio
import os
import signal
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

import pytest

from domain.record import Event
from starter.mailroom.journal import Journal
from tests.mailroom.conftest import Office, until
from tests.mailroom.mailbox_process import HELD_AT, Step, main_held_after
from tests.mailroom.replies import Reply, returned
from tests.ports import free_port
from tests.postbox.pieces import SERVER
from tests.programs import Program
from worker.settings import PROJECT

PATIENCE = 60
"""Seconds in which a mailbox starts, or a case hears of a mail."""


@asynccontextmanager
async def mailbox(office: Office, port: int, *held: Step) -> AsyncIterator[Program]:
    """The process, ready; killed outright as the block ends."""
    settings = office.premises.settings
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(PROJECT),  # of the process that reads
        "TEMPORAL_ADDRESS": office.premises.client.service_client.config.target_host,
        "RAPID_REVIEW_HOME": str(settings.home),
        "RAPID_REVIEW_STORE": settings.store_url,
        "RAPID_REVIEW_PARTNERSHIP": str(settings.partnership),
        "RAPID_REVIEW_MAIL_IN_PORT": str(port),
        "RAPID_REVIEW_MAIL_IN_AUTHSERV_IDS": f'["{SERVER}"]',
    }
    log = settings.home / "mailbox.log"
    process = Program(("mailbox",), environment, log, main_held_after(*held))
    try:
        await said(process, "Mail is taken at")
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def said(process: Program, words: str) -> None:
    """Wait until the process says something."""
    async with asyncio.timeout(PATIENCE):
        while words not in (line := await asyncio.to_thread(process.out.readline)):
            assert line, "the mailbox ended"


def send(port: int, mail: Reply) -> bool:
    """Send a mail; whether it was answered for."""
    with (
        suppress(smtplib.SMTPException, OSError),
        smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE) as client,
    ):
        client.sendmail("reviews@police.example", [mail.address], mail.raw)
        return True
    return False


async def returns(office: Office) -> int:
    """How many returns are on record."""
    return len(await office.entries(Event.RETURN_RECORDED))


async def all_done(office: Office) -> bool:
    """Whether something has become of every mail."""
    return not await Journal(office.premises.store).unfinished()


@pytest.mark.parametrize("step", [s for s in Step if s is not Step.HELD])
async def test_killed_after_a_step_a_return_still_counts_once(office_today: Office, step: Step) -> None:
    """Whatever was done last, the sender still has the mail, or the case comes to know it; and once."""
    office, port = office_today, free_port()
    mail = returned(office.reference)
    async with mailbox(office, port, step) as process:
        sending = asyncio.create_task(asyncio.to_thread(send, port, mail))
        await said(process, HELD_AT)
        process.send_signal(signal.SIGKILL)
        answered = await sending
    assert answered is (step not in {Step.STORED, Step.JOURNALLED})
    async with mailbox(office, port):
        if not answered:
            assert await asyncio.to_thread(send, port, mail)
        await until(lambda: all_done(office))
        assert await returns(office) == 1
        assert await asyncio.to_thread(send, port, replace(mail, more=[("X-Way", "another")]))
        await until(lambda: all_done(office))
    assert await returns(office) == 1
    assert await office.held() == []


async def test_killed_after_a_mail_is_held_it_waits_once(office_today: Office) -> None:
    """The line in quarantine is written before the journal says so, and is written once."""
    office, port = office_today, free_port()
    mail = replace(returned(office.reference), dmarc="fail")
    async with mailbox(office, port, Step.HELD) as process:
        assert await asyncio.to_thread(send, port, mail)
        await said(process, HELD_AT)
    assert not await all_done(office)
    async with mailbox(office, port):
        await until(lambda: all_done(office))
    assert len(await office.held()) == 1
