"""Starting reviews, telling them facts and asking how they stand, through a Temporal client."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from domain.calendar import Calendar
from domain.case import Case
from domain.errors import NothingMoves, NotReachable, NotReadable, Refused
from domain.messages import (
    EDITION,
    AddAgency,
    AgencyReturn,
    BookMeeting,
    Concluded,
    Decide,
    DocumentRef,
    GiveView,
    Message,
    OpenReview,
    PanelReplied,
    PlanDates,
    PlanLearning,
    Receipt,
    RecordMeeting,
    Reopen,
    Replan,
    SendAgain,
    SeriousIncidentNotification,
    SettleMail,
    SignOff,
    SubmitDraft,
    Withdraw,
)
from domain.particulars import MEDIA_TYPE, OpeningFile
from domain.partnership import Partnership
from domain.planning import plan
from domain.plans import planned
from domain.record import Entry
from domain.standing import Standing
from domain.timetable import Timetable
from starter.silence import no_worker, why_silent, why_stuck
from vault.documents import DocumentStore
from workflows import attributes as known
from workflows.panel_answer import panel_workflow_id
from workflows.rapid_review import RapidReviewWorkflow

PATIENCE = timedelta(seconds=30)
"""How long a command waits for a worker to answer before it says that none does."""

Answer = TypeVar("Answer")
Given = TypeVar("Given", bound=Message)

UPDATES: dict[type[Message], str] = {
    AgencyReturn: "record_return",
    AddAgency: "add_agency",
    BookMeeting: "book_meeting",
    RecordMeeting: "record_meeting",
    PlanLearning: "plan_learning",
    SubmitDraft: "submit_draft",
    SignOff: "sign_off",
    Decide: "decide",
    SendAgain: "send_again",
    Replan: "replan",
    GiveView: "give_view",
    PanelReplied: "record_panel_reply",
    Reopen: "reopen",
    Withdraw: "withdraw",
    SettleMail: "settle_mail",
}
"""The name of the update that takes each fact."""

AFTER_CONCLUSION = (GiveView, PanelReplied, Decide, Withdraw, SendAgain)
"""The facts that a concluded case takes while it waits for the Panel's answer."""


