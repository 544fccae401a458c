"""What a step leaves behind once it is carried out: its marks, its breaches, its letters' fate."""

from dataclasses import replace
from datetime import datetime

from domain.breaches import noticed
from domain.case import Case, ChaseKind, Request
from domain.errors import Refused
from domain.follow_up.in_review import actions_performed, with_advice, with_moves_told
from domain.messages import Concluded, Delivery, Letter, RecipientKind
from domain.record import Event, Undelivered
from domain.resending import sent_again
from domain.step import Performance
from domain.steps import CHASES, FIRST_VIEWS, NUDGES, ReviewStep, StepKind, next_step, nudge_key


def performed(case: Case, done: Performance[ReviewStep], now: datetime) -> Case:
    """The case after a step was carried out, recorded at ``now``.

    Facts may have arrived while its letters were on their way, so only what the performance itself
    wrote is marked as done.
    """
    if done.step.kind is StepKind.FOLLOW_UP:
        return actions_performed(case, done, now)
    case = _with_breaches(_marked(case, done), done.step, now)
    case = with_advice(case, done, now)
    if done.step.kind is StepKind.DATES_MOVED:
        case = with_moves_told(case, done, now)
    if not done.letters:
        return case
    refused = [d for d in done.deliveries if d.outcome == "refused"]
    sent = f"{len(done.letters) - len(refused)} of {len(done.letters)}"
    case = case.noting(now, Event.LETTERS_SENT, f"{done.step.key}: {sent} letters sent.")
    case = _with_refusals(case, done.letters, refused, now)
    return _submitted(case, done.letters, done.deliveries, now)


def _marked(case: Case, done: Performance[ReviewStep]) -> Case:
    step, began = done.step, done.began_at
    if step.kind is StepKind.REQUEST:
        asked = {letter.to.key for letter in done.letters if letter.to.kind is RecipientKind.AGENCY}
        return case.with_(
            requests={k: _asked(r, began) if k in asked else r for k, r in case.requests.items()}
        )
    if step.kind in CHASES:
        kind = CHASES[step.kind]
        return case.with_(requests={k: _chased(r, kind, began) for k, r in case.requests.items()})
    if step.kind is StepKind.RESENDING:
        return case.with_(undelivered=sent_again(case.undelivered, step.about))
    if step.kind in NUDGES:
        moments = NUDGES[step.kind](case)
        past = {nudge_key(case, step.kind, number) for number, due in moments if due <= began} | {step.key}
        return case.with_(done=case.done | past)
    return case.with_(done=case.done | {step.key} | _told_with_it(done))


def _told_with_it(done: Performance[ReviewStep]) -> set[str]:
    """The keys of what the letters of a step have said for other steps as well."""
    match done.step.kind:
        case StepKind.INVITATION:
            return {letter.key for letter in done.letters}
        case StepKind.SIGN_OFF_REQUEST if any(letter.facts.get("criteria") for letter in done.letters):
            return {FIRST_VIEWS}
        case StepKind.SUBMISSION if any(letter.actions for letter in done.letters):
            return {str(StepKind.ACTIONS)}
        case _:
            return set()


def _asked(request: Request, at: datetime) -> Request:
    return replace(request, asked_at=at)


def _chased(request: Request, kind: ChaseKind, now: datetime) -> Request:
    past = {c.key for c in request.chases if c.kind is kind and c.due <= now}
    return replace(request, chased=request.chased | past)


BREACHED_BY = {
    StepKind.OVERDUE: "rfi_due",
    StepKind.MEETING_ESCALATION: "meeting_window_closes",
    StepKind.DRAFT_ESCALATION: "draft_due",
    StepKind.SUBMISSION_ESCALATION: "panel_submission_due",
}
"""The deadline each escalating step puts on record as missed."""


def _with_breaches(case: Case, step: ReviewStep, now: datetime) -> Case:
    milestone = BREACHED_BY.get(step.kind)
    return noticed(case, milestone, now) if milestone else case


def _with_refusals(case: Case, letters: tuple[Letter, ...], refused: list[Delivery], now: datetime) -> Case:
    by_key = {letter.key: letter for letter in letters}
    for delivery in refused:
        letter = by_key[delivery.letter]
        task = Undelivered(
            key=letter.key, to=letter.to, status=delivery.status, noticed_at=now, letter=letter
        )
        says = f"The letter {letter.key} was refused ({delivery.status}). It is a task for the office."
        case = case.with_(undelivered=(*case.undelivered, task)).noting(now, Event.LETTER_FAILED, says)
    return case


def _submitted(
    case: Case, letters: tuple[Letter, ...], deliveries: tuple[Delivery, ...], now: datetime
) -> Case:
    """The report counts as submitted when the Panel's mail server has accepted it, and not before."""
    arrived = {d.letter for d in deliveries if d.outcome != "refused"}
    if not any(letter.to.kind is RecipientKind.PANEL and letter.key in arrived for letter in letters):
        return case
    due = case.original["panel_submission_due"].due
    if now > due:
        case = noticed(case, "panel_submission_due", now)
    case = case.with_(submitted_at=now)
    return case.noting(now, Event.REPORT_SUBMITTED, f"Version {len(case.drafts)} went to the Panel.")


WITH_THE_REPORT = frozenset({"submission-copy", "immediate-actions"})
"""The letters without which a review does not close: refused ones are mended and sent again first."""


def concluded(case: Case, now: datetime) -> Case:
    """The case, closed if nothing is left: submitted, decided, and every letter of it written.

    A case that was withdrawn is closed when everyone who was told of it has been told. Open actions do not
    keep it open: they are handed over; letters about those closed or withdrawn are written first.
    """
    if case.concluded_at or not (case.withdrawn or _complete(case)) or next_step(case):
        return case
    if any(action.settled_at and not action.ended_at for action in case.follow_ups):
        return case
    if not case.withdrawn and _letters_refused(case):
        return case
    how = case.outcome.words if case.outcome else "no decision"
    return case.with_(concluded_at=now).noting(now, Event.REVIEW_CONCLUDED, f"Concluded: {how}.")


def _letters_refused(case: Case) -> bool:
    """Whether letters that go with the report wait to be mended and sent again."""
    waiting = (task.letter for task in case.undelivered if not task.settled)
    return any(letter and letter.template in WITH_THE_REPORT for letter in waiting)


def _complete(case: Case) -> bool:
    return bool(case.submitted_at) and not case.undecided


def conclusion(case: Case) -> Concluded:
    """How the review ended, for whoever started it.

    Raises:
        Refused: the review has not ended.
    """
    if not case.outcome or not (case.submitted_at or case.withdrawn):
        raise Refused(f"{case.reference} has not ended: it is at the stage {case.stage}.")
    return Concluded(
        reference=case.reference,
        outcome=case.outcome,
        submitted_at=case.submitted_at,
        breaches=len(case.breaches),
        versions=len(case.drafts),
    )
