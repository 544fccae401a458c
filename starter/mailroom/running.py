"""The mail room of a place: put together from its settings, with the doors that are configured."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from temporalio.client import Client

from domain.errors import NotConfigured
from domain.partnership import Partnership, load_partnership
from starter.mailroom.account import Account
from starter.mailroom.guard import LoopGuard
from starter.mailroom.imap import ImapDoor
from starter.mailroom.journal import Journal
from starter.mailroom.quarantine import Quarantine
from starter.mailroom.reader import Place, ReadingProcess
from starter.mailroom.room import MailRoom
from starter.mailroom.smtp import Addresses, MailListener
from starter.mailroom.telling import CaseTeller
from starter.reviews import Reviews
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker.connection import connect
from worker.settings import Settings
from worker.stopping import until_told_to_stop

NO_DOOR = (
    "No door for mail is configured. Set RAPID_REVIEW_IMAP_HOST, or RAPID_REVIEW_MAIL_IN_PORT for our own "
    "listener; docs/mail-in.md says how."
)
NOBODY_TRUSTED = (
    "RAPID_REVIEW_MAIL_IN_AUTHSERV_IDS is not set, so no mail could be trusted. Write the name by which your "
    'receiving mail server signs its Authentication-Results, like ["mx.partnership.example"].'
)

ALL_HELD = (
    "All mail waits in quarantine: RAPID_REVIEW_MAIL_IN_AUTHSERV_IDS names nobody. See docs/mail-in.md."
)


def cautions(settings: Settings) -> list[str]:
    """What whoever starts a program that takes mail is told, since mail will not do what they hope for."""
    return [] if settings.mail_in_authserv_ids else [ALL_HELD]


@dataclass(frozen=True)
class Premises:
    """What a mail room is put together from."""

    settings: Settings
    client: Client
    keyring: KeyRing
    store: DocumentStore
    partnership: Partnership

    @property
    def place(self) -> Place:
        """Where its reading process works."""
        return Place(
            partnership=self.settings.partnership.resolve(),
            keyring=self.settings.keyring_path.resolve(),
            store=self.settings.store_url,
            authserv_ids=self.settings.mail_in_authserv_ids,
            size_limit=self.settings.mail_in_size_limit,
            clamd=self.settings.clamd,
        )

    @property
    def teller(self) -> CaseTeller:
        """Whoever tells its cases."""
        return CaseTeller(Reviews(self.client, self.settings.task_queue), self.store, self.partnership)


@asynccontextmanager
async def mail_room(premises: Premises) -> AsyncIterator[MailRoom]:
    """A mail room at work while the block lasts."""
    settings = premises.settings
    async with ReadingProcess(premises.place) as reader:
        room = MailRoom(
            journal=Journal(premises.store),
            quarantine=Quarantine(premises.store),
            reader=reader,
            teller=premises.teller,
            guard=LoopGuard(settings.mail_in_per_case, settings.mail_in_per_sender),
        )
        async with room.working():
            yield room


def listener(premises: Premises, room: MailRoom, clock: Callable[[], datetime] | None = None) -> MailListener:
    """The SMTP or LMTP listener of the settings; a rehearsal gives its own clock."""
    settings = premises.settings
    door = MailListener(
        inbox=room,
        addresses=Addresses(premises.partnership, premises.keyring),
        host=settings.mail_in_host,
        port=settings.mail_in_port,
        protocol=settings.mail_in_protocol,
        size_limit=settings.mail_in_size_limit,
    )
    door.clock = clock or door.clock
    return door


def imap_door(settings: Settings, room: MailRoom) -> ImapDoor:
    """The mailbox of the settings."""
    account = Account(
        host=settings.imap_host,
        port=settings.imap_port,
        username=settings.imap_username,
        password=settings.imap_password.get_secret_value() or None,
        token_file=settings.imap_token_file,
        security=settings.imap_security,
        ca_file=settings.imap_ca_file,
        inbox=settings.imap_inbox,
        done=settings.imap_done,
        held=settings.imap_held,
    )
    return ImapDoor(account, room, settings.imap_poll_seconds)


@asynccontextmanager
async def doors(premises: Premises, room: MailRoom) -> AsyncIterator[list[str]]:
    """The doors of a mail room, open while the block lasts, and a sentence about each.

    The listener is always there, on a port of the machine's choice unless one is set.

    Raises:
        NotReachable: the listener's port is taken.
    """
    settings = premises.settings
    async with AsyncExitStack() as stack:
        door = await stack.enter_async_context(listener(premises, room))
        told = [f"Mail is taken at {door.host}:{door.port} ({door.protocol})."]
        if settings.imap_host:
            await stack.enter_async_context(imap_door(settings, room).open())
            told.append(f"Mail is fetched from {settings.imap_host}:{settings.imap_port}.")
        yield [*told, *cautions(settings)]


async def run_mailbox(settings: Settings) -> None:
    """Take mail by every configured door until told to stop.

    Raises:
        NotConfigured: there is no door, or nobody whose word on a sender counts.
        NotSealed, NotReachable: the key ring or the Temporal server is wanting, or the port is taken.
    """
    if not (settings.imap_host or settings.mail_in_port):
        raise NotConfigured(NO_DOOR)
    if not settings.mail_in_authserv_ids:
        raise NotConfigured(NOBODY_TRUSTED)
    keyring = KeyRing.read(settings.keyring_path)
    store = DocumentStore(settings.store_url, keyring)
    await store.prove()
    partnership = load_partnership(settings.partnership)
    premises = Premises(settings, await connect(settings), keyring, store, partnership)
    async with mail_room(premises) as room, doors(premises, room) as told:
        for line in told:
            print(line, flush=True)  # noqa: T201 - a program telling its user where it is
        await until_told_to_stop()
