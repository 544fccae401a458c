"""The mailbox door: whatever server, message or room behind it do, it stays open and loses nothing."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from imap_tools.errors import MailboxMoveError
from imap_tools.mailbox import BaseMailBox

from domain.errors import NotConfigured, NotReachable, NotSealed, RapidReviewError
from starter.mailroom.account import Account
from starter.mailroom.imap import ImapDoor
from starter.mailroom.journal import Fate, Settled
from tests.mailroom.conftest import until

TOLD = Settled(id="mail-1", verdict="return", fate=Fate.TOLD)


@dataclass
class FakeServer:
    """What the door asks of a mailbox; it announces nothing and has to be polled."""

    inbox: dict[str, bytes]
    moved: list[tuple[str, str]] = field(default_factory=list)
    capabilities: tuple[str, ...] = ()
    date: bytes = b"15-Dec-2026 10:21:07 +0000"
    unmovable: frozenset[str] = frozenset()

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
        return "OK", [(b'1 (INTERNALDATE "%s"' % self.date, self.inbox[uid])]

    def move(self, uid: str, folder: str) -> None:
        """Move a message away."""
        if uid in self.unmovable:
            raise MailboxMoveError(("NO", [b"Over quota"]), "OK")
        del self.inbox[uid]
        self.moved.append((uid, folder))


@dataclass
class FakeInbox:
    """A room that cannot keep a mail until its troubles are over."""

    troubles: dict[bytes, list[RapidReviewError]] = field(default_factory=dict)
    brought: list[tuple[bytes, datetime]] = field(default_factory=list)

    async def settle(
        self, raw: bytes, *, mail_from: str | None, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> Settled:
        """Raise the next trouble of the mail, if it has one left."""
        assert (mail_from, rcpt_to, received_at.tzinfo) == (None, (), UTC)
        self.brought.append((raw, received_at))
        if left := self.troubles.get(raw):
            raise left.pop(0)
        return TOLD


@dataclass(frozen=True)
class FakeAccount(Account):
    """A mailbox that is opened at once, or has its troubles first."""

    server: FakeServer
    troubles: Iterator[Exception] = field(default_factory=lambda: iter(()))

    def connected(self) -> BaseMailBox:
        """The mailbox, when no trouble is left."""
        if trouble := next(self.troubles, None):
            raise trouble
        return cast("BaseMailBox", self.server)


def _account(server: FakeServer) -> FakeAccount:
    return FakeAccount(
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


def _door(server: FakeServer, inbox: FakeInbox) -> ImapDoor:
    return ImapDoor(_account(server), inbox, poll_seconds=0.01, backoff=(0.01,))


async def test_a_mail_that_could_not_be_kept_is_tried_again_and_keeps_none_waiting() -> None:
    """The store was away, then a kept copy did not open: the mail behind it goes its way meanwhile."""
    server = FakeServer({"1": b"first", "2": b"second"})
    inbox = FakeInbox({b"first": [NotReachable("The store is away."), NotSealed("It does not open.")]})

    async def both_moved() -> bool:
        return len(server.moved) == 2

    async with _door(server, inbox).open():
        await until(both_moved)
    assert server.moved == [("2", "Processed"), ("1", "Processed")]


async def test_a_mail_that_cannot_be_moved_keeps_none_waiting() -> None:
    """The folder it belongs in takes nothing: it stays, having had its effect, and those behind it go."""
    server = FakeServer({"1": b"first", "2": b"second"}, unmovable=frozenset({"1"}))

    async def one_moved() -> bool:
        return bool(server.moved)

    async with _door(server, FakeInbox()).open():
        await until(one_moved)
    assert server.moved == [("2", "Processed")]
    assert list(server.inbox) == ["1"]


async def test_a_mail_whose_date_of_receipt_is_no_date_counts_from_now() -> None:
    """It is taken all the same."""
    server, inbox = FakeServer({"1": b"first"}, date=b"99-Foo-2026"), FakeInbox()

    async def moved() -> bool:
        return bool(server.moved)

    async with _door(server, inbox).open():
        await until(moved)
    ((_, received_at),) = inbox.brought
    assert abs(datetime.now(UTC) - received_at).total_seconds() < 60


async def test_no_kind_of_trouble_closes_the_door(caplog: pytest.LogCaptureFixture) -> None:
    """Ours is said in its sentence; of any other only the kind, since its text may quote a mail."""
    server = FakeServer({"1": b"first"})
    ours, other = NotConfigured("The token is refused."), ValueError("Dear Child A")
    account = replace(_account(server), troubles=iter([ours, other, TimeoutError()]))

    async def moved() -> bool:
        return bool(server.moved)

    async with ImapDoor(account, FakeInbox(), poll_seconds=0.01, backoff=(0.01,)).open():
        await until(moved)
    does_not = "The IMAP server does not answer as it should"
    assert caplog.messages == [
        "The token is refused.",
        f"{does_not} (ValueError).",
        f"{does_not} (TimeoutError).",
    ]


@dataclass
class DroppingServer(FakeServer):
    """A server that lets everybody in and hangs up at once."""

    visits: int = 0

    def capability(self) -> tuple[str, list[bytes]]:
        """Hang up."""
        self.visits += 1
        raise ConnectionResetError


async def test_a_server_that_lets_us_in_and_hangs_up_is_not_hammered() -> None:
    """The waits go on growing, as for a server that does not answer at all."""
    server = DroppingServer({})
    door = replace(_door(server, FakeInbox()), backoff=(0.0, 0.0, 30.0))

    async def rests() -> bool:
        return server.visits == 3

    async with door.open():
        await until(rests)
        await asyncio.sleep(0.2)
    assert server.visits == 3


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"security": "starttls", "port": 993}, "takes no STARTTLS"),
        ({"host": "imap.partnership.example"}, "cross the network unencrypted"),
        ({"security": "tls", "ca_file": Path("nowhere.pem")}, "RAPID_REVIEW_IMAP_CA_FILE"),
    ],
)
def test_a_mailbox_that_cannot_be_opened_so_is_refused_before_it_is_tried(
    wrong: dict[str, Any], named: str
) -> None:
    """Each setting is named, with its remedy."""
    with pytest.raises(NotConfigured, match=named):
        replace(_account(FakeServer({})), **wrong)
