"""The listener: what it takes, by SMTP and LMTP, and what it refuses before it is sent."""

import asyncio
import smtplib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from domain.errors import NotReachable
from starter.mailroom.smtp import Addresses, MailListener
from tests.mailroom.replies import Reply, returned
from tests.postbox.pieces import DOMAIN, KEYS, OTHER_KEYS, PARTNERSHIP, reply_to

LIMIT = 100_000
NOW = datetime(2026, 12, 15, 10, 30, tzinfo=UTC)
SENDER = "reviews@police.example"


@dataclass
class FakeInbox:
    """Keeps what it is given, or cannot."""

    full: bool = False
    taken: list[tuple[bytes, str | None, tuple[str, ...]]] = field(default_factory=list)

    async def take(
        self, raw: bytes, *, mail_from: str | None, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> None:
        """Keep a mail."""
        assert received_at == NOW
        if self.full:
            raise NotReachable("the disk is full")
        self.taken.append((raw, mail_from, rcpt_to))


@asynccontextmanager
async def listening(inbox: FakeInbox, protocol: str = "smtp") -> AsyncIterator[MailListener]:
    """A listener on a port of the machine's choice."""
    addresses = Addresses(PARTNERSHIP, KEYS)
    async with MailListener(inbox, addresses, "127.0.0.1", 0, protocol, LIMIT, clock=lambda: NOW) as door:  # type: ignore[arg-type]  # one of the two
        yield door


@contextmanager
def connected(door: MailListener) -> Iterator[smtplib.SMTP]:
    """A client of the standard library."""
    kind = smtplib.LMTP if door.protocol == "lmtp" else smtplib.SMTP
    with kind("127.0.0.1", door.port) as client:
        yield client


def send(door: MailListener, raw: bytes, *to: str, sender: str = SENDER) -> dict[str, tuple[int, bytes]]:
    """Send a mail, and say which recipients were refused."""
    with connected(door) as client:
        refused = client.sendmail(sender, to, raw)
        further = [client.getreply()[0] for _ in to[1:] if door.protocol == "lmtp"]
        assert set(further) <= {250}
        return refused


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
async def test_a_reply_is_taken_as_it_was_sent(protocol: str) -> None:
    """Byte for byte, dots and all, with its envelope; to the token, the mailbox, or our letters' sender."""
    inbox, reply = FakeInbox(), returned("RR-2026-07")
    raw = reply.raw + b".a line with a dot\r\n..and two\r\n.\r\nthe end\r\n"
    to = (reply.address.upper(), f"rfi@{DOMAIN}", PARTNERSHIP.mail_from)
    async with listening(inbox, protocol) as door:
        assert await asyncio.to_thread(send, door, raw, *to) == {}
    assert inbox.taken == [(raw, SENDER, to)]


async def test_a_report_comes_with_an_empty_return_path() -> None:
    """As RFC 5321 has it: MAIL FROM:<>."""
    inbox = FakeInbox()
    async with listening(inbox) as door:
        await asyncio.to_thread(send, door, b"Subject: x\r\n\r\n", PARTNERSHIP.mail_from, sender="")
    assert [sender for _, sender, _ in inbox.taken] == [""]


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("somebody@elsewhere.example", id="another domain"),
        pytest.param(f"somebody@{DOMAIN}", id="another mailbox"),
        pytest.param(reply_to(Reply("RR-2026-07").token, OTHER_KEYS), id="a forged token"),
        pytest.param(reply_to(Reply("RR-2026-07").token).replace("police", "gp"), id="an altered token"),
        pytest.param(f"rfi+@{DOMAIN}", id="no token"),
    ],
)
async def test_what_cannot_be_ours_is_refused_before_it_is_sent(address: str) -> None:
    """With the same answer each, which tells a forger nothing."""
    inbox = FakeInbox()
    async with listening(inbox) as door:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            await asyncio.to_thread(send, door, b"x", address)
    assert refused.value.recipients == {address: (550, b"5.1.1 No such mailbox here")}
    assert inbox.taken == []


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
async def test_the_size_limit_is_announced_and_kept(protocol: str) -> None:
    """A sender that looks is refused at once, one that does not at the end; the next mail is taken."""
    inbox, small = FakeInbox(), b"Subject: x\r\n\r\nsmall\r\n"

    def too_large(door: MailListener) -> None:
        with connected(door) as client:
            client.ehlo_or_helo_if_needed()
            assert client.esmtp_features["size"] == str(LIMIT)
            client.mail(SENDER)
            client.rcpt(f"rfi@{DOMAIN}")
            assert client.data(b"x" * (LIMIT + 1))[0] == 552
            assert client.sendmail(SENDER, [f"rfi@{DOMAIN}"], small) == {}

    async with listening(inbox, protocol) as door:
        await asyncio.to_thread(too_large, door)
    assert [raw for raw, _, _ in inbox.taken] == [small]


async def test_what_could_not_be_kept_is_not_answered_for() -> None:
    """The sender keeps it and comes again."""
    async with listening(FakeInbox(full=True)) as door:
        with pytest.raises(smtplib.SMTPDataError) as busy:
            await asyncio.to_thread(send, door, b"x", f"rfi@{DOMAIN}")
    assert busy.value.smtp_code == 451


async def test_a_sender_that_hangs_up_leaves_nothing() -> None:
    """Half a mail is no mail."""
    inbox = FakeInbox()
    async with listening(inbox) as door:
        reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
        for line in ("EHLO x", f"MAIL FROM:<{SENDER}>", f"RCPT TO:<rfi@{DOMAIN}>", "DATA", "Subject: half"):
            writer.write(f"{line}\r\n".encode())
            await writer.drain()
        await reader.readuntil(b"354 ")
        writer.close()
        await writer.wait_closed()
        await asyncio.to_thread(send, door, b"whole", f"rfi@{DOMAIN}")
    assert [raw for raw, _, _ in inbox.taken] == [b"whole\r\n"]


async def test_a_port_that_is_taken_is_named() -> None:
    """With the setting that chooses another."""
    async with listening(FakeInbox()) as door:
        other = MailListener(FakeInbox(), door.addresses, "127.0.0.1", door.port, "smtp", LIMIT)
        with pytest.raises(NotReachable, match="RAPID_REVIEW_MAIL_IN_PORT"):
            await other.__aenter__()
