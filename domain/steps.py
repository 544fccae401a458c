"""What is to be done next: the one step a case waits for, when it is due, and that it was done.

A step's key is stable and made of plain facts (``sign_off_request/2``). Notices and chasers fall due at
the send hour of a working day; what answers an event falls due at once.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum

from domain.actions import to_advise
from domain.case import Case, Chase, ChaseKind
from domain.deciding import panel_expected, views_wanted
from domain.follow_up.steps import FollowUpStep, FollowUpStepKind
from domain.follow_up.steps import next_step as next_of_action
from domain.messages import Answer, MailKind, Message, RecipientKind
from domain.record import Event
from domain.signing import Draft
from domain.step import Step


class StepKind(StrEnum):
    """The steps of a review, in the order of the guide."""

    REQUEST = "request"
    MEETING_NUDGE = "meeting_nudge"
    CHECKPOINT = "agency_checkpoint"
    REMINDER = "reminder"
    OVERDUE = "overdue"
    ESCALATION = "escalation"
    INVITATION = "invitation"
    MEETING_ESCALATION = "meeting_escalation"
    SIGN_OFF_REQUEST = "sign_off_request"
    DRAFT_ESCALATION = "draft_escalation"
    SIGN_OFF_REMINDER = "sign_off_reminder"
    AMENDMENT = "amendment"
    REOPENING = "reopening"
    SUBMISSION = "submission"
    ACTIONS = "immediate_actions"
    SUBMISSION_ESCALATION = "submission_escalation"
    DECISION_NUDGE = "decision_nudge"
    VIEW_REQUEST = "view_request"
    DISAGREEMENT = "disagreement"
    PANEL_NUDGE = "panel_nudge"
    RECONSIDERATION_NUDGE = "reconsideration_nudge"
    WITHDRAWAL = "withdrawal"
    DATES_MOVED = "dates_moved"
    RETURN_AFTER_DRAFT = "return_after_draft"
    RETURN_RECEIVED = "return_received"
    HOW_TO_SIGN = "how_to_sign"
    UNDELIVERED = "undelivered"
    RESENDING = "resending"
    FOLLOW_UP = "follow_up"


SAYS = {
    StepKind.REQUEST: "Requests for Information go out",
    StepKind.MEETING_NUDGE: "the office is reminded to book the meeting",
    StepKind.CHECKPOINT: "the office is asked whether another agency is to be asked",
    StepKind.REMINDER: "agencies that have not returned are reminded",
    StepKind.OVERDUE: "agencies that have not returned, and their representatives, are told they are late",
    StepKind.ESCALATION: "returns still missing are escalated to the strategic leads",
    StepKind.INVITATION: "invitations to the meeting go out",
    StepKind.MEETING_ESCALATION: "a meeting not held is escalated",
    StepKind.SIGN_OFF_REQUEST: "the leads are asked to confirm or amend the report",
    StepKind.DRAFT_ESCALATION: "a draft not submitted is escalated",
    StepKind.SIGN_OFF_REMINDER: "leads who have not answered are reminded",
    StepKind.AMENDMENT: "the office is told that a lead asks for an amendment",
    StepKind.REOPENING: "the leads are told not to sign a version that was reopened",
    StepKind.SUBMISSION: "the report goes to the Panel",
    StepKind.ACTIONS: "immediate actions go to the agencies",
    StepKind.SUBMISSION_ESCALATION: "a report not sent is escalated to the lead safeguarding partners",
    StepKind.DECISION_NUDGE: "the office is reminded to record the decision",
    StepKind.VIEW_REQUEST: "each lead is asked for a view on a CSPR",
    StepKind.DISAGREEMENT: "the lead safeguarding partners are told that the leads' views differ",
    StepKind.PANEL_NUDGE: "the office is reminded that the Panel's answer is awaited",
    StepKind.RECONSIDERATION_NUDGE: "the office is reminded that the leads have to reconsider",
    StepKind.WITHDRAWAL: "everyone who was told of the case is told that it is withdrawn",
    StepKind.DATES_MOVED: "those affected are told which dates moved",
    StepKind.RETURN_AFTER_DRAFT: "the office is asked whether a late return reopens the report",
    StepKind.RETURN_RECEIVED: "an agency hears that its return arrived",
    StepKind.HOW_TO_SIGN: "a lead who answered by mail hears how to sign",
    StepKind.UNDELIVERED: "the office is told of a letter that did not arrive",
    StepKind.RESENDING: "a letter goes out again",
    StepKind.FOLLOW_UP: "letters about actions go out",
}
"""What each step does, for a person to read."""

CHASES = {
    StepKind.REMINDER: ChaseKind.REMINDER,
    StepKind.OVERDUE: ChaseKind.OVERDUE,
    StepKind.ESCALATION: ChaseKind.ESCALATION,
}
"""The steps that chase agencies; each is done agency by agency."""


FIRST_VIEWS = f"{StepKind.VIEW_REQUEST}/1"
"""The key of the request for views on the first decision, by whichever letter they are asked for."""


class ActionStep(Message):
    """What is next for one of the actions of a case, by the action's number."""

    number: int
    step: FollowUpStep

    @property
    def key(self) -> str:
        """Stable within the case: ``1/reminder/2026-12-29``."""
        return f"{self.number}/{self.step.key}"

    @property
    def letters(self) -> str:
        """What the keys of its letters begin with; one sent again keeps its key, and says so."""
        again = self.step.kind is FollowUpStepKind.RESENDING
        return f"{self.step.about}/again" if again else f"follow-up/{self.key}/"


