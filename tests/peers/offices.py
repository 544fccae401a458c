"""An office whose letters and replies go by way of the peers, and its door to their mailbox."""

import asyncio
import imaplib
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count
from pathlib import Path

from domain.record import Event
from starter.embedded import Place, embedded_server
from starter.mailroom.account import Account
from starter.mailroom.imap import ImapDoor, Inbox
from starter.mailroom.room import MailRoom
from starter.mailroom.running import Premises, listener, mail_room
from starter.reviews import Reviews
from tests.crash.opening import eight_agencies
from tests.mailroom.conftest import until
from tests.mailroom.replies import Reply
from tests.peers.servers import AUTHSERV_ID, PASSWORD, USER
from tests.postbox.pieces import FOLDER, KEYS, PARTNERSHIP
from vault.documents import DocumentStore
from worker import process
from worker.settings import Settings

AGENCYS = PARTNERSHIP.agencies["police"].contacts[0].email
"""The address of the agency whose mailbox is on our Dovecot."""

_references = (f"RR-2027-{n}" for n in count(500))


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

    async def has_held(self) -> bool:
        """Whether a mail waits for a person."""
        return bool(await self.room.quarantine.waiting())


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
    sent(smtp, letter["Reply-To"], mail.raw)


def sent(smtp: int, address: str, raw: bytes) -> None:
    """Send a mail of the agency's by way of Postfix."""
    with smtplib.SMTP("127.0.0.1", smtp) as client:
        client.sendmail(AGENCYS, [address], raw)


def account(imap: int, **access: object) -> Account:
    """Our mailbox, opened by its password and unencrypted; or with other ``access``."""
    plain = Account(
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
    return replace(plain, **access)  # type: ignore[arg-type]  # each by its own name


def door(mailbox: Account, room: Inbox, poll_seconds: float = 600) -> ImapDoor:
    """Our door to the mailbox; where the server can say that mail arrived it is never polled."""
    return ImapDoor(mailbox, room, poll_seconds, backoff=(0.2,))
