"""The actions of a case while its review runs: each is a follow-up, under the same rules as after the review.

The case carries them from the moment they are agreed until it hands over what is still open. Their dates
are counted on the working days recorded with the case, and all that happens to one is on its record too.
"""

from collections.abc import Iterator
from datetime import date, datetime

from domain.case import Case
from domain.errors import Refused
from domain.follow_up.dates import dated
from domain.follow_up.facts import apply, differs, moved, plan_request, planned
from domain.follow_up.letters import action_of, worded
from domain.follow_up.messages import (
    FollowUpKind,
    FollowUpPlan,
    MoveAction,
    OpenFollowUp,
    ReplanAction,
    TellAction,
    WithdrawAction,
)
from domain.follow_up.performing import ended
from domain.follow_up.state import FollowUp
from domain.follow_up.steps import untold
from domain.messages import DeliveryFailed, ImmediateAction, Replan, SendAgain, Withdraw


def agreed(case: Case) -> tuple[OpenFollowUp, ...]:
    """What opens each action agreed so far: the meeting's first, then the learning, numbered from 1."""
    return tuple(
        OpenFollowUp(
            reference=case.reference,
            number=number,
            kind=kind,
            area=case.opening.area,
            owner=owner,
            what=what,
            due_on=due_on,
            particulars=case.opening.particulars,
            rules=case.opening.follow_up,
            hours=case.opening.rules,
            roster=case.opening.roster,
            opened_by=by,
            edition=case.opening.edition,
        )
        for number, (kind, owner, what, due_on, by) in enumerate(_agreed(case), 1)
    )


def _agreed(case: Case) -> Iterator[tuple[FollowUpKind, str, str, date, str]]:
    by = case.held.by if case.held else case.opening.opened_by
    for action in case.actions:
        yield FollowUpKind.IMMEDIATE_ACTION, action.agency, action.action, action.due_on, by
    for item in case.learning:
        yield FollowUpKind.LEARNING_ACTION, item.owner, item.what, item.due_on, item.by


def followed(case: Case, at: datetime) -> Case:
    """The case with each action that was just agreed followed from now on."""
    if not case.follows_actions:
        return case
    for opening in agreed(case)[len(case.follow_ups) :]:
        follow_up = FollowUp.opened(opening, at)
        follow_up = planned(follow_up, _counted(case, follow_up, at), at)
        case = case.with_(follow_ups=(*case.follow_ups, follow_up.with_(record=())))
        case = kept(case, follow_up.with_(tell_by=_tell_by(case, follow_up, at)), at)
    return case


def _counted(
    case: Case, follow_up: FollowUp, at: datetime, fact: MoveAction | ReplanAction | None = None
) -> FollowUpPlan:
    """The dates of an action on the working days of the case's own timetable."""
    plan = case.timetable
    return dated(plan_request(follow_up, at, fact), plan, plan.calendar)


def _tell_by(case: Case, follow_up: FollowUp, at: datetime) -> datetime:
    """When an owner is told: with the report; at once where the action is due before the report is.

    Where the report is late, it is on the morning after it was due. Source: the guide, "Rapid Review
    Timescales", for the telling with the report.
    """
    report_due = case.timetable["panel_submission_due"].due
    if follow_up.due < report_due or case.submitted_at:
        return at
    return max(at, case.working_morning_after(report_due))


def action(case: Case, number: int) -> FollowUp:
    """One of the actions the case carries, open or settled.

    Raises:
        Refused: it carries none of that number.
    """
    for follow_up in case.follow_ups:
        if follow_up.opening.number == number:
            return follow_up
    raise Refused(
        f"{case.reference} carries no action {number}. See its actions with "
        f"`rapid-review actions {case.reference}`."
    )


def open_actions(case: Case) -> tuple[FollowUp, ...]:
    """The actions that are neither closed nor withdrawn."""
    return tuple(follow_up for follow_up in case.follow_ups if not follow_up.settled_at)


def told_of(case: Case, told: TellAction, at: datetime) -> Case:
    """The case after a fact for one of its actions; the same case where the fact was known already.

    Raises:
        Refused: there is no such action, or it cannot take the fact.
    """
    before, fact = action(case, told.number), told.fact
    after = apply(fact, before, at)
    if isinstance(fact, MoveAction):
        after = _replanned(case, after, fact, at)
    return case if after is before else kept(case, after, at)


def told_of_letter(case: Case, fact: DeliveryFailed | SendAgain, at: datetime) -> Case:
    """The case after word of a letter of one of its actions: it came back, or is to be sent again.

    Raises:
        Refused: the case does not carry that action, or there is no such letter.
    """
    before = action(case, action_of(fact.letter))
    after = apply(fact, before, at)
    return case if after is before else kept(case, after, at)


def _replanned(case: Case, follow_up: FollowUp, fact: MoveAction | ReplanAction, at: datetime) -> FollowUp:
    follow_up = moved(follow_up, fact, _counted(case, follow_up, at, fact), at)
    return follow_up.with_(tell_by=_tell_by(case, follow_up, at)) if untold(follow_up) else follow_up


def replanned_actions(case: Case, fact: Replan, at: datetime) -> Case:
    """The case with its open actions counted again on its newest timetable; what stands is left alone."""
    for follow_up in open_actions(case):
        if differs(_counted(case, follow_up, at), follow_up.plan, at):
            again = ReplanAction(reason=fact.reason, by=fact.by, told_with=follow_up.opening.number)
            case = kept(case, _replanned(case, follow_up, again, at), at)
    return case


def actions_withdrawn(case: Case, fact: Withdraw, at: datetime) -> Case:
    """The case with every open action withdrawn as it is itself; a concluded one has handed them over."""
    for follow_up in () if case.concluded_at else open_actions(case):
        case = kept(case, apply(WithdrawAction(reason=fact.reason, by=fact.by), follow_up, at), at)
    return case


def to_advise(case: Case) -> tuple[ImmediateAction, ...]:
    """The immediate actions of which the owners are told with the report, as they now stand.

    In a case whose actions are not followed while it runs, they are as the meeting agreed them.
    """
    if not case.follows_actions:
        return case.actions
    immediate = (f for f in open_actions(case) if f.opening.kind is FollowUpKind.IMMEDIATE_ACTION)
    return tuple(worded(follow_up) for follow_up in immediate if untold(follow_up))


def kept(case: Case, follow_up: FollowUp, at: datetime) -> Case:
    """The case with one of its actions as it now is, and with what is new of it on the case's record."""
    number = follow_up.opening.number
    known = len(action(case, number).record)
    lines = (
        entry.model_copy(update={"says": f"Action {number}: {entry.says}"})
        for entry in follow_up.record[known:]
    )
    follow_up = ended(follow_up, at)
    held = tuple(follow_up if f.opening.number == number else f for f in case.follow_ups)
    return case.with_(follow_ups=held, record=(*case.record, *lines))
