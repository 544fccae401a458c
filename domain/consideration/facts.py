"""How each fact changes a consideration: one pure transition for each.

`apply` takes a fact, the consideration as it stands and the moment of recording, and answers how it then
stands, or raises `Refused` with a sentence that helps. No refusal repeats a name that it was given.
"""

import re
from datetime import datetime
from functools import singledispatch

from domain.case import Breach
from domain.consideration.messages import (
    ChooseOutcomes,
    Consider,
    Convert,
    DecideSin,
    LinkDuplicate,
    LocalOutcome,
    OutcomeKind,
    RecordNotification,
    RecordSin,
    ReplanConsideration,
    SinAnswer,
    WithdrawConsideration,
)
from domain.consideration.state import TITLES, Consideration, ConsiderationEvent, ConsiderationStage
from domain.errors import Refused
from domain.messages import DeliveryFailed, DuplicateLinked, Message, SendAgain
from domain.recipients import OFFICE
from domain.record import Undelivered
from domain.resending import becoming, reader_of, waiting
from domain.timetable import london, london_day

SATURDAY = 5
"""The first weekday, counted from Monday as 0, that is never a working day."""


@singledispatch
def apply(fact: Message, case: Consideration, at: datetime) -> Consideration:
    """The consideration after a fact recorded at ``at``.

    Raises:
        Refused: it cannot take this fact as it stands; the sentence says why and what to do.
        TypeError: no transition is written for this kind of fact.
    """
    kind = type(fact).__name__
    raise TypeError(f"A consideration knows no fact of type {kind} ({case.reference}, {at}).")


@apply.register
def _(fact: Consider, case: Consideration, at: datetime) -> Consideration:
    _under_way(case)
    lead = case.put.roster.leads.get(fact.lead)
    if lead is None:
        raise Refused(
            f"No strategic lead has the key {fact.lead}. Leads: {', '.join(case.put.roster.leads)}."
        )
    if fact.by != lead.name and fact.by not in lead.deputies:
        raise Refused(
            f"Only the lead or a named deputy may answer for {lead.title}. "
            "Give the name exactly as the partnership's folder had it when the case was put forward."
        )
    if fact.lead in case.views:
        raise Refused(f"{lead.title} has already given its view. Nobody answers twice for one partner.")
    _at_stage(case, "considers a request", ConsiderationStage.CONSIDERING)
    deputy = "" if fact.by == lead.name else ", answered by a deputy for the lead"
    case = case.with_(views={**case.views, fact.lead: fact})
    says = f"{lead.title}: {_spoken(fact.view)}{deputy}. {fact.reason}"
    case = case.noting(at, ConsiderationEvent.VIEW_RECORDED, says, fact.by)
    return case if case.awaited_views else _determined(case, at)


def _determined(case: Consideration, at: datetime) -> Consideration:
    """Every lead has answered: one "may meet" is enough to go on."""
    case = breached(case, "views_due", at).with_(determined_at=at)
    if case.review_without_sin:
        says = "The criteria may be met; the Rapid Review opens, and today is its Day 0."
    elif case.may_meet:
        case = case.with_(asked_at=at)
        says = "The criteria may be met; the local authority is asked for its SIN decision."
    else:
        case = case.with_(settled_at=at)
        says = "The criteria are not met; the local outcomes are to be chosen."
    return case.noting(at, ConsiderationEvent.DETERMINED, says)


@apply.register
def _(fact: DecideSin, case: Consideration, at: datetime) -> Consideration:
    _under_way(case)
    notifier = case.put.notifier
    if fact.by != notifier.name and fact.by not in notifier.deputies:
        raise Refused(
            "Only the SQAS Strategic Manager, or a deputy named in the partnership's folder, decides "
            "whether it is a SIN. Give the name exactly as the folder had it when the case was put forward."
        )
    _at_stage(case, "asks for a SIN decision", ConsiderationStage.DECIDING)
    case = case.with_(decision=fact, decisions=(*case.decisions, fact))
    if fact.answer is SinAnswer.NO:
        case = breached(case, "sin_due", at).with_(settled_at=at)
    says = {
        SinAnswer.YES: "It is a SIN. Submit it on the national portal, then record it with record-sin.",
        SinAnswer.NOTIFY: "It is notified without a review. Submit it, then use record-notification.",
        SinAnswer.NO: "It is not a SIN. Choose the local outcomes with outcome.",
    }[fact.answer]
    return case.noting(at, ConsiderationEvent.SIN_DECIDED, f"{says} {fact.reason}", fact.by)