class ReviewStep(Step):
    """One thing a review does; its key names the kind and what it is about.

    ``actions`` are those of a step about actions: all that is then due of them, together.
    """

    kind: StepKind
    actions: tuple[ActionStep, ...] = ()

    @property
    def name(self) -> StepKind:
        """The kind."""
        return self.kind

    @property
    def says(self) -> str:
        """What happens then, in words."""
        return "; ".join(dict.fromkeys(a.step.says for a in self.actions)) or SAYS[self.kind]


NOTICES = frozenset(
    {
        StepKind.MEETING_NUDGE,
        StepKind.CHECKPOINT,
        StepKind.REMINDER,
        StepKind.OVERDUE,
        StepKind.ESCALATION,
        StepKind.MEETING_ESCALATION,
        StepKind.DRAFT_ESCALATION,
        StepKind.SIGN_OFF_REMINDER,
        StepKind.SUBMISSION_ESCALATION,
        StepKind.DECISION_NUDGE,
        StepKind.PANEL_NUDGE,
        StepKind.RECONSIDERATION_NUDGE,
    }
)
"""The steps that nudge, remind or chase somebody, and so leave in working hours only."""


def next_step(case: Case, now: datetime | None = None) -> ReviewStep | None:
    """The step due first of all that are open; None only when a case has nothing left to wait for.

    With ``now``, a notice whose hour has passed is due in the next working hours from then on: after an
    outage that ends at night or at a weekend nobody is chased before the next working morning. Without it
    the actions are left out, which may outlive their case.
    """
    steps = [*_open_steps(case)]
    if now:
        steps = [*(_in_working_hours(case, step, now) for step in steps), *_of_actions(case, now)]
    return min(steps, key=lambda step: step.due, default=None)


def _in_working_hours(case: Case, step: ReviewStep, now: datetime) -> ReviewStep:
    if step.kind not in NOTICES or step.due > now:
        return step
    return step.model_copy(update={"due": max(step.due, case.sending_from(now))})


