"""The postbox reads one mail: small steps, in order, and the first verdict wins.

It reads raw bytes, which whoever calls has stored, encrypted, before: reading loses nothing, and may be
done again.
"""

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from domain.errors import NotReachable
from postbox.arrivals import id_of, new, not_our_own, small_enough
from postbox.attachments import attached
from postbox.automatic import automatic
from postbox.deciding import decided
from postbox.forms import form_read
from postbox.house import Envelope, House
from postbox.message import Mail
from postbox.replies import above_the_quote
from postbox.reports import delivery_report
from postbox.seals import sealed
from postbox.senders import authenticated, known_sender
from postbox.signing import confirming
from postbox.tracing import traced
from postbox.verdicts import Reading, Verdict, Why

Step = Callable[[Mail, Reading, House], Reading]
"""Adds to what is known of a mail so far, or answers with a verdict."""

STEPS: tuple[Step, ...] = (
    small_enough,
    new,
    not_our_own,
    delivery_report,
    automatic,
    traced,
    known_sender,
    authenticated,
    sealed,
    attached,
    form_read,
    above_the_quote,
    confirming,
    decided,
)


def read(raw: bytes, envelope: Envelope, house: House) -> Reading:
    """What a mail is. However broken, it gets a verdict.

    Raises:
        NotReachable: the house's ``seen`` or ``scan`` cannot be asked; read the mail again later.
    """
    digest = sha256(raw).hexdigest()
    so_far = Reading(
        envelope.received_at, sha256=digest, size=len(raw), id=id_of(digest), message=id_of(digest)
    )
    try:
        mail = Mail(raw, envelope)
        for step in STEPS:
            so_far = step(mail, so_far, house)
            if so_far.verdict is not Verdict.UNREAD:
                break
    except NotReachable:
        raise
    except Exception:  # noqa: BLE001 - a broken mail never stops the post: whatever it breaks, a person looks
        return replace(so_far, verdict=Verdict.QUARANTINED, why=Why.UNREADABLE)
    return so_far
