"""Telling follow-ups facts, asking how they stand, and listing them, through a Temporal client."""

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import AwareDatetime
from temporalio.client import Client, WorkflowExecution, WorkflowHandle

from domain.case import Entry
from domain.errors import NotReadable
from domain.follow_up.messages import (
    CloseAction,
    FollowedUp,
    MoveAction,
    RecordEvidence,
    ReplanAction,
    WithdrawAction,
    workflow_id,
)
from domain.follow_up.standing import FollowUpStanding
from domain.messages import Message, Receipt
from starter.reviews import PATIENCE, answering
from workflows import attributes as known
from workflows.follow_up import FollowUpWorkflow

Answer = TypeVar("Answer")

REFERENCE = re.compile(r"[A-Z]{2,6}-\d{4}-\d{2,4}")
"""The form of a case's reference."""

UPDATES: dict[type[Message], str] = {
    RecordEvidence: "record_evidence",
    CloseAction: "close_action",
    MoveAction: "move_action",
    ReplanAction: "replan_action",
    WithdrawAction: "withdraw_action",
}
"""The name of the update that takes each fact."""


class ListedAction(Message):
    """A follow-up as the list shows it: plain facts from visibility, and the owner's key."""

    reference: str
    number: int
    kind: str
    owner: str
    stage: str
    due: AwareDatetime | None
    late: bool
    area: str


@dataclass(frozen=True)
class FollowUps:
    """The follow-ups of one Temporal namespace. Each is named by its case's reference and its number."""

    client: Client

    def handle(self, reference: str, number: int) -> "WorkflowHandle[FollowUpWorkflow, FollowedUp]":
        """The handle of a follow-up, whether or not it exists."""
        return self.client.get_workflow_handle_for(FollowUpWorkflow.run, workflow_id(reference, number))

    async def tell(self, reference: str, number: int, fact: Message) -> Receipt:
        """Bring a fact to its follow-up and wait for the receipt.

        Raises:
            Refused: there is none of that number, it has ended, or it cannot take the fact.
            NotReachable: no worker answers.
        """
        handle = self.handle(reference, number)
        told = handle.execute_update(UPDATES[type(fact)], fact, result_type=Receipt)
        receipt: Receipt = await _answer(reference, number, told)
        return receipt

    async def standing(self, reference: str, number: int, as_of: datetime | None = None) -> FollowUpStanding:
        """Where a follow-up stands, open or closed; raises as `tell` does."""
        handle = self.handle(reference, number)
        return await _answer(reference, number, handle.query(FollowUpWorkflow.status, as_of))

    async def record(self, reference: str, number: int) -> tuple[Entry, ...]:
        """A follow-up's record; raises as `tell` does."""
        handle = self.handle(reference, number)
        return await _answer(reference, number, handle.query(FollowUpWorkflow.record))

    async def listed(
        self, reference: str | None = None, *, closed: bool = False, now: datetime | None = None
    ) -> list[ListedAction]:
        """Every open follow-up, of one case if named, the first due first; closed ones too if asked."""
        query = "WorkflowType = 'FollowUpWorkflow'"
        if reference:
            _checked(reference)
            query += f" AND WorkflowId STARTS_WITH '{reference}/'"
        if not closed:
            query += " AND ExecutionStatus = 'Running'"
        found = [await _row(run, now or datetime.now(UTC)) async for run in self.client.list_workflows(query)]
        return sorted(found, key=lambda row: (row.due is None, row.due, row.reference, row.number))


def _checked(reference: str) -> None:
    """A reference becomes part of a query, so it must be one."""
    if not REFERENCE.fullmatch(reference):
        raise NotReadable("REF: this is not a case's reference. Write one like RR-2026-07.")


async def _answer(reference: str, number: int, asked: Awaitable[Answer]) -> Answer:
    async with answering(f"{number} of {reference}", "action", "actions"):
        return await asyncio.wait_for(asked, PATIENCE.total_seconds())


async def _row(run: WorkflowExecution, now: datetime) -> ListedAction:
    reference, _, number = run.id.rsplit("/", 2)
    shown, memo = run.typed_search_attributes, await run.memo()
    due, stage = shown.get(known.NEXT_DUE_AT), shown.get(known.STAGE) or "opening"
    return ListedAction(
        reference=reference,
        number=int(number),
        kind=str(memo.get("kind", "")),
        owner=str(memo.get("owner", "")),
        stage=stage,
        due=due,
        late=bool(shown.get(known.LATE)) or (stage == "open" and due is not None and due < now),
        area=shown.get(known.AREA) or "",
    )