@dataclass(frozen=True)
class Reviews:
    """The reviews of one Temporal namespace, started on one task queue."""

    client: Client
    task_queue: str

    async def open(
        self, opening: OpenReview, *, plan: Timetable | None = None, after: timedelta = timedelta()
    ) -> "WorkflowHandle[RapidReviewWorkflow, Concluded]":
        """Start the review, listed from this moment; ``after`` delays it, which only a rehearsal does.

        ``plan`` are its dates as they are expected to be planned; the list has none where they are not given.

        Raises:
            Refused: a review of that reference is or was open.
        """
        now = datetime.now(UTC)
        case = Case.opened(opening, now)
        case = planned(case, plan, now) if plan else case
        try:
            return await self.client.start_workflow(
                RapidReviewWorkflow.run,
                opening,
                id=opening.reference,
                task_queue=self.task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=f"Rapid Review {opening.reference}",
                search_attributes=known.at_first(known.attributes(case, now)),
                start_delay=after or None,
            )
        except WorkflowAlreadyStartedError:
            raise Refused(_in_use(opening.reference)) from None

    def handle(self, reference: str) -> "WorkflowHandle[RapidReviewWorkflow, Concluded]":
        """The handle of a review, whether or not it exists."""
        return self.client.get_workflow_handle_for(RapidReviewWorkflow.run, reference)

    async def held_by(self, reference: str) -> "WorkflowHandle[RapidReviewWorkflow, Concluded]":
        """The handle of what holds the case now: its review or, once concluded, the wait for the Panel."""
        waiting = self.handle(panel_workflow_id(reference))
        try:
            await waiting.describe()
        except RPCError as failure:
            if failure.status is RPCStatusCode.NOT_FOUND:
                return self.handle(reference)
            raise NotReachable(no_worker(reference)) from failure
        return waiting

    async def free(self, reference: str) -> None:
        """See that a reference is not in use, before anything is stored for it.

        Raises:
            Refused: a review of that reference is or was open.
        """
        try:
            await self.handle(reference).describe()
        except RPCError as failure:
            if failure.status is RPCStatusCode.NOT_FOUND:
                return
            raise NotReachable(no_worker(reference)) from failure
        raise Refused(_in_use(reference))

    async def known(self, reference: str) -> None:
        """See that there is a review of that reference, open or closed.

        Raises:
            Refused: there is none.
        """
        async with answering(reference, to_look=True):
            await self.handle(reference).describe()

    async def exists(self, reference: str) -> bool:
        """Whether a review of that reference is or was open."""
        return await exists(self.handle(reference))

    async def tell(self, reference: str, fact: Message) -> Receipt:
        """Bring a fact to its review and wait for the receipt.

        Raises:
            Refused: the review does not exist, has ended, or cannot take the fact; the sentence says why.
            NotReachable: no worker answers.
        """
        holder = await self.held_by(reference)
        if holder.id != reference and not isinstance(fact, AFTER_CONCLUSION):
            raise Refused(f"{reference} is concluded and waits for the Panel alone. It takes nothing else.")
        return await self._tell(holder, reference, fact)

    async def _tell(
        self, holder: "WorkflowHandle[RapidReviewWorkflow, Concluded]", reference: str, fact: Message
    ) -> Receipt:
        told = holder.execute_update(UPDATES[type(fact)], fact, result_type=Receipt)
        async with answering(reference, asked=holder):
            receipt: Receipt = await asyncio.wait_for(told, PATIENCE.total_seconds())
        return receipt

    async def standing(self, reference: str, as_of: datetime | None = None) -> Standing:
        """Where a review stands, open or closed.

        Raises:
            Refused: no review has that reference.
            NotReachable: no worker answers.
        """
        holder = await self.held_by(reference)
        return await self._ask(reference, holder, holder.query(RapidReviewWorkflow.status, as_of))

    async def plans(self, reference: str) -> tuple[Timetable, ...]:
        """The plans of a review's dates, the original first; raises as `standing` does."""
        holder = await self.held_by(reference)
        return await self._ask(reference, holder, holder.query(RapidReviewWorkflow.timetable))

    async def record(self, reference: str) -> tuple[Entry, ...]:
        """A review's record; raises as `standing` does."""
        holder = await self.held_by(reference)
        return await self._ask(reference, holder, holder.query(RapidReviewWorkflow.record))

    async def mail(self, reference: str, number: int) -> DocumentRef:
        """Where a mail kept with a case is, by its number; raises as `standing` does."""
        review = self.handle(reference)
        kept = await self._ask(reference, review, review.query(RapidReviewWorkflow.mail))
        if not 1 <= number <= len(kept):
            raise Refused(f"{reference} has {len(kept)} mails, and none with the number {number}.")
        return kept[number - 1].fact.document

    async def returned(self, reference: str, agency: str, version: int = 0) -> tuple[DocumentRef, ...]:
        """The documents of a version of an agency's return, the last for 0; raises as `mail` does."""
        review = self.handle(reference)
        versions = await self._ask(reference, review, review.query(RapidReviewWorkflow.returns, agency))
        if not versions or version > len(versions):
            raise Refused(
                f"{reference} has {len(versions)} versions of a return from {agency}. "
                f"See who has returned with `rapid-review show {reference}`."
            )
        return versions[version - 1].documents

    async def _ask(
        self, reference: str, holder: "WorkflowHandle[Any, Any]", asked: Awaitable[Answer]
    ) -> Answer:
        async with answering(reference, to_look=True, asked=holder):
            return await asyncio.wait_for(asked, PATIENCE.total_seconds())

    async def troubles(self, reference: str) -> list[str]:
        """Why what a review is doing at this moment is not done yet, a sentence for each trouble.

        Activities are tried until they succeed; this is what the last attempt of each said.
        """
        async with answering(reference, to_look=True):
            description = await self.handle(reference).describe()
        converter = self.client.data_converter
        failures = [
            await converter.decode_failure(pending.last_failure)
            for pending in description.raw_description.pending_activities
            if pending.HasField("last_failure")
        ]
        return [getattr(failure, "message", str(failure)) for failure in failures]


