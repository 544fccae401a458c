"""Where a case stands, for a person: what happened, what is late, what is due, what to do next."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain

from pydantic import AwareDatetime

from domain.actions import open_actions
from domain.arriving import NOTED
from domain.case import Case, Filed, Stage
from domain.deciding import panel_expected, views_given
from domain.follow_up.state import FollowUp
from domain.messages import Answer, MailKind, Message, Outcome, Reference
from domain.resending import to_mend, unmended
from domain.steps import ReviewStep, next_step
from domain.timetable import LONDON, TITLES, london

NAMED = 4
"""How many agencies are named one by one in a sentence; more are counted."""


class Task(StrEnum):
    """What a person in the office is to do; each screen knows the command for it."""

    BOOK_MEETING = "book_meeting"
    RECORD_MEETING = "record_meeting"
    SUBMIT_DRAFT = "submit_draft"
    REVISE_DRAFT = "revise_draft"
    CHASE_SIGN_OFF = "chase_sign_off"
    DECIDE = "decide"
    CHASE_RETURNS = "chase_returns"
    MEND_DELIVERY = "mend_delivery"
    GIVE_VIEWS = "give_views"
    PARTNER_DECIDES = "partner_decides"
    RECONSIDER = "reconsider"
    PANEL_REPLY = "panel_reply"
    OPEN_MAIL = "open_mail"
    ANSWER_MAIL = "answer_mail"
    READ_SIGN_OFF = "read_sign_off"
    CHASE_ACTION = "chase_action"
    CLOSE_ACTION = "close_action"


class Todo(Message):
    """One thing for the office to do: what, in a sentence, and by when where there is a date."""

    task: Task
    says: str
    due: AwareDatetime | None = None
    about: str = ""


class AgencyStanding(Message):
    """How one agency stands: ``state`` is returned, late, waiting, being asked or withdrawn."""

    key: str
    name: str
    state: str
    due: AwareDatetime
    received_at: AwareDatetime | None = None
    kind: str = ""
    late_by: int | None = None
    versions: int = 0
    area: str = ""


class LeadStanding(Message):
    """How one strategic lead stands to the current version of the report."""

    key: str
    title: str
    answer: str
    by_deputy: bool = False


class DateStanding(Message):
    """One date that people work to: met, missed, to come or withdrawn, with the original where it moved."""

    key: str
    title: str
    day: int
    due: AwareDatetime
    original: AwareDatetime | None
    state: str
    explanation: str


class Standing(Message):
    """Everything one screen says of a case, as of a moment. ``day`` is the review's working day."""

    reference: Reference
    area: str
    stage: Stage
    as_of: AwareDatetime
    day: int | None
    next_step: str
    next_due: AwareDatetime | None
    in_hand: str
    in_hand_since: AwareDatetime | None
    dates: tuple[DateStanding, ...]
    agencies: tuple[AgencyStanding, ...]
    leads: tuple[LeadStanding, ...]
    meeting_at: AwareDatetime | None
    meeting_held: bool
    version: int
    outcome: Outcome | None
    views: tuple[str, ...]
    criteria: tuple[str, ...]
    statement: str
    decisions: tuple[str, ...]
    panel: str
    duplicates: tuple[Reference, ...]
    submitted_at: AwareDatetime | None
    mail: tuple[str, ...]
    late: tuple[str, ...]
    warnings: tuple[str, ...]
    todo: tuple[Todo, ...]


def standing(case: Case, now: datetime, in_hand: str = "", since: datetime | None = None) -> Standing:
    """Where ``case`` stands at ``now``. ``in_hand`` names the step whose letters are on their way."""
    step = next_step(case, now)
    return Standing(
        reference=case.reference,
        area=case.opening.area,
        stage=case.stage,
        as_of=now,
        day=case.working_day_number(now) if case.plans else None,
        next_step=step.says if step else "",
        next_due=step.due if step else None,
        in_hand=in_hand,
        in_hand_since=since,
        dates=tuple(_dates(case, now)),
        agencies=tuple(_agency(case, key, now) for key in case.requests),
        leads=tuple(_lead(case, key) for key in case.opening.roster.leads),
        meeting_at=case.held.held_at
        if case.held
        else case.meeting.booking.starts_at
        if case.meeting
        else None,
        meeting_held=case.held is not None,
        version=len(case.drafts),
        outcome=case.outcome,
        views=tuple(views_given(case)),
        criteria=tuple(f"{key}: {words}" for key, words in case.opening.decision_rules.criteria.items()),
        statement=case.opening.decision_rules.statement,
        decisions=tuple(decision.outcome.words for decision in case.decisions),
        panel=_panel(case),
        duplicates=case.duplicates,
        submitted_at=case.submitted_at,
        mail=tuple(_noted_mail(case)),
        late=tuple(_late(case, now)),
        warnings=case.timetable.warnings if case.plans else (),
        todo=tuple(_todo(case, now)) if case.plans and not _at_rest(case) else (),
    )


def _at_rest(case: Case) -> bool:
    return case.concluded_at is not None and not case.awaiting_panel


