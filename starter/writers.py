"""Which workflow wrote a letter, and so hears of it when the letter comes back."""

from typing import Any

from temporalio.client import WorkflowHandle

from domain.consideration.steps import PREFIX as CONSIDERATION
from starter.considerations import Considerations
from starter.csprs import Csprs
from starter.reviews import Reviews


async def writer_of(reviews: Reviews, reference: str, letter: str) -> "WorkflowHandle[Any, Any] | None":
    """The workflow, by how the letter's key begins; None of an action's letter, which takes no word of it.

    The letters of a case's second review begin with ``cspr/2``. Those of a case that waits for the Panel's
    answer are heard of by that wait.

    Raises:
        NotReachable: the server does not answer.
    """
    first, _, rest = letter.partition("/")
    number = rest.partition("/")[0]
    match first:
        case "cspr":
            return Csprs(reviews.client).handle(f"{reference}/{number}" if number.isdigit() else reference)
        case "follow-up":
            return None
        case _ if first == CONSIDERATION:
            return Considerations(reviews.client, reviews.task_queue).handle(reference)
        case _:
            return await reviews.held_by(reference)
