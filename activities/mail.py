"""The mail room: letters are written from the partnership's templates and handed over, once each.

A letter to several contacts is one message. Where a server refuses some of them it goes to the others
and is reported refused, with the status of the first refusal, so that a person looks into it. See
``docs/decisions/0004-mail-goes-out-effectively-once.md``.
"""

import asyncio
import io
from binascii import b2a_qp
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from email.generator import BytesGenerator
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.policy import EmailPolicy
from email.utils import format_datetime
from hashlib import sha256
from typing import Any, Literal

import jinja2
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.documents import DocumentDesk, MadeAttachment
from activities.ledger import ClaimState, LedgerEntry, MailLedger
from activities.smtp import MailLine, Reply, SmtpServer
from activities.templates import letter_facts, template_environment
from domain.errors import NotConfigured, RapidReviewError
from domain.messages import Delivery, Letter, Post
from domain.partnership import Partnership
from domain.timetable import LONDON
from domain.tokens import LETTER_KEY, PURPOSE, CaseToken, message_id, reply_address
from vault.keys import KeyRing

SECURE = "[SECURE] "
"""What every subject begins with: secure-mail gateways encrypt on sight of it."""

POSSIBLE_DUPLICATE = "X-Rapid-Review-Possible-Duplicate"
"""The header of a letter that may have gone out before, under the same Message-ID."""


class PlainHeaders(EmailPolicy):
    """Keeps a header of plain ASCII as it is, and leaves to the library any that needs encoding.

    The library would parse each header some three times, only to write the same: a third of a letter.
    """

    def header_store_parse(self, name: str, value: object) -> tuple[str, Any]:
        """The header as a message holds it."""
        plain = isinstance(value, str) and value.isascii() and value.isprintable()
        return (name, value) if plain else super().header_store_parse(name, value)

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002 - as the library calls it
        """The header as a message gives it back."""
        return value

    def fold_binary(self, name: str, value: str) -> bytes:
        """The header as it is handed over; one kept as it is may still be too long for a line."""
        fits = type(value) is str and len(name) + len(value) < (self.max_line_length or 0)
        return f"{name}: {value}{self.linesep}".encode() if fits else super().fold_binary(name, value)

    def header_max_count(self, name: str) -> None:
        """Every header is set once, and by us."""


# Headers are not folded before 200 characters, so that gateways which read the first line of a subject
# find [SECURE] on it.
_AS_SENT = PlainHeaders(linesep="\n", cte_type="7bit", max_line_length=200)
_HEARTBEAT_SECONDS = 3.0
_GRAVEST_FIRST = [
    "MailServerRefusedUs",
    "MailServerNotSecure",
    "LetterNotWritten",
    "MailServerUnreachable",
    "MailServerHungUp",
    "MailServerBusy",
]
_NOTHING_GOES = {"MailServerRefusedUs", "MailServerNotSecure", "MailServerUnreachable"}


class _Whole(BytesGenerator):
    """Writes each part whole, its lines being as they shall be: line by line costs ten times as much.

    The library has no public way to ask for that; a test sees that what is written stays the same.
    """

    def _write_lines(self, lines: str) -> None:
        self.write(lines)


def _on_the_wire(message: EmailMessage) -> bytes:
    """A letter as it is handed over, but for the ends of lines: the line to the server sees to them."""
    written = io.BytesIO()
    _Whole(written, policy=_AS_SENT).flatten(message)
    return written.getvalue()


