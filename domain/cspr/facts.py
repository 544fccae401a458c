"""How each fact changes a CSPR: one pure transition for each.

`apply` takes a fact, the CSPR as it stands and the moment of recording, and answers it as it then stands,
or raises `Refused` with a sentence that helps. A validator applies and discards; a handler keeps.
"""

from datetime import datetime
from functools import singledispatch

from domain.case import Breach
from domain.cspr.messages import (
    CsprCommission,
    CsprDraft,
    CsprHold,
    CsprLiftHold,
    CsprMonitor,
    CsprPublish,
    CsprReplan,
    CsprRequest,
    CsprSend,
    CsprTerms,
    CsprWithdraw,
    Proceedings,
)
from domain.cspr.state import PUBLICATION, Cspr, Hold, Taken
from domain.errors import Refused
from domain.messages import Answer, DeliveryFailed, Message, Recipient, SendAgain, SignOff
from domain.record import Event, Undelivered
from domain.resending import becoming, reader_of, waiting
from domain.signing import Draft, answered, received_at
from domain.timetable import london, london_day

SIGNED = {Answer.CONFIRM: Event.SIGN_OFF_CONFIRMED, Answer.AMEND: Event.SIGN_OFF_AMENDED}
"""The line of the record for each answer of a lead."""


@singledispatch
def apply(fact: Message, cspr: Cspr, at: datetime) -> Cspr:
    """The CSPR after a fact recorded at ``at``.

    Raises:
        Refused: it cannot take this fact as it stands; the sentence says why and what to do.
        TypeError: no transition is written for this kind of fact.
    """
    raise TypeError(f"A CSPR knows no fact of type {type(fact).__name__} ({cspr.reference}, {at}).")


def not_taken(cspr: Cspr, why: Refused, at: datetime) -> Cspr:
    """The CSPR with a line saying that a fact arrived and could not be taken: nothing is lost."""
    return cspr.noting(at, Event.FACT_NOT_TAKEN, str(why))


@apply.register
def _(fact: CsprCommission, cspr: Cspr, at: datetime) -> Cspr:
    _unpublished(cspr)
    if not fact.no_conflict:
        raise Refused(
            "Nobody reviews with a conflict of interest, or without saying that there is none. "
            "Ask the reviewer to declare it, and give --no-conflict; or commission another."
        )
    if cspr.commission and cspr.commission.fact.reviewer == fact.reviewer:
        raise Refused(f"The reviewer {fact.reviewer} is already commissioned on {cspr.reference}.")
    if cspr.commission and not fact.reason:
        raise Refused(f"{cspr.commission.fact.reviewer} is commissioned. Say why the reviewer is replaced.")
    cspr = cspr.with_(commissions=(*cspr.commissions, Taken[CsprCommission](fact=fact, at=at)))
    says = f"{fact.name} commissioned as reviewer; no conflict of interest declared. {fact.reason or ''}"
    return cspr.noting(at, Event.CSPR_COMMISSIONED, says.strip(), fact.by)


@apply.register
def _(fact: CsprTerms, cspr: Cspr, at: datetime) -> Cspr:
    _unpublished(cspr)
    _commissioned(cspr)
    cspr = cspr.with_(terms=(*cspr.terms, Taken[CsprTerms](fact=fact, at=at)))
    says = f"Terms of reference and key lines of enquiry, version {len(cspr.terms)}, agreed."
    return cspr.noting(at, Event.TERMS_AGREED, says, fact.by)


@apply.register
def _(fact: CsprMonitor, cspr: Cspr, at: datetime) -> Cspr:
    _unpublished(cspr)
    _commissioned(cspr)
    cspr = cspr.with_(monitorings=(*cspr.monitorings, Taken[CsprMonitor](fact=fact, at=at)))
    time = "on time" if fact.on_time else "not on time"
    quality = "of satisfactory quality" if fact.good_quality else "not of satisfactory quality"
    wanting = not (fact.on_time and fact.good_quality)
    warnings = ["Write to the reviewer: a request is in writing, with cspr-request."] if wanting else []
    says = f"Monitored: {time}, {quality}. {fact.reason}"
    return cspr.noting(at, Event.PROGRESS_MONITORED, says, fact.by, *warnings)


@apply.register
def _(fact: CsprRequest, cspr: Cspr, at: datetime) -> Cspr:
    _unpublished(cspr)
    _commissioned(cspr)
    if not cspr.dates.is_working_day(fact.answer_by) or fact.answer_by < london_day(at):
        raise Refused("The answer must be due on a working day to come. Give another --answer-by.")
    cspr = cspr.with_(requests=(*cspr.requests, Taken[CsprRequest](fact=fact, at=at)))
    says = f"Request {len(cspr.requests)} to the reviewer, about {fact.about}. {fact.reason}"
    return cspr.noting(at, Event.REVIEWER_ASKED, says, fact.by)


