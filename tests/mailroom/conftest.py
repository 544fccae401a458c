"""A mail room at work beside a real case: real server, real store, mails that are really read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pytest
from temporalio.client import Client

from domain.record import Entry, Event
from domain.standing import Standing
from starter.mailroom.guard import LoopGuard
from starter.mailroom.journal import Arrival, Journal, Settled
from starter.mailroom.quarantine import Quarantine
from starter.mailroom.reader import Answer, Place, ReadingProcess
from starter.mailroom.reading import Reader
from starter.mailroom.room import MailRoom
from starter.mailroom.running import Premises
from starter.reviews import Reviews
from tests.crash.opening import eight_agencies
from tests.mailroom.replies import Reply
from tests.postbox.pieces import FOLDER, KEYS, PARTNERSHIP, SERVER
from tests.workflows.playing import PlayedReview, played, soon
from tests.workflows.post_room import FakePostRoom
from vault.documents import DocumentStore
from worker.settings import Settings

T = TypeVar("T")

MANY = 10_000

_references = (f"RR-2027-{n}" for n in range(1000, 10_000))


class ReadingHere(ReadingProcess):
    """Reads as the process does, by the same lines of JSON, in a thread of this one: it is there at once."""

    def __init__(self, place: Place) -> None:
        """Have mail of a place read."""
        super().__init__(place)
        self._thread = ThreadPoolExecutor(1)
        self._runner = asyncio.Runner()

    async def __aexit__(self, *_: object) -> None:
        """End the thread."""
        await self._in_thread(self._runner.close)
        self._thread.shutdown()

    async def _answer(self, arrival: Arrival) -> Answer:
        line = await self._in_thread(self._answered, arrival.model_dump_json())
        return Answer.model_validate_json(line)

    def _answered(self, line: str) -> str:
        return self._reader.answer(Arrival.model_validate_json(line)).model_dump_json()

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._place, self._runner)

    async def _in_thread(self, done: Callable[..., T], *given: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, done, *given)


@dataclass
class Office:
    """One case under review, and the mail room that hears of it."""

    premises: Premises
    reader: ReadingProcess
    review: PlayedReview
    post: FakePostRoom
    room: MailRoom

    @property
    def reference(self) -> str:
        """The case's reference."""
        return self.review.reference

    async def now(self) -> datetime:
        """The case's own time: its clock is not this machine's."""
        return await self.review.clock.now(self.review.handle)

    async def arrives(self, mail: Reply | bytes, at: datetime | None = None) -> Settled:
        """A mail comes; what becomes of it, with all that follows in the case carried out."""
        settled = await self.brought(mail, at)
        await self.review.settle()
        return settled

    async def brought(self, mail: Reply | bytes, at: datetime | None = None) -> Settled:
        """A mail comes; what becomes of it."""
        raw, to = (mail, ()) if isinstance(mail, bytes) else (mail.raw, (mail.address,))
        sender = "" if isinstance(mail, bytes) else None
        received = at or await self.now()
        return await self.room.settle(raw, mail_from=sender, rcpt_to=to, received_at=received)

    async def standing(self) -> Standing:
        """Where the case stands."""
        return await self.review.standing()

    async def entries(self, *events: Event) -> list[Entry]:
        """The lines of the record about these events."""
        return await self.review.entries(*events)

    async def held(self) -> list[str]:
        """Why each mail in quarantine is held."""
        return [line.reason for line in await self.room.quarantine.waiting()]

    @asynccontextmanager
    async def restarted(self, caps: LoopGuard | None = None, **house: object) -> AsyncIterator[None]:
        """The mail room started once more, with other caps, or for a partnership that differs."""
        partnership = self.premises.partnership.model_copy(update=house)
        room, self.room = self.room, _room(replace(self.premises, partnership=partnership), self.reader, caps)
        async with self.room.working():
            yield
        self.room = room


def _room(premises: Premises, reader: ReadingProcess, caps: LoopGuard | None = None) -> MailRoom:
    return MailRoom(
        journal=Journal(premises.store),
        quarantine=Quarantine(premises.store),
        reader=reader,
        teller=premises.teller,
        guard=caps or LoopGuard(MANY, MANY),
        backoff=(0.01,),
    )


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a place of its own, whose mail server's word on senders counts."""
    made = Settings(home=tmp_path, partnership=FOLDER, mail_in_authserv_ids=(SERVER,))
    KEYS.write(made.keyring_path)
    return made


@pytest.fixture
def premises(settings: Settings, server: Client) -> Premises:
    """What a mail room is put together from."""
    store = DocumentStore(settings.store_url, KEYS)
    return Premises(settings, server, KEYS, store, PARTNERSHIP)


@pytest.fixture
def reads() -> type[ReadingProcess]:
    """Who reads the mail of an office, where its being a process is not what matters."""
    return ReadingHere


@pytest.fixture
async def office(premises: Premises, reads: type[ReadingProcess]) -> AsyncIterator[Office]:
    """A case of eight agencies opened in a November to come, and a mail room at work."""
    async with _office(premises, reads(premises.place), soon()) as made:
        yield made


@pytest.fixture
async def office_today(premises: Premises, reads: type[ReadingProcess]) -> AsyncIterator[Office]:
    """The same opened an hour ago, for doors that go by this machine's clock."""
    async with _office(premises, reads(premises.place), datetime.now(UTC) - timedelta(hours=1)) as made:
        yield made


@asynccontextmanager
async def _office(premises: Premises, reader: ReadingProcess, sin_sent: datetime) -> AsyncIterator[Office]:
    post = FakePostRoom()
    opening = await eight_agencies(next(_references), sin_sent, PARTNERSHIP, premises.store)
    async with played(premises.client, opening, post) as review, AsyncExitStack() as ending:
        ending.push_async_exit(reader)  # which starts when there is a first mail to be read
        reviews = Reviews(review.reviews.client, premises.settings.task_queue)
        told = replace(premises, client=reviews.client)
        room = _room(told, reader)
        async with room.working():
            yield Office(told, reader, review, post, room)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    """Ask until something is true, for twenty seconds at most."""
    async with asyncio.timeout(20):
        while not await true():  # noqa: ASYNC110 - only the server or the store knows, and can only be asked
            await asyncio.sleep(0.05)
