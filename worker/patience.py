"""Questions to a workflow whose first task is not there yet: they are put again until it is.

The server answers such a question with `WorkflowNotReadyFailure`, which passes within moments of a start
and is nothing that a person could mend.
"""

import asyncio
from typing import Any

from temporalio.client import Interceptor, OutboundInterceptor, QueryWorkflowInput
from temporalio.service import RPCError, RPCStatusCode

AGAIN_AFTER = 0.2
"""Seconds between two tries."""

TRIES = 100
"""How often a question is put. Whoever asks may give up before."""

NOT_READY = "temporal.api.errordetails.v1.WorkflowNotReadyFailure"


class PatientQueries(Interceptor):
    """Has every query of a client put again while its workflow is just starting."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 - the SDK's name
        """See `Interceptor`."""
        return _Patient(next)


class _Patient(OutboundInterceptor):
    async def query_workflow(self, input: QueryWorkflowInput) -> Any:  # noqa: A002, ANN401 - the SDK's signature
        for _ in range(TRIES - 1):
            try:
                return await super().query_workflow(input)
            except RPCError as failure:
                if not _just_starting(failure):
                    raise
            await asyncio.sleep(AGAIN_AFTER)
        return await super().query_workflow(input)


def _just_starting(failure: RPCError) -> bool:
    details = failure.grpc_status.details
    unready = any(detail.type_url.endswith(NOT_READY) for detail in details)
    return failure.status is RPCStatusCode.FAILED_PRECONDITION and unready
