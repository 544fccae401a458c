"""Dates that moved with the calendar, told to their owner in one letter for all of a case's actions.

An action whose date moved tells its news to the one in whose letter the owner hears of all: the first that
the owner has in the case. That one waits a little for the others. Where it has ended each tells its own.
"""

from datetime import datetime

from domain.follow_up.messages import CountedAgain, ReplanAction
from domain.follow_up.state import KINDS, FollowUp
from domain.follow_up.steps import FollowUpStepKind, overtaken, untold
from domain.messages import THIRD_EDITION
from domain.timetable import london


def told_together(follow_up: FollowUp, fact: ReplanAction) -> bool:
    """Whether the owner hears of a new date in a letter about all of the case's; since the third edition."""
    return fact.told_with is not None and follow_up.opening.edition >= THIRD_EDITION


def told_by_itself(follow_up: FollowUp, fact: ReplanAction) -> bool:
    """Whether that letter is this action's own."""
    return told_together(follow_up, fact) and fact.told_with == follow_up.opening.number


def for_another(follow_up: FollowUp, fact: ReplanAction) -> CountedAgain | None:
    """What another action's letter is to say of the re-plan just taken; None where that is nothing."""
    if not told_together(follow_up, fact) or told_by_itself(follow_up, fact):
        return None
    return news(follow_up)


def news(follow_up: FollowUp) -> CountedAgain | None:
    """What an owner is to hear of the last plan; None where the due date stands, or none was told before."""
    *_, before, plan = (None, *follow_up.plans)
    if before is None or before.due == plan.due or untold(follow_up):
        return None
    opening = follow_up.opening
    return CountedAgain(
        number=opening.number,
        kind=opening.kind,
        was=before.due,
        due=plan.due,
        original=follow_up.original_due,
        at=plan.planned_at,
    )


def with_news(follow_up: FollowUp, told: CountedAgain | None, at: datetime) -> FollowUp:
    """The follow-up whose letter to the owner is to say this too, heard of ``at``, even as it ends."""
    if told is None:
        return follow_up
    heard = told.model_copy(update={"at": at})
    return follow_up.with_(counted_again=(*follow_up.counted_again, heard), ended_at=None)


def news_told(follow_up: FollowUp, by: datetime) -> set[str]:
    """The keys of all news that had come by then: one letter has told them."""
    numbers = (n for n, one in enumerate(follow_up.counted_again, 1) if one.at <= by)
    return {f"{FollowUpStepKind.COUNTED_AGAIN}/{number}" for number in numbers}


def news_to_tell(follow_up: FollowUp, since: int = 1) -> list[str]:
    """The news from that number on as the owner reads it: a line for each action, the last that is known."""
    told = (one for one in follow_up.counted_again[since - 1 :] if not overtaken(follow_up, one))
    latest = {one.number: one for one in told}
    return [
        f"Action {n} ({KINDS[one.kind]}): was {london(one.was)}, now {london(one.due)}; "
        f"first due {london(one.original)}"
        for n, one in sorted(latest.items())
    ]
