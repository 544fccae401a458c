"""Preparing a server, on a real one."""

from datetime import timedelta

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from starter.embedded import Place, embedded_server
from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin
from worker.setup import prepare
from workflows.attributes import REGISTRY


async def test_a_bare_server_is_prepared_and_preparing_it_again_changes_nothing() -> None:
    """The set-up job creates namespace, retention and search attributes, and is safe to repeat."""
    keyring = KeyRing.fresh()
    async with embedded_server(Place(), keyring) as started:
        address = started.service_client.config.target_host
        client = await Client.connect(
            address, namespace="northamptonshire", plugins=[rapid_review_plugin(keyring)]
        )
        first = await prepare(client, timedelta(days=90))
        again = await prepare(client, timedelta(days=90))
        described = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace="northamptonshire")
        )
    assert first[0] == "Namespace northamptonshire created; it keeps closed cases for 90 days."
    assert all(key.name in first[1] for key in REGISTRY)
    assert again == ["Namespace northamptonshire keeps closed cases for 90 days."]
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == timedelta(days=90)
