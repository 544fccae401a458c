"""What is written, to whom, at each step: the letters as the rules decide them, before any is rendered.

A letter's facts are plain text for its template in the partnership's folder. None names a child, a
family member or a circumstance: who is asked about is in the sealed attachment alone.
"""

from collections.abc import Callable
from datetime import datetime

from domain import decision_letters
from domain.actions import to_advise
from domain.case import Case, ChaseKind
from domain.errors import Refused
from domain.follow_up.in_review import action_letters, moves_of_actions
from domain.messages import (
    Answer,
    Attachment,
    ImmediateAction,
    Invitation,
    Letter,
    Recipient,
    RecipientKind,
)
from domain.plans import moves
from domain.recipients import OFFICE, OFSTED, PANEL, agency, lead
from domain.record import Undelivered
from domain.resending import facts_of, first_key
from domain.steps import ReviewStep, StepKind, chases_due
from domain.timetable import TITLES, london


def letters(case: Case, step: ReviewStep, now: datetime) -> tuple[Letter, ...]:
    """The letters of a step as the case stands at ``now``; none where nobody is left to be told."""
    return tuple(WRITERS[step.kind](case, step, now))


def _representative(key: str) -> Recipient:
    return Recipient(kind=RecipientKind.REPRESENTATIVE, key=key)


def _partner(key: str) -> Recipient:
    return Recipient(kind=RecipientKind.PARTNER, key=key)


def _names(case: Case, keys: tuple[str, ...] | list[str]) -> list[str]:
    return [case.agency_name(key) for key in keys]


def _due(case: Case, milestone: str) -> str:
    return london(case.timetable[milestone].due)


def _requests(case: Case, _: ReviewStep, now: datetime) -> list[Letter]:
    unasked = [k for k, r in case.requests.items() if not r.asked_at and r.added_at <= now]
    written = [_request(case, key) for key in unasked]
    first = not any(r.asked_at for r in case.requests.values())
    return [*written, *(_opened(case, key) for key in case.opening.roster.leads)] if first else written


def _request(case: Case, key: str) -> Letter:
    request = case.requests[key]
    why = case.timetable["rfi_due"].explanation
    own = f"This agency was asked on {london(request.added_at)} and has its own due date."
    return Letter(
        key=f"request/{key}",
        template="request-for-information",
        to=agency(key),
        facts={
            "agency": case.agency_name(key),
            "due": london(request.due),
            "explanation": own if request.joined_late else why,
            "sin_sent": london(case.opening.sin.sent_at),
        },
        attach=(Attachment.REQUEST_FORM, Attachment.SUBJECTS),
    )


def _opened(case: Case, key: str) -> Letter:
    plan = case.timetable
    return Letter(
        key=f"review-opened/{key}",
        template="review-opened",
        to=lead(key),
        facts={
            "lead": case.lead_title(key),
            "rfi_due": _due(case, "rfi_due"),
            "meeting_window": _window(case),
            "draft_due": _due(case, "draft_due"),
            "panel_due": _due(case, "panel_submission_due"),
            "explanation": plan["panel_submission_due"].explanation,
            "agencies": _names(case, [*case.requests]),
        },
    )


def _window(case: Case) -> str:
    return f"{_due(case, 'meeting_window_opens')} to {_due(case, 'meeting_window_closes')}"


