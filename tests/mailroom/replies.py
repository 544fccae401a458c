"""What partners send to the mail room, as plain MIME: a reply with a form, a question, a bounce."""

from dataclasses import dataclass, field

from domain.tokens import CaseToken, Role
from tests.postbox.pieces import (
    COMPLETE,
    DOMAIN,
    EVENTS,
    NIL,
    PARTNERSHIP,
    SEARCHED,
    SERVER,
    SIGNED,
    Attached,
    Headers,
    file_part,
    form,
    letter_id,
    mail,
    multipart,
    part,
    reply_to,
    text_part,
)

WITHOUT_SIGNATURE = {**COMPLETE}


@dataclass(frozen=True)
class Reply:
    """A reply to a letter of a case: from whom, saying what, with what attached, vouched for by DMARC."""

    reference: str
    key: str = "police"
    role: Role = "agency"
    number: int = 1
    text: str = "Please find our return attached."
    attached: tuple[Attached, ...] = ()
    dmarc: str = "pass"
    sender: str = ""
    server: str = SERVER
    letter: str = "request/police"
    more: Headers = field(default_factory=list)

    @property
    def token(self) -> CaseToken:
        """The token of the letter it answers."""
        return CaseToken(self.reference, self.key, 1, self.role)

    @property
    def address(self) -> str:
        """Where it goes."""
        return reply_to(self.token)

    @property
    def raw(self) -> bytes:
        """The mail as it comes."""
        sender = self.sender or self._contact
        domain = sender.rpartition("@")[2]
        headers: Headers = [
            ("Return-Path", f"<{sender}>"),
            ("Authentication-Results", f"{self.server}; dmarc={self.dmarc} header.from={domain}"),
            ("From", f"A Colleague <{sender}>"),
            ("To", self.address),
            ("Subject", f"RE: [SECURE] {self.reference}: request for information"),
            ("Message-ID", f"<{self.reference}-{self.key}-{self.number}@{domain}>"),
            ("In-Reply-To", letter_id(self.token, self.letter)),
            *self.more,
        ]
        parts = [text_part(self.text), *map(file_part, self.attached)]
        return mail(headers, multipart("mixed", *parts, boundary="=_one"))

    @property
    def _contact(self) -> str:
        if self.role == "lead":
            return PARTNERSHIP.leads[self.key].email
        return PARTNERSHIP.agencies[self.key].contacts[0].email


def returned(reference: str, key: str = "police", number: int = 1) -> Reply:
    """A complete return."""
    filled = form(key=key, reference=reference)
    return Reply(reference, key, number=number, attached=(filled,))


def nil(reference: str, key: str = "police", number: int = 1) -> Reply:
    """A signed nil return of one person searched for."""
    filled = form({**SIGNED, **NIL}, SEARCHED, key=key, reference=reference)
    return Reply(reference, key, number=number, attached=(filled,))


def partial(reference: str, key: str = "police", number: int = 1) -> Reply:
    """A form that nobody has signed off."""
    filled = form(WITHOUT_SIGNATURE, {**SEARCHED, **EVENTS}, key=key, reference=reference)
    return Reply(reference, key, number=number, attached=(filled,))


def bounce(reference: str, letter: str, key: str = "police", *, quoted: bool = True) -> bytes:
    """A report that a letter of ours did not arrive; ``quoted`` with the header that names the letter."""
    token = CaseToken(reference, key)
    named = [("X-Rapid-Review-Letter", letter)] if quoted else []
    original = part([("Message-ID", letter_id(token, letter)), *named], b"")
    status = b"Reporting-MTA: dns; mx.police.example\n\nAction: failed\nStatus: 5.1.1\n"
    parts = (
        text_part("This letter did not arrive."),
        part([("Content-Type", "message/delivery-status")], status),
        part([("Content-Type", "text/rfc822-headers")], original),
    )
    headers: Headers = [
        ("Return-Path", "<>"),
        ("From", "MAILER-DAEMON@mx.police.example"),
        ("To", f"rapid-review@{DOMAIN}"),
        ("Subject", "Undelivered Mail Returned to Sender"),
        ("Message-ID", f"<{reference}-bounce@mx.police.example>"),
    ]
    report = multipart("report", *parts, boundary="=_two", params=" report-type=delivery-status;")
    return mail(headers, report)