def _of_actions(case: Case, now: datetime) -> Iterator[ReviewStep]:
    """The first thing due of the actions the case carries, with all else of them that is due by then."""
    coming = [
        ActionStep(number=follow_up.opening.number, step=step)
        for follow_up in case.follow_ups
        if not case.concluded_at and (step := next_of_action(follow_up, now))
    ]
    if coming:
        first = min(about.step.due for about in coming)
        together = tuple(about for about in coming if about.step.due <= max(first, now))
        others = f"+{len(together) - 1}" if together[1:] else ""
        about = f"{together[0].key}{others}"
        yield ReviewStep(kind=StepKind.FOLLOW_UP, due=first, about=about, actions=together)


def _open_steps(case: Case) -> Iterator[ReviewStep]:
    if not case.plans or _closed(case):
        return
    for step in _planned_steps(case):
        if step.key not in case.done:
            yield step


def _closed(case: Case) -> bool:
    """Whether nothing more is done: concluded, and neither the Panel nor a withdrawal keeps it open."""
    telling = case.withdrawn is not None and str(StepKind.WITHDRAWAL) not in case.done
    return case.concluded_at is not None and not case.awaiting_panel and not telling


def _planned_steps(case: Case) -> Iterator[ReviewStep]:
    yield from _undelivered(case)
    if case.withdrawn:
        yield ReviewStep(kind=StepKind.WITHDRAWAL, due=case.withdrawn.at)
        return
    yield from _agreeing(case)
    if case.concluded_at:
        yield from _awaiting_the_panel(case)
        return
    yield from _corresponding(case)
    yield from _answering_mail(case)
    if case.submitted_at:
        yield from _deciding(case)
        return
    yield from _asking(case)
    yield from _meeting(case)
    yield from _signing(case)


def _asking(case: Case) -> Iterator[ReviewStep]:
    unasked = [r.added_at for r in case.requests.values() if not r.asked_at]
    if unasked:
        yield ReviewStep(kind=StepKind.REQUEST, due=min(unasked), about=f"{min(unasked):%Y-%m-%dT%H%M%SZ}")
    yield ReviewStep(kind=StepKind.CHECKPOINT, due=case.timetable["agency_checkpoint"].due)
    chases = [chase for _, chase in chases_left(case)]
    if chases:
        first = min(chases, key=lambda chase: chase.due)
        kind = next(step for step, chase in CHASES.items() if chase is first.kind)
        yield ReviewStep(kind=kind, due=first.due, about=f"{first.due:%Y-%m-%d}")


def _meeting(case: Case) -> Iterator[ReviewStep]:
    if case.held:
        return
    plan = case.timetable
    if case.meeting:
        sequence, booked_at = str(case.meeting.sequence), case.meeting.booked_at
        yield ReviewStep(kind=StepKind.INVITATION, due=booked_at, about=sequence)
        for key, request in case.requests.items():
            if request.added_at > booked_at:
                about = f"{sequence}/{RecipientKind.AGENCY}/{key}"
                yield ReviewStep(kind=StepKind.INVITATION, due=request.added_at, about=about)
    else:
        yield ReviewStep(kind=StepKind.MEETING_NUDGE, due=plan["meeting_nudge"].due)
    missed = case.working_morning_after(plan["meeting_window_closes"].due)
    yield ReviewStep(kind=StepKind.MEETING_ESCALATION, due=missed)


def _signing(case: Case) -> Iterator[ReviewStep]:
    if case.signed:
        signed_at = case.signatures[-1].received_at
        yield ReviewStep(kind=StepKind.SUBMISSION, due=signed_at, about=str(len(case.drafts)))
    else:
        yield from _answering(case) if case.draft else _drafting(case)
    late = case.working_morning_after(case.timetable["panel_submission_due"].due)
    yield ReviewStep(kind=StepKind.SUBMISSION_ESCALATION, due=late)


def _drafting(case: Case) -> Iterator[ReviewStep]:
    missed = case.working_morning_after(case.timetable["draft_due"].due)
    yield ReviewStep(kind=StepKind.DRAFT_ESCALATION, due=missed)


