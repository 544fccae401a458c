"""How the mail server is reached, and what is said when it is not."""

import ssl
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationErrorCategory

from activities.mail import SmtpPostRoom
from activities.smtp import LOCKOUT, MailLine, Reply, SmtpServer
from domain.errors import NotConfigured
from starter.sink import MailSink
from tests.activities.conftest import PASSWORD, ScriptedServer, listening, post, reminder, send, trouble

BOTH = post(reminder("police"), reminder("housing"))


def reaching(room: SmtpPostRoom, server: SmtpServer) -> SmtpPostRoom:
    """The same room with another server."""
    room._server = server
    return room


async def test_nobody_there_is_benign_and_waits(room: SmtpPostRoom) -> None:
    """Port 1 answers nobody."""
    error = await trouble(reaching(room, SmtpServer("127.0.0.1", 1, security="none", timeout=5)), BOTH)
    assert (error.type, error.category) == ("MailServerUnreachable", ApplicationErrorCategory.BENIGN)
    assert "127.0.0.1:1" in error.message
    assert error.__cause__ is None


async def test_wrong_password_is_for_the_operator_and_is_not_tried_at_once(
    room: SmtpPostRoom, mail_server: ScriptedServer, ca_file: Path
) -> None:
    """Not benign: somebody has to act. Slowly: accounts get locked."""
    wrong = SmtpServer("127.0.0.1", mail_server.port, "reviews", "wrong-password", ca_file=ca_file)
    error = await trouble(reaching(room, wrong), BOTH)
    assert (error.type, error.category) == ("MailServerRefusedUs", ApplicationErrorCategory.UNSPECIFIED)
    assert error.next_retry_delay == LOCKOUT
    assert "535" in error.message
    assert "wrong-password" not in error.message
    assert mail_server.taken == []


async def test_server_without_starttls_is_given_nothing(room: SmtpPostRoom) -> None:
    """Encryption is required, not tried for."""
    async with listening(ScriptedServer()) as plain:
        server = SmtpServer("127.0.0.1", plain.port, "reviews", PASSWORD)
        error = await trouble(reaching(room, server), BOTH)
        assert (error.type, error.category) == (
            "MailServerNotSecure",
            ApplicationErrorCategory.UNSPECIFIED,
        )
        assert not plain.heard


async def test_certificate_of_a_stranger_is_refused(room: SmtpPostRoom, mail_server: ScriptedServer) -> None:
    """Without its authority named, the test server's certificate is worth nothing."""
    server = SmtpServer("127.0.0.1", mail_server.port, "reviews", PASSWORD)
    error = await trouble(reaching(room, server), BOTH)
    assert error.type == "MailServerNotSecure"
    assert mail_server.taken == []


async def test_server_may_know_us_without_a_password(
    room: SmtpPostRoom, server_tls: ssl.SSLContext, ca_file: Path
) -> None:
    """By our address, say: after STARTTLS we introduce ourselves anew (RFC 3207, section 4.2), and send."""
    async with listening(ScriptedServer(), starttls=server_tls, password=False) as trusting:
        server = SmtpServer("127.0.0.1", trusting.port, ca_file=ca_file)
        await send(reaching(room, server), BOTH)
        assert trusting.encrypted == [True, True]
        assert not trusting.heard["AUTH"]


async def test_server_may_encrypt_from_the_first_byte(
    room: SmtpPostRoom, server_tls: ssl.SSLContext, ca_file: Path
) -> None:
    """RFC 8314: no STARTTLS, and no byte in the clear."""
    async with listening(ScriptedServer(), tls=server_tls) as encrypted:
        server = SmtpServer("127.0.0.1", encrypted.port, security="tls", ca_file=ca_file)
        await send(reaching(room, server), BOTH)
        assert encrypted.encrypted == [True, True]


async def test_strangers_certificate_is_refused_from_the_first_byte(
    room: SmtpPostRoom, server_tls: ssl.SSLContext
) -> None:
    """As with STARTTLS: it is said to be untrusted, not unreachable."""
    async with listening(ScriptedServer(), tls=server_tls) as encrypted:
        error = await trouble(reaching(room, SmtpServer("127.0.0.1", encrypted.port, security="tls")), BOTH)
        assert error.type == "MailServerNotSecure"


async def test_server_on_this_machine_may_go_without(room: SmtpPostRoom) -> None:
    """For rehearsals: loopback, no encryption, no password."""
    async with listening(ScriptedServer()) as plain:
        await send(reaching(room, SmtpServer("127.0.0.1", plain.port, security="none")), BOTH)
        assert len(plain.taken) == 2


@pytest.mark.parametrize("host", ["mail.example", "192.0.2.1", "::2"])
def test_no_encryption_across_a_network_is_refused(host: str) -> None:
    """The setting is refused as the program starts, with its remedy."""
    with pytest.raises(NotConfigured, match="RAPID_REVIEW_SMTP_SECURITY"):
        SmtpServer(host, 25, security="none")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_no_encryption_on_this_machine_is_allowed(host: str) -> None:
    """There is no network to listen on."""
    assert SmtpServer(host, 25, security="none").host == host


def test_password_is_not_shown() -> None:
    """Neither in a log nor in a traceback."""
    assert PASSWORD not in repr(SmtpServer("127.0.0.1", 25, "reviews", PASSWORD))


@pytest.mark.parametrize(
    "message", [b"", b".", b"..", b"first\n.second\n", b"a\r\n.\r\n.b", b"a\r.b\n\r\r\n", b"\n\n.\n"]
)
async def test_a_message_arrives_as_it_was_whatever_dots_and_ends_its_lines_have(
    message: bytes, tmp_path: Path
) -> None:
    """Its lines end as mail's do (RFC 5321, section 2.3.8), and a dot alone does not end it."""
    async with MailSink(tmp_path / "mail") as sink:
        async with MailLine(SmtpServer("127.0.0.1", sink.port, security="none"), "house.example") as line:
            await line.open()
            await line.address("reviews@house.example", ["police@agency.example"])
            assert await line.hand_over(message) == Reply(250, "")
        [kept] = (tmp_path / "mail").iterdir()
        assert kept.read_bytes() == b"".join(line + b"\r\n" for line in message.splitlines() or [b""])
