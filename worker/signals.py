"""What stands before every signal: one without exactly one fact is dropped, and never stops a case.

The SDK drops a signal whose content it cannot read, but hands on one without content, as the Web UI and
the `temporal` command send it where the input was left out. That would fail every task from then on.
"""

from temporalio import workflow
from temporalio.worker import (
    HandleSignalInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)


class OneFactEach(Interceptor):
    """Puts `Doorkeeper` before the signals of every workflow."""

    def workflow_interceptor_class(
        self,
        input: WorkflowInterceptorClassInput,  # noqa: A002, ARG002 - the SDK's name
    ) -> type[WorkflowInboundInterceptor]:
        """The doorkeeper."""
        return Doorkeeper


class Doorkeeper(WorkflowInboundInterceptor):
    """Lets through the signals that bring one fact."""

    async def handle_signal(self, input: HandleSignalInput) -> None:  # noqa: A002 - the SDK's name
        """Hand the signal on, or drop it with a line in the log."""
        if len(input.args) == 1:
            await super().handle_signal(input)
        else:
            workflow.logger.warning("A signal without exactly one fact was dropped.")
