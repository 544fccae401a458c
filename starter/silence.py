"""Why a case does not answer: no worker runs, or one runs that fails at it. The server can tell."""

from typing import Any

from temporalio.api.enums.v1 import WorkflowTaskFailedCause
from temporalio.client import WorkflowHandle
from temporalio.service import RPCError

NOT_AS_RECORDED = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR

REPLAY_FAILED = "[TMPRL1100]"
"""How the SDK marks what it says where a history does not fit the program. Source: its rules, TMPRL1100."""


SEALED_BY_ANOTHER = "Encoded failure"
"""What stands in the place of a failure that does not open with the keys at hand."""


def why_stuck(name: str, failure: str) -> str | None:
    """What an answer that is a failure of the worker itself means; None where the case has answered."""
    if REPLAY_FAILED in failure:
        return not_as_recorded(name)
    return failing(name) if failure == SEALED_BY_ANOTHER else None


async def why_silent(name: str, handle: "WorkflowHandle[Any, Any] | None") -> str:
    """Why what is called ``name`` has not answered, and what to do, in a sentence or two.

    A task that is tried again has been in the hands of a worker, and failed there.
    """
    try:
        pending = (await handle.describe()).raw_description.pending_workflow_task if handle else None
        if handle is None or pending is None or pending.attempt <= 1:
            return no_worker(name)
        return not_as_recorded(name) if await _last_failure(handle) == NOT_AS_RECORDED else failing(name)
    except RPCError:
        return no_worker(name)


async def _last_failure(handle: "WorkflowHandle[Any, Any]") -> int | None:
    """Why a task of a workflow failed last, as its history has it; None where none did."""
    cause = None
    async for event in handle.fetch_history_events():
        if event.HasField("workflow_task_failed_event_attributes"):
            cause = event.workflow_task_failed_event_attributes.cause
    return cause


def no_worker(name: str) -> str:
    """Nobody has taken it up."""
    return (
        f"No worker answered for {name}. Start one with `rapid-review up` or `rapid-review worker`, "
        "then look with `show` whether the command was carried out before you repeat it."
    )


def not_as_recorded(name: str) -> str:
    """The program that runs would not have done what the case has done."""
    return (
        f"A worker runs, but the record of {name} does not fit its version of the program. Nothing is lost: "
        "the case stands still. Stop the worker, and start the version that ran before, or one that mends it."
    )


def failing(name: str) -> str:
    """It fails, most often at something sealed with a key it does not have."""
    return (
        f"A worker runs, but fails at {name}: its log says why. Nothing is lost: the case stands still. Most "
        "often it has not the key ring with which the case was sealed; put that back, and start it again."
    )
