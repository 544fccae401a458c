"""The mailbox door where the room behind it cannot keep a mail: the door stays open, the mail stays there."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from imap_tools.mailbox import BaseMailBox

from domain.errors import NotReachable, NotSealed, RapidReviewError
from starter.mailroom.imap import Account, ImapDoor
from starter.mailroom.journal import Fate, Settled
from tests.mailroom.conftest import until

TOLD = Settled(id="mail-1", verdict="return", fate=Fate.TOLD)


@dataclass
class FakeServer:
    """What the door asks of a mailbox; it announces nothing and has to be polled."""

    inbox: dict[str, bytes]
    moved: list[tuple[str, str]] = field(default_factory=list)
    capabilities: tuple[str, ...] = ()

    @property
    def client(self) -> "FakeServer":
        """The connection, which is this too."""
        return self

    @property
    def folder(self) -> "FakeServer":
        """The folders, which are these."""
        return self

    def capability(self) -> tuple[str, list[bytes]]:
        """Neither IDLE nor MOVE."""
        return "OK", [b"IMAP4rev1"]

    def exists(self, folder: str) -> bool:
        """Every folder is there."""
        return bool(folder)

    def noop(self) -> None:
        """Nothing happens."""

    def shutdown(self) -> None:
        """Nothing is to be closed."""

    def uids(self) -> list[str]:
        """What lies in the inbox."""
        return list(self.inbox)

    def uid(self, command: str, uid: str, _what: str) -> tuple[str, list[tuple[bytes, bytes]]]:
        """A message, with the date on which it came."""
        assert command == "FETCH"
        return "OK", [(b'1 (INTERNALDATE "15-Dec-2026 10:21:07 +0000"', self.inbox[uid])]

    def move(self, uid: str, folder: str) -> None:
        """Move a message away."""
        del self.inbox[uid]
        self.moved.append((uid, folder))


@dataclass
class FakeInbox:
    """A room that cannot keep a mail until its troubles are over."""

    troubles: dict[bytes, list[RapidReviewError]]

    async def settle(
        self, raw: bytes, *, mail_from: str | None, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> Settled:
        """Raise the next trouble of the mail, if it has one left."""
        assert (mail_from, rcpt_to, received_at.year) == (None, (), 2026)
        if left := self.troubles.get(raw):
            raise left.pop(0)
        return TOLD


@dataclass(frozen=True)
class FakeAccount(Account):
    """A mailbox that is opened at once."""

    server: FakeServer

    def connected(self) -> BaseMailBox:
        """The mailbox."""
        return cast("BaseMailBox", self.server)


def _door(server: FakeServer, inbox: FakeInbox) -> ImapDoor:
    account = FakeAccount(
        host="127.0.0.1",
        port=0,
        username="replies",
        password=None,
        token_file=None,
        security="none",
        ca_file=None,
        inbox="INBOX",
        done="Processed",
        held="Quarantine",
        server=server,
    )
    return ImapDoor(account, inbox, poll_seconds=0.01)


async def test_a_mail_that_could_not_be_kept_is_tried_again_and_keeps_none_waiting() -> None:
    """The store was away, then a kept copy did not open: the mail behind it goes its way meanwhile."""
    server = FakeServer({"1": b"first", "2": b"second"})
    inbox = FakeInbox({b"first": [NotReachable("The store is away."), NotSealed("It does not open.")]})

    async def both_moved() -> bool:
        return len(server.moved) == 2

    async with _door(server, inbox).open():
        await until(both_moved)
    assert server.moved == [("2", "Processed"), ("1", "Processed")]
