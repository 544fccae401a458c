# ruff: noqa: ARG002, N802 - the handlers have the names and arguments aiosmtpd calls them with
"""A partnership in a folder, an encrypted store, and a mail server that answers as a test scripts it."""

import asyncio
import shutil
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.documents import DocumentDesk
from activities.ledger import MailLedger
from activities.mail import SmtpPostRoom
from activities.smtp import SmtpServer
from domain.messages import Delivery, DocumentRef, Letter, Post, Recipient, RecipientKind
from domain.partnership import Agency, Contact, Lead, Partnership, SqasManager
from vault.documents import DocumentStore
from vault.keys import KeyRing

SHIPPED = Path(__file__).parents[2] / "partnerships" / "northamptonshire"
AS_OF = datetime(2026, 12, 7, 15, 20, tzinfo=UTC)
PASSWORD = "made-up-for-tests"

TEMPLATES = {
    "subject.txt": "{{ reference }}: reminder {{ number }}, due {{ due }}\n",
    "body.txt": "{{ agency }}: due {{ due }}. Telephone {{ office_name }} on {{ office_phone }}.\n",
    "body.html": "<html lang='en-GB'><p>{{ agency }}: due {{ due }}.</p></html>\n",
}


def contact(desk: str) -> Contact:
    """An entry of the contact book whose name and address say the same."""
    return Contact(name=f"Desk {desk}", email=f"{desk}@agency.example", phone="01632 960000")


@pytest.fixture
def keyring() -> KeyRing:
    """A ring of one new key."""
    return KeyRing.fresh()


@pytest.fixture
def store(keyring: KeyRing) -> DocumentStore:
    """An encrypted store in memory."""
    return DocumentStore("memory://", keyring)


@pytest.fixture
def ledger(store: DocumentStore) -> MailLedger:
    """The mail ledger of that store."""
    return MailLedger(store)


@pytest.fixture
def partnership(tmp_path: Path) -> Partnership:
    """A partnership of two agencies and a lead, with one letter template."""
    shutil.copytree(SHIPPED / "documents", tmp_path / "documents")
    mail = tmp_path / "mail" / "reminder"
    mail.mkdir(parents=True)
    for name, text in TEMPLATES.items():
        (mail / name).write_text(text, encoding="utf-8")
    police = Agency(
        name="Police",
        sector="police",
        lead="police",
        delivery="encrypted_attachment",
        contacts=(contact("police-one"), contact("police-two")),
        representative=contact("police-representative"),
    )
    housing = police.model_copy(update={"name": "Housing", "contacts": (contact("housing"),)})
    lead = Lead(
        title="Police",
        name="Police Lead",
        email="police-lead@agency.example",
        deputies=(contact("police-deputy"),),
        partner=contact("police-partner"),
    )
    return Partnership(
        key="testshire",
        name="Testshire Partnership",
        area="testshire",
        mail_from="reviews@partnership.example",
        reply_domain="replies.partnership.example",
        office=contact("office"),
        panel=contact("panel"),
        ofsted=contact("ofsted"),
        secretary_of_state=contact("secretary-of-state"),
        sqas_manager=SqasManager(name="SQAS Manager", email="sqas@agency.example", agency="police"),
        leads={"police": lead},
        agencies={"police": police, "housing": housing},
        folder=tmp_path,
    )


