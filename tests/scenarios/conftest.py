"""What serves the scenarios: the session's server, on which each has a namespace of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from temporalio.client import Client

from starter.embedded import Place
from starter.rehearsal import Serving
from tests.conftest import Elsewhere
from vault.keys import KeyRing


@pytest.fixture(scope="session")
def serving(elsewhere: Elsewhere) -> Serving:
    """Gives each rehearsal a client of the session's server, in a namespace nobody has used."""

    @asynccontextmanager
    async def serve(_: Place, keyring: KeyRing) -> AsyncIterator[Client]:
        yield await elsewhere(keyring)

    return serve