@apply.register
def _(fact: CsprDraft, cspr: Cspr, at: datetime) -> Cspr:
    _unpublished(cspr)
    _commissioned(cspr)
    if cspr.draft and cspr.draft.document.sha256 == fact.document.sha256:
        raise Refused(f"This is the same document as version {cspr.draft.version}. Nothing was changed.")
    again = ["It must go in full to the Panel and the Secretary of State again."] if cspr.sent_at else []
    terms = [] if cspr.terms else ["No terms of reference are recorded yet. Record them with cspr-terms."]
    draft = Draft(version=len(cspr.drafts) + 1, document=fact.document, submitted_at=at)
    cspr = cspr.with_(drafts=(*cspr.drafts, draft))
    says = f"Report of the CSPR, version {draft.version}; every lead is asked to confirm or amend it."
    return cspr.noting(at, Event.DRAFT_SUBMITTED, says, fact.by, *again, *terms)


@apply.register
def _(fact: SignOff, cspr: Cspr, at: datetime) -> Cspr:
    if fact.id in cspr.seen:
        return cspr
    _unpublished(cspr)
    cspr, says = answered(cspr, fact, received_at(fact.received_at, at))
    return cspr.with_(seen=cspr.seen | {fact.id}).noting(at, SIGNED[fact.answer], says, fact.by)


@apply.register
def _(fact: CsprHold, cspr: Cspr, at: datetime) -> Cspr:
    _publishing(cspr)
    _unpublished(cspr)
    if not cspr.dates.is_working_day(fact.review_on) or fact.review_on <= london_day(at):
        raise Refused("A hold is reviewed on a working day to come. Give another review date.")
    holds = _ended(cspr, fact.proceedings, at, lifted=False)
    renewed = "goes on" if fact.proceedings in cspr.held else "begins"
    cspr = cspr.with_(holds=(*holds, Hold(fact=fact, set_at=at)))
    says = (
        f"The hold on publication for {fact.proceedings} proceedings {renewed}, to be reviewed "
        f"{fact.review_on:%a %-d %b %Y}. {fact.reason}"
    )
    still = f"The six-month date stands: {london(cspr.dates.publication_due)}."
    return cspr.noting(at, Event.PUBLICATION_HELD, says, fact.by, still)


@apply.register
def _(fact: CsprLiftHold, cspr: Cspr, at: datetime) -> Cspr:
    _publishing(cspr)
    _unpublished(cspr)
    if fact.proceedings not in cspr.held:
        raise Refused(
            f"No hold for {fact.proceedings} proceedings is in force on {cspr.reference}. "
            f"In force: {', '.join(cspr.held) or 'none'}."
        )
    cspr = cspr.with_(holds=_ended(cspr, fact.proceedings, at, lifted=True))
    says = f"The hold on publication for {fact.proceedings} proceedings is lifted. {fact.reason}"
    return cspr.noting(at, Event.PUBLICATION_RELEASED, says, fact.by)


def _ended(cspr: Cspr, proceedings: Proceedings, at: datetime, *, lifted: bool) -> tuple[Hold, ...]:
    """The holds, with the one in force for some proceedings ended."""
    change = {"ended_at": at, "lifted": lifted}
    now = cspr.held.get(proceedings)
    return tuple(hold.model_copy(update=change) if hold is now else hold for hold in cspr.holds)


@apply.register
def _(fact: CsprSend, cspr: Cspr, at: datetime) -> Cspr:
    _publishing(cspr)
    _unpublished(cspr)
    version = len(cspr.drafts)
    if not cspr.signed:
        raise Refused(
            f"Nothing goes to the Panel unsigned, and not every lead has confirmed a version of the report "
            f"of {cspr.reference}. See who has with `rapid-review cspr-show {cspr.reference}`."
        )
    if version in cspr.asked_to_send:
        raise Refused(f"Version {version} was already sent, {london(cspr.asked_to_send[version])}.")
    cspr = cspr.with_(asked_to_send={**cspr.asked_to_send, version: at})
    says = f"Version {version} is sent in full to the Panel and the Secretary of State."
    return cspr.noting(at, Event.FULL_REPORT_SENT, says, fact.by)


@apply.register
def _(fact: CsprPublish, cspr: Cspr, at: datetime) -> Cspr:
    _publishing(cspr)
    _unpublished(cspr)
    _may_be_published(cspr, fact, at)
    late = fact.published_on > london_day(cspr.original_due)
    cspr = cspr.with_(publication=Taken[CsprPublish](fact=fact, at=at))
    cspr = missed(cspr, at) if late else cspr.with_(breaches=())
    what = "The improvements found were" if fact.improvements else "The report was"
    says = f"{what} published on {fact.published_on:%a %-d %b %Y}. {fact.reason or ''}"
    return cspr.noting(at, Event.REPORT_PUBLISHED, says.strip(), fact.by)