def _answering(case: Case) -> Iterator[ReviewStep]:
    draft, reminder = case.drafts[-1], case.timetable["sign_off_reminder"].due
    version = str(draft.version)
    if draft.version in case.reopened:
        yield from _reopened(case, draft)
        return
    yield ReviewStep(kind=StepKind.SIGN_OFF_REQUEST, due=draft.submitted_at, about=version)
    if case.amended:
        first = next(s for s in case.answers.values() if s.answer.answer is Answer.AMEND)
        yield ReviewStep(kind=StepKind.AMENDMENT, due=first.received_at, about=version)
    elif draft.submitted_at < reminder:
        yield ReviewStep(kind=StepKind.SIGN_OFF_REMINDER, due=reminder)


def _reopened(case: Case, draft: Draft) -> Iterator[ReviewStep]:
    """Who was asked about a reopened version hears of it; under the first edition it is asked about."""
    version = str(draft.version)
    if case.opening.edition == 1:
        yield ReviewStep(kind=StepKind.SIGN_OFF_REQUEST, due=draft.submitted_at, about=version)
    elif f"{StepKind.SIGN_OFF_REQUEST}/{version}" in case.done:
        reopened_at = next(e.at for e in reversed(case.record) if e.event is Event.REPORT_REOPENED)
        yield ReviewStep(kind=StepKind.REOPENING, due=reopened_at, about=version)


def _deciding(case: Case) -> Iterator[ReviewStep]:
    if to_advise(case) and case.submitted_at:
        yield ReviewStep(kind=StepKind.ACTIONS, due=case.submitted_at)
    if not case.decisions:
        for number, due in decision_nudges(case):
            yield ReviewStep(kind=StepKind.DECISION_NUDGE, due=due, about=str(number))


def decision_nudges(case: Case) -> Iterator[tuple[int, datetime]]:
    """When the office is reminded that a submitted review is undecided: every few days, a dozen times."""
    if case.submitted_at:
        yield from _nudges(case, case.submitted_at, first=case.opening.rules.decision_nudge_every)


def panel_nudges(case: Case) -> Iterator[tuple[int, datetime]]:
    """When the office is reminded that the Panel has not answered: from the morning after it was expected."""
    expected = panel_expected(case)
    if expected and not case.panel_answers:
        yield from _nudges(case, expected, first=1)


def reconsideration_nudges(case: Case) -> Iterator[tuple[int, datetime]]:
    """When the office is reminded that the leads have to reconsider."""
    if case.reconsidering:
        since = case.panel_answers[-1].received_at
        yield from _nudges(case, since, first=case.opening.rules.decision_nudge_every)


def _nudges(case: Case, since: datetime, first: int) -> Iterator[tuple[int, datetime]]:
    every = case.opening.rules.decision_nudge_every
    for number in range(1, 13):
        yield number, case.working_morning_after(since, first + (number - 1) * every)


NUDGES: dict[StepKind, Callable[[Case], Iterator[tuple[int, datetime]]]] = {
    StepKind.DECISION_NUDGE: decision_nudges,
    StepKind.PANEL_NUDGE: panel_nudges,
    StepKind.RECONSIDERATION_NUDGE: reconsideration_nudges,
}
"""The steps that remind the office of the same thing again and again, each with its moments."""


def nudge_key(case: Case, kind: StepKind, number: int) -> str:
    """The key of one of them; a reconsideration's tells for which decision it is."""
    again = f"{len(case.panel_answers)}-" if kind is StepKind.RECONSIDERATION_NUDGE else ""
    return f"{kind}/{again}{number}"


def _agreeing(case: Case) -> Iterator[ReviewStep]:
    """How the leads come to a decision: each asked for a view, and the partners told where views differ."""
    if not case.undecided or not case.held:
        return
    about = str(len(case.decisions) + 1)
    asked = case.panel_answers[-1].received_at if case.reconsidering else _first_draft(case)
    if asked and views_wanted(case) and not _asked_with_the_report(case):
        yield ReviewStep(kind=StepKind.VIEW_REQUEST, due=asked, about=about)
    if case.disagreeing:
        last = max(view.received_at for view in case.current_views.values())
        yield ReviewStep(kind=StepKind.DISAGREEMENT, due=last, about=about)


