"""Telling actions facts, asking how they stand, and listing them, through a Temporal client."""

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import AwareDatetime
from temporalio.client import Client, WorkflowExecution, WorkflowHandle

from domain.case import Stage
from domain.errors import NotReadable, Refused
from domain.follow_up.letters import action_of
from domain.follow_up.messages import (
    CloseAction,
    FollowedUp,
    MoveAction,
    RecordEvidence,
    ReplanAction,
    TellAction,
    WithdrawAction,
    workflow_id,
)
from domain.follow_up.standing import FollowUpStanding
from domain.follow_up.state import FollowUpStage
from domain.messages import Concluded, Message, Receipt, SendAgain
from domain.record import Entry
from starter.replanning import IN_FLIGHT
from starter.reviews import PATIENCE, answering, exists
from workflows import attributes as known
from workflows.follow_up import FollowUpWorkflow
from workflows.rapid_review import RapidReviewWorkflow

Answer = TypeVar("Answer")

REFERENCE = re.compile(r"[A-Z]{2,6}-\d{4}-\d{2,4}")
"""The form of a case's reference."""

UPDATES: dict[type[Message], str] = {
    RecordEvidence: "record_evidence",
    CloseAction: "close_action",
    MoveAction: "move_action",
    ReplanAction: "replan_action",
    WithdrawAction: "withdraw_action",
    SendAgain: "send_again",
}
"""The name of the update that takes each fact."""


OPEN = (FollowUpStage.OPEN, FollowUpStage.EVIDENCED)
"""The stages of an action that somebody has still to do, or to close."""

AFTER_THE_MEETING = (Stage.DRAFTING, Stage.SIGNING, Stage.SUBMITTED)
"""The stages of an open review that may carry actions."""

ENDED = (Stage.CONCLUDED, Stage.WITHDRAWN)
"""The stages of one that has ended."""


