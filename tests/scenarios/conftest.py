"""One server for all the scenarios of a session, on which each has a namespace of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from temporalio.client import Client

from starter.embedded import Place, embedded_server
from starter.rehearsal import Serving
from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin

NAMESPACES = tuple(f"scenario-{number}" for number in range(150))
"""More than there are scenarios: none is used twice, so that no case ever sees another's."""


@pytest.fixture(scope="session")
async def serving(session_keys: KeyRing) -> AsyncIterator[Serving]:
    """Gives each rehearsal a client of the session's server, in a namespace nobody has used."""
    free = iter(NAMESPACES)
    async with embedded_server(Place(skipping=True, namespaces=NAMESPACES), session_keys) as client:
        address = client.service_client.config.target_host

        @asynccontextmanager
        async def serve(_: Place, keyring: KeyRing) -> AsyncIterator[Client]:
            plugins = [rapid_review_plugin(keyring)]
            yield await Client.connect(address, namespace=next(free), plugins=plugins)

        yield serve
