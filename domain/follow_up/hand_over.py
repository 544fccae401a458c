"""What a case hands over as it ends: the actions of a review, the local outcomes where there is none."""

from collections.abc import Iterator
from datetime import date, datetime

from domain.case import Case, Event
from domain.consideration.messages import OutcomeKind
from domain.consideration.state import Consideration
from domain.errors import Refused
from domain.follow_up.messages import FollowUpKind, OpenFollowUp, WithdrawAction


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


def withdrawn_with(case: Case) -> WithdrawAction | None:
    """What the actions of a case are told that was withdrawn once they had been handed over."""
    if not case.withdrawn:
        return None
    return WithdrawAction(reason=case.withdrawn.fact.reason, by=case.withdrawn.fact.by)


def _actions(case: Case) -> Iterator[tuple[FollowUpKind, str, str, date, str]]:
    by = case.held.by if case.held else case.opening.opened_by
    for action in case.actions:
        yield FollowUpKind.IMMEDIATE_ACTION, action.agency, action.action, action.due_on, by
    for item in case.learning:
        yield FollowUpKind.LEARNING_ACTION, item.owner, item.what, item.due_on, item.by


KINDS = {
    OutcomeKind.LIVE_CASE_ACTIONS: FollowUpKind.LIVE_CASE_ACTION,
    OutcomeKind.AGENCY_REVIEW: FollowUpKind.AGENCY_REVIEW,
    OutcomeKind.WORKING_GROUP: FollowUpKind.WORKING_GROUP,
    OutcomeKind.LEARNING_EVENT: FollowUpKind.LEARNING_EVENT,
}
"""The follow-up that each local outcome becomes; "no further action" becomes none."""


def outcomes_followed(case: Consideration) -> tuple[OpenFollowUp, ...]:
    """A follow-up for each local outcome that has an owner, numbered from 1."""
    put = case.put
    by = case.chosen.by if case.chosen else put.put_forward_by
    owned = [o for o in case.outcomes_to_follow if o.owner and o.what and o.due_on]
    return tuple(
        OpenFollowUp(
            reference=put.reference,
            number=number,
            kind=KINDS[outcome.kind],
            area=put.area,
            owner=outcome.owner or "",
            what=outcome.what or "",
            due_on=outcome.due_on or date.min,
            particulars=put.particulars,
            rules=put.follow_up,
            hours=put.timetable,
            roster=put.roster,
            opened_by=by,
        )
        for number, outcome in enumerate(owned, 1)
    )


def noted(case: Case, follow_up: OpenFollowUp, at: datetime) -> Case:
    """The case with a line saying that one of its actions is now followed by itself."""
    says = f"Action {follow_up.number} is followed up with {case.party(follow_up.owner)} from here on."
    return case.noting(at, Event.ACTION_HANDED_OVER, says)


def check_handed_over(opening: OpenFollowUp) -> None:
    """Refuse a follow-up started by hand whose owner, or who answers for it, is not in its roster.

    Raises:
        Refused: there is no such owner, or it answers to no lead.
    """
    roster, owner = opening.roster, opening.owner
    if owner not in roster.agencies and owner not in roster.leads:
        raise Refused(f"No agency or lead of the roster has the key {owner}. Start it again with one it has.")
    if owner in roster.agencies and roster.agencies[owner].lead not in roster.leads:
        raise Refused(f"{owner} answers to no lead of the roster. Mend the roster.")
