"""The sink keeps what it is sent, safely, and under names that name nobody."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import aiosmtplib
import pytest
from aiosmtpd.smtp import SMTP

from domain.errors import NotReachable
from starter.sink import MailSink
from starter.smtp_line import Line

ADDRESSES = [
    "",
    "<>",
    "<a@b.example>",
    "a@b.example",
    "<a@b.example>  SIZE=12 BODY=8BITMIME",
    "<a@b.example",
    "<rr-2026-07.police.1.k1.abcd+x=y@replies.example> SIZE=12",
    "<a..b@c.example>",
    "<a@b..example>",
    "<a@b.>",
    "<a@b@c.example>",
    '<"a b"@c.example>',
    "<a@[192.0.2.1]>",
    "<\u00e4@b.example>",
]

OURS = "<rr-2026-07.police.1.k1.abcdefghijklmnop.0123456789ab@replies.example>"


@pytest.fixture
async def sink(tmp_path: Path) -> AsyncIterator[MailSink]:
    """A sink that listens."""
    async with MailSink(tmp_path / "mail") as started:
        yield started


async def send(sink: MailSink, message_id: str = OURS, body: str = "Due Thu 17 Dec.") -> None:
    """Send it one message."""
    content = f"Subject: [SECURE] RR-2026-07: Child A\r\nMessage-ID: {message_id}\r\n\r\n{body}\r\n"
    await aiosmtplib.send(
        content,
        sender="reviews@partnership.example",
        recipients=["police@agency.example"],
        hostname="127.0.0.1",
        port=sink.port,
        start_tls=False,
        local_hostname="test.example",
    )


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def test_letter_is_on_disk_once_the_sender_is_told(sink: MailSink, tmp_path: Path) -> None:
    """It is named by sequence and case, and can be read by its owner alone."""
    await send(sink)
    assert names(tmp_path / "mail") == ["0001-RR-2026-07.eml"]
    assert stat.S_IMODE((tmp_path / "mail" / "0001-RR-2026-07.eml").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "mail").stat().st_mode) == 0o700


async def test_letter_is_flushed_and_whole_before_it_is_acknowledged(
    sink: MailSink, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk fails, the sender is told to keep the letter."""

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(aiosmtplib.SMTPDataError):
        await send(sink)
    assert not list((tmp_path / "mail").glob("*.eml"))


async def test_messages_come_parsed_in_the_order_they_came(sink: MailSink) -> None:
    """Body and headers as sent, dots at the start of lines included."""
    for body in ("first", ".second", "third"):
        await send(sink, body=body)
    assert [m.get_content().strip() for m in sink.messages()] == ["first", ".second", "third"]
    assert [m["Message-ID"] for m in sink.messages()] == [OURS] * 3


async def test_letters_known_already_are_not_read_again(sink: MailSink, tmp_path: Path) -> None:
    """Who follows the sink asks for the headers of what came since; the files before are left alone."""
    for _ in range(3):
        await send(sink)
    first = tmp_path / "mail" / "0001-RR-2026-07.eml"
    first.unlink()
    first.mkdir()
    assert [(m["Message-ID"], m.get_content().strip()) for m in sink.headers(known=2)] == [(OURS, "")]
    assert list(sink.headers(known=3)) == []


@pytest.mark.parametrize("body", ["", ".", "..", ".\r\n.\r\n.", "x" * 900 + "\r\n" + "long\r\n" * 200_000])
async def test_letter_is_kept_as_it_was_sent(body: str, sink: MailSink, tmp_path: Path) -> None:
    """However long, and whatever dots its lines begin with."""
    await send(sink, body=body)
    [kept] = (tmp_path / "mail").iterdir()
    assert kept.read_bytes().partition(b"\r\n\r\n")[2] == body.encode() + b"\r\n"


@pytest.mark.parametrize("given", ADDRESSES)
async def test_an_address_is_read_as_the_library_reads_it(given: str, sink: MailSink) -> None:
    """A plain one is read without it, and sooner."""
    assert Line(sink, "sink.example", "")._getaddr(given) == SMTP(sink)._getaddr(given)


async def test_letter_cut_off_is_not_kept(sink: MailSink, tmp_path: Path) -> None:
    """A sender who hangs up before the last dot has sent nothing; the next one is served."""
    _, writer = await asyncio.open_connection("127.0.0.1", sink.port)
    for line in ("HELO test.example", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA", "half"):
        writer.write(f"{line}\r\n".encode())
    writer.close()
    await writer.wait_closed()
    await send(sink)
    assert names(tmp_path / "mail") == ["0001-RR-2026-07.eml"]


async def test_letter_for_nobody_is_not_asked_for(sink: MailSink) -> None:
    """DATA before RCPT is refused, and the line stays usable."""
    async with aiosmtplib.SMTP(
        hostname="127.0.0.1", port=sink.port, start_tls=False, local_hostname="test.example"
    ) as line:
        await line.ehlo()
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await line.data("x")
        assert refused.value.code == 503
        assert (await line.noop()).code == 250


@pytest.mark.parametrize("message_id", ["<1@elsewhere.example>", "<../../child-a@x.example>", ""])
async def test_strangers_mail_has_a_name_that_says_nothing(
    message_id: str, sink: MailSink, tmp_path: Path
) -> None:
    """No header but our own Message-ID has a part in a file's name."""
    await send(sink, message_id)
    assert names(tmp_path / "mail") == ["0001-letter.eml"]


async def test_numbers_go_on_after_a_restart(tmp_path: Path) -> None:
    """Nothing taken before is written over, past four figures too."""
    for _ in range(2):
        async with MailSink(tmp_path) as sink:
            await send(sink)
    (tmp_path / "0002-RR-2026-07.eml").rename(tmp_path / "12345-RR-2026-07.eml")
    async with MailSink(tmp_path) as sink:
        await send(sink)
    assert names(tmp_path) == ["0001-RR-2026-07.eml", "12345-RR-2026-07.eml", "12346-RR-2026-07.eml"]


async def test_letters_sent_at_once_are_all_kept(sink: MailSink) -> None:
    """Eight lines at the same time, eight files."""
    await asyncio.gather(*(send(sink) for _ in range(8)))
    assert len(list(sink.messages())) == 8


async def test_taken_port_is_said(sink: MailSink, tmp_path: Path) -> None:
    """The sentence names the address and the remedy."""
    with pytest.raises(NotReachable, match=f"127.0.0.1:{sink.port}"):
        await MailSink(tmp_path / "other", port=sink.port).start()


async def test_stopping_hangs_up_on_a_sender_who_lingers(tmp_path: Path) -> None:
    """A line left open does not keep the program from ending."""
    async with MailSink(tmp_path) as sink:
        lingering = aiosmtplib.SMTP(
            hostname="127.0.0.1", port=sink.port, start_tls=False, local_hostname="test.example"
        )
        await lingering.connect()
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await lingering.noop()