def _panel(case: Case) -> str:
    """What the Panel said, or when it is expected to; empty before the report has gone."""
    if case.panel_answers:
        last = case.panel_answers[-1]
        return f"{'agrees' if last.agrees else 'does not agree'}, {london(last.received_at)}"
    expected = panel_expected(case)
    return f"expected by {london(expected)}" if expected and not case.withdrawn else ""


def _dates(case: Case, now: datetime) -> Iterator[DateStanding]:
    if not case.plans:
        return
    missed = {breach.milestone for breach in case.overdue(now)}
    for milestone in case.timetable.milestones:
        if milestone.key in TITLES:
            original = case.original[milestone.key].due
            yield DateStanding(
                key=milestone.key,
                title=TITLES[milestone.key],
                day=milestone.day,
                due=milestone.due,
                original=original if original != milestone.due else None,
                state="missed" if milestone.key in missed else _met(case, milestone.key, now),
                explanation=milestone.explanation,
            )


def _met(case: Case, key: str, now: datetime) -> str:
    until = case.withdrawn.at if case.withdrawn else now
    met = {
        "sin_due": True,
        "rfi_due": bool(case.requests) and not case.outstanding,
        "meeting_window_opens": case.timetable["meeting_window_opens"].due <= until,
        "meeting_window_closes": case.held is not None,
        "draft_due": bool(case.drafts),
        "panel_submission_due": case.submitted_at is not None,
    }
    return "met" if met[key] else "withdrawn" if case.withdrawn else "to come"


def _agency(case: Case, key: str, now: datetime) -> AgencyStanding:
    request = case.requests[key]
    last = request.returns[-1] if request.returns else None
    late = request.first_due < (case.withdrawn.at if case.withdrawn else now)
    asked = "withdrawn" if case.withdrawn else "waiting" if request.asked_at else "being asked"
    return AgencyStanding(
        key=key,
        name=case.agency_name(key),
        state="returned" if last else "late" if late else asked,
        due=request.due,
        received_at=last.received_at if last else None,
        kind=last.kind if last else "",
        late_by=last.late_by if last and last.late else None,
        versions=len(request.returns),
        area=case.opening.roster.agencies[key].area or "",
    )


def _lead(case: Case, key: str) -> LeadStanding:
    signature = case.answers.get(key)
    asked = "asked" if case.drafts else "not asked yet"
    return LeadStanding(
        key=key,
        title=case.lead_title(key),
        answer=str(signature.answer.answer) if signature else asked,
        by_deputy=signature.by_deputy if signature else False,
    )


def _late(case: Case, now: datetime) -> Iterator[str]:
    for breach in case.overdue(now):
        who = f" ({case.agency_name(breach.agency)})" if breach.agency else ""
        yield f"{TITLES[breach.milestone]} {london(breach.due)}{who}"


def _todo(case: Case, now: datetime) -> Iterator[Todo]:
    if case.withdrawn:
        return
    actions = (unmended(action.undelivered) for action in case.follow_ups)
    for task in chain(unmended(case.undelivered), *actions):
        says = to_mend(task, case.opening.roster)
        yield Todo(task=Task.MEND_DELIVERY, says=says, about=task.key)
    yield from _mail_todo(case)
    yield from map(_action_todo, open_actions(case))
    if case.submitted_at:
        if not case.held:
            says = "Record the meeting: what the leads decided can only be recorded after it."
            yield Todo(task=Task.RECORD_MEETING, says=says)
        else:
            yield from _decision_todo(case, None)
        yield from _panel_todo(case)
        return
    if case.outstanding:
        few = len(case.outstanding) <= NAMED
        names = (
            ", ".join(map(case.agency_name, case.outstanding)) if few else f"{len(case.outstanding)} agencies"
        )
        due = min(case.requests[key].due for key in case.outstanding)
        yield Todo(task=Task.CHASE_RETURNS, says=f"Returns awaited from {names}.", due=due)
    yield from _meeting_todo(case, now)
    yield from _report_todo(case)


MAIL_TASKS = {
    MailKind.SEALED: (Task.OPEN_MAIL, "Open the sealed mail {n} from {who} by hand, then record its return."),
    MailKind.QUESTION: (Task.ANSWER_MAIL, "Read mail {n} from {who} and answer it."),
    MailKind.SIGN_OFF_COMMENT: (
        Task.READ_SIGN_OFF,
        "Read mail {n} from {who} on the report: it signs nothing until you record it.",
    ),
}
"""What a person is to do about each kind of filed mail."""


def _mail_todo(case: Case) -> Iterator[Todo]:
    for number, filed in enumerate(case.mail, 1):
        if not filed.settled:
            on_nothing = filed.fact.kind is MailKind.SIGN_OFF_COMMENT and not case.draft
            task, says = MAIL_TASKS[MailKind.QUESTION if on_nothing else filed.fact.kind]
            yield Todo(task=task, says=says.format(n=number, who=_writer(case, filed)), about=str(number))


