"""The mailbox behind TLS and a bearer token, as an office's own provider has it; and who is not let in."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from smtplib import LMTP

import pytest
import trustme

from starter.mailroom.journal import Fate, Settled
from tests.mailroom.conftest import until
from tests.mailroom.replies import returned
from tests.peers.access import ANOTHER_KEY, Access, access
from tests.peers.offices import AGENCYS, account, answer, door, holds, office, request_for_information
from tests.peers.servers import USER, dovecot, postfix
from tests.ports import free_port


@dataclass
class KeptInbox:
    """A room that keeps whatever comes."""

    kept: list[bytes] = field(default_factory=list)

    async def settle(
        self, raw: bytes, *, mail_from: str | None, rcpt_to: tuple[str, ...], received_at: datetime
    ) -> Settled:
        """Keep it."""
        assert (mail_from, rcpt_to) == (None, ())
        assert received_at.tzinfo
        self.kept.append(raw)
        return Settled(id=f"mail-{len(self.kept)}", verdict="return", fate=Fate.TOLD)

    async def has_kept(self) -> bool:
        """Whether one mail came."""
        return len(self.kept) == 1


@dataclass(frozen=True)
class Log:
    """What the door says of its troubles."""

    caplog: pytest.LogCaptureFixture

    async def speaks(self) -> bool:
        """Whether it has said anything."""
        return bool(self.caplog.messages)

    @property
    def sentences(self) -> set[str]:
        """What it has said."""
        return set(self.caplog.messages)


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Log:
    """What the door says."""
    return Log(caplog)


def delivered(lmtp: int) -> None:
    """Have a mail delivered into our mailbox."""
    with LMTP("127.0.0.1", lmtp) as client:
        client.sendmail(
            "officer@police.example", [f"{USER}@nscp.example"], b"Subject: a reply\r\n\r\nYes.\r\n"
        )


def opened_with(given: Access, imap: int, security: str = "tls") -> dict[str, object]:
    """How the mailbox is opened."""
    encrypted = {"security": security, "ca_file": given.ca_file}
    return {"port": imap, "password": None, "token_file": given.token_file, **encrypted}


@pytest.mark.parametrize(("security", "mechanism"), [("tls", "xoauth2"), ("starttls", "oauthbearer")])
async def test_a_return_comes_back_by_tls_and_a_bearer_token(
    folder: Path, security: str, mechanism: str
) -> None:
    """Encrypted from the first byte or after STARTTLS; by the providers' mechanism or the standard one."""
    imap, imaps, lmtp, smtp = free_port(), free_port(), free_port(), free_port()
    given = access(folder)
    reached = opened_with(given, imaps if security == "tls" else imap, security)
    mailboxes, letters = folder / "dovecot", folder / "postfix"
    agencys = free_port(), free_port()
    with (
        dovecot(mailboxes, imap, lmtp, given.dovecot(imaps, mechanism)),
        dovecot(folder / "agency", *agencys),
        postfix(letters, smtp, lmtp, agencys[1]),
    ):
        async with office(folder, smtp) as made, door(account(imap, **reached), made.room).open():
            letter = await request_for_information(agencys[0], made.reference)
            await asyncio.to_thread(answer, smtp, letter, returned(made.reference))
            await until(made.has_returned)
            await until(lambda: holds(agencys[0], AGENCYS.partition("@")[0], mails=2))


@pytest.mark.parametrize("wrong", ["of another issuer", "expired"])
async def test_a_token_that_is_refused_is_named_and_its_successor_opens_the_mailbox(
    folder: Path, wrong: str, log: Log
) -> None:
    """In one sentence without the token; nothing has to be started again once it is renewed."""
    imap, imaps, lmtp = free_port(), free_port(), free_port()
    given, room = access(folder), KeptInbox()
    given.issue(**({"seconds": -1} if wrong == "expired" else {"key": ANOTHER_KEY}))
    with dovecot(folder / "dovecot", imap, lmtp, given.dovecot(imaps, "xoauth2 oauthbearer")):
        async with door(account(imap, **opened_with(given, imaps)), room).open():
            await until(log.speaks)
            await asyncio.to_thread(delivered, lmtp)
            (sentence,) = log.sentences
            assert sentence.startswith(
                f"The IMAP server at 127.0.0.1:{imaps} does not let us in. Have a new "
            )
            assert "RAPID_REVIEW_IMAP_TOKEN_FILE" in sentence
            given.issue()
            await until(room.has_kept)


@pytest.mark.parametrize("security", ["tls", "starttls"])
@pytest.mark.parametrize("wrong", ["authority", "name"])
async def test_a_certificate_that_is_not_to_be_trusted_is_refused(
    folder: Path, security: str, wrong: str, log: Log
) -> None:
    """Of another authority, or for another name: in one sentence, before the token is said."""
    imap, imaps, lmtp = free_port(), free_port(), free_port()
    given = access(folder)
    reached = account(imap, **opened_with(given, imaps if security == "tls" else imap, security))
    if wrong == "authority":
        trustme.CA().cert_pem.write_to_path(str(given.ca_file))
        reached = replace(reached)
    else:
        reached = replace(reached, host="localhost")
    with dovecot(folder / "dovecot", imap, lmtp, given.dovecot(imaps, "xoauth2")):
        async with door(reached, KeptInbox()).open():
            await until(log.speaks)
    (sentence,) = log.sentences
    assert sentence.startswith(
        f"The IMAP server at {reached.host}:{reached.port} shows a certificate that we"
    )
    assert "RAPID_REVIEW_IMAP_CA_FILE" in sentence
    assert "auth=" not in (folder / "dovecot" / "dovecot.log").read_text()
