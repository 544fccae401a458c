"""What a case hands over as it ends: the actions of a review, the local outcomes where there is none."""

from datetime import date, datetime

from domain.actions import agreed, open_actions
from domain.case import Case
from domain.consideration.messages import OutcomeKind
from domain.consideration.state import Consideration
from domain.errors import Refused
from domain.follow_up.messages import FollowUpKind, OpenFollowUp, WithdrawAction
from domain.follow_up.state import FollowUp
from domain.follow_up.steps import untold
from domain.messages import EDITION
from domain.record import Event


def handed_over(case: Case, at: datetime) -> tuple[OpenFollowUp | FollowUp, ...]:
    """What a case hands over as it ends: each action still open, as it stands, whose owner is told by now.

    A case whose actions were not followed while it ran hands over every one that was agreed.
    """
    if case.follows_actions:
        return tuple(f.with_(tell_by=at) if untold(f) else f for f in open_actions(case))
    immediate = FollowUpKind.IMMEDIATE_ACTION
    return tuple(o.model_copy(update={"told": o.kind is immediate}) for o in agreed(case))


def followed_elsewhere(case: Case) -> tuple[OpenFollowUp, ...]:
    """What opened each action that an ended case has handed over: all but those it settled itself."""
    carried = {follow_up.opening.number for follow_up in case.follow_ups}
    return tuple(opening for opening in agreed(case) if opening.number not in carried)


def withdrawn_with(case: Case) -> WithdrawAction | None:
    """What the actions of a case are told that was withdrawn once they had been handed over."""
    if not case.withdrawn:
        return None
    return WithdrawAction(reason=case.withdrawn.fact.reason, by=case.withdrawn.fact.by)


def taken_over(action: OpenFollowUp | FollowUp, at: datetime) -> FollowUp:
    """The follow-up of an action that is handed over: as its review carried it, or opened ``at``."""
    return action if isinstance(action, FollowUp) else FollowUp.opened(action, at)


def opening_of(action: OpenFollowUp | FollowUp) -> OpenFollowUp:
    """What opened an action that is handed over."""
    return action.opening if isinstance(action, FollowUp) else action


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
            edition=EDITION,
        )
        for number, outcome in enumerate(owned, 1)
    )


def noted(case: Case, action: OpenFollowUp | FollowUp, at: datetime) -> Case:
    """The case without one of its actions, with a line saying that it is now followed by itself."""
    opening = opening_of(action)
    left = tuple(f for f in case.follow_ups if f.opening.number != opening.number)
    says = f"Action {opening.number} is followed up with {case.party(opening.owner)} from here on."
    return case.with_(follow_ups=left).noting(at, Event.ACTION_HANDED_OVER, says)


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
