"""An office whose worker is a process of its own and can be killed: real server, real mail, real store."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from temporalio.api.activity.v1 import ActivityOptions
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import PendingActivityState
from temporalio.api.workflowservice.v1 import ResetStickyTaskQueueRequest, UpdateActivityOptionsRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.service import WorkflowService

from domain.messages import Concluded
from domain.partnership import load_partnership
from domain.tokens import LETTER_KEY
from starter.clock import ReviewClock
from starter.reviews import Reviews
from starter.scenario import moment_of, next_moment
from starter.sink import MailSink
from tests.crash.holding import HoldingSink, Moment
from tests.crash.opening import eight_agencies
from tests.crash.worker_process import ReadyWorkerProcess, WorkerProcess
from vault.documents import DocumentStore
from vault.keys import KeyRing
from worker.settings import Settings
from workflows.rapid_review import RapidReviewWorkflow

AT_ONCE = Duration(seconds=1)
"""How long a worker known to be dead may still be silent; the workflow gives a living one longer."""

NEVER = 10_000
"""An answer that no test comes to: nothing is held back."""

REFERENCES = (f"CR-2026-{n}" for n in count(11))


@dataclass
class Office:
    """One review, its worker's process and its mail server. ``sink`` keeps every letter it took."""

    sink: HoldingSink
    worker: WorkerProcess
    clock: ReviewClock
    reviews: Reviews
    handle: "WorkflowHandle[RapidReviewWorkflow, Concluded]"

    @property
    def letters(self) -> list[EmailMessage]:
        """Every letter that was taken, in order."""
        return list(self.sink.messages())

    @property
    def keys(self) -> "Counter[str]":
        """How often each letter was taken, by its key."""
        return Counter(letter[LETTER_KEY] for letter in self.letters)

    async def killed_as_held(self) -> None:
        """Kill the worker once the mail server holds its answer back, and see it given up for dead."""
        await self.sink.held.wait()
        await self.power_cut()
        await self._attempts(
            activity_options=ActivityOptions(heartbeat_timeout=AT_ONCE),
            update_mask=FieldMask(paths=["heartbeat_timeout"]),
        )
        await _until(self._given_up)
        await self._attempts(restore_original=True)

    async def power_cut(self) -> None:
        """Kill the worker, and spare the test ten seconds in which the server still counts on its cache."""
        await self.worker.kill()
        await self._service.reset_sticky_task_queue(
            ResetStickyTaskQueueRequest(namespace=self._namespace, execution=self._execution)
        )

    async def settle(self) -> None:
        """Follow the review for a minute of its own clock, which waits for what is being sent."""
        await self.clock.move_on(self.handle, timedelta(minutes=1))

    async def falls_due(self, due: datetime) -> "asyncio.Task[bool]":
        """Move the review's clock to where a step falls due; done once a worker has carried it out."""
        moving = asyncio.create_task(self.clock.move_to(self.handle, due + timedelta(hours=3)))
        await _until(lambda: self._reached(due))
        return moving

    async def moment(self, text: str) -> datetime:
        """A moment of this review: ``day 6 12:00``."""
        plans = await self.reviews.plans(self.handle.id)
        return moment_of(text, plans[0])

    async def _reached(self, due: datetime) -> bool:
        return await self.clock.now(self.handle) >= due

    async def _given_up(self) -> bool:
        described = await self.handle.describe()
        return not any(
            sending.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
            for sending in described.raw_description.pending_activities
        )

    async def _attempts(self, **changed: Any) -> None:  # noqa: ANN401 - the fields of the request
        """Change the conditions under which the letters now in hand are being sent."""
        request = UpdateActivityOptionsRequest(
            namespace=self._namespace, execution=self._execution, type="send_letters", **changed
        )
        await self._service.update_activity_options(request)

    @property
    def _service(self) -> WorkflowService:
        return self.reviews.client.workflow_service

    @property
    def _namespace(self) -> str:
        return self.reviews.client.namespace

    @property
    def _execution(self) -> WorkflowExecution:
        return WorkflowExecution(workflow_id=self.handle.id)


@dataclass(frozen=True)
class Offices:
    """Opens reviews, each with an office of its own in ``folder``."""

    client: Client
    keyring: KeyRing
    folder: Path
    worker: type[WorkerProcess] = ReadyWorkerProcess

    @asynccontextmanager
    async def open(self, moment: Moment = Moment.QUIT, nth: int = NEVER) -> AsyncIterator[Office]:
        """A review just opened on Mon 7 December 15:20, whose ``nth`` answer of a kind is held back."""
        reference = next(REFERENCES)
        async with HoldingSink(self.folder / "mail", moment, nth) as sink:
            settings = self._settings(reference, sink)
            worker = self.worker(settings, self.client.service_client.config.target_host)
            clock = ReviewClock(self.client)
            reviews = Reviews(clock.client, settings.task_queue)
            store = DocumentStore(settings.store_url, self.keyring)
            sent = next_moment("next 7 December 15:20", clock.wall())
            opening = await eight_agencies(reference, sent, load_partnership(settings.partnership), store)
            after = sent - clock.wall() + timedelta(seconds=1)
            await worker.start()
            try:
                handle = await reviews.open(opening, after=after)
                await clock.start(handle, after)
                yield Office(sink, worker, clock, reviews, handle)
            finally:
                await worker.kill()

    def _settings(self, reference: str, sink: MailSink) -> Settings:
        settings = Settings(home=self.folder, smtp_port=sink.port, task_queue=reference.lower())
        self.keyring.write(settings.keyring_path)
        return settings


async def _until(true: Callable[[], Awaitable[bool]]) -> None:
    """Ask until something is true, for ten seconds at most."""
    async with asyncio.timeout(10):
        while not await true():  # noqa: ASYNC110 - only the server knows, and it can only be asked
            await asyncio.sleep(0.05)


@pytest.fixture
def offices(server: Client, session_keys: KeyRing, tmp_path: Path) -> Offices:
    """Offices on the session's server, all they keep in the test's own folder."""
    return Offices(server, session_keys, tmp_path)
