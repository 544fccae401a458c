"""What the whole suite shares: the embedded servers, one for each session, and the run without a cache.

``pytest --no-workflow-cache tests/workflows`` makes every worker forget its workflows after each task, so
that each of them is played again from its history at every turn: the cheapest test of determinism.
"""

import gc
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from functools import partialmethod
from pathlib import Path

import pytest
from hypothesis import settings
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from starter.embedded import Place, embedded_server
from tests.laws import EVERY
from tests.postbox.pieces import KEYS
from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin
from workflows.attributes import REGISTRY

# The servers that tests start are Go programs which live for seconds: they share the machine's processors
# with several others, and need not tidy up after themselves until they are large. A quarter of their time.
os.environ |= {"GOMAXPROCS": "1", "GOGC": "off", "GOMEMLIMIT": "1500MiB"}

settings.register_profile(EVERY, settings.default, max_examples=200)

NAMESPACES = tuple(f"elsewhere-{number}" for number in range(100))
"""More than there are tests that need one of their own: none is used twice, so no case sees another's."""

Elsewhere = Callable[[KeyRing], Awaitable[Client]]
"""What gives a client of the session's server in a namespace nobody has used."""

NO_CACHE = "--no-workflow-cache"

HERE = Path(__file__).parent

WAITING = (HERE / "crash", HERE / "starter" / "test_up.py", HERE / "mailroom" / "test_killed.py")
"""The tests that take long and yet leave a processor idle."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the determinism run."""
    told = "play every workflow again from its history at each of its tasks (the determinism run)"
    parser.addoption(NO_CACHE, action="store_true", help=told)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what mostly waits for programs to start and die: other workers go on meanwhile."""
    items.sort(key=lambda item: not any(item.path.is_relative_to(place) for place in WAITING))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from what is being collected, and later from what stays to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def workers_cache(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take the cache away from every worker of this process, in the determinism run only."""
    with pytest.MonkeyPatch.context() as patch:
        if request.config.getoption(NO_CACHE):
            patch.setattr(Worker, "__init__", partialmethod(_made_without_cache, Worker.__init__))
        yield


def _made_without_cache(
    worker: Worker, made: Callable[..., None], client: Client, **settings: object
) -> None:
    made(worker, client, **{**settings, "max_cached_workflows": 0})


@pytest.fixture(scope="session")
def session_keys() -> KeyRing:
    """The key ring of the session's servers, which also signs the mails that tests make up."""
    return KEYS


@pytest.fixture(scope="session")
async def server(session_keys: KeyRing) -> AsyncIterator[Client]:
    """A client of a real server in memory, on which the clock of any one review can be moved."""
    async with embedded_server(Place(skipping=True, namespaces=NAMESPACES), session_keys) as client:
        yield client


@pytest.fixture(scope="session")
def elsewhere(server: Client) -> Elsewhere:
    """Gives a client of the same server in a namespace nobody has used, sealing with another key ring."""
    address, free = server.service_client.config.target_host, iter(NAMESPACES)

    async def client(keyring: KeyRing) -> Client:
        return await Client.connect(address, namespace=next(free), plugins=[rapid_review_plugin(keyring)])

    return client


@pytest.fixture(scope="session")
async def time_skipping_server(session_keys: KeyRing) -> AsyncIterator[WorkflowEnvironment]:
    """The SDK's own test server, whose one clock skips to the next timer of all."""
    program = Path(sys.executable).parent / "temporal-test-server"
    environment = await WorkflowEnvironment.start_time_skipping(
        plugins=[rapid_review_plugin(session_keys)],
        test_server_existing_path=str(program) if program.exists() else None,
    )
    async with environment:
        client = environment.client
        known = {key.name: IndexedValueType.ValueType(key.indexed_value_type.value) for key in REGISTRY}
        request = AddSearchAttributesRequest(namespace=client.namespace, search_attributes=known)
        await client.operator_service.add_search_attributes(request)
        yield environment
