"""A Request for Consideration, discussed and countersigned: a case is put forward."""

from http import HTTPStatus

from domain.consideration.countersigning import NO_REFERRAL
from domain.particulars import RequestFile
from starter.hooks.deliveries import Accepted, Delivery
from starter.hooks.forms import read_case
from starter.hooks.hook import Deed, Desk, Hook
from starter.hooks.sources import HookName


def read(delivery: Delivery, body: bytes) -> Deed:
    """Put the case forward; the body says what examples/request.toml says."""
    request = read_case(RequestFile, body, delivery.received_at)

    async def done(desk: Desk) -> Accepted:
        await desk.put_forward(request, delivery.received_at)
        said = f"{request.reference} is put forward: the strategic leads are being asked. {NO_REFERRAL}"
        return Accepted(accepted=said, reference=request.reference)

    return done


REQUEST = Hook(
    name=HookName.REQUEST,
    summary="Put a case forward by a Request for Consideration",
    description=f"The fields are those of examples/request.toml. {NO_REFERRAL}",
    read=read,
    form=RequestFile,
    status=HTTPStatus.CREATED,
)
