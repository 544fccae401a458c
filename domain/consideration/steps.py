"""What a consideration does next, and when. Notices leave at the send hour of working days.

A step's key begins with ``consideration/`` and, where it can come again after a conversion, holds the
number of the round.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

from domain.consideration.messages import Route
from domain.consideration.state import Consideration, ConsiderationStage
from domain.step import Step
from domain.timetable import london_day

PREFIX = "consideration"
"""How the keys of these steps and their letters begin: unique over the whole case reference."""


class ConsiderationStepKind(StrEnum):
    """The steps of a consideration, in the order of the guide."""

    VIEWS_REQUEST = "views_request"
    VIEWS_REMINDER = "views_reminder"
    VIEWS_LATE = "views_late"
    SIN_REQUEST = "sin_request"
    SIN_REMINDER = "sin_reminder"
    SIN_ESCALATION = "sin_escalation"
    SIN_LATE = "sin_late"
    OUTCOME_REQUEST = "outcome_request"
    OUTCOME_NUDGE = "outcome_nudge"
    DATES_MOVED = "dates_moved"
    ENDING = "ending"
    UNDELIVERED = "undelivered"
    RESENDING = "resending"


Kind = ConsiderationStepKind

SAYS = {
    Kind.VIEWS_REQUEST: "the strategic leads are asked whether the criteria may be met",
    Kind.VIEWS_REMINDER: "leads who have not given their view are reminded",
    Kind.VIEWS_LATE: "views still missing are escalated to the lead safeguarding partners",
    Kind.SIN_REQUEST: "the SQAS Strategic Manager is asked whether it is a SIN",
    Kind.SIN_REMINDER: "the SQAS Strategic Manager is reminded of the five working days",
    Kind.SIN_ESCALATION: "the last day of the SIN is escalated to the local authority's lead",
    Kind.SIN_LATE: "a late SIN is escalated to the lead safeguarding partner",
    Kind.OUTCOME_REQUEST: "the office is asked for the local outcomes",
    Kind.OUTCOME_NUDGE: "the office is reminded to record the local outcomes",
    Kind.DATES_MOVED: "whoever is waited for is told of the date that moved",
    Kind.ENDING: "those who were told are told how it ended",
    Kind.UNDELIVERED: "the office is told of a letter that did not arrive",
    Kind.RESENDING: "a letter goes out again",
}
"""What each step does, for a person to read."""


CHASERS = frozenset(
    {Kind.VIEWS_REMINDER, Kind.VIEWS_LATE, Kind.SIN_REMINDER, Kind.SIN_ESCALATION, Kind.SIN_LATE}
)
"""The steps that chase somebody for an answer."""


class ConsiderationStep(Step):
    """One thing a consideration does."""

    kind: ConsiderationStepKind

    @property
    def name(self) -> ConsiderationStepKind:
        """The kind."""
        return self.kind

    @property
    def says(self) -> str:
        """What happens then, in words."""
        return SAYS[self.kind]

    @property
    def key(self) -> str:
        """Stable and plain: ``consideration/sin_reminder/1/2``."""
        return f"{PREFIX}/{super().key}"


def next_step(case: Consideration) -> ConsiderationStep | None:
    """The step due first of all; None where only a fact can open another."""
    return min(steps_left(case), key=lambda step: step.due, default=None)


def steps_left(case: Consideration) -> Iterator[ConsiderationStep]:
    """Every step not done yet that the case, as it stands, still leads to."""
    if not case.plans:
        return
    of_the_case = (*_of_the_stage(case), *_of_the_replans(case))
    yield from (step for step in of_the_case if step.key not in case.done)
    yield from _of_the_post(case)


def _of_the_stage(case: Consideration) -> Iterator[ConsiderationStep]:
    match case.stage:
        case ConsiderationStage.CONSIDERING:
            yield from _of_the_views(case)
        case ConsiderationStage.DECIDING | ConsiderationStage.NOTIFYING:
            yield from _of_the_sin(case)
        case ConsiderationStage.CHOOSING:
            yield from _of_the_outcomes(case)
        case ConsiderationStage.LOCAL_OUTCOMES | ConsiderationStage.LINKED | ConsiderationStage.WITHDRAWN:
            yield ConsiderationStep(kind=Kind.ENDING, due=case.settled_at or case.opened_at)


def _of_the_replans(case: Consideration) -> Iterator[ConsiderationStep]:
    for number in () if case.at_an_end else case.replans:
        planned_at = case.plans[number - 1].planned_at
        yield ConsiderationStep(kind=Kind.DATES_MOVED, about=str(number), due=planned_at)


def _of_the_views(case: Consideration) -> Iterator[ConsiderationStep]:
    asked = case.opened_at
    yield ConsiderationStep(kind=Kind.VIEWS_REQUEST, due=asked)
    for number, _ in enumerate(case.put.rules.views_reminders, 1):
        yield from _after(case, Kind.VIEWS_REMINDER, f"views_reminder_{number}", str(number), asked)
    yield from _after(case, Kind.VIEWS_LATE, "views_late", "", asked)


def _of_the_sin(case: Consideration) -> Iterator[ConsiderationStep]:
    asked, number = case.asked_at, str(case.round)
    if not asked:
        return
    if case.stage is ConsiderationStage.DECIDING:
        yield ConsiderationStep(kind=Kind.SIN_REQUEST, about=number, due=asked)
    for n, _ in enumerate(case.put.rules.sin_reminders, 1):
        yield from _after(case, Kind.SIN_REMINDER, f"sin_reminder_{n}", f"{number}/{n}", asked)
    yield from _after(case, Kind.SIN_ESCALATION, "sin_escalation", number, asked)
    late = case.timetable["sin_late"].due
    due = late if late > asked else case.working_morning_after(asked)
    yield ConsiderationStep(kind=Kind.SIN_LATE, about=number, due=due)


def _after(
    case: Consideration, kind: ConsiderationStepKind, milestone: str, about: str, asked: datetime
) -> Iterator[ConsiderationStep]:
    """The step of a date that comes after the asking; one that had passed by then is never sent."""
    due = case.timetable[milestone].due
    if due > asked:
        yield ConsiderationStep(kind=kind, about=about, due=due)


def _of_the_outcomes(case: Consideration) -> Iterator[ConsiderationStep]:
    settled, number = case.settled_at, str(case.round)
    if not settled:
        return
    yield ConsiderationStep(kind=Kind.OUTCOME_REQUEST, about=number, due=settled)
    yield from (
        ConsiderationStep(kind=Kind.OUTCOME_NUDGE, about=f"{number}/{n}", due=due)
        for n, due in outcome_nudges(case, settled)
    )


def outcome_nudges(case: Consideration, settled: datetime) -> Iterator[tuple[int, datetime]]:
    """The next reminder for the outcomes: at regular intervals, for as long as the plan counts days.

    A plan with ``weekdays_after`` counts on, and a case is never left without a reminder.
    """
    every, number = case.put.rules.outcome_nudge_every, 1
    while f"{PREFIX}/{Kind.OUTCOME_NUDGE}/{case.round}/{number}" in case.done:
        number += 1
    due = case.working_morning_after(settled, every * number)
    plan = case.timetable
    if plan.weekdays_after or london_day(due) < plan.working_days[-1]:
        yield number, due


def _of_the_post(case: Consideration) -> Iterator[ConsiderationStep]:
    for task in case.undelivered:
        told = ConsiderationStep(kind=Kind.UNDELIVERED, about=task.key, due=task.noticed_at)
        about_a_notice = task.key.startswith(f"{PREFIX}/{Kind.UNDELIVERED}/")
        if told.key not in case.done and not task.settled and not about_a_notice:
            yield told
        if task.again_at and not task.settled:
            yield ConsiderationStep(kind=Kind.RESENDING, about=task.key, due=task.again_at)


def superseded(case: Consideration, step: ConsiderationStep, now: datetime) -> bool:
    """Whether a later chaser of the same question is due too: after an outage they collapse into one."""
    later = (s for s in steps_left(case) if s.kind in CHASERS and step.due < s.due <= now)
    return step.kind in CHASERS and any(later)


def by_request(case: Consideration) -> bool:
    """Whether a partner put the case forward by the form."""
    return case.put.route is Route.REQUEST