def _may_be_published(cspr: Cspr, fact: CsprPublish, at: datetime) -> None:
    if cspr.held:
        raise Refused(f"Publication is held for {', '.join(cspr.held)} proceedings. Lift the hold first.")
    if not cspr.sent_at or not cspr.may_publish_on:
        raise Refused("The full report has not gone to the Panel and the Secretary of State: cspr-send.")
    if fact.published_on < cspr.may_publish_on:
        raise Refused(
            f"The full report went to the Panel and the Secretary of State {london(cspr.sent_at)}. "
            f"It may be published {cspr.opening.rules.panel_days} working days later and no earlier: "
            f"from {cspr.may_publish_on:%a %-d %b %Y}."
        )
    if fact.published_on > london_day(at):
        raise Refused("It is recorded when it has been published. Record it on that day or later.")
    if fact.improvements and not fact.reason:
        raise Refused("Say why the report is not published, when only the improvements found are.")


@apply.register
def _(fact: CsprWithdraw, cspr: Cspr, at: datetime) -> Cspr:
    _unpublished(cspr)
    cspr = missed(cspr, at) if cspr.late(at) else cspr
    cspr = cspr.with_(withdrawal=Taken[CsprWithdraw](fact=fact, at=at))
    return cspr.noting(at, Event.CSPR_WITHDRAWN, f"Withdrawn before publication. {fact.reason}", fact.by)


@apply.register
def _(fact: CsprReplan, cspr: Cspr, at: datetime) -> Cspr:
    """What can be refused of a re-plan before the calendar is asked; `domain.cspr.plans` takes its dates."""
    _going_on(cspr)
    if fact.extend_to or fact.granted_by:
        _publishing(cspr)
        _unpublished(cspr)
        _may_be_extended(cspr, fact, at)
    return cspr


def _may_be_extended(cspr: Cspr, fact: CsprReplan, at: datetime) -> None:
    if not fact.extend_to or not fact.granted_by:
        raise Refused("There is no right to an extension: give the day to extend to, and who granted it.")
    if not cspr.dates.is_working_day(fact.extend_to) or fact.extend_to <= london_day(at):
        raise Refused("Publication is extended to a working day to come. Give another day.")
    if fact.extend_to <= london_day(cspr.dates.publication_due):
        due = london(cspr.dates.publication_due)
        raise Refused(f"Publication is due {due}. Extend it to a working day after that.")


@apply.register
def _(fact: DeliveryFailed, cspr: Cspr, at: datetime) -> Cspr:
    mark = f"{type(fact).__name__}/{fact.id}"
    if mark in cspr.seen:
        return cspr
    task = Undelivered(key=fact.letter, to=_addressee(fact.letter), status=fact.status, noticed_at=at)
    cspr = cspr.with_(undelivered=(*cspr.undelivered, task), seen=cspr.seen | {mark})
    return cspr.noting(at, Event.LETTER_FAILED, f"The letter {fact.letter} came back ({fact.status}).")


def _addressee(letter: str) -> Recipient:
    """Whom a letter was for, by its key alone."""
    if to := reader_of(letter.removesuffix("/again")):
        return to
    raise Refused(f"{letter} is not a letter of a CSPR. Look it up with `rapid-review cspr-show`.")


@apply.register
def _(fact: SendAgain, cspr: Cspr, at: datetime) -> Cspr:
    _going_on(cspr)
    task = waiting(cspr.undelivered, fact.letter, cspr.reference)
    cspr = cspr.with_(undelivered=becoming(cspr.undelivered, task, again_at=at))
    by_hand = "is noted as dealt with by hand; it is not kept to be sent again"
    says = "is sent again" if task.letter else by_hand
    return cspr.noting(at, Event.LETTER_RETRIED, f"{fact.letter} {says}.", fact.by)


def missed(cspr: Cspr, at: datetime) -> Cspr:
    """The CSPR with its missed six-month date on record, once; it goes on all the same."""
    if cspr.breaches:
        return cspr
    due = cspr.original_due
    breach = Breach(milestone=PUBLICATION, due=due, noticed_at=at)
    says = f"CSPR published {london(due)} was missed."
    return cspr.with_(breaches=(breach,)).noting(at, Event.DATE_BREACHED, says)


def _commissioned(cspr: Cspr) -> None:
    if not cspr.commission:
        raise Refused(f"No reviewer is commissioned on {cspr.reference} yet: cspr-commission.")


def _publishing(cspr: Cspr) -> None:
    if not cspr.publishes:
        raise Refused(f"{cspr.reference} has another learning review, which need not be published.")


def _going_on(cspr: Cspr) -> None:
    _ = cspr.dates
    if cspr.withdrawal:
        at = london(cspr.withdrawal.at)
        raise Refused(f"The review of {cspr.reference} was withdrawn {at} and takes no more facts.")
    if cspr.ended_at:
        raise Refused(f"The review of {cspr.reference} ended {london(cspr.ended_at)} and is closed.")


def _unpublished(cspr: Cspr) -> None:
    if cspr.publication:
        on = cspr.publication.fact.published_on
        raise Refused(f"The review of {cspr.reference} was published on {on:%a %-d %b %Y} and is closed.")
    _going_on(cspr)
