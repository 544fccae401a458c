"""What a step of a consideration leaves behind: its mark, its breach, its letters' fate."""

from datetime import datetime

from domain.consideration.facts import breached
from domain.consideration.messages import Considered
from domain.consideration.state import Consideration, ConsiderationEvent, ConsiderationStage
from domain.consideration.steps import ConsiderationStep, ConsiderationStepKind, next_step
from domain.messages import Delivery
from domain.record import Undelivered
from domain.resending import sent_again
from domain.step import Performance

BREACHED_BY = {
    ConsiderationStepKind.VIEWS_LATE: "views_due",
    ConsiderationStepKind.SIN_LATE: "sin_due",
}
"""The deadline each escalating step puts on record as missed."""


def performed(case: Consideration, done: Performance[ConsiderationStep], now: datetime) -> Consideration:
    """The consideration after a step was carried out, recorded at ``now``."""
    step = done.step
    case = case.with_(done=case.done | {step.key})
    if step.kind is ConsiderationStepKind.RESENDING:
        case = case.with_(undelivered=sent_again(case.undelivered, step.about))
    if milestone := BREACHED_BY.get(step.kind):
        missed = {breach.milestone for breach in case.overdue(now)}
        case = breached(case, milestone, now) if milestone in missed else case
    if not done.letters:
        return case
    return _with_deliveries(case, done, now)


def _with_deliveries(
    case: Consideration, done: Performance[ConsiderationStep], now: datetime
) -> Consideration:
    refused = [d for d in done.deliveries if d.outcome == "refused"]
    sent = f"{len(done.letters) - len(refused)} of {len(done.letters)}"
    told = dict.fromkeys([*case.told, *(letter.to for letter in done.letters)])
    case = case.with_(told=tuple(told))
    case = case.noting(now, ConsiderationEvent.LETTERS_SENT, f"{done.step.key}: {sent} letters sent.")
    for delivery in refused:
        case = _with_refusal(case, done, delivery, now)
    return case


def _with_refusal(
    case: Consideration, done: Performance[ConsiderationStep], delivery: Delivery, now: datetime
) -> Consideration:
    letter = next(letter for letter in done.letters if letter.key == delivery.letter)
    task = Undelivered(key=letter.key, to=letter.to, status=delivery.status, noticed_at=now, letter=letter)
    says = f"The letter {letter.key} was refused ({delivery.status}). It is a task for the office."
    case = case.with_(undelivered=(*case.undelivered, task))
    return case.noting(now, ConsiderationEvent.LETTER_FAILED, says)


def ended(case: Consideration) -> bool:
    """Whether nothing is left: no fact is taken any more, and every letter is written."""
    return case.at_an_end and next_step(case) is None


def conclusion(case: Consideration) -> Considered:
    """How it ended, for whoever started it."""
    return Considered(
        reference=case.reference,
        ended_as=str(case.stage),
        review=case.reference if case.stage is ConsiderationStage.REVIEWING else None,
        linked_to=case.link.to if case.link else None,
        outcomes=tuple(outcome.kind for outcome in case.outcomes),
    )