def _meeting_nudge(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    facts: dict[str, str | list[str]] = {
        "meeting_window": _window(case),
        "panel_due": _due(case, "panel_submission_due"),
    }
    return [Letter(key=f"{step.key}/office", template="meeting-nudge", to=OFFICE, facts=facts)]


def _checkpoint(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    returned = [k for k, r in case.requests.items() if r.returned]
    facts: dict[str, str | list[str]] = {
        "asked": _names(case, [*case.requests]),
        "returned": _names(case, returned),
        "outstanding": _names(case, case.outstanding),
    }
    return [Letter(key=f"{step.key}/office", template="agency-checkpoint", to=OFFICE, facts=facts)]


def _reminders(case: Case, _: ReviewStep, now: datetime) -> list[Letter]:
    return [
        Letter(
            key=f"{chase.key}/{key}",
            template="reminder",
            to=agency(key),
            facts={
                "agency": case.agency_name(key),
                "due": london(case.requests[key].due),
                "number": str(chase.number),
            },
        )
        for key, chase in chases_due(case, ChaseKind.REMINDER, now)
    ]


def _overdue(case: Case, _: ReviewStep, now: datetime) -> list[Letter]:
    return [
        Letter(
            key=f"{chase.key}/{to.kind}/{key}",
            template=template,
            to=to,
            facts={"agency": case.agency_name(key), "due": london(case.requests[key].due)},
        )
        for key, chase in chases_due(case, ChaseKind.OVERDUE, now)
        for to, template in ((agency(key), "overdue"), (_representative(key), "overdue-representative"))
    ]


def _escalations(case: Case, step: ReviewStep, now: datetime) -> list[Letter]:
    """One digest to each strategic lead for the agencies that answer to them, and one to the office."""
    late = [key for key, _ in chases_due(case, ChaseKind.ESCALATION, now)]
    if not late:
        return []
    roster = case.opening.roster
    digests = [
        Letter(
            key=f"{step.key}/{key}",
            template="escalation",
            to=lead(key),
            facts={
                "lead": case.lead_title(key),
                "agencies": _names(case, theirs),
                "due": _since(case, theirs),
            },
        )
        for key in roster.leads
        if (theirs := [a for a in late if roster.agencies[a].lead == key])
    ]
    facts: dict[str, str | list[str]] = {"agencies": _names(case, late), "due": _since(case, late)}
    return [*digests, Letter(key=f"{step.key}/office", template="escalation-digest", to=OFFICE, facts=facts)]


def _since(case: Case, agencies: list[str]) -> str:
    """When the first of some agencies' returns was due."""
    return london(min(case.requests[key].due for key in agencies))


def _invitations(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    if not case.meeting:
        return []
    booking = case.meeting.booking
    facts: dict[str, str | list[str]] = {
        "starts": london(booking.starts_at),
        "minutes": str(booking.minutes),
        "place": booking.place,
        "moved": "yes" if case.meeting.sequence else "",
    }
    invitation = Invitation(
        starts_at=booking.starts_at,
        minutes=booking.minutes,
        place=booking.place,
        sequence=case.meeting.sequence,
    )
    newcomer = step.about.split("/")[1:]
    everyone = [*map(agency, case.requests), *map(lead, case.opening.roster.leads), OFFICE]
    return [
        Letter(
            key=f"{StepKind.INVITATION}/{case.meeting.sequence}/{str(to).replace(':', '/')}",
            template="invitation",
            to=to,
            facts=facts,
            attach=(Attachment.INVITATION,),
            invitation=invitation,
        )
        for to in ([agency(newcomer[-1])] if newcomer else everyone)
    ]


def _meeting_not_held(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    facts: dict[str, str | list[str]] = {"due": _due(case, "meeting_window_closes")}
    return _to_office_and_leads(case, step, "meeting-not-held", facts)


def _draft_missing(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    return _to_office_and_leads(case, step, "draft-missing", {"due": _due(case, "draft_due")})


def _submission_late(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    facts: dict[str, str | list[str]] = {
        "due": _due(case, "panel_submission_due"),
        "waiting_for": _waiting_for(case),
    }
    partners = [
        Letter(key=f"{step.key}/partner/{key}", template="submission-late", to=_partner(key), facts=facts)
        for key in case.opening.roster.leads
    ]
    return [*_to_office_and_leads(case, step, "submission-late", facts), *partners]


def _waiting_for(case: Case) -> list[str]:
    if not case.drafts:
        return ["the draft report"]
    if case.signed:
        return ["the report's delivery to the Panel"]
    leads = [case.lead_title(key) for key in case.unanswered]
    return [*leads, "the next version of the report"] if case.being_revised else leads


def _to_office_and_leads(
    case: Case, step: ReviewStep, template: str, facts: dict[str, str | list[str]]
) -> list[Letter]:
    return [
        Letter(key=f"{step.key}/{to.key or to.kind}", template=template, to=to, facts=facts)
        for to in (OFFICE, *map(lead, case.opening.roster.leads))
    ]


def _sign_off_requests(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    """Each lead is asked to sign the current version and, where it is wanted, for a view on a CSPR."""
    asked = [
        Letter(
            key=f"{step.key}/{key}",
            template="sign-off-request",
            to=lead(key),
            facts={
                "lead": case.lead_title(key),
                "version": str(len(case.drafts)),
                "due": _due(case, "panel_submission_due"),
                "deputies_allowed": "yes" if case.opening.roster.leads[key].deputies else "",
                **decision_letters.asked_with_the_report(case, key),
            },
            documents=(case.drafts[-1].document,),
        )
        for key in case.unanswered
    ]
    return [*asked, *decision_letters.asked_beside_the_report(case)]


def _sign_off_reminders(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    return [
        Letter(
            key=f"{step.key}/{key}",
            template="sign-off-reminder",
            to=lead(key),
            facts={
                "lead": case.lead_title(key),
                "version": str(len(case.drafts)),
                "due": _due(case, "panel_submission_due"),
            },
        )
        for key in case.unanswered
    ]


def _amendment(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    versions = [s.answer for s in case.signatures if str(s.answer.version) == step.about]
    amending = [answer.lead for answer in versions if answer.answer is Answer.AMEND]
    facts: dict[str, str | list[str]] = {
        "lead": case.lead_title(amending[0]),
        "version": step.about,
        "next_version": str(int(step.about) + 1),
    }
    return [Letter(key=f"{step.key}/office", template="amendment", to=OFFICE, facts=facts)]


def _reopening(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    """Every lead, whether it has answered or not: no answer to that version counts."""
    facts = {"version": step.about, "next_version": str(int(step.about) + 1)}
    return [
        Letter(
            key=f"{step.key}/{key}",
            template="report-reopened",
            to=lead(key),
            facts={"lead": case.lead_title(key), **facts},
        )
        for key in case.opening.roster.leads
    ]


def _submission(case: Case, step: ReviewStep, now: datetime) -> list[Letter]:
    """The report to the Panel, its copy to Ofsted, and the immediate actions to the agencies."""
    facts: dict[str, str | list[str]] = {
        "sin_reference": case.opening.sin.reference,
        "version": step.about,
        "sent": london(now),
    }
    signed = [
        case.lead_title(key) + (", by a deputy" if answer.by_deputy else "")
        for key, answer in case.answers.items()
    ]
    report = (case.drafts[-1].document,)
    panel_facts = {**facts, "signed": signed}
    return [
        Letter(key=f"{step.key}/panel", template="submission", to=PANEL, facts=panel_facts, documents=report),
        Letter(
            key=f"{step.key}/ofsted", template="submission-copy", to=OFSTED, facts=facts, documents=report
        ),
        *_immediate_actions(case, step),
    ]


def _immediate_actions(case: Case, step: ReviewStep) -> list[Letter]:
    by_agency: dict[str, list[ImmediateAction]] = {}
    for action in to_advise(case):
        by_agency.setdefault(action.agency, []).append(action)
    return [
        Letter(
            key=f"{step.key}/actions/{key}",
            template="immediate-actions",
            to=agency(key) if key in case.opening.roster.agencies else lead(key),
            facts={
                "agency": case.party(key),
                "count": str(len(actions)),
                "due": f"{min(a.due_on for a in actions):%a %-d %b %Y}",
            },
            attach=(Attachment.ACTIONS,),
            actions=tuple(actions),
        )
        for key, actions in by_agency.items()
    ]


def _late_actions(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    return _immediate_actions(case, step)


def _decision_nudge(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    sent = london(case.submitted_at) if case.submitted_at else ""
    return [Letter(key=f"{step.key}/office", template="decision-nudge", to=OFFICE, facts={"sent": sent})]


def _dates_moved(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    """Tell those who still have something to do: agencies not returned, every lead, and owners of actions."""
    moved = moves(case.plans[int(step.about) - 2], case.plans[int(step.about) - 1])
    actions, leads = moves_of_actions(case), case.opening.roster.leads
    owners = [key for key in actions if key not in (*case.outstanding, *leads)]
    told = [
        *((agency(key), [*_moved_for(case, key, moved), *actions.get(key, [])]) for key in case.outstanding),
        *((agency(key), actions[key]) for key in owners),
        *((lead(key), [*moved, *actions.get(key, [])]) for key in leads),
    ]
    return [
        Letter(
            key=f"{step.key}/{to.kind}/{to.key}", template="dates-moved", to=to, facts={"moved": [*theirs]}
        )
        for to, theirs in told
        if theirs
    ]


def _moved_for(case: Case, key: str, moved: list[str]) -> list[str]:
    """What moved for one agency: one that joined late has its own date in place of everybody's."""
    request, title = case.requests[key], TITLES["rfi_due"]
    if not request.joined_late:
        return moved
    others = [line for line in moved if not line.startswith(title)]
    if not request.was_due or request.was_due == request.due:
        return others
    return [f"{title}: was {london(request.was_due)}, now {london(request.due)}", *others]


def _return_after_draft(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    key, version = step.about.split("/")
    returned = case.requests[key].returns[int(version) - 1]
    facts: dict[str, str | list[str]] = {
        "agency": case.agency_name(key),
        "kind": str(returned.kind),
        "version": version,
    }
    return [Letter(key=f"{step.key}/office", template="return-after-draft", to=OFFICE, facts=facts)]


def _return_received(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    version, key = step.about.split("/")
    returned = case.requests[key].returns[int(version) - 1]
    facts: dict[str, str | list[str]] = {
        "agency": case.agency_name(key),
        "kind": str(returned.kind),
        "received": london(returned.received_at),
    }
    return [Letter(key=step.key, template="return-received", to=agency(key), facts=facts)]


def _how_to_sign(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    version, key = step.about.split("/")
    facts: dict[str, str | list[str]] = {
        "lead": case.lead_title(key),
        "version": version,
        "due": _due(case, "panel_submission_due"),
    }
    return [Letter(key=step.key, template="how-to-sign", to=lead(key), facts=facts)]


def _undelivered(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    facts = facts_of(_task(case, step), case.opening.roster)
    return [Letter(key=f"{step.key}/office", template="undelivered", to=OFFICE, facts=facts)]


def _resending(case: Case, step: ReviewStep, _: datetime) -> list[Letter]:
    task = _task(case, step)
    letter = kept_letter(case, task)
    if not letter or overtaken(case, letter):
        return []
    asks = (
        decision_letters.asked_with_the_report(case, task.to.key or "")
        if letter.facts.get("criteria")
        else {}
    )
    return [letter.model_copy(update={"key": f"{task.key}/again", "facts": letter.facts | asks})]


def kept_letter(case: Case, task: Undelivered) -> Letter | None:
    """The letter of a task where it can be sent again.

    One that a server refused was kept. Of those that came back later only a request can be written anew.
    """
    first = task.key.split("/")[0]
    rewritten = (
        _request(case, task.to.key) if first == StepKind.REQUEST and task.to.key in case.requests else None
    )
    return task.letter or rewritten


def _task(case: Case, step: ReviewStep) -> Undelivered:
    return next(task for task in case.undelivered if task.key == step.about)


WRITERS: dict[StepKind, Callable[[Case, ReviewStep, datetime], list[Letter]]] = {
    StepKind.REQUEST: _requests,
    StepKind.MEETING_NUDGE: _meeting_nudge,
    StepKind.CHECKPOINT: _checkpoint,
    StepKind.REMINDER: _reminders,
    StepKind.OVERDUE: _overdue,
    StepKind.ESCALATION: _escalations,
    StepKind.INVITATION: _invitations,
    StepKind.MEETING_ESCALATION: _meeting_not_held,
    StepKind.SIGN_OFF_REQUEST: _sign_off_requests,
    StepKind.DRAFT_ESCALATION: _draft_missing,
    StepKind.SIGN_OFF_REMINDER: _sign_off_reminders,
    StepKind.AMENDMENT: _amendment,
    StepKind.REOPENING: _reopening,
    StepKind.SUBMISSION: _submission,
    StepKind.ACTIONS: _late_actions,
    StepKind.SUBMISSION_ESCALATION: _submission_late,
    StepKind.DECISION_NUDGE: _decision_nudge,
    StepKind.VIEW_REQUEST: decision_letters.view_requests,
    StepKind.DISAGREEMENT: decision_letters.disagreement,
    StepKind.PANEL_NUDGE: decision_letters.panel_nudge,
    StepKind.RECONSIDERATION_NUDGE: decision_letters.reconsideration_nudge,
    StepKind.WITHDRAWAL: decision_letters.withdrawal,
    StepKind.DATES_MOVED: _dates_moved,
    StepKind.RETURN_AFTER_DRAFT: _return_after_draft,
    StepKind.RETURN_RECEIVED: _return_received,
    StepKind.HOW_TO_SIGN: _how_to_sign,
    StepKind.UNDELIVERED: _undelivered,
    StepKind.RESENDING: _resending,
    StepKind.FOLLOW_UP: action_letters,
}
"""Who writes what at each step."""


def overtaken(case: Case, letter: Letter) -> bool:
    """Whether what a letter asked for has been done or replaced since it was written."""
    fallen_away = case.withdrawn is not None and letter.template != "withdrawn"
    return fallen_away or _done_or_replaced(case, letter)


def _done_or_replaced(case: Case, letter: Letter) -> bool:
    key = letter.to.key or ""
    match letter.template:
        case "view-request":
            return not case.undecided or key in case.current_views
        case "reminder" | "overdue" | "overdue-representative":
            return case.requests[key].returned
        case "invitation":
            current = (
                case.meeting and letter.invitation and letter.invitation.sequence == case.meeting.sequence
            )
            return not current or case.held is not None
        case "sign-off-request" | "sign-off-reminder":
            return letter.facts["version"] != str(len(case.drafts)) or key in case.answers
        case "report-reopened":
            return letter.facts["version"] != str(len(case.drafts))
        case _:
            return False


TO_LEADS = frozenset(
    {
        "review-opened",
        *(StepKind.ESCALATION, StepKind.MEETING_ESCALATION, StepKind.DRAFT_ESCALATION),
        *(StepKind.SIGN_OFF_REQUEST, StepKind.SIGN_OFF_REMINDER, StepKind.SUBMISSION_ESCALATION),
        *(StepKind.VIEW_REQUEST, StepKind.REOPENING),
        StepKind.HOW_TO_SIGN,
    }
)
"""The letters whose key ends in the key of a strategic lead, where it says nothing else."""


def addressee(letter: str, case: Case) -> Recipient:
    """Whom a letter was for, by its key alone: all that a report of its non-delivery can name.

    Raises:
        Refused: no letter of the case has such a key.
    """
    *path, last = first_key(letter).split("/")
    if last in (RecipientKind.OFFICE, RecipientKind.PANEL, RecipientKind.OFSTED):
        return Recipient(kind=RecipientKind(last))
    if not path or last not in {*case.opening.roster.agencies, *case.opening.roster.leads}:
        raise Refused(f"No letter of {case.reference} has the key {letter}, so none can have come back.")
    if path[-1] in (*RecipientKind,):
        return Recipient(kind=RecipientKind(path[-1]), key=last)
    if path[0] in TO_LEADS or last not in case.opening.roster.agencies:
        return lead(last)
    return agency(last)
