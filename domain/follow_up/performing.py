"""What a step of a follow-up leaves behind, and when the follow-up ends."""

from datetime import datetime

from domain.errors import Refused
from domain.follow_up.counting_again import news_told
from domain.follow_up.messages import FollowedUp
from domain.follow_up.state import FollowUp
from domain.follow_up.steps import (
    CHASES,
    FollowUpStep,
    FollowUpStepKind,
    chases_up_to,
    next_step,
    passed_by,
)
from domain.messages import RecipientKind
from domain.record import Event, Undelivered
from domain.resending import sent_again
from domain.step import Performance


def performed(follow_up: FollowUp, done: Performance[FollowUpStep], now: datetime) -> FollowUp:
    """The follow-up after a step was carried out, recorded at ``now``."""
    step = done.step
    follow_up = follow_up.with_(done=follow_up.done | _past(follow_up, step, done.began_at) | {step.key})
    if step.kind is FollowUpStepKind.RESENDING:
        follow_up = follow_up.with_(undelivered=sent_again(follow_up.undelivered, step.about))
    if step.kind is FollowUpStepKind.OVERDUE and not follow_up.breached:
        follow_up = follow_up.noting(
            now, Event.DATE_BREACHED, f"Action {follow_up.opening.number} is overdue."
        )
    refused = [d for d in done.deliveries if d.outcome == "refused"]
    sent = f"{len(done.letters) - len(refused)} of {len(done.letters)}"
    follow_up = follow_up.noting(now, Event.LETTERS_SENT, f"{step.key}: {sent} letters sent.")
    for delivery in refused:
        follow_up = follow_up.noting(
            now, Event.LETTER_FAILED, f"The letter {delivery.letter} was refused ({delivery.status})."
        )
        if delivery.to.kind is not RecipientKind.OFFICE:
            task = Undelivered(key=delivery.letter, to=delivery.to, status=delivery.status, noticed_at=now)
            follow_up = follow_up.with_(undelivered=(*follow_up.undelivered, task))
    return follow_up


def _past(follow_up: FollowUp, step: FollowUpStep, began: datetime) -> set[str]:
    """The keys of what need not be done any more now that a step is."""
    if step.kind is FollowUpStepKind.OPENED and follow_up.tell_by:
        return passed_by(follow_up, began)
    if step.kind is FollowUpStepKind.COUNTED_AGAIN:
        return news_told(follow_up, began)
    return chases_up_to(follow_up, step) if step.kind in CHASES else set()


def advised(follow_up: FollowUp, at: datetime) -> FollowUp:
    """The follow-up after its owner was told of it with the report of its review."""
    past = passed_by(follow_up, at)
    return follow_up.with_(done=follow_up.done | past | {FollowUpStepKind.OPENED}, ended_at=None)


def ended(follow_up: FollowUp, now: datetime) -> FollowUp:
    """The follow-up, ended if it is settled and every letter of it is written."""
    if not follow_up.settled_at or follow_up.ended_at or next_step(follow_up, now):
        return follow_up
    return follow_up.with_(ended_at=now)


def ending(follow_up: FollowUp) -> FollowedUp:
    """How the follow-up ended, for whoever started it.

    Raises:
        Refused: it has not ended.
    """
    if not follow_up.settled_at:
        raise Refused(f"{follow_up.name} has not ended: it is {follow_up.stage}.")
    return FollowedUp(
        reference=follow_up.opening.reference,
        number=follow_up.opening.number,
        closed=follow_up.closed is not None,
        late_by=follow_up.late_by(follow_up.settled_at),
    )