def _asked_with_the_report(case: Case) -> bool:
    """Whether a request to sign is about to go, which asks for the views as well since the second edition."""
    going = any(
        step.kind is StepKind.SIGN_OFF_REQUEST and step.key not in case.done for step in _signing(case)
    )
    return case.opening.edition > 1 and going


def _first_draft(case: Case) -> datetime | None:
    return case.drafts[0].submitted_at if case.drafts else None


def reminders_to_come(case: Case, now: datetime) -> list[ReviewStep]:
    """When the office is still to be reminded while the Panel's answer is awaited, in order."""
    return [step for step in _awaiting_the_panel(case) if step.key not in case.done and step.due > now]


def _awaiting_the_panel(case: Case) -> Iterator[ReviewStep]:
    for kind in (StepKind.PANEL_NUDGE, StepKind.RECONSIDERATION_NUDGE):
        for number, due in NUDGES[kind](case):
            _, about = nudge_key(case, kind, number).split("/")
            yield ReviewStep(kind=kind, due=due, about=about)


def _corresponding(case: Case) -> Iterator[ReviewStep]:
    for n, plan in enumerate(case.plans[1:], 2):
        yield ReviewStep(kind=StepKind.DATES_MOVED, due=plan.planned_at, about=str(n))
    for late in case.late_returns:
        key, version = late.split("/")
        received = case.requests[key].returns[int(version) - 1].received_at
        yield ReviewStep(kind=StepKind.RETURN_AFTER_DRAFT, due=received, about=late)


def _answering_mail(case: Case) -> Iterator[ReviewStep]:
    """What is answered without a person: a return, once, and a lead's mail, once for each version."""
    for key, request in case.requests.items():
        for returned in request.returns:
            if returned.by_mail:
                about = f"{returned.version}/{key}"
                yield ReviewStep(kind=StepKind.RETURN_RECEIVED, due=returned.received_at, about=about)
    for mail in (filed.fact for filed in case.mail if filed.fact.kind is MailKind.SIGN_OFF_COMMENT):
        draft, received = case.draft, mail.received_at
        if draft and received >= draft.submitted_at and mail.party in case.unanswered:
            about = f"{draft.version}/{mail.party}"
            yield ReviewStep(kind=StepKind.HOW_TO_SIGN, due=received, about=about)


def _undelivered(case: Case) -> Iterator[ReviewStep]:
    for task in case.undelivered:
        if task.to.kind is not RecipientKind.OFFICE:
            yield ReviewStep(kind=StepKind.UNDELIVERED, due=task.noticed_at, about=task.key)
        if task.again_at and not task.settled:
            yield ReviewStep(kind=StepKind.RESENDING, due=task.again_at, about=task.key)


def chases_left(case: Case) -> list[tuple[str, Chase]]:
    """The chasers still to be sent to agencies that have not returned, with the agency's key."""
    return [(key, chase) for key, request in case.requests.items() for chase in request.chases_left()]


def chases_due(case: Case, kind: ChaseKind, now: datetime) -> list[tuple[str, Chase]]:
    """The chasers of one kind to send now, with the agency's key.

    For each agency only the latest counts, so that an outage ends in one reminder and not in several,
    and an agency about to be told that it is late is not reminded as well.
    """
    passed = [(key, chase) for key, chase in chases_left(case) if chase.due <= now]
    late = {key for key, chase in passed if chase.kind is ChaseKind.OVERDUE}
    spared = late if kind is ChaseKind.REMINDER else set()
    latest = {key: chase for key, chase in passed if chase.kind is kind and key not in spared}
    return list(latest.items())
