"""What a CSPR's step leaves behind, how one opens from its Rapid Review, and how it ends."""

from datetime import datetime

from domain.case import Case
from domain.cspr.facts import missed
from domain.cspr.messages import CsprEnded, LearningKind, OpenCspr
from domain.cspr.state import FULL_REPORT_TO, Cspr
from domain.cspr.steps import REPEATED, CsprStep, CsprStepKind, next_step, planned_steps
from domain.messages import Delivery, Letter, Recommendation
from domain.record import Event, Undelivered
from domain.resending import sent_again
from domain.step import Performance

KINDS = {Recommendation.CSPR: LearningKind.CSPR, Recommendation.OTHER_REVIEW: LearningKind.OTHER}
"""The review that each decision leads to; "no CSPR" leads to none."""


def commissioned(case: Case) -> OpenCspr | None:
    """What opens the review that a concluded case leads to; None where the leads decided on none."""
    decision = case.decision
    if not decision or case.withdrawn or decision.outcome is Recommendation.NO_CSPR:
        return None
    decided_at = next(e.at for e in reversed(case.record) if e.event is Event.DECISION_RECORDED)
    return OpenCspr(
        reference=case.reference,
        area=case.opening.area,
        kind=KINDS[decision.outcome],
        decided_at=decided_at,
        particulars=case.opening.particulars,
        leads=case.opening.roster.leads,
        rules=case.opening.cspr,
        edition=case.opening.edition,
    )


def decided_anew(before: Case, case: Case) -> OpenCspr | None:
    """What opens the review that a decision taken anew leads to, beside one that the first has started.

    None where it leads to none, or to the kind of review that has been started already.
    """
    started, wanted = commissioned(before), commissioned(case)
    if not started or not wanted:
        return wanted
    return None if started.kind is wanted.kind else wanted.model_copy(update={"number": 2})


def performed(cspr: Cspr, done: Performance[CsprStep], now: datetime) -> Cspr:
    """The CSPR after a step was carried out, recorded at ``now``."""
    cspr = _marked(cspr, done)
    if done.step.kind is CsprStepKind.LATE:
        cspr = missed(cspr, now)
    if done.letters:
        refused = [d for d in done.deliveries if d.outcome == "refused"]
        sent = f"{len(done.letters) - len(refused)} of {len(done.letters)}"
        told = dict.fromkeys([*cspr.told, *(letter.to for letter in done.letters)])
        cspr = cspr.with_(told=tuple(told))
        cspr = cspr.noting(now, Event.LETTERS_SENT, f"{done.step.key}: {sent} letters sent.")
        cspr = _with_refusals(cspr, done.letters, refused, now)
        cspr = _with_full_report(cspr, done.deliveries, now)
    return cspr


def _marked(cspr: Cspr, done: Performance[CsprStep]) -> Cspr:
    step = done.step
    keys = {step.key}
    if step.kind is CsprStepKind.RESENDING:
        cspr = cspr.with_(undelivered=sent_again(cspr.undelivered, step.about))
    if step.kind in REPEATED:
        keys |= {s.key for s in planned_steps(cspr) if s.kind is step.kind and s.due <= done.began_at}
    return cspr.with_(done=cspr.done | keys)


def _with_refusals(cspr: Cspr, letters: tuple[Letter, ...], refused: list[Delivery], now: datetime) -> Cspr:
    by_key = {letter.key: letter for letter in letters}
    for delivery in refused:
        letter = by_key[delivery.letter]
        task = Undelivered(
            key=letter.key, to=letter.to, status=delivery.status, noticed_at=now, letter=letter
        )
        says = f"The letter {letter.key} was refused ({delivery.status}). It is a task for the office."
        cspr = cspr.with_(undelivered=(*cspr.undelivered, task)).noting(now, Event.LETTER_FAILED, says)
    return cspr


def _with_full_report(cspr: Cspr, deliveries: tuple[Delivery, ...], now: datetime) -> Cspr:
    """The full report counts as sent when both mail servers have accepted it, whether first or again."""
    wanted = {cspr.full_report_key(to) for to in FULL_REPORT_TO}
    before = cspr.sent_at
    accepted = {d.letter.split("/again")[0]: now for d in deliveries if d.outcome != "refused"}
    fresh = {key: at for key, at in accepted.items() if key in wanted}
    cspr = cspr.with_(accepted={**cspr.accepted, **fresh})
    if before or not cspr.sent_at:
        return cspr
    from_day = f"{cspr.may_publish_on:%a %-d %b %Y}"
    says = f"The Panel and the Secretary of State have the full report; publication may be from {from_day}."
    return cspr.noting(now, Event.FULL_REPORT_SENT, says)


def ended(cspr: Cspr, now: datetime) -> Cspr:
    """The CSPR, closed if nothing is left: it is published and kept available, approved, or withdrawn."""
    finished = cspr.withdrawal or (cspr.publication if cspr.publishes else cspr.signed)
    if cspr.ended_at or not cspr.plans or not finished or next_step(cspr):
        return cspr
    if cspr.withdrawal:
        says = "Everyone who was told of it has been told that it is withdrawn."
    elif cspr.publishes:
        says = "The published report has been available for its time."
    else:
        says = "Approved by all."
    return cspr.with_(ended_at=now).noting(now, Event.CSPR_ENDED, f"{says} The review is closed.")


def ending(cspr: Cspr) -> CsprEnded:
    """How it ended, for whoever asks the engine."""
    return CsprEnded(
        reference=cspr.reference,
        kind=cspr.opening.kind,
        published_on=cspr.publication.fact.published_on if cspr.publication else None,
        breaches=len(cspr.breaches),
        versions=len(cspr.drafts),
        withdrawn=cspr.withdrawal is not None,
    )
