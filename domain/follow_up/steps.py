"""What a follow-up does next: told, reminded, chased, escalated, asked to be closed, ended."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise, takewhile

from domain.follow_up.messages import CountedAgain
from domain.follow_up.state import FollowUp
from domain.messages import RecipientKind
from domain.step import Step
from domain.timetable import london_day


class FollowUpStepKind(StrEnum):
    """The steps of a follow-up."""

    OPENED = "opened"
    REMINDER = "reminder"
    OVERDUE = "overdue"
    ESCALATION = "escalation"
    DIGEST = "digest"
    EVIDENCE = "evidence"
    MOVED = "moved"
    COUNTED_AGAIN = "counted_again"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    UNDELIVERED = "undelivered"
    RESENDING = "resending"


SAYS = {
    FollowUpStepKind.OPENED: "the owner is told of the action",
    FollowUpStepKind.REMINDER: "the owner is reminded of the due date",
    FollowUpStepKind.OVERDUE: "the owner, and who answers for the owner, are told that it is late",
    FollowUpStepKind.ESCALATION: "the action is escalated to the strategic lead and the office",
    FollowUpStepKind.DIGEST: "the office is told again that it is not closed",
    FollowUpStepKind.EVIDENCE: "the office is asked for a second person to close it",
    FollowUpStepKind.MOVED: "the owner is told of the new date",
    FollowUpStepKind.COUNTED_AGAIN: "the owner is told which dates moved with the calendar",
    FollowUpStepKind.CLOSED: "the owner is told that it is closed",
    FollowUpStepKind.WITHDRAWN: "the owner is told that it is withdrawn",
    FollowUpStepKind.UNDELIVERED: "the office is told of a letter that did not arrive",
    FollowUpStepKind.RESENDING: "a letter goes out again",
}
"""What each step does, for a person to read."""

GATHERING = timedelta(minutes=10)
"""How long news of a moved date waits for more: the command that moves them takes a minute or two."""

CHASES = frozenset(
    {
        FollowUpStepKind.REMINDER,
        FollowUpStepKind.OVERDUE,
        FollowUpStepKind.ESCALATION,
        FollowUpStepKind.DIGEST,
    }
)
"""The steps that leave in working hours only, and of which only the latest is done after an outage."""


MORE_DIGESTS = 250
"""How many digests may follow once the recorded days have run out: years, at any interval people set."""


class FollowUpStep(Step):
    """One thing a follow-up does."""

    kind: FollowUpStepKind

    @property
    def name(self) -> FollowUpStepKind:
        """The kind."""
        return self.kind

    @property
    def says(self) -> str:
        """What happens then, in words."""
        return SAYS[self.kind]


def next_step(follow_up: FollowUp, now: datetime) -> FollowUpStep | None:
    """The step due first of all that are open; None when nothing is left, or only a fact can open another."""
    if not follow_up.plans or follow_up.ended_at:
        return None
    answers = [step for step in _answers(follow_up) if step.key not in follow_up.done]
    chase = _next_chase(follow_up, now)
    return min([*answers, *([chase] if chase else [])], key=lambda step: step.due, default=None)


def _next_chase(follow_up: FollowUp, now: datetime) -> FollowUpStep | None:
    """The latest chase whose hour has passed, due in the next working hours; else the first to come.

    Nobody is chased who has not been told.
    """
    passed: FollowUpStep | None = None
    if untold(follow_up):
        return None
    for step in _chases_left(follow_up):
        if step.due > now:
            return passed or step
        passed = step.model_copy(update={"due": max(step.due, follow_up.sending_from(now))})
    return passed


def chases_up_to(follow_up: FollowUp, chase: FollowUpStep) -> set[str]:
    """The keys of a chase and of every earlier one: its letter has stood for them all."""
    earlier = takewhile(lambda step: step.about <= chase.about, _chases_left(follow_up))
    return {step.key for step in earlier}


def untold(follow_up: FollowUp) -> bool:
    """Whether the owner has still to hear of an action whose telling is left to a report.

    An owner who has given evidence knows of it.
    """
    told = follow_up.opening.told or FollowUpStepKind.OPENED in follow_up.done
    return follow_up.tell_by is not None and not told and not follow_up.evidence


def passed_by(follow_up: FollowUp, now: datetime) -> set[str]:
    """The keys of the reminders whose hour had passed when an owner was told: they are never sent."""
    passed = takewhile(lambda step: step.due <= now, _chases_left(follow_up))
    return {step.key for step in passed if step.kind is FollowUpStepKind.REMINDER}


def _chases_left(follow_up: FollowUp) -> Iterator[FollowUpStep]:
    """The chases not yet done, in order of time."""
    if not follow_up.settled_at:
        yield from (step for step in _chases(follow_up) if step.key not in follow_up.done)


def _chases(follow_up: FollowUp) -> Iterator[FollowUpStep]:
    if follow_up.evidence:
        yield from _digests(follow_up, follow_up.evidence[-1].received_at)
        return
    notices = sorted(follow_up.plan.notices, key=lambda notice: notice.due)
    for notice in notices:
        yield _dated(FollowUpStepKind(notice.kind), notice.due)
    if notices:
        yield from _digests(follow_up, notices[-1].due)


def _digests(follow_up: FollowUp, since: datetime) -> Iterator[FollowUpStep]:
    every, last = follow_up.opening.rules.digest_every, follow_up.plan.working_days[-1]
    left = follow_up.plan.working_days_between(london_day(since), last)
    more = MORE_DIGESTS if follow_up.plan.weekdays_after else 0
    for number in range(1, left // every + 1 + more):
        yield _dated(FollowUpStepKind.DIGEST, follow_up.morning_after(since, number * every))


def _undelivered(follow_up: FollowUp) -> Iterator[FollowUpStep]:
    for task in follow_up.undelivered:
        if task.to.kind is not RecipientKind.OFFICE:
            yield FollowUpStep(kind=FollowUpStepKind.UNDELIVERED, due=task.noticed_at, about=task.key)
        if task.again_at and not task.settled:
            yield FollowUpStep(kind=FollowUpStepKind.RESENDING, due=task.again_at, about=task.key)


def news_step(follow_up: FollowUp) -> FollowUpStep | None:
    """What tells the owner of dates that moved with the calendar: once, a little after the first of them."""
    for number, news in enumerate(follow_up.counted_again, 1):
        key = f"{FollowUpStepKind.COUNTED_AGAIN}/{number}"
        if key not in follow_up.done and not overtaken(follow_up, news):
            due = news.at + GATHERING
            return FollowUpStep(kind=FollowUpStepKind.COUNTED_AGAIN, due=due, about=str(number))
    return None


def overtaken(follow_up: FollowUp, news: CountedAgain) -> bool:
    """Whether the action the news is of has ended or been moved since; of another's nothing is known."""
    changed = follow_up.settled_at is not None or follow_up.due != news.due
    return changed and news.number == follow_up.opening.number


def _dated(kind: FollowUpStepKind, due: datetime) -> FollowUpStep:
    return FollowUpStep(kind=kind, due=due, about=f"{london_day(due)}")


def _answers(follow_up: FollowUp) -> Iterator[FollowUpStep]:
    """What answers a fact, at once."""
    kinds, settled = FollowUpStepKind, follow_up.settled_at
    yield from _undelivered(follow_up)
    if news := news_step(follow_up):
        yield news
    if settled:
        if not untold(follow_up):
            yield FollowUpStep(kind=kinds.CLOSED if follow_up.closed else kinds.WITHDRAWN, due=settled)
        return
    if untold(follow_up) or (not follow_up.opening.told and not follow_up.tell_by):
        yield FollowUpStep(kind=kinds.OPENED, due=follow_up.tell_by or follow_up.opened_at)
    for number, evidence in enumerate(follow_up.evidence, 1):
        yield FollowUpStep(kind=kinds.EVIDENCE, due=evidence.received_at, about=str(number))
    for number, (before, plan) in enumerate(pairwise(follow_up.plans), 2):
        if plan.due != before.due:
            yield FollowUpStep(kind=kinds.MOVED, due=plan.planned_at, about=str(number))
