"""A partner who answers by mail, for rehearsals: the Request for Information filled in, and sent as a reply.

What a partner's mail server and our own would add on the way is added here: the results of a DMARC check,
under a name that only this rehearsal knows, so that nobody else's mail could claim them.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from io import BytesIO
from uuid import uuid4

import aiosmtplib
from docx import Document
from docx.oxml.ns import qn

from domain.errors import Refused
from domain.messages import ReturnKind
from starter.mailroom.quarantine import sentence
from starter.mailroom.room import MailRoom
from starter.mailroom.running import Premises, listener, mail_room

SIGNED = {"author": "Review Officer", "role": "Review officer", "senior_sign_off": "Head of Service"}
KNOWN = {"known": "Known"}
NOT_KNOWN = {"known": "Not known: this is a nil return"}
DOCX = "vnd.openxmlformats-officedocument.wordprocessingml.document"


def filled(form: bytes, kind: ReturnKind, people: int, day: datetime) -> bytes:
    """The Request for Information form as an agency returns it; a partial one is not signed off."""
    boxes = NOT_KNOWN if kind is ReturnKind.NIL else KNOWN
    if kind is not ReturnKind.PARTIAL:
        boxes = {**boxes, **SIGNED, "senior_date": f"{day:%-d %B %Y}"}
    rows = {"people_searched": [["Child A", "", "All records", boxes["known"]]] * max(people, 1)}
    if kind is not ReturnKind.NIL:
        rows["key_events"] = [[f"{day:%-d %B %Y}", "10:00", "Records", "A contact", "", ""]]
    return _written(form, boxes, rows)


def _written(form: bytes, boxes: dict[str, str], rows: dict[str, list[list[str]]]) -> bytes:
    word = Document(BytesIO(form))
    for control in word.element.body.iter(qn("w:sdt")):
        tag = control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}").get(qn("w:val"))
        if tag in boxes:
            next(control.iter(qn("w:t"))).text = boxes[tag]
    for table in word.tables:
        caption = table._tbl.tblPr.find(qn("w:tblCaption"))  # noqa: SLF001 - python-docx has no word for it
        told = rows.get(caption.get(qn("w:val")), []) if caption is not None else []
        for texts in told:
            empty = next((r for r in table.rows[1:] if not any(c.text for c in r.cells)), None)
            row = empty or table.add_row()  # type: ignore[no-untyped-call]  # python-docx is half typed
            for cell, text in zip(row.cells, texts, strict=False):
                cell.text = text
    saved = BytesIO()
    word.save(saved)
    return saved.getvalue()


def reply(letter: EmailMessage, sender: str, form: bytes, authserv_id: str, at: datetime) -> EmailMessage:
    """A reply to a Request for Information, as it is when our own mail server has taken it."""
    mail = EmailMessage(policy=SMTP)
    domain = sender.rpartition("@")[2]
    mail["Authentication-Results"] = f"{authserv_id}; dmarc=pass header.from={domain}"
    mail["From"] = sender
    mail["To"] = letter["Reply-To"]
    mail["Subject"] = f"RE: {letter['Subject']}"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{uuid4()}@{domain}>"
    mail["In-Reply-To"] = letter["Message-ID"]
    mail.set_content("Please find our return attached.\n")
    mail.add_attachment(form, "application", DOCX, filename="return.docx")
    return mail


def form_of(letter: EmailMessage) -> bytes:
    """The form that a Request for Information carries.

    Raises:
        Refused: it carries none.
    """
    for part in letter.iter_attachments():
        if (part.get_filename() or "").endswith("request-for-information.docx"):
            return bytes(part.get_content())
    raise Refused("The Request for Information carries no form. Look at the partnership's documents.")


@dataclass
class Partners:
    """The partners of a rehearsal who answer by mail, each mail taken at the moment ``at``."""

    room: MailRoom
    port: int
    authserv_id: str
    at: datetime

    async def answer(self, letter: EmailMessage, sender: str, kind: ReturnKind, people: int) -> None:
        """Fill in the form of a letter, reply to it, and wait until the case knows.

        Raises:
            Refused: the mail was not taken for a return; the sentence says why.
        """
        form = filled(form_of(letter), kind, people, self.at)
        mail = reply(letter, sender, form, self.authserv_id, self.at)
        await aiosmtplib.send(mail, hostname="127.0.0.1", port=self.port, start_tls=False)
        await self.room.all_settled()
        for line in await self.room.quarantine.waiting():
            raise Refused(f"The reply of {line.read.key} is held in quarantine. {sentence(line.reason)}")


@asynccontextmanager
async def partners(premises: Premises) -> AsyncIterator[Partners]:
    """The partners, and our listener for them, while the block lasts."""
    authserv_id = f"{uuid4().hex}.invalid"
    settings = premises.settings.model_copy(
        update={"mail_in_authserv_ids": (authserv_id,), "mail_in_port": 0, "mail_in_protocol": "smtp"}
    )
    async with mail_room(replace(premises, settings=settings)) as room:
        made = Partners(room, 0, authserv_id, datetime.now(UTC))
        async with listener(replace(premises, settings=settings), room, lambda: made.at) as door:
            made.port = door.port
            yield made
