"""Preparing a Temporal server: its namespace, how long it keeps closed cases, its search attributes."""

from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from workflows.attributes import REGISTRY


async def prepare(client: Client, retention: timedelta) -> list[str]:
    """Create the client's namespace or set its retention, and register what is missing.

    Safe to repeat. Answers a sentence for each thing that was done.
    """
    done = [await _namespace(client, retention)]
    known = await _registered(client)
    missing = {
        key.name: IndexedValueType.ValueType(key.indexed_value_type.value)
        for key in REGISTRY
        if key.name not in known
    }
    if missing:
        request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        await client.operator_service.add_search_attributes(request)
        done.append(f"Search attributes registered: {', '.join(missing)}.")
    return done


async def _namespace(client: Client, retention: timedelta) -> str:
    kept = Duration()
    kept.FromTimedelta(retention)
    request = RegisterNamespaceRequest(namespace=client.namespace, workflow_execution_retention_period=kept)
    try:
        await client.workflow_service.register_namespace(request)
    except RPCError as refusal:
        if refusal.status is not RPCStatusCode.ALREADY_EXISTS:
            raise
        update = UpdateNamespaceRequest(namespace=client.namespace)
        update.config.workflow_execution_retention_ttl.CopyFrom(kept)
        await client.workflow_service.update_namespace(update)
        return f"Namespace {client.namespace} keeps closed cases for {retention.days} days."
    return f"Namespace {client.namespace} created; it keeps closed cases for {retention.days} days."


async def _registered(client: Client) -> set[str]:
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return set(answer.custom_attributes)
