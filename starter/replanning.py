"""Planning every open case again, with all that a case has led to: what `replan --all-open` does."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Literal

from temporalio.client import Client, WorkflowExecution, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from domain.consideration.messages import ReplanConsideration
from domain.cspr.messages import CsprReplan
from domain.errors import NothingMoves, NotReachable, Refused
from domain.follow_up.messages import ReplanAction
from domain.messages import Message, Receipt, Replan
from starter.reviews import PATIENCE, answering

IN_FLIGHT = 32
"""How many are planned again at the same time."""

UPDATES: dict[str, tuple[str, type[Message]]] = {
    "RapidReviewWorkflow": ("replan", Replan),
    "FollowUpWorkflow": ("replan_action", ReplanAction),
    "ConsiderationWorkflow": ("replan", ReplanConsideration),
    "CsprWorkflow": ("replan", CsprReplan),
}
"""For each kind of workflow that has dates: the update that plans them again, and what it is given."""

OPEN = " OR ".join(f"WorkflowType = '{kind}'" for kind in UPDATES)


class Replanned(Message):
    """What became of one process: a case's review, its consideration, its CSPR, or one of its actions.

    ``says`` has the old and new dates of one that was planned again, and else the reason why it was not.
    """

    reference: str
    process: str
    became: Literal["planned again", "left alone", "ended", "refused", "not answered"]
    says: str

    @property
    def name(self) -> str:
        """The process in a sentence for the office: ``RR-2026-07, action 3``."""
        return f"{self.reference}, {self.process}"

    @property
    def failed(self) -> bool:
        """Whether the command has to be given again for it."""
        return self.became in ("refused", "not answered")


async def replan_all(client: Client, reason: str, by: str) -> AsyncIterator[Replanned]:
    """Plan every open process again, some at a time; each is answered for as soon as it is done.

    Safe to repeat: one whose dates would not move is left alone. One that fails does not stop the others.
    """
    room = asyncio.Semaphore(IN_FLIGHT)

    async def replan(run: WorkflowExecution) -> Replanned:
        update, model = UPDATES[run.workflow_type]
        fact = model.model_validate({"reason": reason, "by": by})
        async with room:
            return await _replanned(client.get_workflow_handle(run.id), update, fact)

    found = client.list_workflows(f"({OPEN}) AND ExecutionStatus = 'Running'")
    begun = [asyncio.create_task(replan(run)) async for run in found]
    for done in asyncio.as_completed(begun):
        yield await done


async def _replanned(handle: WorkflowHandle[Any, Any], update: str, fact: Message) -> Replanned:
    reference, _, part = handle.id.partition("/")
    named = {
        "reference": reference,
        "process": part.replace("follow-up/", "action ").replace("/", " ") or "review",
    }
    try:
        receipt = await _told(handle, update, fact)
    except NothingMoves as why:
        return Replanned(**named, became="left alone", says=str(why))
    except Refused as why:
        return Replanned(**named, became="refused", says=str(why))
    except NotReachable as why:
        return Replanned(**named, became="not answered", says=str(why))
    if receipt is None:
        return Replanned(**named, became="ended", says="It has ended since it was listed.")
    return Replanned(**named, became="planned again", says=receipt.recorded)


async def _told(handle: WorkflowHandle[Any, Any], update: str, fact: Message) -> Receipt | None:
    """The receipt; None where the process has ended since it was listed."""
    async with answering(handle.id, asked=handle):
        try:
            told = handle.execute_update(update, fact, result_type=Receipt)
            receipt: Receipt = await asyncio.wait_for(told, PATIENCE.total_seconds())
        except RPCError as failure:
            if failure.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        return receipt
