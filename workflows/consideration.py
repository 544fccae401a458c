"""A case put forward: considered and decided, until a Rapid Review opens or its local outcomes are chosen."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.signatures import Planner
from domain.case import Case
from domain.consideration.facts import apply, not_taken
from domain.consideration.figures import consideration_figures
from domain.consideration.letters import letters
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
    WithdrawConsideration,
)
from domain.consideration.performing import conclusion, ended, performed
from domain.consideration.plans import check_put_forward, converted, plan_request, planned, replanned
from domain.consideration.standing import ConsiderationStanding, in_markdown, standing
from domain.consideration.state import Consideration, ConsiderationEntry, ConsiderationStage
from domain.consideration.steps import ConsiderationStep, next_step
from domain.errors import Refused
from domain.figures import CaseFigures
from domain.follow_up.hand_over import outcomes_followed
from domain.messages import (
    FOURTH_EDITION,
    DeliveryFailed,
    DocumentRef,
    DuplicateLinked,
    Letter,
    Message,
    Receipt,
    SendAgain,
)
from domain.step import Performance
from domain.timetable import Timetable
from workflows.attributes import Listing, at_first, attributes, considering
from workflows.carrying import PATIENTLY, Carrying, never_silently, start_checked
from workflows.follow_up import start_follow_up
from workflows.panel_answer import panel_workflow_id
from workflows.passing_on import NOTHING_HOLDS_IT, passed_on
from workflows.rapid_review import RapidReviewWorkflow


def consideration_id(reference: str) -> str:
    """The id of the workflow that considers a case put forward."""
    return f"{reference}/consideration"


@workflow.defn
class ConsiderationWorkflow(Carrying[ConsiderationStep, Consideration]):
    """One case before there is a review; its id is the case's reference and ``/consideration``."""

    @workflow.init
    def __init__(self, put: PutForward) -> None:
        """Hold the case as it is put forward, since a fact may arrive before `run` begins."""
        super().__init__()
        self.case = Consideration.opened(put, workflow.now())
        self.listing = Listing()
        self.leaving = False
        self.late: list[DuplicateLinked] = []

    @workflow.run
    @never_silently
    async def run(self, put: PutForward) -> Considered:
        """Plan the dates, carry out each step as it falls due, and hand over to what comes of it."""
        with start_checked():
            check_put_forward(put)
        plan = await self._plan(plan_request(self.case, workflow.now()))
        self.keep(planned(self.case, plan, workflow.now()))
        await self.carry_out_steps()
        await self._hand_over()
        await self._pass_on()
        return conclusion(self.case)

    async def _hand_over(self) -> None:
        """Start what comes of it, and tell the case to which it is linked."""
        self.leaving = self.edition >= FOURTH_EDITION
        if self.case.stage is ConsiderationStage.REVIEWING:
            await self._open_review()
        await self._follow_outcomes()
        if self.case.link:
            await self._tell(self.case.link)

    async def _follow_outcomes(self) -> None:
        """Start a follow-up for each local outcome, at once; one by one before the fourth edition."""
        actions = outcomes_followed(self.case)
        if self.edition >= FOURTH_EDITION:
            await asyncio.gather(*map(start_follow_up, actions))
            return
        for action in actions:
            await start_follow_up(action)

    async def _pass_on(self) -> None:
        """Tell what goes on of the reports linked meanwhile, and the office of letters that came back.

        What nothing takes is noted. Before the fourth edition it stayed on the record, and no more.
        """
        while self.leaving and (self.late or not self.ended):
            await self.carry_out_steps()
            while self.late:
                if not await self._passed_on(self.late.pop(0)):
                    self.note(NOTHING_HOLDS_IT)

    async def _passed_on(self, fact: DuplicateLinked) -> bool:
        """Whether it was taken: by the review that has opened, or by the case to which this is linked."""
        if self.case.stage is ConsiderationStage.REVIEWING:
            return await passed_on(self.reference, "duplicate_linked", fact)
        link = self.case.link
        return link is not None and await self._told(link, fact)

    async def _open_review(self) -> None:
        """Open the Rapid Review under the same reference; it outlives this, and has started by then."""
        opening = self.case.review(workflow.now())
        try:
            await workflow.start_child_workflow(
                RapidReviewWorkflow.run,
                opening,
                id=opening.reference,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=f"Rapid Review {opening.reference}",
                search_attributes=at_first(attributes(Case.opened(opening, workflow.now()), workflow.now())),
            )
        except WorkflowAlreadyStartedError:
            why = f"A review {opening.reference} was open already; no second one was opened."
            self.note(Refused(why))

    async def _tell(self, link: LinkDuplicate) -> None:
        """Tell the case of the same incident of this one."""
        fact = DuplicateLinked(reference=self.case.reference, reason=link.reason, by=link.by)
        if not await self._told(link, fact):
            self.note(Refused(f"{link.to} has ended, so that nothing was added to its record."))

    @staticmethod
    async def _told(link: LinkDuplicate, fact: DuplicateLinked) -> bool:
        """Whether the linked case was told, wherever it is held by now."""
        for holder in (panel_workflow_id(link.to), link.to, consideration_id(link.to)):
            if await passed_on(holder, "duplicate_linked", fact):
                return True
        return False

    @property
    def reference(self) -> str:
        """The case's reference."""
        return self.case.reference

    @property
    def particulars(self) -> DocumentRef:
        """The case's particulars."""
        return self.case.put.particulars

    @property
    def edition(self) -> int:
        """The edition that it opened under."""
        return self.case.put.edition

    @property
    def ended(self) -> bool:
        """Whether nothing is left to carry out."""
        return ended(self.case)

    @property
    def ended_by(self) -> str:
        """The command that withdraws it."""
        return f"rapid-review withdraw {self.reference} --reason '...'"

    @property
    def state(self) -> Consideration:
        """What is known of it."""
        return self.case

    def taken(self, fact: Message, at: datetime) -> Consideration:
        """What it is after a fact."""
        return apply(fact, self.case, at)

    def note(self, why: Refused) -> None:
        """Note what could not be taken."""
        self.keep(not_taken(self.case, why, workflow.now()))

    def upcoming(self, now: datetime) -> ConsiderationStep | None:  # noqa: ARG002 - the same at any moment
        """The next step."""
        return next_step(self.case)

    def written(self, step: ConsiderationStep, now: datetime) -> tuple[Letter, ...]:
        """The step's letters, as the case stands."""
        return letters(self.case, step, now)

    def carried_out(self, done: Performance[ConsiderationStep], now: datetime) -> None:
        """Record what became of a step's letters."""
        self.keep(performed(self.case, done, now))

    async def _plan(self, request: PlanConsideration) -> Timetable:
        return await workflow.execute_activity_method(
            Planner.plan_consideration,
            request,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=PATIENTLY,
            summary="plan the dates",
        )

    def keep(self, case: Consideration) -> None:
        """Hold the case as it now is, and show it where the office and the Web UI look."""
        self.case, now = case, workflow.now()
        workflow.set_current_details(in_markdown(standing(case, now)))
        step = next_step(case)
        if case.plans and not (step and step.due <= now):
            marks = (case.stage, len(case.overdue(now)), step.due if step else None)
            self.listing.renew(considering(case, now), marks)

    @workflow.signal(description="A letter of ours came back.")
    async def delivery_failed(self, fact: DeliveryFailed) -> None:
        """Make the letter that came back a task for the office."""
        await self.hear(fact)

    @workflow.signal(description="The same incident was put forward again, and is linked to this case.")
    async def duplicate_linked(self, fact: DuplicateLinked) -> None:
        """Put the second report of the incident on record; one that comes as the case leaves is passed on."""
        await self.hear(fact)
        if self.leaving:
            self.late.append(fact)

    @workflow.update(description="Record a strategic lead's view of a request, with its reason.")
    def consider(self, fact: Consider) -> Receipt:
        """Take a lead's view; the last one determines the request."""
        return self.record_fact(fact)

    @workflow.update(description="The SQAS Strategic Manager decides whether it is a SIN.")
    def decide_sin(self, fact: DecideSin) -> Receipt:
        """Take the local authority's decision."""
        return self.record_fact(fact)

    @workflow.update(description="The SIN was submitted on the national portal; the Rapid Review opens.")
    def record_sin(self, fact: RecordSin) -> Receipt:
        """Take the SIN's reference and time."""
        return self.record_fact(fact)

    @workflow.update(description="A notification without a review was submitted on the national portal.")
    def record_notification(self, fact: RecordNotification) -> Receipt:
        """Take the notification's reference and time."""
        return self.record_fact(fact)

    @workflow.update(description="Record the local outcomes where there is no SIN.")
    def choose_outcomes(self, fact: ChooseOutcomes) -> Receipt:
        """Take the local outcomes."""
        return self.record_fact(fact)

    @workflow.update(description="Withdraw the case; everyone who was told is told.")
    def withdraw(self, fact: WithdrawConsideration) -> Receipt:
        """Take the withdrawal."""
        return self.record_fact(fact)

    @workflow.update(description="The same incident is already with the partnership under another reference.")
    def link(self, fact: LinkDuplicate) -> Receipt:
        """Take the link."""
        return self.record_fact(fact)

    @workflow.update(description="Send a refused letter again, its address mended.")
    def send_again(self, fact: SendAgain) -> Receipt:
        """Send once more a letter that a server refused."""
        return self.record_fact(fact)

    @consider.validator
    def _check_view(self, fact: Consider) -> None:
        self.check(fact)

    @decide_sin.validator
    def _check_decision(self, fact: DecideSin) -> None:
        self.check(fact)

    @record_sin.validator
    def _check_sin(self, fact: RecordSin) -> None:
        self.check(fact)

    @record_notification.validator
    def _check_notification(self, fact: RecordNotification) -> None:
        self.check(fact)

    @choose_outcomes.validator
    def _check_outcomes(self, fact: ChooseOutcomes) -> None:
        self.check(fact)

    @withdraw.validator
    def _check_withdrawal(self, fact: WithdrawConsideration) -> None:
        self.check(fact)

    @link.validator
    def _check_link(self, fact: LinkDuplicate) -> None:
        self.check(fact)

    @send_again.validator
    def _check_sending(self, fact: SendAgain) -> None:
        self.check(fact)

    @workflow.update(description="Decide again on a notification without a review, from a new aware date.")
    async def convert(self, fact: Convert) -> Receipt:
        """Ask the calendar anew from the new aware date, and the local authority for its decision."""
        async with self.planning_anew():
            self.check(fact)  # the conversion before it may have been taken meanwhile
            plan = await self._plan(plan_request(self.case, workflow.now(), fact))
            self.check(fact)
            self.keep(converted(self.case, fact, plan, workflow.now()))
            return self.receipt(self.case.record[-1:])

    @workflow.update(description="Plan the dates again, for a reason; the original stays beside the new.")
    async def replan(self, fact: ReplanConsideration) -> Receipt:
        """Take the dates as a newly proclaimed bank holiday leaves them."""
        async with self.planning_anew():
            plan = await self._plan(plan_request(self.case, workflow.now(), fact))
            self.check(fact)  # the case may have ended while the calendar was asked
            self.keep(replanned(self.case, fact, plan, workflow.now()))
            return self.receipt(self.case.record[-1:])

    @replan.validator
    def _check_replan(self, fact: ReplanConsideration) -> None:
        self.check(fact)

    @convert.validator
    def _check_conversion(self, fact: Convert) -> None:
        self.check(fact)

    @workflow.query(description="Where the case stands, as of now or of a given moment.")
    def status(self, as_of: datetime | None = None) -> ConsiderationStanding:
        """Everything one screen says of the case; without a moment, as of its last event."""
        in_hand = self.in_hand.says if self.in_hand else ""
        return standing(self.case, as_of or workflow.now(), in_hand)

    @workflow.query(description="Every plan of the dates, the original first.")
    def timetable(self) -> tuple[Timetable, ...]:
        """The plans made so far."""
        return self.case.plans

    @workflow.query(description="The record: every fact, letter and breach in the order it was noted.")
    def record(self) -> tuple[ConsiderationEntry, ...]:
        """The audit record."""
        return self.case.record

    @workflow.query(description="What the case adds to its year's figures.")
    def figures(self) -> CaseFigures:
        """Route, outcome, and when the dates before a review were met."""
        return consideration_figures(self.case)
