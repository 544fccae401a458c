"""The Panel's answer to a report, with its letter where there is one."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AwareDatetime, Base64Bytes, Field

from domain.errors import NotReadable
from domain.messages import PanelReplied, Reference
from domain.particulars import Undisclosed
from starter.hooks.deliveries import Accepted, Delivery
from starter.hooks.forms import BODY, read_form
from starter.hooks.hook import Deed, Desk, Hook
from starter.hooks.sources import HookName

A_YEAR = timedelta(days=366)
"""How long ago the Panel may have answered; earlier is a slip of the pen."""


class PanelLetter(Undisclosed):
    """The letter itself, its bytes in base64."""

    media_type: Literal[
        "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    ]
    content: Annotated[Base64Bytes, Field(min_length=1)]


class PanelReply(Undisclosed):
    """Whether the Panel agrees with the decision on a CSPR; ``received_at`` is now where it is left out."""

    reference: Reference
    agrees: bool
    received_at: AwareDatetime | None = None
    letter: PanelLetter | None = None


def read(delivery: Delivery, body: bytes) -> Deed:
    """Tell the case; where it cannot take the answer, its record says so."""
    reply = read_form(PanelReply, body)
    received_at = reply.received_at or delivery.received_at
    if received_at > delivery.received_at:
        raise NotReadable(f"{BODY}: received_at: this time has not come yet. Check it, or leave it out.")
    if received_at < delivery.received_at - A_YEAR:
        raise NotReadable(f"{BODY}: received_at: this is more than a year ago. Check the year.")

    async def done(desk: Desk) -> Accepted:
        letter = await desk.keep(reply.letter.content, reply.letter.media_type) if reply.letter else None
        fact = PanelReplied(id=delivery.mark, agrees=reply.agrees, letter=letter, received_at=received_at)
        await desk.panel_replied(reply.reference, fact)
        said = f"The Panel's answer is brought to {reply.reference}."
        return Accepted(accepted=said, reference=reply.reference)

    return done


PANEL_REPLY = Hook(
    name=HookName.PANEL_REPLY,
    summary="Bring the Panel's answer to a case",
    description="Where the case cannot take it, its record says so: see `rapid-review show --record`.",
    read=read,
    form=PanelReply,
    limit=16 * 1024 * 1024,
)
