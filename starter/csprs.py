"""Telling a CSPR facts and asking how it stands, through a Temporal client."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from temporalio.client import Client, WorkflowHandle

from domain.cspr.dates import CsprDates
from domain.cspr.messages import (
    CsprCommission,
    CsprDraft,
    CsprEnded,
    CsprHold,
    CsprLiftHold,
    CsprMonitor,
    CsprPublish,
    CsprReplan,
    CsprRequest,
    CsprSend,
    CsprTerms,
    CsprWithdraw,
    cspr_id,
)
from domain.cspr.standing import CsprStanding
from domain.messages import Message, Receipt, SendAgain, SignOff
from domain.record import Entry
from starter.reviews import PATIENCE, answering
from workflows.cspr import CsprWorkflow

Answer = TypeVar("Answer")

UPDATES: dict[type[Message], str] = {
    CsprCommission: "commission",
    CsprTerms: "agree_terms",
    CsprMonitor: "monitor",
    CsprRequest: "ask_reviewer",
    CsprDraft: "submit_draft",
    SignOff: "sign_off",
    CsprHold: "hold_publication",
    CsprLiftHold: "lift_hold",
    CsprSend: "send_full_report",
    CsprPublish: "publish",
    CsprReplan: "replan",
    CsprWithdraw: "withdraw",
    SendAgain: "send_again",
}
"""The name of the update that takes each fact."""


@dataclass(frozen=True)
class Csprs:
    """The CSPRs of one Temporal namespace. Their Rapid Reviews start them."""

    client: Client

    def handle(self, reference: str) -> "WorkflowHandle[CsprWorkflow, CsprEnded]":
        """The handle of a case's CSPR, whether or not it exists."""
        return self.client.get_workflow_handle_for(CsprWorkflow.run, cspr_id(reference))

    async def tell(self, reference: str, fact: Message) -> Receipt:
        """Bring a fact to a case's CSPR and wait for the receipt.

        Raises:
            Refused: there is none, it has ended, or it cannot take the fact; the sentence says why.
            NotReachable: no worker answers.
        """
        update = UPDATES[type(fact)]
        cspr = self.handle(reference)
        told = cspr.execute_update(update, fact, result_type=Receipt)
        receipt: Receipt = await _asked(reference, cspr, told)
        return receipt

    async def standing(self, reference: str, as_of: datetime | None = None) -> CsprStanding:
        """Where a case's CSPR stands, running or ended; raises as `tell` does."""
        cspr = self.handle(reference)
        return await _asked(reference, cspr, cspr.query(CsprWorkflow.status, as_of))

    async def plans(self, reference: str) -> tuple[CsprDates, ...]:
        """The plans of its dates, the original first; raises as `tell` does."""
        cspr = self.handle(reference)
        return await _asked(reference, cspr, cspr.query(CsprWorkflow.timetable))

    async def record(self, reference: str) -> tuple[Entry, ...]:
        """The record of a case's CSPR; raises as `tell` does."""
        cspr = self.handle(reference)
        return await _asked(reference, cspr, cspr.query(CsprWorkflow.record))


async def _asked(reference: str, cspr: "WorkflowHandle[Any, Any]", asked: Awaitable[Answer]) -> Answer:
    async with answering(cspr_id(reference), asked=cspr):
        return await asyncio.wait_for(asked, PATIENCE.total_seconds())
