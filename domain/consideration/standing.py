"""Where a consideration stands, for a person: what is late, what is due, what to type next."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import AwareDatetime

from domain.consideration.messages import OutcomeKind, Route, SinAnswer
from domain.consideration.state import TITLES, Consideration, ConsiderationStage
from domain.consideration.steps import next_step
from domain.criteria import VERDICTS
from domain.messages import Message, Reference
from domain.resending import to_mend
from domain.standing import DateStanding
from domain.timetable import london

Stage = ConsiderationStage


class ViewStanding(Message):
    """How one strategic lead stands to a request."""

    key: str
    title: str
    view: str


class Task(Message):
    """One thing for the office to do: in a sentence, what to type for it, and by when if there is a date."""

    says: str
    type: str
    due: AwareDatetime | None = None


class ConsiderationStanding(Message):
    """Everything one screen says of a case put forward, as of a moment."""

    reference: Reference
    area: str
    route: Route
    stage: ConsiderationStage
    as_of: AwareDatetime
    criteria: str
    next_step: str
    next_due: AwareDatetime | None
    in_hand: str
    dates: tuple[DateStanding, ...]
    views: tuple[ViewStanding, ...]
    decision: SinAnswer | None
    outcomes: tuple[OutcomeKind, ...]
    linked_to: Reference | None
    duplicates: tuple[Reference, ...]
    outcome: str | None
    late: tuple[str, ...]
    warnings: tuple[str, ...]
    todo: tuple[Task, ...]


def standing(case: Consideration, now: datetime, in_hand: str = "") -> ConsiderationStanding:
    """Where a consideration stands at ``now``. ``in_hand`` names the step whose letters are on their way."""
    step = next_step(case)
    return ConsiderationStanding(
        reference=case.reference,
        area=case.put.area,
        route=case.put.route,
        stage=case.stage,
        as_of=now,
        criteria=VERDICTS[case.put.criteria],
        next_step=step.says if step else "",
        next_due=step.due if step else None,
        in_hand=in_hand,
        dates=tuple(_dates(case, now)),
        views=tuple(_views(case)),
        decision=case.decision.answer if case.decision else None,
        outcomes=tuple(outcome.kind for outcome in case.outcomes),
        linked_to=case.link.to if case.link else None,
        duplicates=case.duplicates,
        outcome=outcome(case),
        late=tuple(f"{TITLES[b.milestone]} {london(b.due)}" for b in case.overdue(now)),
        warnings=case.timetable.warnings if case.plans else (),
        todo=tuple(_todo(case)) if case.plans else (),
    )


def outcome(case: Consideration) -> str | None:
    """What came of it, as one plain word; None while it goes on."""
    if case.stage is Stage.LOCAL_OUTCOMES:
        kinds = {str(chosen.kind) for chosen in case.outcomes}
        return kinds.pop() if len(kinds) == 1 else "local_outcomes"
    return str(case.stage) if case.at_an_end else None


def _dates(case: Consideration, now: datetime) -> Iterator[DateStanding]:
    missed = {(breach.milestone, breach.due) for breach in case.overdue(now)}
    for milestone in case.timetable.milestones if case.plans else ():
        of_views = milestone.key == "views_due"
        if milestone.key not in TITLES or (of_views and case.put.route is not Route.REQUEST):
            continue
        met = case.determined_at if of_views else (case.sin or case.notification)
        first = case.original[milestone.key].due
        late = (milestone.key, first) in missed
        yield DateStanding(
            key=milestone.key,
            title=TITLES[milestone.key],
            day=milestone.day,
            due=milestone.due,
            original=first if first != milestone.due else None,
            state="missed" if late else "met" if met else "to come",
            explanation=milestone.explanation,
        )


def _views(case: Consideration) -> Iterator[ViewStanding]:
    if case.put.route is not Route.REQUEST:
        return
    for key, lead in case.put.roster.leads.items():
        given = case.views.get(key)
        yield ViewStanding(key=key, title=lead.title, view=str(given.view) if given else "asked")


def _todo(case: Consideration) -> Iterator[Task]:
    ref = case.reference
    for task in case.undelivered:
        if not task.settled and not task.again_at and not case.at_an_end:
            says = to_mend(task, case.put.roster)
            yield Task(says=says, type=f"rapid-review send-again {ref} {task.key}")
    match case.stage:
        case Stage.CONSIDERING:
            leads = ", ".join(case.lead_title(key) for key in case.awaited_views)
            yield Task(
                says=f"Views awaited from {leads}.",
                type=f"rapid-review consider {ref} LEAD may_meet --reason '...' --as 'their name'",
                due=case.timetable["views_due"].due,
            )
        case Stage.DECIDING:
            says = "The SQAS Strategic Manager decides whether it is a SIN."
            yield Task(
                says=says,
                type=f"rapid-review sin-decision {ref} yes --reason '...' --by 'their name'",
                due=case.timetable["sin_due"].due,
            )
        case Stage.NOTIFYING:
            yield _submission(case)
        case Stage.CHOOSING:
            chosen = "--outcome 'learning_event | OWNER | 2027-01-29 | what'"
            yield Task(
                says="Record the local outcomes, one --outcome for each.",
                type=f"rapid-review outcome {ref} {chosen} --reason '...'",
            )
        case Stage.NOTIFIED:
            says = "Notified without a review. Only if abuse or neglect is suspected after all:"
            yield Task(says=says, type=f"rapid-review convert {ref} --aware 2027-01-11 --reason '...'")


def _submission(case: Consideration) -> Task:
    a_sin = case.decision is not None and case.decision.answer is SinAnswer.YES
    command = "record-sin" if a_sin else "record-notification"
    reference = "--sin-reference SIN-..." if a_sin else "--reference N-..."
    return Task(
        says="Submit it on the national portal, then record its reference and time here.",
        type=f"rapid-review {command} {case.reference} {reference} --sent 2026-12-07T15:20",
        due=case.timetable["sin_due"].due,
    )


def in_markdown(now: ConsiderationStanding) -> str:
    """The same for the Temporal Web UI, in Markdown, with keys in place of names."""
    lines = [f"**{now.reference}**, put forward by {now.route}: {now.stage}", ""]
    if now.next_due:
        lines += [f"Next: {now.next_step}, {london(now.next_due)}", ""]
    lines += ["| date | due | |", "|---|---|---|"]
    lines += [f"| {d.title} | {london(d.due)} | {d.state} |" for d in now.dates]
    if now.views:
        lines += ["", "| lead | view |", "|---|---|"]
        lines += [f"| {v.key} | {v.view} |" for v in now.views]
    return "\n".join(lines)
