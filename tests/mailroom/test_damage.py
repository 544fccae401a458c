"""What the store no longer gives back stops no other mail, and the office sees what to restore."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import NotReachable, NotSealed, Refused
from postbox.verdicts import Why
from starter.mailroom.desk import QuarantineDesk
from starter.mailroom.guard import LoopGuard
from starter.mailroom.journal import Arrival, Fate, Journal, path_of
from starter.mailroom.quarantine import Held, Line, Quarantine
from starter.mailroom.read import Read, unreadable
from starter.mailroom.room import MailRoom
from starter.mailroom.running import Premises
from starter.reviews import Reviews
from tests.postbox.pieces import KEYS, OTHER_KEYS
from vault.documents import DocumentStore

RECEIVED = datetime(2026, 12, 15, 10, 21, tzinfo=UTC)

Damage = Callable[[str], Awaitable[None]]


class HoldingReader:
    """A reader by whom every mail is held."""

    async def read(self, arrival: Arrival) -> Read:
        """It waits for a person."""
        return unreadable(arrival.mail)


class NobodyToTell:
    """A teller that is never asked."""

    async def tell(self, read: Read, arrival: Arrival) -> Held | None:
        """Nothing that could be told gets here."""
        raise AssertionError((read.id, arrival.entry))


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    """The store the mail room works over."""
    return DocumentStore((tmp_path / "store").as_uri(), KEYS)


@pytest.fixture(params=["of another form", "under another key"])
def damaged(store: DocumentStore, tmp_path: Path, request: pytest.FixtureRequest) -> Damage:
    """What damages a record of the store: it opens and is not what we write, or it does not open."""
    other = DocumentStore((tmp_path / "store").as_uri(), OTHER_KEYS)
    written, by = (b'{"mail": {"si', store) if request.param == "of another form" else (b"{}", other)
    return lambda path: by.replace(path, written)


class ReadStore(DocumentStore):
    """A store that keeps which records it was asked for."""

    asked: tuple[str, ...] = ()

    async def read(self, path: str) -> bytes | None:
        """Note it."""
        self.asked += (path,)
        return await super().read(path)


async def test_the_mails_that_wait_are_counted_without_opening_them(tmp_path: Path) -> None:
    """A list of cases says how many there are, however many."""
    store = ReadStore(tmp_path.as_uri(), KEYS)
    journal, quarantine = Journal(store), Quarantine(store)
    for raw in (b"one", b"two"):
        arrival = await journal.take(raw, mail_from="", rcpt_to=(), received_at=RECEIVED)
        await quarantine.hold(Line(arrival=arrival, read=unreadable(arrival.mail), reason=Why.UNREADABLE))
    store.asked = ()
    assert await quarantine.number_waiting() == 2
    assert store.asked == ()


def room_over(store: DocumentStore) -> MailRoom:
    """A mail room over a store, which has yet to be set to work."""
    return MailRoom(
        journal=Journal(store),
        quarantine=Quarantine(store),
        reader=HoldingReader(),
        teller=NobodyToTell(),
        guard=LoopGuard(1, 1),
        backoff=(0.01,),
    )


async def taken(store: DocumentStore, raw: bytes) -> str:
    """The entry of a mail that was kept, and of which nothing has become."""
    arrival = await Journal(store).take(raw, mail_from="", rcpt_to=(), received_at=RECEIVED)
    return arrival.entry


async def brought(room: MailRoom, raw: bytes) -> Fate:
    """What becomes of a mail, within ten seconds."""
    async with asyncio.timeout(10):
        return (await room.settle(raw, mail_from="", rcpt_to=(), received_at=RECEIVED)).fate


async def test_damaged_entries_stop_no_other_mail_and_are_listed(
    store: DocumentStore, damaged: Damage
) -> None:
    """More of them than there are mails on their way at once, all taken up before the one that is whole."""
    entries = [await taken(store, f"mail {n}".encode()) for n in range(10)]
    for entry in entries:
        await damaged(path_of(entry))
    room = room_over(store)
    async with room.working():
        assert await brought(room, b"a whole one") is Fate.QUARANTINED
        await asyncio.wait_for(room.all_settled(), 10)
    listed = await Quarantine(store).damaged()
    assert {found.path for found in listed} == {path_of(entry) for entry in entries}
    assert len(await Quarantine(store).waiting()) == 1
    with pytest.raises(NotSealed, match="Restore it from the backup"):
        await Quarantine(store).line(listed[0].number)


async def test_an_entry_that_was_restored_is_carried_on_and_leaves_the_list(
    store: DocumentStore, damaged: Damage
) -> None:
    """At the next start: nothing of it was lost."""
    entry = await taken(store, b"first")
    whole = await store.read(path_of(entry))
    assert whole
    await damaged(path_of(entry))
    for restored in (None, whole):
        if restored:
            await store.replace(path_of(entry), restored)
        room = room_over(store)
        async with room.working():
            await brought(room, b"another")
            await asyncio.wait_for(room.all_settled(), 10)
    assert await Quarantine(store).damaged() == []
    assert len(await Quarantine(store).waiting()) == 2


async def test_a_mail_brought_again_mends_its_own_entry(store: DocumentStore, damaged: Damage) -> None:
    """As a mailbox does, where it still lies."""
    await damaged(path_of(await taken(store, b"first")))
    room = room_over(store)
    async with room.working():
        await brought(room, b"another")
        await asyncio.wait_for(room.all_settled(), 10)
        assert await brought(room, b"first") is Fate.QUARANTINED
    assert await room.quarantine.damaged() == []


async def test_a_line_of_the_quarantine_that_is_damaged_hides_no_other(
    store: DocumentStore, damaged: Damage
) -> None:
    """The list shows the others, and names the file to restore."""
    room = room_over(store)
    async with room.working():
        await brought(room, b"first")
        await brought(room, b"second")
    first, second = await room.quarantine.waiting()
    await damaged(f"quarantine/{first.number}.held")
    assert [line.number for line in await room.quarantine.waiting()] == [second.number]
    (found,) = await room.quarantine.damaged()
    assert found.path == f"quarantine/{first.number}.held"
    assert found.path in found.sentence


async def test_what_became_of_a_mail_is_found_out_anew_where_that_is_damaged(
    store: DocumentStore, damaged: Damage
) -> None:
    """It has its effect again, which changes nothing; the caps of the day are counted without it."""
    room = room_over(store)
    async with room.working():
        await brought(room, b"first")
        (settled,) = [path for path in await store.list("arrived") if path.endswith(".settled")]
        await damaged(settled)
        assert [became async for became in room.journal.of_day(RECEIVED.date())] == []
        assert await brought(room, b"first") is Fate.QUARANTINED
    assert len(await room.quarantine.waiting()) == 1


async def test_a_damaged_mail_is_dismissed_where_there_is_no_backup(
    premises: Premises, store: DocumentStore, damaged: Damage
) -> None:
    """With a reason, once; a number that was never given is refused."""
    await damaged(path_of(await taken(store, b"first")))
    room = room_over(store)
    async with room.working():
        await brought(room, b"another")
        await asyncio.wait_for(room.all_settled(), 10)
    (found,) = await room.quarantine.damaged()
    reviews = Reviews(premises.client, premises.settings.task_queue)
    desk = QuarantineDesk(premises, reviews)
    why = {"reason": "There is no backup", "by": "Business Officer"}
    assert "is dismissed" in await desk.dismiss(found.number, **why)
    assert "was dismissed on" in await desk.dismiss(found.number, **why)
    assert await room.quarantine.damaged() == []
    with pytest.raises(Refused, match="quarantine list"):
        await desk.dismiss("000000000000", **why)


class FailingJournal(Journal):
    """A journal with a fault of ours."""

    async def settle(self, entry: str, settled: object) -> None:
        """Fail at one mail, and at no other."""
        if (await self.arrival(entry)).mail.size == len(b"first"):
            raise ZeroDivisionError
        await super().settle(entry, settled)  # type: ignore[arg-type]  # whatever it is


async def test_a_fault_of_ours_leaves_nobody_waiting_and_stops_no_other_mail(store: DocumentStore) -> None:
    """Whoever waits is told to bring the mail again; those behind it go their way."""
    room = room_over(store)
    object.__setattr__(room, "journal", FailingJournal(store))
    async with room.working():
        for _ in range(10):
            with pytest.raises(NotReachable, match="ZeroDivisionError"):
                await brought(room, b"first")
        assert await brought(room, b"another") is Fate.QUARANTINED
