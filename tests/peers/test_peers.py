"""Letters and replies by way of real mail servers: out by Postfix, back by IMAP, or by LMTP to us."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path
from smtplib import SMTPRecipientsRefused

import pytest

from postbox.verdicts import Why
from tests.mailroom.conftest import until
from tests.mailroom.replies import returned
from tests.peers.offices import (
    AGENCYS,
    account,
    answer,
    door,
    holds,
    office,
    request_for_information,
    sent,
)
from tests.peers.servers import USER, as_the_guide_says, dovecot, postfix, program
from tests.ports import free_port


async def test_a_return_comes_back_over_imap_as_it_arrives(folder: Path) -> None:
    """The RFI by Postfix, the reply into Dovecot, IDLE; then it is moved, and what is forged elsewhere."""
    imap, lmtp, smtp = free_port(), free_port(), free_port()
    with dovecot(folder / "dovecot", imap, lmtp), postfix(folder / "postfix", smtp, lmtp, lmtp):
        async with office(folder, smtp) as made, door(account(imap), made.room).open():
            letter = await request_for_information(imap, made.reference)
            await asyncio.to_thread(answer, smtp, letter, returned(made.reference))
            await until(made.has_returned)
            await until(lambda: holds(imap, USER, "Processed"))
            forged = replace(returned(made.reference, number=2), dmarc="fail")
            await asyncio.to_thread(answer, smtp, letter, forged)
            await until(lambda: holds(imap, USER, "Quarantine"))
            assert await holds(imap, USER, "INBOX", mails=0)
            assert await made.returns() == 1
            acknowledged = AGENCYS.partition("@")[0]
            await until(lambda: holds(imap, acknowledged, mails=2))


async def test_a_server_that_knows_neither_idle_nor_move_is_looked_into_now_and_then(folder: Path) -> None:
    """The polling fallback, and moving by copying; what arrived before the door opened is found too."""
    imap, lmtp, smtp = free_port(), free_port(), free_port()
    plain = "protocol imap {\n  imap_capability = IMAP4rev1 UIDPLUS\n}\n"
    with dovecot(folder / "dovecot", imap, lmtp, plain), postfix(folder / "postfix", smtp, lmtp, lmtp):
        async with office(folder, smtp) as made:
            letter = await request_for_information(imap, made.reference)
            await asyncio.to_thread(answer, smtp, letter, returned(made.reference))
            await until(lambda: holds(imap, USER))
            async with door(account(imap), made.room, poll_seconds=0.2).open():
                await until(made.has_returned)
                await until(lambda: holds(imap, USER, "Processed"))
                again = replace(returned(made.reference), more=[("X-Way", "another")])
                await asyncio.to_thread(answer, smtp, letter, again)
                await until(lambda: holds(imap, USER, "Processed", mails=2))
                assert await made.returns() == 1


async def test_a_mailbox_that_goes_away_is_opened_again(folder: Path) -> None:
    """Dovecot ends under us and starts again: the next reply is found all the same."""
    imap, lmtp, smtp = free_port(), free_port(), free_port()
    mailboxes = folder / "dovecot"
    with postfix(folder / "postfix", smtp, lmtp, lmtp):
        async with office(folder, smtp) as made, door(account(imap), made.room).open():
            with dovecot(mailboxes, imap, lmtp):
                letter = await request_for_information(imap, made.reference)
            with dovecot(mailboxes, imap, lmtp):
                await asyncio.to_thread(answer, smtp, letter, returned(made.reference))
                await until(made.has_returned)
                await until(lambda: holds(imap, USER, "Processed"))


async def test_postfix_delivers_to_our_own_listener_by_lmtp(folder: Path) -> None:
    """The reply comes to us without a mailbox between."""
    imap, lmtp, smtp, ours = free_port(), free_port(), free_port(), free_port()
    with dovecot(folder / "dovecot", imap, lmtp), postfix(folder / "postfix", smtp, ours, lmtp):
        async with office(folder, smtp, lmtp=ours) as made:
            letter = await request_for_information(imap, made.reference)
            await asyncio.to_thread(answer, smtp, letter, returned(made.reference))
            await until(made.has_returned)
            assert await made.returns() == 1


async def test_postfix_set_up_as_the_guide_says_strips_our_name_and_takes_nothing_for_nobody(
    folder: Path,
) -> None:
    """Forged results are gone before we see the mail; who writes to nobody is told so, and nobody else."""
    smtp, ours = free_port(), free_port()
    with postfix(folder / "postfix", smtp, ours, free_port(), as_the_guide_says(ours)):
        async with office(folder, smtp, lmtp=ours) as made:
            forged = returned(made.reference)
            await asyncio.to_thread(sent, smtp, forged.address, forged.raw)
            await until(made.has_held)
            (held,) = await made.room.quarantine.waiting()
            assert held.reason == Why.NOT_AUTHENTICATED
            nobody = forged.address.replace("police", "icb")
            with pytest.raises(SMTPRecipientsRefused, match="550"):
                await asyncio.to_thread(sent, smtp, nobody, forged.raw)


@pytest.mark.parametrize("name", ["postfix", "dovecot"])
def test_a_peer_that_is_missing_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests fail with a sentence where a server is not installed; they are never left out."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(RuntimeError, match="apt-get install"):
        program(name)
