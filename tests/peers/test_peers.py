"""Letters and replies by way of real mail servers: out by Postfix, back by IMAP, or by LMTP to us."""

import asyncio
import imaplib
import shutil
import smtplib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from domain.record import Event
from starter.embedded import Place, embedded_server
from starter.mailroom.imap import Account, ImapDoor
from starter.mailroom.room import MailRoom
from starter.mailroom.running import Premises, listener, mail_room
from starter.reviews import Reviews
from tests.crash.opening import eight_agencies
from tests.mailroom.conftest import until
from tests.mailroom.replies import Reply, returned
from tests.peers.servers import AUTHSERV_ID, PASSWORD, USER, dovecot, postfix, program
from tests.ports import free_port
from tests.postbox.pieces import FOLDER, KEYS, PARTNERSHIP
from vault.documents import DocumentStore
from worker import process
from worker.settings import Settings

AGENCYS = PARTNERSHIP.agencies["police"].contacts[0].email
"""The address of the agency whose mailbox is on our Dovecot."""

_references = (f"RR-2027-{n}" for n in count(500))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: the servers' sockets lie deep in it, and their paths are limited."""
    with TemporaryDirectory(prefix="peers-") as made:
        yield Path(made)


@dataclass
class Office:
    """A case under review, its letters going out by Postfix, and a mail room that hears of it."""

    premises: Premises
    reviews: Reviews
    room: MailRoom
    reference: str

    async def returns(self) -> int:
        """How many returns are on record."""
        record = await self.reviews.record(self.reference)
        return sum(entry.event is Event.RETURN_RECORDED for entry in record)

    async def has_returned(self) -> bool:
        """Whether a return is on record."""
        return await self.returns() == 1


@asynccontextmanager
async def office(folder: Path, smtp: int, lmtp: int = 0) -> AsyncIterator[Office]:
    """A review opened an hour ago, with its worker, and a mail room; with ``lmtp`` our own listener too."""
    settings = Settings(
        home=folder / "office",
        partnership=FOLDER,
        smtp_port=smtp,
        smtp_security="none",
        mail_in_port=lmtp,
        mail_in_protocol="lmtp",
        mail_in_authserv_ids=(AUTHSERV_ID,),
    )
    KEYS.write(settings.keyring_path)
    store = DocumentStore(settings.store_url, KEYS)
    opening = await eight_agencies(
        next(_references), datetime.now(UTC) - timedelta(hours=1), PARTNERSHIP, store
    )
    async with embedded_server(Place(skipping=True), KEYS) as client:
        desks = process.desks(settings, process.smtp_server(settings))
        premises = Premises(settings, client, KEYS, store, PARTNERSHIP)
        reviews = Reviews(client, settings.task_queue)
        async with process.worker(client, settings.task_queue, desks), mail_room(premises) as room:
            await reviews.open(opening)
            made = Office(premises, reviews, room, opening.reference)
            if not lmtp:
                yield made
                return
            async with listener(premises, room):
                yield made


def inbox(imap: int, user: str, folder: str = "INBOX") -> list[EmailMessage]:
    """Every mail in a folder of a mailbox."""
    with imaplib.IMAP4("127.0.0.1", imap) as client:
        client.login(user, PASSWORD)
        if client.select(folder, readonly=True)[0] != "OK":
            return []
        found = client.search(None, "ALL")[1][0].split()
        raw = [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in found]  # type: ignore[index]
    return [message_from_bytes(mail, policy=default) for mail in raw]  # type: ignore[arg-type]


async def holds(imap: int, user: str, folder: str = "INBOX", mails: int = 1) -> bool:
    """Whether a folder holds so many mails."""
    return len(await asyncio.to_thread(inbox, imap, user, folder)) == mails


async def request_for_information(imap: int, reference: str) -> EmailMessage:
    """The agency's letter, once it is in its mailbox."""
    user = AGENCYS.partition("@")[0]
    await until(lambda: holds(imap, user))
    (letter,) = await asyncio.to_thread(inbox, imap, user)
    assert letter["Subject"].startswith(f"[SECURE] {reference}: request for information")
    return letter


def answer(smtp: int, letter: EmailMessage, mail: Reply) -> None:
    """Reply to a letter's Reply-To by way of Postfix."""
    assert mail.address == letter["Reply-To"]
    with smtplib.SMTP("127.0.0.1", smtp) as client:
        client.sendmail(AGENCYS, [letter["Reply-To"]], mail.raw)


def door(imap: int, room: MailRoom, poll_seconds: float = 600) -> ImapDoor:
    """Our door to the mailbox; where the server can say that mail arrived it is never polled."""
    account = Account(
        host="127.0.0.1",
        port=imap,
        username=USER,
        password=PASSWORD,
        token_file=None,
        security="none",
        ca_file=None,
        inbox="INBOX",
        done="Processed",
        held="Quarantine",
    )
    return ImapDoor(account, room, poll_seconds, backoff=(0.2,))


async def test_a_return_comes_back_over_imap_as_it_arrives(folder: Path) -> None:
    """The RFI by Postfix, the reply into Dovecot, IDLE; then it is moved, and what is forged elsewhere."""
    imap, lmtp, smtp = free_port(), free_port(), free_port()
    with dovecot(folder / "dovecot", imap, lmtp), postfix(folder / "postfix", smtp, lmtp, lmtp):
        async with office(folder, smtp) as made, door(imap, made.room).open():
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
            async with door(imap, made.room, poll_seconds=0.2).open():
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
        async with office(folder, smtp) as made, door(imap, made.room).open():
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


@pytest.mark.parametrize("name", ["postfix", "dovecot"])
def test_a_peer_that_is_missing_is_named(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests fail with a sentence where a server is not installed; they are never left out."""
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(RuntimeError, match="apt-get install"):
        program(name)
