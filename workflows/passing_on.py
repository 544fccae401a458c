"""Passing a fact on to another workflow, which may have ended: of the same case, or of the same incident."""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from domain.errors import Refused
from domain.messages import Message

NOTHING_HOLDS_IT = Refused("What came as the case was handed over stays here: nothing holds it now.")
"""What the record of a case says of a fact that came as it ended, and that nothing that goes on takes."""


async def passed_on(workflow_id: str, signal: str, fact: Message) -> bool:
    """Whether a workflow of that id took the signal: one that has ended, or never began, does not."""
    other: workflow.ExternalWorkflowHandle[Any] = workflow.get_external_workflow_handle(workflow_id)
    try:
        await other.signal(signal, fact)
    except ApplicationError:
        return False
    return True
