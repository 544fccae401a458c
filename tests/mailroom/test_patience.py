"""A Temporal server that does not answer loses no mail; one that never takes a mail keeps none waiting."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import pytest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from postbox.verdicts import Verdict
from starter.mailroom.guard import LoopGuard
from starter.mailroom.journal import Arrival, Fate, Journal
from starter.mailroom.quarantine import Held, Quarantine
from starter.mailroom.read import Read
from starter.mailroom.room import MailRoom
from starter.mailroom.running import Premises
from starter.mailroom.telling import CaseTeller
from starter.reviews import Reviews

RECEIVED = datetime(2026, 12, 15, 10, 21, tzinfo=UTC)
TRANSIENT = [
    RPCStatusCode.UNAVAILABLE,
    RPCStatusCode.DEADLINE_EXCEEDED,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.CANCELLED,
    RPCStatusCode.INTERNAL,
    RPCStatusCode.UNKNOWN,
    RPCStatusCode.PERMISSION_DENIED,
]
"""What a server says that is away, busy, being set up or set up wrongly: none of it lies in the mail."""


@dataclass
class FakeServer:
    """A server that says these before it takes a signal, and keeps what it takes."""

    says: list[RPCStatusCode]
    taken: list[tuple[str, str]] = field(default_factory=list)
    _workflow: str = ""

    def get_workflow_handle(self, workflow_id: str) -> "FakeServer":
        """The workflow, which is this too."""
        self._workflow = workflow_id
        return self

    async def signal(self, name: str, _fact: object) -> None:
        """Say the next, or take it."""
        if self.says:
            raise RPCError("Not now", self.says.pop(0), b"")
        self.taken.append((self._workflow, name))


class AskingReader:
    """A reader to whom every mail is a question of one agency."""

    async def read(self, arrival: Arrival) -> Read:
        """It is to be told to its case."""
        mail_id = f"mail-{arrival.mail.sha256[:32]}"
        return Read(id=mail_id, verdict=Verdict.QUESTION, reference="RR-2026-07", role="agency", key="police")


async def brought(premises: Premises, server: FakeServer) -> tuple[Fate, list[str]]:
    """What becomes of one mail, and why it is held where it is."""
    reviews = Reviews(cast("Client", server), "tests")
    room = MailRoom(
        journal=Journal(premises.store),
        quarantine=Quarantine(premises.store),
        reader=AskingReader(),
        teller=CaseTeller(reviews, premises.store, premises.partnership),
        guard=LoopGuard(1, 1),
        backoff=(0.001,),
    )
    async with asyncio.timeout(10), room.working():
        settled = await room.settle(b"A question", mail_from="", rcpt_to=(), received_at=RECEIVED)
    return settled.fate, [line.reason for line in await room.quarantine.waiting()]


async def test_a_mail_is_told_once_the_server_answers(premises: Premises) -> None:
    """However often and however it failed before; within the caps of the loop guard, which counts it once."""
    server = FakeServer([*TRANSIENT, *TRANSIENT])
    assert await brought(premises, server) == (Fate.TOLD, [])
    assert server.taken == [("RR-2026-07", "mail_filed")]


@pytest.mark.parametrize(
    ("status", "why"),
    [(RPCStatusCode.INVALID_ARGUMENT, Held.TROUBLE), (RPCStatusCode.NOT_FOUND, Held.CASE_CLOSED)],
)
async def test_a_mail_that_no_server_will_ever_take_is_held(
    premises: Premises, status: RPCStatusCode, why: Held
) -> None:
    """Its case is gone, or has had more than a case can hold: trying again would change nothing."""
    assert await brought(premises, FakeServer([status])) == (Fate.QUARANTINED, [why])
