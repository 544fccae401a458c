"""How each fact changes a case: one pure transition for each, whoever brings it and however.

`apply` takes a fact, the case as it stands and the moment of recording, and answers the case as it then
stands, or raises `Refused` with a sentence that helps. A fact already taken (by its own id) changes
nothing. A validator applies and discards; a handler applies and keeps.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import singledispatch

from domain.actions import actions_withdrawn, followed, told_of, told_of_letter
from domain.arriving import overtaken_by, with_mail, with_mail_settled
from domain.breaches import missed, not_missed
from domain.case import Case, Meeting, Withdrawal
from domain.deciding import with_decision, with_panel_answer, with_view
from domain.errors import Refused
from domain.follow_up.dates import due_day
from domain.follow_up.letters import about_an_action
from domain.follow_up.messages import TellAction
from domain.letters import addressee, kept_letter, overtaken
from domain.messages import (
    AddAgency,
    AgencyReturn,
    Answer,
    BookMeeting,
    Decide,
    DeliveryFailed,
    DuplicateLinked,
    GiveView,
    MailFiled,
    MailKind,
    Message,
    PanelReplied,
    PlanLearning,
    Recommendation,
    RecordMeeting,
    Reopen,
    Replan,
    ReplanWait,
    ReturnKind,
    SendAgain,
    SettleMail,
    SignOff,
    SubmitDraft,
    Withdraw,
)
from domain.record import Event, Undelivered
from domain.requests import late_request
from domain.resending import becoming, waiting
from domain.signing import Draft, answered, answering_for, received_at
from domain.timetable import london, london_day

SIGNED = {Answer.CONFIRM: Event.SIGN_OFF_CONFIRMED, Answer.AMEND: Event.SIGN_OFF_AMENDED}
"""The line of the record for each answer of a lead."""


@singledispatch
def apply(fact: Message, case: Case, at: datetime) -> Case:
    """The case after a fact recorded at ``at``.

    Raises:
        Refused: the case cannot take this fact as it stands; the sentence says why and what to do.
        TypeError: no transition is written for this kind of fact.
    """
    raise TypeError(f"A case knows no fact of type {type(fact).__name__} ({case.reference}, {at}).")


@apply.register
def _(fact: AgencyReturn, case: Case, at: datetime) -> Case:
    if _mark(fact) in case.seen:
        return case
    _still_running(case)
    request = case.requests.get(fact.agency)
    if request is None:
        raise Refused(
            f"{case.reference} has not asked an agency with the key {fact.agency}. "
            f"Those asked are: {', '.join(case.requests)}. Ask one more with add-agency."
        )
    if fact.kind is ReturnKind.NIL and not fact.people_searched:
        raise Refused(
            "A nil return must say who was searched for. Give the number of people whose names and dates "
            "of birth it lists, or send it back to be completed."
        )
    received = received_at(fact.received_at, at)
    if received < case.opening.sin.sent_at:
        raise Refused(
            f"It cannot have been received on {london(received)}, before the SIN went. Check the date."
        )
    version = case.returned_version(fact, received)
    late = f", late by {_working_days(version.late_by)}" if version.late else ""
    says = f"{case.agency_name(fact.agency)}: {fact.kind} return, version {version.version}{late}."
    requests = {
        **case.requests,
        fact.agency: replace(request, returns=(*request.returns, version)),
    }
    warned = ["It came after the draft report: consider whether to reopen."] if case.drafts else []
    fresh = (*case.late_returns, f"{fact.agency}/{version.version}") if case.drafts else case.late_returns
    case = case.with_(requests=requests, seen=case.seen | {_mark(fact)}, late_returns=fresh)
    if not version.late:
        case = not_missed(case, "rfi_due", fact.agency)
    elif all(earlier.late for earlier in request.returns):
        case = missed(case, "rfi_due", request.first_due, at, fact.agency)
    if not fact.by_mail:
        case = overtaken_by(case, MailKind.SEALED, fact.agency)
    return case.noting(at, Event.RETURN_RECORDED, says, fact.recorded_by, *warned)


@apply.register
def _(fact: AddAgency, case: Case, at: datetime) -> Case:
    _still_running(case)
    _not_on_its_way(case)
    if fact.agency not in case.opening.roster.agencies:
        raise Refused(
            f"No agency has the key {fact.agency} in the partnership's folder as it was when "
            f"{case.reference} opened. Known keys: {', '.join(case.opening.roster.agencies)}."
        )
    if fact.agency in case.requests:
        raise Refused(f"{case.agency_name(fact.agency)} has already been asked on {case.reference}.")
    request = late_request(case, at)
    says = f"{case.agency_name(fact.agency)} added; its return is due {london(request.due)}."
    case = case.with_(requests={**case.requests, fact.agency: request})
    return case.noting(at, Event.AGENCY_ADDED, f"{says} {fact.reason}", fact.by)


@apply.register
def _(fact: BookMeeting, case: Case, at: datetime) -> Case:
    _still_running(case)
    _not_on_its_way(case)
    plan = case.timetable
    if case.held:
        raise Refused(f"The meeting of {case.reference} was already held on {london(case.held.held_at)}.")
    if fact.starts_at <= at:
        raise Refused(
            f"The meeting would start {london(fact.starts_at)}, which is past. Give a time to come."
        )
    opens, closes = plan["meeting_window_opens"].due, plan["meeting_window_closes"].due
    if fact.starts_at > at + timedelta(days=366):
        raise Refused(
            f"The meeting would be on {london(fact.starts_at)}, more than a year ahead. Check the date."
        )
    outside = not opens <= fact.starts_at <= closes
    window = f"{london(opens)} to {london(closes)}"
    warnings = (
        [f"The meeting is outside its window, {window}. It was booked all the same."] if outside else []
    )
    sequence = case.meeting.sequence + 1 if case.meeting else 0
    event = Event.MEETING_MOVED if case.meeting else Event.MEETING_BOOKED
    case = case.with_(meeting=Meeting(booking=fact, booked_at=at, sequence=sequence))
    return case.noting(at, event, f"Meeting on {london(fact.starts_at)}.", fact.by, *warnings)


@apply.register
def _(fact: RecordMeeting, case: Case, at: datetime) -> Case:
    _still_running(case)
    if case.held:
        raise Refused(
            f"The meeting of {case.reference} is already recorded, held {london(case.held.held_at)}."
        )
    if fact.held_at > at:
        raise Refused(
            f"A meeting at {london(fact.held_at)} has not happened yet. "
            "Book it with book-meeting, and record it when it has been held."
        )
    if fact.held_at < case.opening.sin.sent_at:
        raise Refused("The meeting cannot have been held before the SIN was sent. Check both dates.")
    _known_attendance(case, fact)
    if any(action.due_on < london_day(fact.held_at) for action in fact.immediate_actions):
        raise Refused("An immediate action cannot be due before the meeting that agreed it. Check its date.")
    closes = case.original["meeting_window_closes"].due
    case = case.with_(held=fact)
    late = fact.held_at > closes
    case = (
        missed(case, "meeting_window_closes", closes, at)
        if late
        else not_missed(case, "meeting_window_closes")
    )
    absent = [case.lead_title(k) for k in case.opening.roster.leads if k not in fact.attended]
    quoracy = f"The meeting was not quorate by partner. No strategic lead came of: {', '.join(absent)}."
    warnings = [quoracy] if absent else []
    return followed(case, at).noting(
        at,
        Event.MEETING_HELD,
        f"Meeting held {london(fact.held_at)}; it recommends {fact.recommendation.words}. {fact.reason}",
        fact.by,
        *warnings,
    )


@apply.register
def _(fact: PlanLearning, case: Case, at: datetime) -> Case:
    _still_running(case)
    if not case.held:
        raise Refused(f"Learning is planned from the meeting of {case.reference}. Record the meeting first.")
    _known_parties(case, fact.owner)
    if fact.due_on <= london_day(at):
        raise Refused(f"An action cannot be due on {fact.due_on}, which is not still to come.")
    case = case.with_(learning=(*case.learning, fact))
    number = len(case.actions) + len(case.learning)
    due = due_day(fact.due_on, case.timetable)
    moved = "" if due == fact.due_on else f", as {fact.due_on:%a %-d %b %Y} is not a working day"
    says = f"Learning action {number} planned for {case.party(fact.owner)}, due {due:%a %-d %b %Y}{moved}."
    return followed(case, at).noting(at, Event.LEARNING_PLANNED, says, fact.by)


@apply.register
def _(fact: TellAction, case: Case, at: datetime) -> Case:
    _still_running(case)
    return told_of(case, fact, at)


@apply.register
def _(fact: SubmitDraft, case: Case, at: datetime) -> Case:
    _still_running(case)
    _not_on_its_way(case)
    if case.draft and case.draft.document.sha256 == fact.document.sha256:
        raise Refused(f"This is the same document as version {case.draft.version}. Nothing was changed.")
    due = case.original["draft_due"].due
    draft = Draft(version=len(case.drafts) + 1, document=fact.document, submitted_at=at)
    first = not case.drafts
    warnings = [] if case.held else ["No meeting has been recorded yet. Record it with record-meeting."]
    case = case.with_(drafts=(*case.drafts, draft))
    if first and at > due:
        case = missed(case, "draft_due", due, at)
    says = f"Draft report, version {draft.version}; every lead is asked to confirm or amend it."
    return case.noting(at, Event.DRAFT_SUBMITTED, says, fact.by, *warnings)


@apply.register
def _(fact: SignOff, case: Case, at: datetime) -> Case:
    if _mark(fact) in case.seen:
        return case
    _still_running(case)
    _not_submitted(case)
    _not_reopened(case, fact)
    case, says = answered(case, fact, received_at(fact.received_at, at))
    case = overtaken_by(case, MailKind.SIGN_OFF_COMMENT, fact.lead)
    return case.with_(seen=case.seen | {_mark(fact)}).noting(at, SIGNED[fact.answer], says, fact.by)


@apply.register
def _(fact: GiveView, case: Case, at: datetime) -> Case:
    if _mark(fact) in case.seen:
        return case
    _still_deciding(case)
    lead = answering_for(case, fact.lead, fact.by)
    case = with_view(case, fact, lead, received_at(fact.received_at, at), at)
    return case.with_(seen=case.seen | {_mark(fact)})


@apply.register
def _(fact: Decide, case: Case, at: datetime) -> Case:
    _still_deciding(case)
    return with_decision(case, fact, at)


@apply.register
def _(fact: Reopen, case: Case, at: datetime) -> Case:
    _still_running(case)
    _not_submitted(case)
    if not case.late_returns:
        raise Refused(f"No return of {case.reference} came after a draft report, so nothing reopens it.")
    if case.signed:
        raise Refused(f"Every lead has confirmed version {len(case.drafts)}; it is on its way to the Panel.")
    if len(case.drafts) in case.reopened:
        raise Refused(f"Version {len(case.drafts)} is reopened already. Submit the next with submit-draft.")
    case = case.with_(reopened=case.reopened | {len(case.drafts)})
    says = f"Version {len(case.drafts)} reopened: the next version is asked for. {fact.reason}"
    decided = ["The decision stands as recorded."] if case.decision else []
    return case.noting(at, Event.REPORT_REOPENED, says, fact.by, *decided)


@apply.register
def _(fact: Withdraw, case: Case, at: datetime) -> Case:
    _still_deciding(case)
    case = actions_withdrawn(case.with_(withdrawn=Withdrawal(fact=fact, at=at)), fact, at)
    says = f"Withdrawn: the clock stops, and everyone who was told is told. {fact.reason}"
    return case.noting(at, Event.REVIEW_WITHDRAWN, says, fact.by, *_outliving(case))


def _outliving(case: Case) -> list[str]:
    """What of a concluded case runs by itself by now, and what its withdrawal does to that."""
    if not case.concluded_at:
        return []
    actions = ["Its actions that are still followed up are withdrawn with it."]
    reviewed = case.decision and case.decision.outcome is not Recommendation.NO_CSPR
    review = ["The review that its decision started goes on: `rapid-review cspr-withdraw` ends it."]
    handed = len(case.actions) + len(case.learning) > len(case.follow_ups)
    return [*(actions if handed else []), *(review if reviewed else [])]


@apply.register
def _(fact: Replan, case: Case, at: datetime) -> Case:
    """What can be refused of a re-plan before the calendar is asked; `domain.plans` then takes its dates."""
    _still_running(case)
    plan = case.timetable
    if (fact.extend is None) != (fact.to is None):
        raise Refused("An extension needs both the milestone to extend and the date to extend it to.")
    if fact.extend and not fact.granted_by:
        raise Refused("There is no right to an extension: say who granted it.")
    deadlines = [m.key for m in plan.milestones if m.kind == "deadline" and m.key != "sin_due"]
    if fact.extend and fact.extend not in deadlines:
        raise Refused(f"{fact.extend} is not a date that can be extended. These are: {', '.join(deadlines)}.")
    if fact.sin_sent_at and fact.sin_sent_at > at:
        raise Refused("The SIN cannot have been sent in the future. Give the date on which it went.")
    if fact.sin_sent_at and london_day(fact.sin_sent_at) < case.opening.sin.incident_on:
        raise Refused("The SIN cannot have been sent before the incident. Check both dates.")
    return case


@apply.register
def _(fact: ReplanWait, case: Case, at: datetime) -> Case:
    """What can be refused before the calendar is asked; `domain.plans` then takes its days."""
    del fact, at
    if not case.awaiting_panel:
        raise Refused(f"{case.reference} does not wait for the Panel's answer any more.")
    return case


@apply.register
def _(fact: DeliveryFailed, case: Case, at: datetime) -> Case:
    if _mark(fact) in case.seen:
        return case
    case = case.with_(seen=case.seen | {_mark(fact)})
    if about_an_action(fact.letter):
        return told_of_letter(case, fact, at)
    says = f"The letter {fact.letter} came back ({fact.status})."
    if any(task.key == fact.letter for task in case.undelivered):
        return case.noting(at, Event.LETTER_FAILED, f"{says} It is a task already.")
    task = Undelivered(key=fact.letter, to=addressee(fact.letter, case), status=fact.status, noticed_at=at)
    case = case.with_(undelivered=(*case.undelivered, task))
    return case.noting(at, Event.LETTER_FAILED, says)


@apply.register
def _(fact: SendAgain, case: Case, at: datetime) -> Case:
    _still_deciding(case)
    if about_an_action(fact.letter):
        return told_of_letter(case, fact, at)
    task = waiting(case.undelivered, fact.letter, case.reference)
    letter = kept_letter(case, task)
    change: dict[str, object]
    if not letter:
        change, says = {"settled": True}, "is noted as dealt with by hand; it is not kept to be sent again"
    elif overtaken(case, letter):
        change, says = {"settled": True}, "is not sent again: what it asked for has been overtaken"
    else:
        change, says = {"again_at": at}, "is sent again"
    tasks = becoming(case.undelivered, task, **change)
    return case.with_(undelivered=tasks).noting(at, Event.LETTER_RETRIED, f"{fact.letter} {says}.", fact.by)


@apply.register
def _(fact: DuplicateLinked, case: Case, at: datetime) -> Case:
    """However the case stands: it asks for nothing, and is on record."""
    if fact.reference in case.duplicates:
        return case
    case = case.with_(duplicates=(*case.duplicates, fact.reference))
    says = f"The same incident was put forward again, as {fact.reference}; it goes on here. {fact.reason}"
    return case.noting(at, Event.DUPLICATE_LINKED, says, fact.by)


@apply.register
def _(fact: PanelReplied, case: Case, at: datetime) -> Case:
    if _mark(fact) in case.seen:
        return case
    case = with_panel_answer(case, fact, received_at(fact.received_at, at), at)
    return case.with_(seen=case.seen | {_mark(fact)})


@apply.register
def _(fact: MailFiled, case: Case, at: datetime) -> Case:
    if _mark(fact) in case.seen:
        return case
    _still_running(case)
    case = with_mail(case, fact, at)
    return case.with_(seen=case.seen | {_mark(fact)})


@apply.register
def _(fact: SettleMail, case: Case, at: datetime) -> Case:
    _still_running(case)
    return with_mail_settled(case, fact, at)


def not_taken(case: Case, why: Refused, at: datetime) -> Case:
    """The case with a line saying that a fact arrived and could not be taken: nothing is lost."""
    return case.noting(at, Event.FACT_NOT_TAKEN, str(why))


def _mark(fact: AgencyReturn | SignOff | GiveView | DeliveryFailed | PanelReplied | MailFiled) -> str:
    """What a fact is known by once taken: two kinds of fact may bear the same id."""
    return f"{type(fact).__name__}/{fact.id}"


def _still_deciding(case: Case) -> None:
    """A concluded review takes decisions as long as it waits for the Panel."""
    if not case.awaiting_panel:
        _still_running(case)


def _still_running(case: Case) -> None:
    if case.withdrawn:
        raise Refused(
            f"{case.reference} was withdrawn on {london(case.withdrawn.at)} and takes no more facts."
        )
    if case.concluded_at:
        raise Refused(
            f"{case.reference} was concluded on {london(case.concluded_at)} and takes no more facts."
        )
    _ = case.timetable


def _not_submitted(case: Case) -> None:
    if case.submitted_at:
        raise Refused(f"The report of {case.reference} went to the Panel on {london(case.submitted_at)}.")


def _not_on_its_way(case: Case) -> None:
    _not_submitted(case)
    if case.signed:
        raise Refused(f"Every lead has confirmed version {len(case.drafts)}; it is on its way to the Panel.")


def _not_reopened(case: Case, fact: SignOff) -> None:
    if fact.version in case.reopened and fact.version == len(case.drafts):
        raise Refused(f"Version {fact.version} was reopened for a late return. Wait for the next version.")


def _known_attendance(case: Case, fact: RecordMeeting) -> None:
    _known_parties(case, *fact.attended, *(a.agency for a in fact.immediate_actions))


def _known_parties(case: Case, *keys: str) -> None:
    known = {*case.opening.roster.agencies, *case.opening.roster.leads}
    strangers = [key for key in keys if key not in known]
    if strangers:
        raise Refused(
            f"Unknown agency or lead: {', '.join(strangers)}. Known keys: {', '.join(sorted(known))}."
        )


def _working_days(count: int) -> str:
    return {0: "less than a working day", 1: "1 working day"}.get(count, f"{count} working days")
