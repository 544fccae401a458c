"""Putting cases forward, telling their considerations facts and asking how they stand."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.calendar import Calendar
from domain.consideration.countersigning import checked
from domain.consideration.messages import (
    ChooseOutcomes,
    Consider,
    Considered,
    Convert,
    DecideSin,
    LinkDuplicate,
    PlanConsideration,
    PutForward,
    RecordNotification,
    RecordSin,
    ReplanConsideration,
    Route,
    WithdrawConsideration,
)
from domain.consideration.planning import plan_consideration
from domain.consideration.standing import ConsiderationStanding
from domain.consideration.state import Consideration, ConsiderationEntry
from domain.criteria import Judgement, judge_all
from domain.errors import Refused
from domain.messages import EDITION, Message, Receipt, SendAgain
from domain.particulars import MEDIA_TYPE, AlertFile, RequestFile
from domain.partnership import Partnership
from domain.timetable import Timetable, london_day
from starter.reviews import PATIENCE, answering, exists, listed, refuse_strangers
from vault.documents import DocumentStore
from workflows.attributes import at_first, considering
from workflows.consideration import ConsiderationWorkflow, consideration_id

FORM = "application/vnd.rapid-review.put-forward+json"
"""The media type under which an alert or a request is stored sealed, with what the criteria say of it."""

Answer = TypeVar("Answer")

UPDATES: dict[type[Message], str] = {
    Consider: "consider",
    DecideSin: "decide_sin",
    RecordSin: "record_sin",
    RecordNotification: "record_notification",
    Convert: "convert",
    ReplanConsideration: "replan",
    ChooseOutcomes: "choose_outcomes",
    WithdrawConsideration: "withdraw",
    LinkDuplicate: "link",
    SendAgain: "send_again",
}
"""The name of the update that takes each fact."""


@dataclass(frozen=True)
class Considerations:
    """The considerations of one Temporal namespace, started on one task queue."""

    client: Client
    task_queue: str

    async def open(
        self, put: PutForward, *, after: timedelta = timedelta()
    ) -> "WorkflowHandle[ConsiderationWorkflow, Considered]":
        """Put a case forward; ``after`` delays it, which only a rehearsal does.

        Raises:
            Refused: the reference is in use already, by a case put forward or by a review.
        """
        if await self.known(put.reference):
            raise Refused(_in_use(put.reference))
        now = datetime.now(UTC)
        try:
            return await self.client.start_workflow(
                ConsiderationWorkflow.run,
                put,
                id=consideration_id(put.reference),
                task_queue=self.task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=f"{put.reference} put forward",
                search_attributes=at_first(considering(Consideration.opened(put, now), now)),
                start_delay=after or None,
            )
        except WorkflowAlreadyStartedError:
            raise Refused(_in_use(put.reference)) from None

    async def known(self, reference: str) -> bool:
        """Whether a case of that reference was ever put forward or reviewed."""
        reviewed = await exists(self.client.get_workflow_handle(reference))
        return reviewed or await self.exists(reference)

    async def exists(self, reference: str) -> bool:
        """Whether a case of that reference was ever put forward."""
        return await exists(self.handle(reference))

    def handle(self, reference: str) -> "WorkflowHandle[ConsiderationWorkflow, Considered]":
        """The handle of a consideration, whether or not it exists."""
        return self.client.get_workflow_handle_for(ConsiderationWorkflow.run, consideration_id(reference))

    async def tell(self, reference: str, fact: Message) -> Receipt:
        """Bring a fact to its consideration and wait for the receipt.

        Raises:
            Refused: the consideration does not exist, has ended, or cannot take the fact.
            NotReachable: no worker answers.
        """
        if isinstance(fact, LinkDuplicate) and not await self.known(fact.to):
            raise Refused(
                f"There is no case {fact.to} to link to. See them all with `rapid-review list --all`."
            )
        case = self.handle(reference)
        told = case.execute_update(UPDATES[type(fact)], fact, result_type=Receipt)
        async with answering(reference, "case put forward", asked=case):
            receipt: Receipt = await asyncio.wait_for(told, PATIENCE.total_seconds())
        return receipt

    async def standing(self, reference: str, as_of: datetime | None = None) -> ConsiderationStanding:
        """Where a consideration stands, going on or ended; raises as `tell` does."""
        case = self.handle(reference)
        return await _ask(reference, case, case.query(ConsiderationWorkflow.status, as_of))

    async def plans(self, reference: str) -> tuple[Timetable, ...]:
        """The plans of its dates, the original first."""
        case = self.handle(reference)
        return await _ask(reference, case, case.query(ConsiderationWorkflow.timetable))

    async def record(self, reference: str) -> tuple[ConsiderationEntry, ...]:
        """Its record."""
        case = self.handle(reference)
        return await _ask(reference, case, case.query(ConsiderationWorkflow.record))


async def not_being_considered(client: Client, reference: str) -> None:
    """See that a case is not put forward and undecided: its review opens as its SIN is recorded there.

    Raises:
        Refused: it is.
    """
    handle = client.get_workflow_handle(consideration_id(reference))
    if await exists(handle) and (await handle.describe()).status is WorkflowExecutionStatus.RUNNING:
        raise Refused(
            f"{reference} is put forward. Record its SIN with `rapid-review record-sin {reference}`: its "
            "review then opens by itself."
        )


async def _ask(reference: str, case: "WorkflowHandle[Any, Any]", asked: Awaitable[Answer]) -> Answer:
    async with answering(reference, "case put forward", to_look=True, asked=case):
        return await asyncio.wait_for(asked, PATIENCE.total_seconds())


def _in_use(reference: str) -> str:
    return (
        f"{reference} is already in use, by a case put forward or a review. See it with "
        f"`rapid-review show {reference}`. If this is the same incident, nothing more is needed; "
        "if not, give the next free reference."
    )


def judged(file: AlertFile | RequestFile) -> Judgement:
    """What the criteria say of a case put forward; its sentences are for the screen and the store only."""
    return judge_all(child.circumstances(file.incident_on) for child in file.children)


async def alerted(
    alert: AlertFile, partnership: Partnership, store: DocumentStore, now: datetime
) -> PutForward:
    """What a Senior Leadership Alert opens, with everything about the child sealed away in the store.

    Raises:
        NotReadable: it names an agency or area that the partnership does not know.
        NotCovered: the calendar does not reach its dates.
    """
    return await _put_forward(
        alert, partnership, store, now, {"route": Route.ALERT, "put_forward_by": alert.raised_by}
    )


async def requested(
    request: RequestFile, partnership: Partnership, store: DocumentStore, now: datetime
) -> PutForward:
    """What a Request for Consideration opens, sealed away likewise.

    Raises:
        Refused: it is not discussed with and countersigned by that agency's own LLR representative.
        NotReadable, NotCovered: as `alerted`.
    """
    others = listed("other_agencies", request.other_agencies)
    refuse_strangers({"agency": request.agency, **others}, request.area, partnership)
    signed = checked(
        request.countersignature,
        agency=request.agency,
        representative=partnership.agencies[request.agency].representative.name,
        referrer=request.referrer.name,
        today=london_day(now),
    )
    by = {"put_forward_by": request.referrer.name, "countersignature": signed}
    return await _put_forward(request, partnership, store, now, {"route": Route.REQUEST, **by})


async def _put_forward(
    file: AlertFile | RequestFile,
    partnership: Partnership,
    store: DocumentStore,
    now: datetime,
    given: dict[str, object],
) -> PutForward:
    refuse_strangers({"agency": file.agency, **listed("ask", file.ask or ())}, file.area, partnership)
    rules = {"rules": partnership.consideration, "timetable": partnership.timetable}
    dates = {"incident_on": file.incident_on, "aware_on": file.aware_on}
    wanted = PlanConsideration.model_validate({**dates, **rules, "as_of": now.astimezone(UTC)})
    plan_consideration(wanted, Calendar.of(partnership))
    judgement = judged(file)
    sealed = f'{{"form": {file.model_dump_json()}, "criteria": {judgement.model_dump_json()}}}'
    return PutForward.model_validate(
        {
            **dates,
            **rules,
            **given,
            "decision_rules": partnership.decision_rules(),
            "follow_up": partnership.follow_up,
            "cspr": partnership.cspr,
            "reference": file.reference,
            "area": file.area,
            "agency": file.agency,
            "criteria": judgement.verdict,
            "ask": file.ask or partnership.asked_first(),
            "particulars": await store.put(file.particulars.model_dump_json().encode(), MEDIA_TYPE),
            "form": await store.put(sealed.encode(), FORM),
            "roster": partnership.roster(),
            "notifier": partnership.notifier(),
            "edition": EDITION,
        }
    )
