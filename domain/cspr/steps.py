"""What a CSPR does next, by itself: the one step it waits for, and when it is due.

Notices and reminders fall due at the send hour of a working day; what answers an event falls due at once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from domain.cspr.state import Cspr
from domain.messages import Answer, RecipientKind
from domain.step import Step
from domain.timetable import london_day

MOST = 60
"""How often a reminder of one kind is repeated at most: years, at any interval that people set."""


class CsprStepKind(StrEnum):
    """The steps of a CSPR, in the order of its process."""

    OPENED = "opened"
    COMMISSION_NUDGE = "commission_nudge"
    COMMISSIONED = "commissioned"
    TERMS_NUDGE = "terms_nudge"
    TERMS = "terms"
    MONITORING = "monitoring"
    REQUEST = "request"
    SIGN_OFF_REQUEST = "sign_off_request"
    SIGN_OFF_REMINDER = "sign_off_reminder"
    AMENDMENT = "amendment"
    APPROVED = "approved"
    HOLD = "hold"
    HOLD_REVIEW = "hold_review"
    HOLD_LIFTED = "hold_lifted"
    DUE_SOON = "due_soon"
    LATE = "late"
    FULL_REPORT = "full_report"
    MAY_PUBLISH = "may_publish"
    DATES_MOVED = "dates_moved"
    WITHDRAWN = "withdrawn"
    PUBLISHED = "published"
    LAST_DAY = "last_day"
    UNDELIVERED = "undelivered"
    RESENDING = "resending"


K = CsprStepKind

SAYS = {
    K.OPENED: "office and leads are told of the review and its date",
    K.COMMISSION_NUDGE: "the office is reminded to commission a reviewer",
    K.COMMISSIONED: "the commission goes to the reviewer, and notices of it go out",
    K.TERMS_NUDGE: "the office is reminded of the terms of reference",
    K.TERMS: "the terms of reference go to the reviewer",
    K.MONITORING: "the office is asked to monitor time and quality",
    K.REQUEST: "a request in writing goes to the reviewer",
    K.SIGN_OFF_REQUEST: "the leads are asked to confirm or amend the report",
    K.SIGN_OFF_REMINDER: "leads who have not answered are reminded",
    K.AMENDMENT: "office and reviewer are told that a lead asks for an amendment",
    K.APPROVED: "the office is told that every lead has approved the report",
    K.HOLD: "office, leads and reviewer are told of a hold on publication",
    K.HOLD_REVIEW: "the office is reminded to review a hold on publication",
    K.HOLD_LIFTED: "office, leads and reviewer are told that a hold is lifted",
    K.DUE_SOON: "office and leads are told that the six-month date is near",
    K.LATE: "a review not published is escalated to the lead safeguarding partners",
    K.FULL_REPORT: "the full report goes to the Panel and the Secretary of State",
    K.MAY_PUBLISH: "the office is told that the report may be published",
    K.DATES_MOVED: "everyone who was told the six-month date is told that it has moved",
    K.WITHDRAWN: "everyone who was told of the review is told that it is withdrawn",
    K.PUBLISHED: "office, leads and reviewer are told of the publication",
    K.LAST_DAY: "the report has been available for its time, and the case ends",
    K.UNDELIVERED: "the office is told of a letter that did not arrive",
    K.RESENDING: "a letter goes out again",
}
"""What each step does, for a person to read."""

REPEATED = frozenset(
    {K.COMMISSION_NUDGE, K.TERMS_NUDGE, K.MONITORING, K.SIGN_OFF_REMINDER, K.HOLD_REVIEW},
)
"""Reminders that are repeated. Those missed in an outage collapse into one."""

NOTICES = REPEATED | {K.DUE_SOON, K.LATE, K.MAY_PUBLISH, K.LAST_DAY}
"""The steps that leave in working hours only."""


class CsprStep(Step):
    """One thing a CSPR does; its key names the kind and what it is about."""

    kind: CsprStepKind

    @property
    def name(self) -> CsprStepKind:
        """The kind."""
        return self.kind

    @property
    def says(self) -> str:
        """What happens then, in words."""
        return SAYS[self.kind]


def next_step(cspr: Cspr, now: datetime | None = None) -> CsprStep | None:
    """The open step due first; with ``now``, a notice whose hour has passed waits for working hours."""
    if cspr.ended_at or not cspr.plans:
        return None
    steps = (step for step in planned_steps(cspr) if step.key not in cspr.done)
    if now:
        steps = (_in_working_hours(cspr, step, now) for step in steps)
    return min(steps, key=lambda step: step.due, default=None)


def _in_working_hours(cspr: Cspr, step: CsprStep, now: datetime) -> CsprStep:
    if step.kind not in NOTICES or step.due > now:
        return step
    return step.model_copy(update={"due": max(step.due, cspr.sending_from(now))})


def planned_steps(cspr: Cspr) -> Iterator[CsprStep]:
    """Every step that the review as it stands calls for, carried out or not."""
    if cspr.withdrawal:
        yield CsprStep(kind=K.WITHDRAWN, due=cspr.withdrawal.at)
        yield from _failures(cspr)
        return
    yield CsprStep(kind=K.OPENED, due=cspr.opened_at)
    yield from _failures(cspr)
    yield from _resending(cspr)
    yield from _answering_events(cspr)
    if cspr.publication:
        yield from _after_publication(cspr)
        return
    yield from _commissioning(cspr)
    yield from _signing(cspr)
    if cspr.publishes:
        yield from _publishing(cspr)


def _answering_events(cspr: Cspr) -> Iterator[CsprStep]:
    for n, commission in enumerate(cspr.commissions, 1):
        yield CsprStep(kind=K.COMMISSIONED, due=commission.at, about=str(n))
    for n, terms in enumerate(cspr.terms, 1):
        yield CsprStep(kind=K.TERMS, due=terms.at, about=str(n))
    for n, request in enumerate(cspr.requests, 1):
        yield CsprStep(kind=K.REQUEST, due=request.at, about=str(n))
    for n, hold in enumerate(cspr.holds, 1):
        yield CsprStep(kind=K.HOLD, due=hold.set_at, about=str(n))
        if hold.lifted and hold.ended_at:
            yield CsprStep(kind=K.HOLD_LIFTED, due=hold.ended_at, about=str(n))


def _commissioning(cspr: Cspr) -> Iterator[CsprStep]:
    rules = cspr.opening.rules
    if not cspr.commissions:
        yield from _every(cspr, K.COMMISSION_NUDGE, cspr.opened_at, rules.commission_nudge_days)
        return
    began = cspr.commissions[0].at
    if cspr.signed:
        return
    if not cspr.terms:
        yield from _every(cspr, K.TERMS_NUDGE, began, rules.terms_nudge_days)
    for n in range(1, MOST):
        day = london_day(began) + timedelta(weeks=n * rules.monitor_weeks)
        yield CsprStep(kind=K.MONITORING, due=cspr.morning(day), about=str(n))


def _every(cspr: Cspr, kind: CsprStepKind, since: datetime, days: int, about: str = "") -> Iterator[CsprStep]:
    """A reminder each ``days`` working days after ``since``."""
    due = since
    for n in range(1, MOST):
        due = cspr.morning_after(due, days)
        yield CsprStep(kind=kind, due=due, about=f"{about}{n}")


def _signing(cspr: Cspr) -> Iterator[CsprStep]:
    if not cspr.draft:
        return
    version = str(cspr.draft.version)
    yield CsprStep(kind=K.SIGN_OFF_REQUEST, due=cspr.draft.submitted_at, about=version)
    if cspr.signed:
        yield CsprStep(kind=K.APPROVED, due=cspr.signatures[-1].received_at, about=version)
    elif cspr.amended:
        first = next(s for s in cspr.answers.values() if s.answer.answer is Answer.AMEND)
        yield CsprStep(kind=K.AMENDMENT, due=first.received_at, about=version)
    else:
        days = cspr.opening.rules.sign_off_reminder_days
        yield from _every(cspr, K.SIGN_OFF_REMINDER, cspr.draft.submitted_at, days, f"{version}-")


def _publishing(cspr: Cspr) -> Iterator[CsprStep]:
    rules, version = cspr.opening.rules, len(cspr.drafts)
    yield from _warning(cspr)
    for n, hold in enumerate(cspr.holds, 1):
        if not hold.ended_at:
            first = cspr.morning(hold.fact.review_on)
            yield CsprStep(kind=K.HOLD_REVIEW, due=first, about=f"{n}-0")
            yield from _every(cspr, K.HOLD_REVIEW, first, rules.hold_reminder_days, f"{n}-")
    if version in cspr.asked_to_send and cspr.signed:
        yield CsprStep(kind=K.FULL_REPORT, due=cspr.asked_to_send[version], about=str(version))
    if cspr.may_publish_on and not cspr.held:
        yield CsprStep(kind=K.MAY_PUBLISH, due=cspr.morning(cspr.may_publish_on), about=str(version))


def _warning(cspr: Cspr) -> Iterator[CsprStep]:
    """What leaves before and after the date in force, and tells of each date that took another's place.

    A warning whose morning had come when the date was moved is left out: the news of the move stands for
    it. A date is escalated once, and again only where a later one has been granted since.
    """
    due, moved_at = cspr.dates.publication_due, None
    for n, (before, plan) in enumerate(pairwise(cspr.plans), 2):
        if plan.publication_due != before.publication_due:
            moved_at = plan.planned_at
            yield CsprStep(kind=K.DATES_MOVED, due=moved_at, about=str(n))
    day = london_day(due)
    soon = cspr.morning(cspr.dates.working_day_before(day, cspr.opening.rules.due_soon_days))
    if not moved_at or soon > moved_at:
        yield CsprStep(kind=K.DUE_SOON, due=soon, about=f"{day}")
    if not cspr.breaches or due > cspr.breaches[-1].noticed_at:
        yield CsprStep(kind=K.LATE, due=cspr.morning_after(due), about=f"{day}")


def _after_publication(cspr: Cspr) -> Iterator[CsprStep]:
    if cspr.publication and cspr.available_until:
        yield CsprStep(kind=K.PUBLISHED, due=cspr.publication.at)
        yield CsprStep(kind=K.LAST_DAY, due=cspr.morning(cspr.available_until))


def _failures(cspr: Cspr) -> Iterator[CsprStep]:
    for task in cspr.undelivered:
        if task.to.kind is not RecipientKind.OFFICE:
            yield CsprStep(kind=K.UNDELIVERED, due=task.noticed_at, about=task.key)


def _resending(cspr: Cspr) -> Iterator[CsprStep]:
    for task in cspr.undelivered:
        if task.again_at and not task.settled:
            yield CsprStep(kind=K.RESENDING, due=task.again_at, about=task.key)
