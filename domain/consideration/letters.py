"""What is written, to whom, while a case is considered. No letter here is for the Panel or for Ofsted.

A case that is no SIN is not told to either; a SIN is submitted by a person on the national portal.
Facts are plain: no reason, no name of a child and no circumstance is ever among them.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from domain.consideration.messages import OutcomeKind, SinAnswer
from domain.consideration.state import TITLES, Consideration, ConsiderationStage
from domain.consideration.steps import ConsiderationStep, ConsiderationStepKind, by_request, superseded
from domain.messages import Letter, Recipient, RecipientKind
from domain.plans import moves
from domain.resending import facts_of
from domain.timetable import london

Kind = ConsiderationStepKind

OFFICE = Recipient(kind=RecipientKind.OFFICE)
SQAS_MANAGER = Recipient(kind=RecipientKind.SQAS_MANAGER)

Facts = dict[str, str | list[str]]

OUTCOMES = {
    OutcomeKind.NO_FURTHER_ACTION: "no further action",
    OutcomeKind.LIVE_CASE_ACTIONS: "specific actions on a live case",
    OutcomeKind.AGENCY_REVIEW: "a single- or multi-agency review",
    OutcomeKind.WORKING_GROUP: "a meeting or working group with an action plan",
    OutcomeKind.LEARNING_EVENT: "a practitioner learning event",
}
"""The local outcomes in the guide's words."""


def letters(case: Consideration, step: ConsiderationStep, now: datetime) -> tuple[Letter, ...]:
    """The letters of a step as the case stands at ``now``; none where nobody is left to be told."""
    return () if superseded(case, step, now) else tuple(WRITERS[step.kind](case, step, now))


def _to(
    step: ConsiderationStep, template: str, recipients: Iterable[Recipient], facts: Facts
) -> list[Letter]:
    return [
        Letter(key=f"{step.key}/{_named(to)}", template=template, to=to, facts=facts) for to in recipients
    ]


def _named(to: Recipient) -> str:
    return f"{to.kind}/{to.key}" if to.key else str(to.kind)


def _lead(key: str) -> Recipient:
    return Recipient(kind=RecipientKind.LEAD, key=key)


def _partner(key: str) -> Recipient:
    return Recipient(kind=RecipientKind.PARTNER, key=key)


def _views(case: Consideration, step: ConsiderationStep, _: datetime) -> list[Letter]:
    facts: Facts = {
        "agency": case.agency_name(case.put.agency),
        "due": london(case.timetable["views_due"].due),
    }
    template = "views-request" if step.kind is Kind.VIEWS_REQUEST else "views-reminder"
    return _to(step, template, map(_lead, case.awaited_views), facts)


def _views_late(case: Consideration, step: ConsiderationStep, _: datetime) -> list[Letter]:
    awaited = case.awaited_views
    facts: Facts = {
        "leads": [case.lead_title(key) for key in awaited],
        "due": london(case.timetable["views_due"].due),
    }
    return _to(step, "views-late", [*map(_partner, awaited), OFFICE], facts)


def _sin_facts(case: Consideration) -> Facts:
    plan = case.timetable["sin_due"]
    answer = case.decision.answer if case.decision else None
    waiting = {
        None: "the decision whether it is a SIN",
        SinAnswer.YES: "the SIN on the national portal",
        SinAnswer.NOTIFY: "the notification on the national portal",
    }
    return {"due": london(plan.due), "explanation": plan.explanation, "awaited": waiting.get(answer, "")}


def _sin_request(case: Consideration, step: ConsiderationStep, _: datetime) -> list[Letter]:
    agency = case.agency_name(case.put.agency)
    facts = {**_sin_facts(case), "agency": agency, "by_request": "yes" if by_request(case) else ""}
    facts.pop("awaited")
    return _to(step, "sin-decision-request", [SQAS_MANAGER], facts)


def _sin_reminder(case: Consideration, step: ConsiderationStep, _: datetime) -> list[Letter]:
    return _to(step, "sin-reminder", [SQAS_MANAGER], _sin_facts(case))


