"""What a mail that was read is to its case: one fact, brought by a signal, or a reason why not."""

from dataclasses import dataclass
from datetime import datetime

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import NotReachable
from domain.messages import (
    AgencyReturn,
    Answer,
    DeliveryFailed,
    MailFiled,
    MailKind,
    Message,
    ReturnKind,
    SignOff,
)
from domain.partnership import Partnership
from postbox.verdicts import Verdict
from starter.mailroom.answered import FOLLOW_UP, letter_answered
from starter.mailroom.journal import Arrival
from starter.mailroom.quarantine import Held
from starter.mailroom.read import Read
from starter.reviews import Reviews
from starter.writers import writer_of
from vault.documents import DocumentStore
from worker.letters import letter_marked

SIGNALS: dict[type[Message], str] = {
    AgencyReturn: "agency_return_received",
    MailFiled: "mail_filed",
    DeliveryFailed: "delivery_failed",
    SignOff: "sign_off_received",
}
"""The signal that brings each fact."""

RETURNED = {
    Verdict.RETURN: ReturnKind.COMPLETE,
    Verdict.PARTIAL: ReturnKind.PARTIAL,
    Verdict.NIL: ReturnKind.NIL,
}

FILED = {
    Verdict.AUTOMATIC: MailKind.AUTOMATIC,
    Verdict.ACKNOWLEDGEMENT: MailKind.ACKNOWLEDGEMENT,
    Verdict.QUESTION: MailKind.QUESTION,
    Verdict.SEALED: MailKind.SEALED,
    Verdict.SIGN_OFF_COMMENT: MailKind.SIGN_OFF_COMMENT,
}


def fact_of(read: Read, arrival: Arrival, partnership: Partnership) -> Message | Held:
    """The fact that a mail from an agency or lead brings to its case."""
    if not read.key or read.role not in ("agency", "lead"):
        return Held.NO_TAKER
    if read.verdict in RETURNED:
        return _return(read, read.key, arrival) if read.role == "agency" else Held.NO_TAKER
    if signed := _sign_off(read, read.key, arrival, partnership):
        return signed
    return MailFiled(
        id=read.id,
        kind=FILED[read.verdict],
        role=read.role,
        party=read.key,
        document=arrival.mail,
        received_at=arrival.received_at,
    )


def _return(read: Read, agency: str, arrival: Arrival) -> AgencyReturn:
    return AgencyReturn(
        id=read.id,
        agency=agency,
        kind=RETURNED[read.verdict],
        received_at=arrival.received_at,
        people_searched=read.people_searched,
        documents=read.documents,
        by_mail=True,
    )


def _sign_off(read: Read, lead: str, arrival: Arrival, partnership: Partnership) -> SignOff | None:
    """A lead's confirmation by mail, where the partnership allows it and nothing about it is in doubt.

    Its token and DMARC have been verified, or it would not be a `Verdict.SIGN_OFF_COMMENT`.
    """
    allowed = partnership.sign_off_by_mail and read.verdict is Verdict.SIGN_OFF_COMMENT
    if not (allowed and read.own_address and read.confirms and lead in partnership.leads):
        return None
    return SignOff(
        id=read.id,
        lead=lead,
        by=partnership.leads[lead].name,
        version=read.confirms,
        answer=Answer.CONFIRM,
        received_at=arrival.received_at,
    )


@dataclass(frozen=True)
class CaseTeller:
    """Tells cases what mail brought."""

    reviews: Reviews
    store: DocumentStore
    partnership: Partnership

    async def tell(self, read: Read, arrival: Arrival) -> Held | None:
        """Bring the mail's fact to its case, safely in its history when this answers.

        Returns:
            Why the mail has to wait for a person; None where the case has been told.
            What the server will never take (too large, too many) is among those: no mail waits behind it.

        Raises:
            NotReachable: the server does not answer; to be told again, which changes nothing.
        """
        if not read.reference:
            return Held.NO_TAKER
        if read.verdict is Verdict.DELIVERY_REPORT:
            return await self._tell_of_failure(read, read.reference, arrival.received_at)
        asked = {"verdict": Verdict.QUESTION} if await self._of_an_action(read) else {}
        fact = fact_of(read.model_copy(update=asked), arrival, self.partnership)
        if isinstance(fact, Held):
            return fact
        return await self._signal(read.reference, fact)

    async def _of_an_action(self, read: Read) -> bool:
        """Whether a document answers a letter about an action: what it shows is evidence, and no return."""
        if read.verdict not in RETURNED or read.form_read:
            return False
        letter = await letter_answered(read, self.store)
        return bool(letter) and str(letter).startswith(f"{FOLLOW_UP}/")

    async def _tell_of_failure(self, read: Read, reference: str, received_at: datetime) -> Held | None:
        letter = read.letter or await letter_marked(self.store, reference, read.letter_mark or "")
        if not letter:
            return Held.LETTER_UNKNOWN
        writer = await writer_of(self.reviews, reference, letter)
        status = read.status or "5.0.0"
        fact = DeliveryFailed(id=read.id, letter=letter, status=status, received_at=received_at)
        return await self._signal(writer.id, fact)

    async def _signal(self, workflow_id: str, fact: Message) -> Held | None:
        client: Client = self.reviews.client
        try:
            await client.get_workflow_handle(workflow_id).signal(SIGNALS[type(fact)], fact)
        except RPCError as failure:
            if failure.status is RPCStatusCode.NOT_FOUND:
                return Held.CASE_CLOSED
            if failure.status is RPCStatusCode.INVALID_ARGUMENT:
                return Held.TROUBLE
            raise NotReachable("The Temporal server does not answer. Mail waits until it does.") from failure
        return None
