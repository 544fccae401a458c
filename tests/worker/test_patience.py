"""A question to a workflow that is just starting is put again; every other failure is told at once."""

from typing import Any, cast

import pytest
from google.protobuf.any_pb2 import Any as Detail
from temporalio.api.common.v1 import GrpcStatus
from temporalio.client import OutboundInterceptor, QueryWorkflowInput
from temporalio.service import RPCError, RPCStatusCode

from worker import patience

ASKED = cast("QueryWorkflowInput", object())


class Server(OutboundInterceptor):
    """Fails as often as it is told, and then answers."""

    def __init__(self, *failures: RPCError) -> None:
        """Hold the failures to come."""
        self.failures = list(failures)

    async def query_workflow(self, input: QueryWorkflowInput) -> Any:  # noqa: A002, ANN401 - the SDK's signature
        """Fail, or answer."""
        assert input is ASKED
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


def failure(kind: str) -> RPCError:
    """What the server says, with the kind of detail it adds."""
    status = GrpcStatus(code=9, details=[Detail(type_url=f"type.googleapis.com/{kind}")])
    return RPCError("not ready", RPCStatusCode.FAILED_PRECONDITION, status.SerializeToString())


async def test_a_question_is_put_again_until_the_workflow_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice too early; then it is answered."""
    monkeypatch.setattr(patience, "AGAIN_AFTER", 0)
    server = Server(failure(patience.NOT_READY), failure(patience.NOT_READY))
    asking = patience.PatientQueries().intercept_client(server)
    assert await asking.query_workflow(ASKED) == "answer"
    assert not server.failures


async def test_where_nobody_works_it_is_said_at_once() -> None:
    """The same status for another reason is no reason to wait."""
    server = Server(failure("temporal.api.errordetails.v1.QueryFailedFailure"), failure(patience.NOT_READY))
    with pytest.raises(RPCError):
        await patience.PatientQueries().intercept_client(server).query_workflow(ASKED)
    assert len(server.failures) == 1