async def prepared(opening: OpeningFile, partnership: Partnership, store: DocumentStore) -> OpenReview:
    """What opens a review, with the particulars sealed away in the store.

    Raises:
        NotReadable: the file asks an agency, or names an area, that the partnership does not know.
        NotCovered: the calendar does not reach its dates, so that no timetable can be planned.
    """
    refuse_strangers(listed("ask", opening.ask or ()), opening.area, partnership)
    first_plan(opening.sin, partnership)
    particulars = await store.put(opening.particulars.model_dump_json().encode(), MEDIA_TYPE)
    return OpenReview(
        reference=opening.reference,
        area=opening.area,
        sin=opening.sin,
        ask=opening.ask or partnership.asked_first(),
        particulars=particulars,
        rules=partnership.timetable,
        roster=partnership.roster(),
        opened_by=opening.opened_by,
        decision_rules=partnership.decision_rules(),
        follow_up=partnership.follow_up,
        cspr=partnership.cspr,
        edition=EDITION,
    )


def first_plan(sin: SeriousIncidentNotification, partnership: Partnership) -> Timetable:
    """The dates that follow from a SIN, on the partnership's calendar.

    Raises:
        NotCovered: the calendar does not reach them.
    """
    wanted = PlanDates(sin=sin, rules=partnership.timetable, as_of=sin.sent_at)
    return plan(wanted, Calendar.of(partnership))


async def started_with(client: Client, handle: "WorkflowHandle[Any, Any]", model: type[Given]) -> Given:
    """The one model a workflow was started with, from its history: no worker is asked."""
    async for event in handle.fetch_history_events(page_size=1):
        given = event.workflow_execution_started_event_attributes.input.payloads
        read: list[Given] = await client.data_converter.decode(given, [model])
        return read[0]
    raise NotReachable(no_worker(handle.id))


async def exists(handle: "WorkflowHandle[Any, Any]") -> bool:
    """Whether a workflow is known to the server."""
    try:
        await handle.describe()
    except RPCError as failure:
        if failure.status is not RPCStatusCode.NOT_FOUND:
            raise NotReachable(no_worker(handle.id)) from failure
        return False
    return True


def refuse_strangers(agencies: Mapping[str, str], area: str, partnership: Partnership) -> None:
    """Refuse what names an agency or an area that the partnership does not know; what it named is not said.

    ``agencies`` are keys by where they stand, as `listed` numbers them.

    Raises:
        NotReadable: it does; the sentence says where, and names what there is.
    """
    strangers = [where for where, key in agencies.items() if key not in partnership.agencies]
    if strangers:
        raise NotReadable(
            f"{', '.join(strangers)}: no agency of the partnership has this key. "
            f"It has: {', '.join(partnership.agencies)}."
        )
    areas = (partnership.area, *partnership.areas)
    if area not in areas:
        raise NotReadable(f"area: this is not an area of the partnership. It has: {', '.join(areas)}.")


def listed(field: str, keys: Iterable[str]) -> dict[str, str]:
    """The keys of a list by where each stands: ``ask, entry 2``."""
    return {f"{field}, entry {number}": key for number, key in enumerate(keys, 1)}


@asynccontextmanager
async def answering(
    reference: str,
    what: str = "review",
    listed_by: str = "list",
    *,
    to_look: bool = False,
    asked: "WorkflowHandle[Any, Any] | None" = None,
) -> AsyncIterator[None]:
    """Turn what the engine says into a sentence for a person.

    ``listed_by`` is the command that lists. What has ended can still be looked at (``to_look``), not told.
    Where the workflow that is ``asked`` stays silent, the server is asked why.
    """
    try:
        yield
    except (WorkflowUpdateFailedError, WorkflowQueryFailedError) as failure:
        why = failure.cause if isinstance(failure, WorkflowUpdateFailedError) else failure
        kind = NothingMoves if getattr(why, "type", "") == NothingMoves.__name__ else Refused
        said = getattr(why, "message", "") or str(why)
        if stuck := why_stuck(reference, said):
            raise NotReachable(stuck) from failure
        raise kind(said) from None
    except RPCError as failure:
        if failure.status is not RPCStatusCode.NOT_FOUND:
            raise NotReachable(no_worker(reference)) from failure
        said = (
            f"There is no {what} {reference}, or the server keeps it no more."
            if to_look
            else f"No {what} {reference} takes this: there is none of that reference, or it has ended."
        )
        raise Refused(f"{said} See them all with `rapid-review {listed_by} --all`.") from None
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as silence:
        raise NotReachable(await why_silent(reference, asked)) from silence


def _in_use(reference: str) -> str:
    return (
        f"{reference} is already in use by a review, open or closed. See it with "
        f"`rapid-review show {reference}`, or give this case the next free reference."
    )
