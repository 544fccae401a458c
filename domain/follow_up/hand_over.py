"""What a review hands over as it ends: its immediate actions and its plan to spread the learning."""

from collections.abc import Iterator
from datetime import date, datetime

from domain.case import Case, Event
from domain.follow_up.messages import FollowUpKind, OpenFollowUp


def handed_over(case: Case) -> tuple[OpenFollowUp, ...]:
    """A follow-up for each action of a case: the meeting's first, then the learning, numbered from 1."""
    return tuple(
        OpenFollowUp(
            reference=case.reference,
            number=number,
            kind=kind,
            area=case.opening.area,
            owner=owner,
            what=what,
            due_on=due_on,
            told=kind is FollowUpKind.IMMEDIATE_ACTION,
            particulars=case.opening.particulars,
            rules=case.opening.follow_up,
            hours=case.opening.rules,
            roster=case.opening.roster,
            opened_by=by,
        )
        for number, (kind, owner, what, due_on, by) in enumerate(_actions(case), 1)
    )


def _actions(case: Case) -> Iterator[tuple[FollowUpKind, str, str, date, str]]:
    by = case.held.by if case.held else case.opening.opened_by
    for action in case.actions:
        yield FollowUpKind.IMMEDIATE_ACTION, action.agency, action.action, action.due_on, by
    for item in case.learning:
        yield FollowUpKind.LEARNING_ACTION, item.owner, item.what, item.due_on, item.by


def noted(case: Case, follow_up: OpenFollowUp, at: datetime) -> Case:
    """The case with a line saying that one of its actions is now followed by itself."""
    says = f"Action {follow_up.number} is followed up with {case.party(follow_up.owner)} from here on."
    return case.noting(at, Event.ACTION_HANDED_OVER, says)