class Stationery:
    """Writes letters: the partnership's wording, our headers, the desk's attachments."""

    def __init__(self, partnership: Partnership, keyring: KeyRing, documents: DocumentDesk) -> None:
        """Write for ``partnership``, with tokens signed by ``keyring``; templates are parsed once."""
        self._partnership = partnership
        self._keyring = keyring
        self._documents = documents
        self._templates = template_environment(partnership.folder)

    async def write(self, letter: Letter, post: Post) -> EmailMessage:
        """The letter as it goes out; its Message-ID depends on case, recipient and letter key alone.

        Raises:
            ApplicationError: ``LetterNotWritten``; the sentence says what in the folder to mend.
        """
        try:
            message = self._addressed(letter, post)
            wording = self._worded(message, letter, post)
            enclosed = await self._documents.attachments(letter, post)
        except (RapidReviewError, jinja2.TemplateError) as error:
            raise ApplicationError(
                f"Letter {letter.key} of {post.reference} was not written from {letter.template}: {error}",
                type="LetterNotWritten",
            ) from None
        mark = sha256(message["Message-ID"].encode()).hexdigest()[:16]
        if enclosed:
            bodies = MIMEPart(policy=_AS_SENT)
            _gather(bodies, "alternative", mark, wording)
            _gather(message, "mixed", mark, (bodies, *map(_attached, enclosed)))
        else:
            _gather(message, "alternative", mark, wording)
        return message

    def _addressed(self, letter: Letter, post: Post) -> EmailMessage:
        house = self._partnership
        token = CaseToken.of(post.reference, letter.to)
        signature = self._keyring.sign(PURPOSE, token.text)
        answered_by_token = token.role in ("agency", "lead")
        message = EmailMessage(policy=_AS_SENT)
        message["From"] = _address(house.name, house.mail_from)
        message["To"] = ", ".join(_address(c.name, c.email) for c in house.contacts_for(letter.to))
        message["Reply-To"] = (
            reply_address(token, signature, house.reply_domain) if answered_by_token else house.office.email
        )
        message["Date"] = format_datetime(post.as_of.astimezone(LONDON))
        message["Message-ID"] = message_id(token, letter.key, signature, house.reply_domain)
        message["Auto-Submitted"] = "auto-generated"
        # Never "All": that would suppress the non-delivery reports we live on (MS-OXCMAIL 2.1.3.2.20).
        message["X-Auto-Response-Suppress"] = "DR, RN, NRN, OOF, AutoReply"
        message[LETTER_KEY] = letter.key
        message["MIME-Version"] = "1.0"
        return message

    def _worded(self, message: EmailMessage, letter: Letter, post: Post) -> tuple[MIMEPart, MIMEPart]:
        facts = letter_facts(letter, post.reference, self._partnership)
        subject, text, html = (
            self._templates.get_template(f"{letter.template}/{part}").render(facts).strip()
            for part in ("subject.txt", "body.txt", "body.html")
        )
        if len(subject.splitlines()) != 1:
            raise NotConfigured(f"mail/{letter.template}/subject.txt must be one line. Join its lines.")
        message["Subject"] = SECURE + subject
        return _text("plain", text), _text("html", html)


class SmtpPostRoom:
    """Sends a step's letters over one connection; the ledger keeps any from going twice unmarked."""

    def __init__(
        self,
        *,
        partnership: Partnership,
        keyring: KeyRing,
        documents: DocumentDesk,
        ledger: MailLedger,
        server: SmtpServer,
    ) -> None:
        """Send what ``partnership`` writes to its own contact book, and to nobody else."""
        self._partnership = partnership
        self._documents = documents
        self._stationery = Stationery(partnership, keyring, documents)
        self._ledger = ledger
        self._server = server

    @activity.defn(name="send_letters")
    async def send_letters(self, post: Post) -> tuple[Delivery, ...]:
        """Send what has not yet gone out; say of each letter what became of it.

        Raises:
            ApplicationError: something is still to be sent, of the gravest kind met (`activities.smtp`
                and ``LetterNotWritten``). To be retried: what went out stays out.
        """
        troubles: list[ApplicationError] = []
        async with _heartbeats(), MailLine(self._server, self._partnership.reply_domain) as line:
            deliveries = await self._already_sent(post)
            waiting = [letter for letter in post.letters if letter.key not in deliveries]
            for letter, message in await self._written(waiting, post, troubles):
                try:
                    deliveries[letter.key] = await self._send(line, letter, post, message)
                except ApplicationError as trouble:
                    troubles.append(trouble)
                    if trouble.type in _NOTHING_GOES:
                        break
            await self._ledger.flush(post.reference, deliveries)
        if troubles:
            raise min(troubles, key=lambda trouble: _GRAVEST_FIRST.index(trouble.type or ""))
        return tuple(deliveries[letter.key] for letter in post.letters)

    async def _already_sent(self, post: Post) -> dict[str, Delivery]:
        """What became, by letter key, of the letters that an earlier attempt settled."""
        untouched = await self._ledger.untouched(post.reference, [letter.key for letter in post.letters])
        deliveries = {}
        for letter in post.letters:
            if letter.key not in untouched and (
                done := await self._ledger.settled(post.reference, letter.key)
            ):
                deliveries[letter.key] = _delivery(letter, done, "already_sent")
        return deliveries

    async def _written(
        self, letters: Sequence[Letter], post: Post, troubles: list[ApplicationError]
    ) -> list[tuple[Letter, EmailMessage]]:
        """The letters that can be written; all before any is sent, which takes half as long as in between."""
        written = []
        try:
            for letter in letters:
                try:
                    written.append((letter, await self._stationery.write(letter, post)))
                except ApplicationError as trouble:
                    troubles.append(trouble)
        finally:
            self._documents.put_away()
        return written

    async def _send(self, line: MailLine, letter: Letter, post: Post, message: EmailMessage) -> Delivery:
        contacts = self._partnership.contacts_for(letter.to)
        await line.open()
        refusals = await line.address(self._partnership.mail_from, [c.email for c in contacts])
        if len(refusals) < len(contacts):
            return await self._hand_over(line, letter, post, message, refusals)
        await line.forget()
        for busy in (r for r in refusals if not r.permanent):
            raise line.trouble("MailServerBusy", busy.code)
        return await self._refused(letter, post, message, refusals[0])

    async def _hand_over(
        self, line: MailLine, letter: Letter, post: Post, message: EmailMessage, refusals: tuple[Reply, ...]
    ) -> Delivery:
        """The moment of doubt: claimed, sent, and only then known to be accepted."""
        claim = await self._ledger.claim(post.reference, letter.key, message["Message-ID"], post.as_of)
        if claim.settled:
            await line.forget()
            return _delivery(letter, claim.entry, "already_sent")
        message.replace_header("Message-ID", claim.entry.message_id)
        if claim.state is ClaimState.INTERRUPTED:
            message[POSSIBLE_DUPLICATE] = "yes"
        try:
            reply = await line.hand_over(_on_the_wire(message))
        except ApplicationError as trouble:
            if trouble.type == "MailServerBusy":
                await self._ledger.postponed(claim)
            raise
        if reply.permanent:
            return await self._refused(letter, post, message, reply)
        status = refusals[0].status if refusals else ""
        return _delivery(letter, await self._ledger.accepted(claim, reply.code, status), "sent")

    async def _refused(self, letter: Letter, post: Post, message: EmailMessage, reply: Reply) -> Delivery:
        entry = await self._ledger.refused(
            post.reference,
            letter.key,
            message["Message-ID"],
            post.as_of,
            code=reply.code,
            status=reply.status,
        )
        return _delivery(letter, entry, "sent")


