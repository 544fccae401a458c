"""The moment between the start of the wait for the Panel and the review's last task, held open."""

import asyncio
import threading
from typing import Any

from temporalio import workflow
from temporalio.worker import (
    Interceptor,
    StartChildWorkflowInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

WAIT = "PanelAnswerWorkflow"
"""What is being started at that moment."""


class HeldOpen(Interceptor):
    """A worker on which a review, its wait started, goes on only once it has been told something more."""

    def __init__(self) -> None:
        """The moment is yet to come."""
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
        is_open = self._open

        class Outside(WorkflowOutboundInterceptor):
            async def start_child_workflow(
                self,
                input: StartChildWorkflowInput,  # noqa: A002 - the engine's name for it
            ) -> "workflow.ChildWorkflowHandle[Any, Any]":
                started = await super().start_child_workflow(input)
                if input.workflow == WAIT:
                    review = workflow.instance()
                    known = len(review.case.record)
                    is_open.set()
                    await workflow.wait_condition(lambda: len(review.case.record) > known)
                return started

        class Inside(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outside(outbound))

        return Inside


class HeldBack(Interceptor):
    """A worker whose task that starts the wait takes a moment, in which the review is told more.

    What it is told comes after the command to start and before the review's last task, so that the history
    is one that any worker could have made. A moment is less than the two seconds a task may take.
    """

    def __init__(self) -> None:
        """Nothing is held back yet."""
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
        begun, told = self._begun, self._told

        class Outside(WorkflowOutboundInterceptor):
            async def start_child_workflow(
                self,
                input: StartChildWorkflowInput,  # noqa: A002 - the engine's name for it
            ) -> "workflow.ChildWorkflowHandle[Any, Any]":
                if input.workflow == WAIT and not workflow.unsafe.is_replaying():
                    begun.set()
                    told.wait(1.5)
                return await super().start_child_workflow(input)

        class Inside(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(Outside(outbound))

        return Inside