@apply.register
def _(fact: RecordSin, case: Consideration, at: datetime) -> Consideration:
    _submitted(case, fact.sent_at, at, SinAnswer.YES)
    case = breached(case, "sin_due", fact.sent_at, at).with_(sin=fact)
    says = f"SIN {fact.sin_reference} sent {london(fact.sent_at)}; the Rapid Review opens.{_late(case, fact)}"
    return case.noting(at, ConsiderationEvent.SIN_RECORDED, says, fact.by)


@apply.register
def _(fact: RecordNotification, case: Consideration, at: datetime) -> Consideration:
    _submitted(case, fact.sent_at, at, SinAnswer.NOTIFY)
    case = breached(case, "sin_due", fact.sent_at, at)
    case = case.with_(notification=fact, notifications=(*case.notifications, fact))
    says = f"Notification {fact.notification_reference} sent {london(fact.sent_at)}, without a review."
    return case.noting(at, ConsiderationEvent.NOTIFICATION_RECORDED, says + _late(case, fact), fact.by)


def _submitted(case: Consideration, sent_at: datetime, at: datetime, answer: SinAnswer) -> None:
    _under_way(case)
    if not case.decision:
        raise Refused(
            f"The SQAS Strategic Manager has not decided on {case.reference}. Record it with sin-decision."
        )
    if case.decision.answer is not answer or case.notification:
        what = "a SIN" if answer is SinAnswer.YES else "a notification without a review"
        raise Refused(
            f"{case.reference} is not waiting for {what}: the decision was {case.decision.answer}. "
            "A notification without a review becomes a SIN by convert."
        )
    if sent_at > at:
        raise Refused("It cannot have been sent at a time that has not come yet. Give when it went.")
    if london_day(sent_at) < (case.aware_on or case.put.incident_on):
        raise Refused("It cannot have been sent before the incident was known. Check the dates.")


def _late(case: Consideration, fact: RecordSin | RecordNotification) -> str:
    due = case.original["sin_due"].due
    if fact.sent_at <= due:
        return ""
    days = case.timetable.working_days_between(london_day(due), london_day(fact.sent_at))
    counted = {0: "less than a working day", 1: "1 working day"}.get(days, f"{days} working days")
    return f" It was due {london(due)}: late by {counted}."


@apply.register
def _(fact: Convert, case: Consideration, at: datetime) -> Consideration:
    """What can be refused before the calendar is asked; `domain.consideration.plans` then takes the dates."""
    _under_way(case)
    _at_stage(case, "converts a notification without a review", ConsiderationStage.NOTIFIED)
    if fact.aware_on > london_day(at):
        raise Refused("The local authority cannot become aware on a day that has not come yet.")
    if fact.aware_on < case.put.incident_on:
        raise Refused("Nobody can be aware before the incident. Check the aware date.")
    return case


@apply.register
def _(fact: ReplanConsideration, case: Consideration, at: datetime) -> Consideration:
    """What can be refused before the calendar is asked; `domain.consideration.plans` then takes them."""
    del fact, at
    _under_way(case)
    return case


@apply.register
def _(fact: ChooseOutcomes, case: Consideration, at: datetime) -> Consideration:
    _under_way(case)
    _at_stage(case, "chooses local outcomes", ConsiderationStage.CHOOSING, ConsiderationStage.NOTIFIED)
    kinds = [outcome.kind for outcome in fact.outcomes]
    if OutcomeKind.NO_FURTHER_ACTION in kinds and len(kinds) > 1:
        raise Refused("No further action cannot stand beside another outcome. Choose one or the other.")
    for outcome in fact.outcomes:
        _complete(outcome, case, at)
    case = case.with_(chosen=fact)
    chosen = ", ".join(_spoken(kind) for kind in kinds)
    return case.noting(at, ConsiderationEvent.OUTCOMES_CHOSEN, f"Chosen: {chosen}. {fact.reason}", fact.by)


def _complete(outcome: LocalOutcome, case: Consideration, at: datetime) -> None:
    if outcome.kind is OutcomeKind.NO_FURTHER_ACTION:
        return
    known, due = {*case.put.roster.agencies, *case.put.roster.leads}, outcome.due_on
    if not (outcome.owner and due and outcome.what):
        raise Refused(
            f"{_spoken(outcome.kind)} needs an owner, a due date and what is to be done: "
            f"--outcome '{outcome.kind} | police | 2027-01-29 | what'."
        )
    if outcome.owner not in known:
        raise Refused(f"No agency or lead has the key {outcome.owner}. Known: {', '.join(sorted(known))}.")
    plan = case.timetable
    beyond = due > plan.working_days[-1]
    if due <= london_day(at) or due.weekday() >= SATURDAY or not (beyond or plan.is_working_day(due)):
        raise Refused(f"{due} cannot be a due date. Give a working day to come.")


