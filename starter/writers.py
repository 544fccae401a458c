"""Which workflow wrote a letter, and so hears of it when the letter comes back."""

from typing import Any

from temporalio.client import WorkflowHandle

from domain.consideration.steps import PREFIX as CONSIDERATION
from domain.follow_up.letters import about_an_action
from starter.considerations import Considerations
from starter.csprs import Csprs
from starter.follow_ups import FollowUps
from starter.reviews import Reviews


async def writer_of(reviews: Reviews, reference: str, letter: str) -> "WorkflowHandle[Any, Any]":
    """The workflow, by how the letter's key begins.

    The letters of a case's second review begin with ``cspr/2``. Those of a case that waits for the Panel's
    answer are heard of by that wait; those about an action by its review, until that hands it over.

    Raises:
        NotReachable: the server does not answer.
    """
    first, _, rest = letter.partition("/")
    number = rest.partition("/")[0]
    match first:
        case "cspr":
            return Csprs(reviews.client).handle(f"{reference}/{number}" if number.isdigit() else reference)
        case _ if about_an_action(letter):
            return await FollowUps(reviews.client).writer_of(reference, letter)
        case _ if first == CONSIDERATION:
            return Considerations(reviews.client, reviews.task_queue).handle(reference)
        case _:
            return await reviews.held_by(reference)
