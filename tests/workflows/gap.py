"""The moment between the start of what goes on and the last task of what hands over to it, held open."""

import asyncio
import threading
from typing import Any

from temporalio import workflow
from temporalio.worker import (
    Interceptor,
    SignalExternalWorkflowInput,
    StartChildWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

WAIT = "PanelAnswerWorkflow"
REVIEW = "RapidReviewWorkflow"
FOLLOW_UP = "FollowUpWorkflow"
"""What is being started at that moment: by a review, and by a consideration."""

LINK = "duplicate_linked"
"""What is being told at that moment, by a consideration of which the incident is known."""


class HeldOpen(Interceptor):
    """A worker on which a case, what goes on started or told, ends only once it has been told more."""

    def __init__(self, leaving_by: str = WAIT) -> None:
        """Hold it open as a workflow of that type is started, or another told by a signal of that name."""
        self._leaving_by = leaving_by
        self._open = threading.Event()

    async def reached(self) -> None:
        """Wait until the moment has come."""
        await asyncio.to_thread(self._open.wait, 60)

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 - the engine's name for it
    ) -> type[WorkflowInboundInterceptor]:
        """See `Interceptor`."""
        del input
        leaving_by, is_open = self._leaving_by, self._open

        class UntilTold(WorkflowOutboundInterceptor):
            waited = False

            async def _until_told(self, known: int) -> None:
                self.waited = True
                is_open.set()
                await workflow.wait_condition(lambda: self._known() > known)

            @staticmethod
            def _known() -> int:
                return len(workflow.instance().case.record)

            async def start_child_workflow(
                self,
                input: StartChildWorkflowInput,  # noqa: A002 - the engine's name for it
            ) -> "workflow.ChildWorkflowHandle[Any, Any]":
                known = self._known()
                started = await super().start_child_workflow(input)
                if input.workflow == leaving_by:
                    await self._until_told(known)
                return started

            async def signal_external_workflow(
                self,
                input: SignalExternalWorkflowInput,  # noqa: A002 - the engine's name for it
            ) -> None:
                known = self._known()
                await super().signal_external_workflow(input)
                if input.signal == leaving_by and not self.waited:
                    await self._until_told(known)

        class Inside(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(UntilTold(outbound))

        return Inside


class HeldBack(Interceptor):
    """A worker whose task that starts what goes on takes a moment, in which the case is told more.

    What it is told comes after the command to start and before the case's last task, so that the history
    is one that any worker could have made. A moment is less than the two seconds a task may take.
    """

    def __init__(self, starting: str = WAIT) -> None:
        """Nothing is held back yet; it will be as a workflow of that type is started."""
        self._starting = starting
        self._begun, self._told = threading.Event(), threading.Event()

    async def reached(self) -> None:
        """Wait until the task has begun."""
        await asyncio.to_thread(self._begun.wait, 60)

    def go_on(self) -> None:
        """Let the task end."""
        self._told.set()

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002 - the engine's name for it
    ) -> type[WorkflowInboundInterceptor]:
        """See `Interceptor`."""
        del input
        starting, begun, told = self._starting, self._begun, self._told

        class Outside(WorkflowOutboundInterceptor):
            async def start_child_workflow(
                self,
                input: StartChildWorkflowInput,  # noqa: A002 - the engine's name for it
            ) -> "workflow.ChildWorkflowHandle[Any, Any]":
                if input.workflow == starting and not workflow.unsafe.is_replaying():
                    begun.set()
                    told.wait(1.5)
                return await super().start_child_workflow(input)

        class Inside(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outside(outbound))

        return Inside
