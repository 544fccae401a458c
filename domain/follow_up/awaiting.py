"""What a follow-up waits for people to do, in the words of `domain.awaiting`."""

from domain.awaiting import OFFICE, Awaited, What, mending
from domain.follow_up.state import FollowUp, FollowUpStage
from domain.messages import THIRD_EDITION


def follow_up_awaits(follow_up: FollowUp) -> tuple[Awaited, ...]:
    """What it waits for of its owner or the office; since the third edition, an address mended as well."""
    if not follow_up.plans:
        return ()
    mended = mending(follow_up.undelivered) if follow_up.opening.edition >= THIRD_EDITION else ()
    return (*_of_the_action(follow_up), *mended)


def _of_the_action(follow_up: FollowUp) -> tuple[Awaited, ...]:
    """Its owner's evidence or, once given, that a second person closes it; nothing once it is over."""
    number = follow_up.opening.number
    match follow_up.stage:
        case FollowUpStage.OPEN:
            owner, due, first = follow_up.opening.owner, follow_up.due, follow_up.original_due
            return (Awaited(what=What.ACTION, number=number, who=owner, due=due, original=first),)
        case FollowUpStage.EVIDENCED:
            return (Awaited(what=What.CLOSING, number=number, who=OFFICE),)
    return ()