@dataclass
class ScriptedServer:
    """A mail server that takes everything but what its script says; ``taken`` holds what it was sent.

    ``on_rcpt`` answers for an address, ``on_data`` for each message in turn; an answer of "hang up"
    closes the line instead, after the message has been taken. None is answered before ``ponders`` is set.
    """

    port: int = 0
    on_mail: list[str] = field(default_factory=list)
    on_rcpt: dict[str, str] = field(default_factory=dict)
    on_data: list[str] = field(default_factory=list)
    ponders: asyncio.Event | None = None
    taken: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    heard: Counter[str] = field(default_factory=Counter)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Answer MAIL."""
        self.heard["MAIL"] += 1
        self.encrypted.append(bool(server.transport and server.transport.get_extra_info("sslcontext")))
        if self.on_mail:
            return self.on_mail.pop(0)
        envelope.mail_from = address
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        """Answer RCPT as scripted for the address."""
        if address in self.on_rcpt:
            return self.on_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Answer DATA as scripted, taking the message unless it is refused."""
        if self.ponders:
            await self.ponders.wait()
        answer = self.on_data.pop(0) if self.on_data else "250 2.0.0 OK"
        if answer.startswith(("250", "hang")):
            self.taken.append(envelope.original_content or b"")
            self.recipients.append(list(envelope.rcpt_tos))
        if answer == "hang up" and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return answer

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        """Take the one password there is."""
        self.heard["AUTH"] += 1
        return AuthResult(success=login.password == PASSWORD.encode(), handled=False)

    @property
    def messages(self) -> list[EmailMessage]:
        """What was taken, parsed."""
        return [message_from_bytes(taken, policy=default) for taken in self.taken]


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority nobody else knows."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    """That authority's certificate."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@asynccontextmanager
async def listening(
    scripted: ScriptedServer,
    starttls: ssl.SSLContext | None = None,
    tls: ssl.SSLContext | None = None,
    *,
    password: bool = True,
) -> AsyncIterator[ScriptedServer]:
    """The scripted server on loopback, within the tests' own event loop; encrypted as asked, or not.

    With STARTTLS it asks for a password, unless it is to know its senders by other means.
    """
    loop = asyncio.get_running_loop()
    sessions: list[SMTP] = []

    def session() -> SMTP:
        started = SMTP(
            scripted,
            hostname="mail.example",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=starttls is not None and password,
            authenticator=scripted.authenticate,
            loop=loop,
        )
        sessions.append(started)
        return started

    server = await loop.create_server(session, "127.0.0.1", scripted.port, ssl=tls)
    scripted.port = server.sockets[0].getsockname()[1]
    try:
        yield scripted
    finally:
        server.close()
        for open_session in sessions:
            if open_session.transport:
                open_session.transport.close()
        await server.wait_closed()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for 127.0.0.1."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    return tls


@pytest.fixture
async def mail_server(server_tls: ssl.SSLContext) -> AsyncIterator[ScriptedServer]:
    """A server that requires STARTTLS and a password."""
    async with listening(ScriptedServer(), starttls=server_tls) as scripted:
        yield scripted


@pytest.fixture
def smtp(mail_server: ScriptedServer, ca_file: Path) -> SmtpServer:
    """How to reach that server."""
    return SmtpServer("127.0.0.1", mail_server.port, "reviews", PASSWORD, ca_file=ca_file, timeout=5)


@pytest.fixture
def room(
    partnership: Partnership,
    keyring: KeyRing,
    store: DocumentStore,
    ledger: MailLedger,
    smtp: SmtpServer,
) -> SmtpPostRoom:
    """A mail room that sends to that server."""
    desk = DocumentDesk(partnership, store, keyring)
    return SmtpPostRoom(partnership=partnership, keyring=keyring, documents=desk, ledger=ledger, server=smtp)


def reminder(key: str, kind: RecipientKind = RecipientKind.AGENCY, number: int = 1) -> Letter:
    """A reminder to an agency, or to somebody else in its place."""
    named = kind not in (RecipientKind.OFFICE, RecipientKind.PANEL, RecipientKind.OFSTED)
    return Letter(
        key=f"reminder/{number}/{key}",
        template="reminder",
        to=Recipient(kind=kind, key=key if named else None),
        facts={"agency": "Police", "due": "Thu 17 Dec 2026 17:00", "number": str(number)},
    )


def post(*letters: Letter) -> Post:
    """A batch of letters of one case."""
    nothing = DocumentRef(sha256="0" * 64, size=0, media_type="application/json")
    return Post(reference="RR-2026-07", as_of=AS_OF, particulars=nothing, letters=letters)


async def send(room: SmtpPostRoom, batch: Post) -> tuple[Delivery, ...]:
    """Run the activity as a worker would."""
    sent: tuple[Delivery, ...] = await ActivityEnvironment().run(room.send_letters, batch)
    return sent


async def trouble(room: SmtpPostRoom, batch: Post) -> ApplicationError:
    """Run the activity, and return the trouble that comes of it."""
    with pytest.raises(ApplicationError) as raised:
        await send(room, batch)
    return raised.value
