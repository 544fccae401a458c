"""The queue of the mail room, where whoever waits at a full one goes away."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from postbox.verdicts import Verdict, Why
from starter.mailroom.guard import LoopGuard
from starter.mailroom.journal import Arrival, Fate, Journal, Settled
from starter.mailroom.quarantine import Held, Quarantine
from starter.mailroom.read import Read, unreadable
from starter.mailroom.room import MailRoom
from tests.postbox.pieces import KEYS
from vault.documents import DocumentStore

RECEIVED = datetime(2026, 12, 15, 10, 21, tzinfo=UTC)


@dataclass
class UnreadReader:
    """A reader that can read nothing, and keeps what it was asked."""

    asked: list[Arrival] = field(default_factory=list)

    async def read(self, arrival: Arrival) -> Read:
        """It waits for a person."""
        self.asked.append(arrival)
        return unreadable(arrival.mail)


class CountingJournal(Journal):
    """A journal that counts the answers to whether something has become of a mail."""

    answers = 0

    async def settled(self, entry: str) -> Settled | None:
        """Count the answer, once it is there."""
        settled = await super().settled(entry)
        self.answers += 1
        return settled


class NobodyToTell:
    """A teller that is never asked."""

    async def tell(self, read: Read, arrival: Arrival) -> Held | None:
        """Nothing that could be told gets here."""
        raise AssertionError((read.id, arrival.entry))


class TogetherReader:
    """A reader that has read two mails of one Message-ID before anything becomes of either."""

    def __init__(self) -> None:
        """Wait for two."""
        self.both = asyncio.Barrier(2)

    async def read(self, arrival: Arrival) -> Read:
        """A question of one agency."""
        await self.both.wait()
        mail_id = f"mail-{arrival.mail.sha256[:32]}"
        verdict = Verdict.QUESTION
        return Read(
            id=mail_id, message="mail-one", verdict=verdict, reference="RR-2026-07", role="agency", key="gp"
        )


@dataclass
class ListeningTeller:
    """A teller that takes whatever it is told."""

    told: list[str] = field(default_factory=list)

    async def tell(self, read: Read, arrival: Arrival) -> Held | None:
        """Hear of it."""
        assert arrival
        self.told.append(read.id)
        return None


async def test_of_two_mails_of_one_message_id_read_at_the_same_time_one_counts(tmp_path: Path) -> None:
    """The other says something else, and is for a person; the same again would be a duplicate."""
    store, teller = DocumentStore(tmp_path.as_uri(), KEYS), ListeningTeller()
    room = MailRoom(
        journal=Journal(store),
        quarantine=Quarantine(store),
        reader=TogetherReader(),
        teller=teller,
        guard=LoopGuard(9, 9),
    )
    async with room.working(), asyncio.timeout(20):
        bringing = (
            room.settle(raw, mail_from="", rcpt_to=(), received_at=RECEIVED) for raw in (b"one", b"two")
        )
        became = await asyncio.gather(*bringing)
    assert sorted(settled.fate for settled in became) == [Fate.QUARANTINED, Fate.TOLD]
    assert [line.reason for line in await room.quarantine.waiting()] == [Why.ID_USED]
    assert len(teller.told) == 1


def _narrow_room(store: DocumentStore, journal: Journal, reader: UnreadReader) -> MailRoom:
    return MailRoom(
        journal=journal,
        quarantine=Quarantine(store),
        reader=reader,
        teller=NobodyToTell(),
        guard=LoopGuard(1, 1),
        _queue=asyncio.Queue(1),
    )


async def _brought(room: MailRoom, raw: bytes) -> None:
    await room.take(raw, mail_from="", rcpt_to=(), received_at=RECEIVED)


async def test_a_mail_whose_bringer_hung_up_at_a_full_queue_is_not_stuck(tmp_path: Path) -> None:
    """It is carried on when it is brought again; who waits for the same mail is not left waiting."""
    store, reader = DocumentStore(tmp_path.as_uri(), KEYS), UnreadReader()
    journal = CountingJournal(store)
    room = _narrow_room(store, journal, reader)
    await _brought(room, b"first")
    hung_up = asyncio.create_task(_brought(room, b"second"))
    await _answered(journal, 2)
    waits = asyncio.create_task(room.settle(b"second", mail_from="", rcpt_to=(), received_at=RECEIVED))
    await _answered(journal, 4)
    hung_up.cancel()
    await asyncio.wait([hung_up])
    async with asyncio.timeout(10), room.working():
        await _brought(room, b"second")
        assert (await waits).fate is Fate.QUARANTINED
    assert len(reader.asked) == 2


async def _answered(journal: CountingJournal, times: int) -> None:
    """Wait until so many have asked, and gone on to the queue."""
    while journal.answers < times:  # noqa: ASYNC110 - an answer is counted before it is acted on
        await asyncio.sleep(0)
    await asyncio.sleep(0)