def _action_todo(action: FollowUp) -> Todo:
    """That an action's evidence is recorded or, once it is, that a second person closes it."""
    about = str(action.opening.number)
    if action.evidence:
        says = f"Action {about} of {action.owner} has its evidence. A second person closes it."
        return Todo(task=Task.CLOSE_ACTION, says=says, about=about)
    says = f"Action {about} is awaited from {action.owner}."
    return Todo(task=Task.CHASE_ACTION, says=says, due=action.due, about=about)


def _noted_mail(case: Case) -> Iterator[str]:
    """The last automatic reply or acknowledgement of each agency and lead."""
    last = {(f.fact.role, f.fact.party): f for f in case.mail if f.fact.kind in NOTED}
    for filed in last.values():
        yield f"{filed.fact.kind} from {_writer(case, filed)}, {london(filed.fact.received_at)}"


def _writer(case: Case, filed: Filed) -> str:
    key = filed.fact.party
    return case.agency_name(key) if filed.fact.role == "agency" else case.lead_title(key)


def _meeting_todo(case: Case, now: datetime) -> Iterator[Todo]:
    if case.held:
        return
    window = case.timetable["meeting_window_opens"].due, case.timetable["meeting_window_closes"].due
    if not case.meeting:
        says = f"Book the meeting, between {london(window[0])} and {london(window[1])}."
        first = max(window[0], case.working_morning_after(now))
        suggested = f"{first.astimezone(LONDON):%Y-%m-%d}T10:00"
        yield Todo(task=Task.BOOK_MEETING, says=says, due=window[1], about=suggested)
        return
    starts = case.meeting.booking.starts_at
    ended = starts + timedelta(minutes=case.meeting.booking.minutes) <= now
    says = (
        "Record what the meeting agreed." if ended else f"The meeting is on {london(starts)}; record it then."
    )
    yield Todo(task=Task.RECORD_MEETING, says=says, due=window[1])


def _report_todo(case: Case) -> Iterator[Todo]:
    report_due = case.timetable["panel_submission_due"].due
    if not case.drafts:
        if case.held:
            due = case.timetable["draft_due"].due
            yield Todo(task=Task.SUBMIT_DRAFT, says="Submit the draft report for the leads.", due=due)
    elif len(case.drafts) in case.reopened:
        says = f"Version {len(case.drafts)} was reopened for a late return. Submit the next version."
        yield Todo(task=Task.REVISE_DRAFT, says=says, due=report_due)
    elif case.amended:
        leads = ", ".join(
            case.lead_title(k) for k, s in case.answers.items() if s.answer.answer is Answer.AMEND
        )
        says = f"{leads} asked to amend version {len(case.drafts)}. Submit the next version."
        yield Todo(task=Task.REVISE_DRAFT, says=says, due=report_due)
    elif case.unanswered:
        leads = ", ".join(case.lead_title(key) for key in case.unanswered)
        says = f"Version {len(case.drafts)} is waiting for {leads}."
        yield Todo(task=Task.CHASE_SIGN_OFF, says=says, due=report_due)
    if case.held:
        yield from _decision_todo(case, report_due)


def _decision_todo(case: Case, due: datetime | None) -> Iterator[Todo]:
    if case.disagreeing:
        says = (
            f"The leads' views differ ({'; '.join(views_given(case))}): a lead safeguarding partner decides."
        )
        yield Todo(task=Task.PARTNER_DECIDES, says=says, due=due)
    elif case.current_views and case.undecided:
        missing = (lead for lead in case.opening.roster.leads if lead not in case.current_views)
        says = f"Views on a CSPR are awaited from {', '.join(map(case.lead_title, missing))}."
        yield Todo(task=Task.GIVE_VIEWS, says=says, due=due)
    elif case.reconsidering:
        says = "The Panel does not agree. Record what the leads decide now, with fresh reasons."
        yield Todo(task=Task.RECONSIDER, says=says, due=due)
    elif case.undecided:
        yield Todo(task=Task.DECIDE, says="Record what the leads decided on a CSPR.", due=due)


def _panel_todo(case: Case) -> Iterator[Todo]:
    expected = panel_expected(case)
    if expected and not case.panel_answers:
        yield Todo(task=Task.PANEL_REPLY, says="Record the Panel's answer when it comes.", due=expected)


def details(case: Case, step: ReviewStep | None, now: datetime) -> str:
    """Where it stands in short, for the Temporal Web UI: two tables in Markdown, keys in place of names.

    ``step`` is what comes next.
    """
    lines = [f"**{case.reference}**: {case.stage}", ""]
    if step:
        lines += [f"Next: {step.says}, {london(step.due)}", ""]
    lines += ["| date | due | |", "|---|---|---|"]
    lines += [f"| {d.title} | {london(d.due)} | {d.state} |" for d in _dates(case, now)]
    lines += ["", "| agency | return | |", "|---|---|---|"]
    agencies = (_agency(case, key, now) for key in case.requests)
    lines += [f"| {a.key} | {a.state} | {a.kind} |" for a in agencies]
    return "\n".join(lines)
