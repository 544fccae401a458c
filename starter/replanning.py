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
from domain.messages import Message, Receipt, Replan, ReplanWait
from starter.reviews import PATIENCE, answering

IN_FLIGHT = 32
"""How many are planned again at the same time."""

UPDATES: dict[str, tuple[str, type[Message]]] = {
    "RapidReviewWorkflow": ("replan", Replan),
    "FollowUpWorkflow": ("replan_action", ReplanAction),
    "ConsiderationWorkflow": ("replan", ReplanConsideration),
    "CsprWorkflow": ("replan", CsprReplan),
    "PanelAnswerWorkflow": ("replan", ReplanWait),
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
        told = {"told_with": together[run.id]} if run.id in together else {}
        fact = model.model_validate({"reason": reason, "by": by, **told})
        async with room:
            return await _replanned(client.get_workflow_handle(run.id), update, fact)

    found = client.list_workflows(f"({OPEN}) AND ExecutionStatus = 'Running'")
    runs = [run async for run in found]
    together = await _told_together(runs)
    begun = [asyncio.create_task(replan(run)) for run in runs]
    for done in asyncio.as_completed(begun):
        yield await done


async def _told_together(runs: list[WorkflowExecution]) -> dict[str, int]:
    """For each action's workflow, the number of the action in whose letter its owner hears of all that moved.

    That is the first action that the same owner has in the same case.
    """
    first: dict[tuple[str, str], int] = {}
    owned = [(run.id, await _owner(run)) for run in runs if run.workflow_type == "FollowUpWorkflow"]
    for identity, owner in owned:
        reference, number = _action(identity)
        first[reference, owner] = min(number, first.get((reference, owner), number))
    return {identity: first[_action(identity)[0], owner] for identity, owner in owned}


async def _owner(run: WorkflowExecution) -> str:
    return str((await run.memo()).get("owner", ""))


def _action(identity: str) -> tuple[str, int]:
    reference, _, number = identity.rsplit("/", 2)
    return reference, int(number)


async def _replanned(handle: WorkflowHandle[Any, Any], update: str, fact: Message) -> Replanned:
    reference, _, part = handle.id.partition("/")
    named = {"reference": reference, "process": _called(part)}
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


def _called(part: str) -> str:
    """What a process is called, by what its workflow's id has after the reference."""
    names = {"": "review", "panel": "the Panel's answer"}
    return names.get(part, part.replace("follow-up/", "action ").replace("/", " "))


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
