"""A follow-up's letters that did not arrive: each is a task for the office, and is written again."""

from datetime import datetime

from domain.follow_up.letters import addressed, written_again
from domain.follow_up.state import FollowUp
from domain.messages import DeliveryFailed, SendAgain
from domain.record import Event, Undelivered
from domain.resending import becoming, waiting


def came_back(follow_up: FollowUp, fact: DeliveryFailed, at: datetime) -> FollowUp:
    """The follow-up with a letter that came back, which the office is told of even where all else is over.

    Raises:
        Refused: no letter of it has such a key.
    """
    if fact.id in follow_up.seen:
        return follow_up
    _, _, to = addressed(follow_up, fact.letter)
    says, known = f"The letter {fact.letter} came back ({fact.status}).", follow_up.undelivered
    follow_up = follow_up.with_(seen=follow_up.seen | {fact.id})
    if any(task.key == fact.letter for task in known):
        return follow_up.noting(at, Event.LETTER_FAILED, f"{says} It is a task already.")
    task = Undelivered(key=fact.letter, to=to, status=fact.status, noticed_at=at)
    return follow_up.with_(undelivered=(*known, task), ended_at=None).noting(at, Event.LETTER_FAILED, says)


def to_send_again(follow_up: FollowUp, fact: SendAgain, at: datetime) -> FollowUp:
    """The follow-up that writes such a letter again or, where it has been overtaken, lets it be.

    Raises:
        Refused: no such letter waits.
    """
    task = waiting(follow_up.undelivered, fact.letter, follow_up.name)
    change: dict[str, object] = {"again_at": at}
    says = "is sent again"
    if not written_again(follow_up, task.key, at):
        change, says = {"settled": True}, "is not sent again: what it said has been overtaken"
    follow_up = follow_up.with_(undelivered=becoming(follow_up.undelivered, task, **change))
    return follow_up.noting(at, Event.LETTER_RETRIED, f"{fact.letter} {says}.", fact.by)
