"""The cases put forward that are played beside the marked review: every fact that one can be told."""

from dataclasses import dataclass
from datetime import date, timedelta

from domain.consideration.messages import (
    ChooseOutcomes,
    Consider,
    ConsiderationRules,
    Convert,
    Countersignature,
    DecideSin,
    LinkDuplicate,
    LocalOutcome,
    Notifier,
    OutcomeKind,
    PutForward,
    RecordNotification,
    RecordSin,
    ReplanConsideration,
    Route,
    SinAnswer,
    View,
    WithdrawConsideration,
)
from domain.criteria import Verdict
from domain.errors import Refused
from domain.messages import DocumentRef, Message
from domain.partnership import Partnership
from starter.clock import ReviewClock
from starter.considerations import Considerations
from tests.privacy.markers import WORDS, marked
from workflows.consideration import ConsiderationWorkflow, consideration_id

NO_SIN_IN_IT, WITHDRAWN, LINKED = "RR-2026-78", "RR-2026-79", "RR-2026-80"
"""The cases beside it: one with local outcomes, one withdrawn, one that is the same incident as another."""


@dataclass(frozen=True)
class MarkedConsiderations:
    """The cases put forward, on the server of the marked review, whose ``particulars`` they share."""

    clock: ReviewClock
    partnership: Partnership
    particulars: DocumentRef
    today: date

    @property
    def considerations(self) -> Considerations:
        """Those of the server."""
        return Considerations(self.clock.client, "marked")

    async def play(self, reference: str) -> None:
        """The request from which the review under ``reference`` could have come, and three others."""
        await self.to_a_sin(reference)
        await self.to_local_outcomes()
        await self.put_forward(WITHDRAWN)
        await self.tell(WITHDRAWN, marked(WithdrawConsideration))
        await self.put_forward(LINKED)
        await self.tell(LINKED, marked(LinkDuplicate, to=WITHDRAWN))

    async def to_a_sin(self, reference: str) -> None:
        """Every view, a notification, its conversion, and a SIN; its review is there already."""
        await self.put_forward(reference, Route.REQUEST)
        for key, lead in self.partnership.leads.items():
            await self.tell(reference, marked(Consider, lead=key, view=View.MAY_MEET, by=lead.name))
        await self.tell(reference, marked(DecideSin, answer=SinAnswer.NOTIFY))
        now = await self.clock.now(self.considerations.handle(reference))
        sent_at = now - timedelta(seconds=1)
        await self.tell(reference, marked(RecordNotification, notification_reference="N-77", sent_at=sent_at))
        await self.tell(reference, marked(Convert, aware_on=self.today))
        await self.refuse(reference, marked(ReplanConsideration))
        await self.tell(reference, marked(DecideSin, answer=SinAnswer.YES))
        await self.tell(reference, marked(RecordSin, sin_reference="SIN-77", sent_at=sent_at))

    async def to_local_outcomes(self) -> None:
        """An alert that is no SIN; what is to be done in its place is followed up."""
        await self.put_forward(NO_SIN_IN_IT)
        await self.tell(NO_SIN_IN_IT, marked(DecideSin, answer=SinAnswer.NO))
        due = (await self.considerations.plans(NO_SIN_IN_IT))[0].working_days[40]
        outcome = marked(LocalOutcome, kind=OutcomeKind.LEARNING_EVENT, owner="police", due_on=due)
        await self.tell(NO_SIN_IN_IT, marked(ChooseOutcomes, outcomes=(outcome,)))

    async def put_forward(self, reference: str, route: Route = Route.ALERT) -> None:
        """A case put forward by its local authority, or by a request that is countersigned."""
        notifier = self.partnership.notifier()
        signed = marked(Countersignature, discussed_on=self.today, countersigned_on=self.today)
        put = marked(
            PutForward,
            reference=reference,
            area="northamptonshire",
            route=route,
            agency="police",
            countersignature=signed if route is Route.REQUEST else None,
            incident_on=self.today,
            criteria=Verdict.SIN,
            ask=("police",),
            particulars=self.particulars,
            form=self.particulars,
            rules=ConsiderationRules(),
            timetable=self.partnership.timetable,
            roster=self.partnership.roster(),
            notifier=marked(
                Notifier,
                deputies=(f"{WORDS['DecideSin.by']} in words",),
                agency=notifier.agency,
                lead=notifier.lead,
            ),
        )
        await self.clock.client.start_workflow(
            ConsiderationWorkflow.run, put, id=consideration_id(reference), task_queue="marked"
        )
        await self.pass_time(reference)

    async def tell(self, reference: str, fact: Message) -> None:
        """Bring a fact that is taken, and let what answers it be carried out."""
        await self.considerations.tell(reference, fact)
        await self.pass_time(reference)

    async def refuse(self, reference: str, fact: Message) -> None:
        """Bring a fact that is refused."""
        try:
            await self.considerations.tell(reference, fact)
        except Refused:
            return
        raise AssertionError(f"{type(fact).__name__} was taken, and should have been refused")

    async def pass_time(self, reference: str) -> None:
        """Let what is due now be done."""
        handle = self.considerations.handle(reference)
        await self.clock.move_on(handle, timedelta(seconds=5))