def _sin_escalation(case: Consideration, step: ConsiderationStep, _: datetime) -> list[Letter]:
    told = [SQAS_MANAGER, _lead(case.put.notifier.lead), OFFICE]
    return _to(step, "sin-escalation", told, _sin_facts(case))


def _sin_late(case: Consideration, step: ConsiderationStep, _: datetime) -> list[Letter]:
    lead = case.put.notifier.lead
    return _to(step, "sin-late", [SQAS_MANAGER, _lead(lead), _partner(lead), OFFICE], _sin_facts(case))


def _dates_moved(case: Consideration, step: ConsiderationStep, _: datetime) -> list[Letter]:
    """To whoever is waited for, of the date that is theirs: the leads', or the SQAS Strategic Manager's."""
    before, after = case.plans[int(step.about) - 2], case.plans[int(step.about) - 1]
    awaited = {
        ConsiderationStage.CONSIDERING: ("views_due", [*map(_lead, case.awaited_views)]),
        ConsiderationStage.DECIDING: ("sin_due", [SQAS_MANAGER]),
        ConsiderationStage.NOTIFYING: ("sin_due", [SQAS_MANAGER]),
    }
    date, told = awaited.get(case.stage, ("", []))
    moved = moves(before, after, {key: title for key, title in TITLES.items() if key == date})
    return _to(step, "dates-moved", told, {"moved": [*moved]}) if moved else []


def _outcomes_wanted(_: Consideration, step: ConsiderationStep, __: datetime) -> list[Letter]:
    return _to(step, "outcome-request", [OFFICE], {"outcomes": list(OUTCOMES.values())})


def _ending(case: Consideration, step: ConsiderationStep, _: datetime) -> list[Letter]:
    """Everyone who was told is told how it ended; with local outcomes, the agency that asked too."""
    representative = Recipient(kind=RecipientKind.REPRESENTATIVE, key=case.put.agency)
    asked = [representative] if by_request(case) else []
    told = list(dict.fromkeys([*case.told, *asked, OFFICE]))
    return _to(step, "consideration-ended", told, {"ended": _ended(case), "outcomes": _chosen(case)})


def _ended(case: Consideration) -> str:
    if case.link:
        return f"It is the same incident as {case.link.to}, and goes on under that reference."
    if case.stage is ConsiderationStage.WITHDRAWN:
        return "It has been withdrawn. No date runs any longer."
    return "There is no Serious Incident Notification and no Rapid Review. Local outcomes were chosen."


def _chosen(case: Consideration) -> list[str]:
    return [OUTCOMES[kind] for kind in dict.fromkeys(o.kind for o in case.outcomes)]


def _undelivered(case: Consideration, step: ConsiderationStep, _: datetime) -> list[Letter]:
    task = next(task for task in case.undelivered if task.key == step.about)
    facts = facts_of(task, case.put.roster)
    return _to(step, "undelivered", [OFFICE], facts)


def _resent(case: Consideration, step: ConsiderationStep, _: datetime) -> list[Letter]:
    task = next(task for task in case.undelivered if task.key == step.about and task.again_at)
    if not task.letter:
        return []
    again = sum(u.key == task.key for u in case.undelivered)
    return [task.letter.model_copy(update={"key": f"{task.key}/again/{again}"})]


WRITERS: dict[ConsiderationStepKind, Callable[[Consideration, ConsiderationStep, datetime], list[Letter]]] = {
    Kind.VIEWS_REQUEST: _views,
    Kind.VIEWS_REMINDER: _views,
    Kind.VIEWS_LATE: _views_late,
    Kind.SIN_REQUEST: _sin_request,
    Kind.SIN_REMINDER: _sin_reminder,
    Kind.SIN_ESCALATION: _sin_escalation,
    Kind.SIN_LATE: _sin_late,
    Kind.OUTCOME_REQUEST: _outcomes_wanted,
    Kind.OUTCOME_NUDGE: _outcomes_wanted,
    Kind.DATES_MOVED: _dates_moved,
    Kind.ENDING: _ending,
    Kind.UNDELIVERED: _undelivered,
    Kind.RESENDING: _resent,
}
"""Who writes the letters of each step."""