@asynccontextmanager
async def _heartbeats() -> AsyncIterator[None]:
    """Tell the server every few seconds that this sending lives, however slow the mail server is.

    A second attempt then starts only when the first has died, never beside it. A batch that is done before
    the first beat needs none.
    """

    async def beat() -> None:
        while activity.in_activity():
            await asyncio.sleep(_HEARTBEAT_SECONDS)
            activity.heartbeat()

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()


def _gather(whole: MIMEPart, subtype: str, mark: str, parts: Iterable[MIMEPart]) -> None:
    """Make ``whole`` of its parts.

    What stands between them no encoded text holds (RFC 2045, section 6.7), and ``mark`` lets none be written
    that would hold it in a letter decoded on its way.
    """
    whole.add_header("Content-Type", f"multipart/{subtype}", boundary=f"=_{subtype}_{mark}")
    for part in parts:
        whole.attach(part)


def _text(subtype: str, text: str) -> MIMEPart:
    """A body of a letter: as it is where that is plain ASCII in short lines, else quoted-printable."""
    lines = b"\n".join([*text.encode().splitlines(), b""])
    quoted = b2a_qp(lines)
    encoding = "7bit" if quoted == lines else "quoted-printable"
    return _part(quoted, encoding, f"text/{subtype}", charset="utf-8")


def _attached(made: MadeAttachment) -> MIMEPart:
    part = _part(made.encoded, "base64", made.media_type, **made.params)
    part.add_header("Content-Disposition", "attachment", filename=made.name)
    return part


def _part(encoded: bytes, encoding: str, media_type: str, **params: str) -> MIMEPart:
    """A part whose content is encoded already: the library takes three times as long to do so."""
    part = MIMEPart(policy=_AS_SENT)
    part.add_header("Content-Type", media_type, **params)
    part["Content-Transfer-Encoding"] = encoding
    part.set_payload(encoded.decode("ascii"))
    return part


def _address(name: str, email: str) -> str:
    username, _, domain = email.rpartition("@")
    return str(Address(name, username, domain))


def _delivery(letter: Letter, entry: LedgerEntry, gone: Literal["sent", "already_sent"]) -> Delivery:
    outcome = "refused" if entry.status else gone
    return Delivery(letter=letter.key, to=letter.to, outcome=outcome, status=entry.status)