@apply.register
def _(fact: WithdrawConsideration, case: Consideration, at: datetime) -> Consideration:
    _under_way(case)
    case = case.with_(withdrawal=fact)
    return case.noting(at, ConsiderationEvent.WITHDRAWN, f"Withdrawn. {fact.reason}", fact.by)


@apply.register
def _(fact: LinkDuplicate, case: Consideration, at: datetime) -> Consideration:
    _under_way(case)
    if fact.to == case.reference:
        raise Refused(f"{case.reference} cannot be linked to itself. Give the other case's reference.")
    if fact.to in case.duplicates:
        raise Refused(f"{fact.to} is linked to {case.reference} already, and has ended. One of them goes on.")
    case = case.with_(link=fact)
    says = f"The same incident as {fact.to}; it goes on there. {fact.reason}"
    return case.noting(at, ConsiderationEvent.LINKED, says, fact.by)


@apply.register
def _(fact: DuplicateLinked, case: Consideration, at: datetime) -> Consideration:
    """However the case stands: it asks for nothing, and is on record."""
    if fact.reference in case.duplicates:
        return case
    case = case.with_(duplicates=(*case.duplicates, fact.reference))
    says = f"The same incident was put forward again, as {fact.reference}; it goes on here. {fact.reason}"
    return case.noting(at, ConsiderationEvent.DUPLICATE_LINKED, says, fact.by)


@apply.register
def _(fact: DeliveryFailed, case: Consideration, at: datetime) -> Consideration:
    if fact.id in case.seen:
        return case
    to = reader_of(re.sub(r"(/again/\d+)+$", "", fact.letter)) or OFFICE
    task = Undelivered(key=fact.letter, to=to, status=fact.status, noticed_at=at)
    case = case.with_(undelivered=(*case.undelivered, task), seen=case.seen | {fact.id})
    says = f"The letter {fact.letter} came back ({fact.status})."
    return case.noting(at, ConsiderationEvent.LETTER_FAILED, says)


@apply.register
def _(fact: SendAgain, case: Consideration, at: datetime) -> Consideration:
    _under_way(case)
    task = waiting(case.undelivered, fact.letter, case.reference)
    change: dict[str, object] = {"again_at": at} if task.letter else {"settled": True}
    says = "is sent again" if task.letter else "is noted as dealt with by hand"
    case = case.with_(undelivered=becoming(case.undelivered, task, **change))
    return case.noting(at, ConsiderationEvent.LETTER_RETRIED, f"{fact.letter} {says}.", fact.by)


def breached(
    case: Consideration, milestone: str, when: datetime, noticed_at: datetime | None = None
) -> Consideration:
    """The consideration with a missed date on record, once for each time it was asked."""
    due = case.original[milestone].due
    if when <= due:
        kept = tuple(b for b in case.breaches if (b.milestone, b.due) != (milestone, due))
        return case.with_(breaches=kept)
    if any((b.milestone, b.due) == (milestone, due) for b in case.breaches):
        return case
    breach = Breach(milestone=milestone, due=due, noticed_at=noticed_at or when)
    case = case.with_(breaches=(*case.breaches, breach))
    says = f"{TITLES[milestone]} {london(due)} was missed."
    return case.noting(noticed_at or when, ConsiderationEvent.DATE_BREACHED, says)


def not_taken(case: Consideration, why: Refused, at: datetime) -> Consideration:
    """The consideration with a line saying that a fact arrived and could not be taken."""
    return case.noting(at, ConsiderationEvent.FACT_NOT_TAKEN, str(why))


def _under_way(case: Consideration) -> None:
    _ = case.timetable
    if case.at_an_end:
        raise Refused(
            f"The consideration of {case.reference} has ended ({case.stage}) and takes no more facts."
        )


def _at_stage(case: Consideration, what: str, *stages: ConsiderationStage) -> None:
    if case.stage not in stages:
        raise Refused(f"{case.reference} is at the stage {case.stage}; nobody {what} now. See show.")


def _spoken(word: str) -> str:
    return word.replace("_", " ")