class ListedAction(Message):
    """An action as the list shows it: plain facts, and the owner's key."""

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
    """The actions of one Temporal namespace. Each is named by its case's reference and its number.

    A running review carries its actions itself; once it has ended each has a workflow of its own.
    """

    client: Client

    def handle(self, reference: str, number: int) -> "WorkflowHandle[FollowUpWorkflow, FollowedUp]":
        """The handle of an action handed over, whether or not it exists."""
        return self.client.get_workflow_handle_for(FollowUpWorkflow.run, workflow_id(reference, number))

    def review(self, reference: str) -> "WorkflowHandle[RapidReviewWorkflow, Concluded]":
        """The handle of the review that carries an action until it is handed over."""
        return self.client.get_workflow_handle_for(RapidReviewWorkflow.run, reference)

    async def handed_over(self, reference: str, number: int) -> bool:
        """Whether an action has a workflow of its own by now.

        Raises:
            NotReachable: the server does not answer.
        """
        return await exists(self.handle(reference, number))

    async def tell(self, reference: str, number: int, fact: Message) -> Receipt:
        """Bring a fact to an action, wherever it is followed, and wait for the receipt.

        Raises:
            Refused: there is none of that number, it has ended, or it cannot take the fact.
            NotReachable: no worker answers.
        """
        own, review = self.handle(reference, number), self.review(reference)
        if await self.handed_over(reference, number):
            told = own.execute_update(UPDATES[type(fact)], fact, result_type=Receipt)
            receipt: Receipt = await _answer(reference, number, own, told)
        elif isinstance(fact, SendAgain):
            told = review.execute_update("send_again", fact, result_type=Receipt)
            receipt = await _answer(reference, number, review, told)
        else:
            about = TellAction.model_validate({"number": number, "fact": fact})
            told = review.execute_update("tell_action", about, result_type=Receipt)
            receipt = await _answer(reference, number, review, told)
        return receipt

    async def writer_of(self, reference: str, letter: str) -> "WorkflowHandle[Any, Any]":
        """What wrote an action's letter: its own workflow by now, or the review that carries it."""
        number = action_of(letter)
        if await self.handed_over(reference, number):
            return self.handle(reference, number)
        return self.review(reference)

    async def standing(self, reference: str, number: int, as_of: datetime | None = None) -> FollowUpStanding:
        """Where an action stands, open or closed; raises as `tell` does."""
        if await self.handed_over(reference, number):
            own = self.handle(reference, number)
            return await _answer(reference, number, own, own.query(FollowUpWorkflow.status, as_of))
        for action in await self._carried(reference, as_of):
            if action.number == number:
                return action
        raise Refused(
            f"{reference} has no action {number}. See them with `rapid-review actions {reference}`."
        )

    async def record(self, reference: str, number: int) -> tuple[Entry, ...]:
        """An action's record; raises as `tell` does."""
        if await self.handed_over(reference, number):
            own = self.handle(reference, number)
            return await _answer(reference, number, own, own.query(FollowUpWorkflow.record))
        review = self.review(reference)
        asked = review.query(RapidReviewWorkflow.action_record, number)
        return await _answer(reference, number, review, asked)

    async def _carried(self, reference: str, as_of: datetime | None) -> tuple[FollowUpStanding, ...]:
        """The actions that a review has not handed over; those it closed itself stay with it."""
        asked = self.review(reference).query(RapidReviewWorkflow.actions, as_of)
        async with answering(reference):
            return await asyncio.wait_for(asked, PATIENCE.total_seconds())

    async def _carried_by(self, reviews: list[str], as_of: datetime) -> list[FollowUpStanding]:
        """The actions that some reviews have not handed over; some are asked at the same time."""
        room = asyncio.Semaphore(IN_FLIGHT)

        async def carried(review: str) -> tuple[FollowUpStanding, ...]:
            async with room:
                return await self._carried(review, as_of)

        return [action for found in await asyncio.gather(*map(carried, reviews)) for action in found]

    async def listed(
        self, reference: str | None = None, *, closed: bool = False, now: datetime | None = None
    ) -> list[ListedAction]:
        """Every open action, of one case if named, the first due first; closed ones too if asked.

        Those that a review closed itself stay with it; they are listed as long as the server keeps it.
        """
        if reference:
            _checked(reference)
        now = now or datetime.now(UTC)
        found = await self._followed(reference, now, closed=closed)
        for action in await self._carried_by(await self._reviews(reference, closed=closed), now):
            if closed or action.stage in OPEN:
                found.append(_carried_row(action))
        return sorted(found, key=lambda row: (row.due is None, row.due, row.reference, row.number))

    async def _followed(self, reference: str | None, now: datetime, *, closed: bool) -> list[ListedAction]:
        """The actions that have a workflow of their own."""
        query = "WorkflowType = 'FollowUpWorkflow'"
        if reference:
            query += f" AND WorkflowId STARTS_WITH '{reference}/'"
        if not closed:
            query += " AND ExecutionStatus = 'Running'"
        return [await _row(run, now) async for run in self.client.list_workflows(query)]

    async def _reviews(self, reference: str | None, *, closed: bool) -> list[str]:
        """The reviews that may carry actions: the one named, or every one that has come so far.

        One that has ended carries those alone that were closed or withdrawn while it ran.
        """
        if reference:
            return [reference] if await exists(self.review(reference)) else []
        stages = ", ".join(f"'{stage}'" for stage in (*AFTER_THE_MEETING, *(ENDED if closed else ())))
        query = f"WorkflowType = 'RapidReviewWorkflow' AND RRStage IN ({stages})"
        if not closed:
            query += " AND ExecutionStatus = 'Running'"
        return [run.id async for run in self.client.list_workflows(query)]


def _checked(reference: str) -> None:
    """A reference becomes part of a query, so it must be one."""
    if not REFERENCE.fullmatch(reference):
        raise NotReadable("REF: this is not a case's reference. Write one like RR-2026-07.")


async def _answer(
    reference: str, number: int, holder: "WorkflowHandle[Any, Any]", asked: Awaitable[Answer]
) -> Answer:
    async with answering(f"{number} of {reference}", "action", "actions", asked=holder):
        return await asyncio.wait_for(asked, PATIENCE.total_seconds())


def _carried_row(now: FollowUpStanding) -> ListedAction:
    return ListedAction(
        reference=now.reference,
        number=now.number,
        kind=now.kind,
        owner=now.owner_key,
        stage=now.stage,
        due=now.due,
        late=now.late,
        area=now.area,
    )


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
