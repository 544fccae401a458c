"""What a server tells anybody who may ask it, as it stands there: nothing of it is opened."""

from collections.abc import AsyncIterator

from google.protobuf.message import Message
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.query.v1 import WorkflowQuery
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    GetWorkflowExecutionHistoryRequest,
    ListWorkflowExecutionsRequest,
    QueryWorkflowRequest,
)
from temporalio.client import Client

OF_AN_ACTION = ("status", "record", "__temporal_workflow_metadata")
"""What can be asked of any workflow; the last answers with the details that the Web UI shows."""

QUERIES = ("timetable", "figures", *OF_AN_ACTION)
"""What can be asked of a case."""


async def told_by(
    client: Client, reference: str, queries: tuple[str, ...] = QUERIES
) -> AsyncIterator[tuple[str, Message]]:
    """History, description, row in visibility and answers of a case or a follow-up, each with a name."""
    service, namespace = client.workflow_service, client.namespace
    execution = WorkflowExecution(workflow_id=reference)
    asked = GetWorkflowExecutionHistoryRequest(namespace=namespace, execution=execution)
    yield "history", await service.get_workflow_execution_history(asked)
    described = DescribeWorkflowExecutionRequest(namespace=namespace, execution=execution)
    yield "description", await service.describe_workflow_execution(described)
    yield (
        "visibility",
        await service.list_workflow_executions(ListWorkflowExecutionsRequest(namespace=namespace)),
    )
    for kind in queries:
        query = QueryWorkflowRequest(
            namespace=namespace, execution=execution, query=WorkflowQuery(query_type=kind)
        )
        yield f"answer-{kind.strip('_')}", await service.query_workflow(query)
