"""A Serious Incident Notification that has gone to the Panel: its Rapid Review opens."""

from http import HTTPStatus

from domain.particulars import OpeningFile, check_recent
from starter.hooks.deliveries import Accepted, Delivery
from starter.hooks.forms import BODY, read_case
from starter.hooks.hook import Deed, Desk, Hook
from starter.hooks.sources import HookName


def read(delivery: Delivery, body: bytes) -> Deed:
    """Open the review; the body says what examples/sin.toml says."""
    opening = read_case(OpeningFile, body, delivery.received_at)
    check_recent(opening, BODY, now=delivery.received_at)

    async def done(desk: Desk) -> Accepted:
        await desk.open_review(opening)
        said = f"The Rapid Review {opening.reference} is open: every agency named is being asked."
        return Accepted(accepted=said, reference=opening.reference)

    return done


SIN = Hook(
    name=HookName.SIN,
    summary="Open a Rapid Review from a SIN",
    description="The fields are those of examples/sin.toml. `sent_at` carries its offset from UTC.",
    read=read,
    form=OpeningFile,
    status=HTTPStatus.CREATED,
)
