"""A mail provider's receipt for a letter of ours: one that came back becomes a task for the office."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from domain.errors import NotReadable
from domain.particulars import Undisclosed
from starter.hooks.deliveries import Accepted, Delivery
from starter.hooks.forms import BODY, read_form
from starter.hooks.hook import Deed, Desk, Hook, LetterReturned
from starter.hooks.sources import HookName


class DeliveryReceipt(Undisclosed):
    """What became of a letter.

    ``status`` is the enhanced status code (RFC 3463) of a letter that ``failed``, such as 5.1.1.
    """

    message_id: Annotated[str, StringConstraints(min_length=3, max_length=998)]
    outcome: Literal["delivered", "delayed", "failed"]
    status: Annotated[str, StringConstraints(pattern=r"^[45]\.\d{1,3}\.\d{1,3}$")] | None = None


def read(delivery: Delivery, body: bytes) -> Deed:
    """Tell the case of a letter that failed; the rest need nothing done."""
    receipt = read_form(DeliveryReceipt, body)
    if receipt.outcome != "failed":
        return _nothing_to_do
    if not receipt.status:
        raise NotReadable(f"{BODY}: status: give the status code of a letter that failed, such as 5.1.1.")
    returned = LetterReturned(delivery.mark, receipt.message_id, receipt.status, delivery.received_at)

    async def done(desk: Desk) -> Accepted:
        reference = await desk.letter_returned(returned)
        return Accepted(accepted=f"{reference} is told that the letter came back.", reference=reference)

    return done


async def _nothing_to_do(_desk: Desk) -> Accepted:
    return Accepted(accepted="Noted: only a letter that failed needs anything done.")


DELIVERY = Hook(
    name=HookName.DELIVERY,
    summary="Say what became of a letter of ours",
    description="It is matched by the Message-ID of the letter, which carries our signature.",
    read=read,
    form=DeliveryReceipt,
)
