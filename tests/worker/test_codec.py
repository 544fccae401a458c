"""The codec: what Temporal keeps is sealed, and comes back as it was."""

import shutil
import sysconfig
from collections.abc import AsyncIterator

import pytest
from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from domain.errors import NotSealed
from domain.messages import AddAgency
from vault.keys import KeyRing
from worker.codec import SealedPayloads, data_converter

RING = KeyRing.fresh()
CODEC = SealedPayloads(RING)
MARKER = "marker-reason"
PROGRAMS = sysconfig.get_path("scripts")
PLAIN = Payload(metadata={"encoding": b"json/plain"}, data=b'"marker-reason"')


@workflow.defn
class Failing:
    """Fails with what it was given."""

    @workflow.run
    async def run(self, reason: str) -> None:
        """Fail, with the reason in the message, a detail and the cause."""
        raise ApplicationError(reason, reason, type="Refused", non_retryable=True) from ValueError(reason)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A client that seals, on a real server of its own."""
    server = await WorkflowEnvironment.start_local(
        data_converter=data_converter(RING), dev_server_existing_path=shutil.which("temporal", path=PROGRAMS)
    )
    async with server:
        yield server.client


async def test_payloads_come_back_as_they_were() -> None:
    """Several at once, in order, with their own metadata; an empty one too."""
    payloads = [PLAIN, Payload(), Payload(metadata={"encoding": b"binary/null"})]
    assert await CODEC.decode(await CODEC.encode(payloads)) == payloads


async def test_a_sealed_payload_shows_only_its_encoding_and_key() -> None:
    """Even what kind of data it was is inside."""
    (sealed,) = await CODEC.encode([PLAIN])
    assert dict(sealed.metadata) == {"encoding": b"binary/encrypted", "encryption-key-id": b"k1"}
    assert b"marker" not in sealed.SerializeToString()
    assert b"json/plain" not in sealed.SerializeToString()


async def test_payloads_that_are_not_sealed_pass_through() -> None:
    """Nulls and what others wrote are handed back as they are."""
    assert await CODEC.decode([PLAIN, Payload()]) == [PLAIN, Payload()]


async def test_old_payloads_open_after_rotation_and_new_ones_use_the_new_key() -> None:
    """A history begun under k1 goes on under k2."""
    rotated = SealedPayloads(RING.rotated())
    assert await rotated.decode(await CODEC.encode([PLAIN])) == [PLAIN]
    (sealed,) = await rotated.encode([PLAIN])
    assert sealed.metadata["encryption-key-id"] == b"k2"
    with pytest.raises(NotSealed, match="under key k2"):
        await CODEC.decode([sealed])


async def test_an_altered_payload_is_refused() -> None:
    """One flipped bit."""
    (sealed,) = await CODEC.encode([PLAIN])
    sealed.data = sealed.data[:-1] + bytes([sealed.data[-1] ^ 1])
    with pytest.raises(NotSealed, match="altered"):
        await CODEC.decode([sealed])


async def test_something_sealed_for_the_store_is_no_payload() -> None:
    """The two uses of the ring cannot be exchanged."""
    document = Payload(
        metadata={"encoding": b"binary/encrypted"}, data=bytes(RING.seal(b"", b"store:documents/a"))
    )
    with pytest.raises(NotSealed):
        await CODEC.decode([document])


async def test_messages_travel_sealed() -> None:
    """A model goes through the whole converter and comes back equal."""
    converter, message = data_converter(RING), AddAgency(agency="police", reason=MARKER, by="An Officer")
    payloads = await converter.encode([message])
    assert b"marker" not in payloads[0].SerializeToString()
    assert await converter.decode(payloads, [AddAgency]) == [message]


async def test_failures_travel_sealed() -> None:
    """Message, stack trace, details and causes are inside; only the type is plain."""
    converter, failure = data_converter(RING), Failure()
    await converter.encode_failure(failing(), failure)
    assert b"marker" not in failure.SerializeToString()
    assert "test_codec" not in str(failure)
    assert failure.application_failure_info.type == "Refused"
    error = await converter.decode_failure(failure)
    assert isinstance(error, ApplicationError)
    assert (error.message, list(error.details)) == (MARKER, [MARKER])
    assert MARKER in str(error.__cause__)


def failing() -> ApplicationError:
    """An error with a message, a detail, a cause and a stack."""
    with pytest.raises(ApplicationError) as failed:
        raise ApplicationError(MARKER, MARKER, type="Refused") from ValueError(MARKER)
    return failed.value


async def test_a_history_on_a_real_server_holds_nothing_plain(client: Client) -> None:
    """A workflow is given the marker and fails with it; the server keeps none of it, the client sees it."""
    history = b""
    async with Worker(
        client, task_queue="codec", workflows=[Failing], workflow_runner=UnsandboxedWorkflowRunner()
    ):
        handle = await client.start_workflow(
            Failing.run,
            MARKER,
            id="RR-2026-07",
            task_queue="codec",
            memo={"note": MARKER},
            static_summary=MARKER,
        )
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
    async for event in handle.fetch_history_events():
        history += event.SerializeToString()
    assert MARKER in str(failed.value.cause)
    assert b"Refused" in history
    assert b"marker" not in history
