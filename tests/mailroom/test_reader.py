"""The process that reads: what becomes of a mail when it takes too long, dies, or cannot start."""

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from domain.errors import NotReachable
from postbox.verdicts import Verdict, Why
from starter.mailroom.journal import Arrival, Journal
from starter.mailroom.reader import NotRead, ReadingProcess
from starter.mailroom.running import Premises
from tests.mailroom.replies import returned

NOW = datetime(2026, 12, 15, 10, 30, tzinfo=UTC)


async def arrival(premises: Premises) -> Arrival:
    """A complete return, kept."""
    mail = returned("RR-2026-07")
    to = (mail.address,)
    return await Journal(premises.store).take(mail.raw, mail_from=None, rcpt_to=to, received_at=NOW)


async def test_a_mail_is_read_and_nothing_of_it_comes_back_but_plain_facts(premises: Premises) -> None:
    """Its verdict, its case, hashes; the sender as a keyed hash, the text in the store."""
    async with ReadingProcess(premises.place) as reader:
        read = await reader.read(await arrival(premises))
    assert (read.verdict, read.reference, read.key) == (Verdict.RETURN, "RR-2026-07", "police")
    assert "reviews@" not in read.model_dump_json()
    assert "attached" not in read.model_dump_json()
    assert await premises.store.get(read.documents[-1]) == b"Please find our return attached."


async def test_a_mail_that_takes_too_long_is_held_and_the_next_is_read(premises: Premises) -> None:
    """The process is ended, and another started."""
    kept = await arrival(premises)
    async with ReadingProcess(premises.place, within=0) as reader:
        first = reader.pid
        assert (await reader.read(kept)).why is Why.UNREADABLE
        assert reader.pid is None
        reader._within = 30
        assert (await reader.read(kept)).verdict is Verdict.RETURN
        assert reader.pid != first


async def test_a_process_that_somebody_ended_costs_no_mail(premises: Premises) -> None:
    """The mail is given to the next."""
    kept = await arrival(premises)
    async with ReadingProcess(premises.place) as reader:
        assert reader.pid
        os.kill(reader.pid, signal.SIGKILL)
        assert (await reader.read(kept)).verdict is Verdict.RETURN


@pytest.mark.parametrize("answer", ["'not an answer'", "'x' * 2**21"])
async def test_a_process_that_talks_nonsense_is_ended_and_costs_no_mail(
    premises: Premises, answer: str
) -> None:
    """A line that is no answer, or endless: whoever asks next would be given what is left of it."""
    kept = await arrival(premises)
    reader = ReadingProcess(premises.place)
    async with AsyncExitStack() as ending:
        ending.push_async_exit(reader)
        nonsense = f"import sys; sys.stdin.readline(); print({answer}); sys.stdin.readline()"
        reader._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", nonsense),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert (await reader.read(kept)).verdict is Verdict.RETURN


async def test_a_mail_whose_bytes_are_gone_is_a_fault_and_not_a_verdict(premises: Premises) -> None:
    """The kind of the fault is said, and nothing else."""
    kept = await arrival(premises)
    gone = kept.model_copy(update={"mail": kept.mail.model_copy(update={"sha256": "0" * 64})})
    async with ReadingProcess(premises.place) as reader:
        with pytest.raises(NotRead, match=r"^NotReadable$"):
            await reader.read(gone)


async def test_a_reader_that_cannot_start_says_why(premises: Premises) -> None:
    """Without its key ring; and without a scanner that is configured mail waits."""
    nowhere = premises.place.model_copy(update={"keyring": premises.settings.home / "none.json"})
    with pytest.raises(NotReachable, match="no key ring"):
        await ReadingProcess(nowhere).__aenter__()
    silent = premises.place.model_copy(update={"clamd": str(premises.settings.home / "clamd.ctl")})
    async with ReadingProcess(silent) as reader:
        with pytest.raises(NotReachable, match="RAPID_REVIEW_CLAMD"):
            await reader.read(await arrival(premises))
