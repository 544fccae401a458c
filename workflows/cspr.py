"""A CSPR, from the leads' decision to the last day on which its report must be available."""

from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.signatures import CsprPlanner
from domain.cspr.dates import CsprDates
from domain.cspr.facts import apply, not_taken
from domain.cspr.figures import CsprFigures, cspr_figures
from domain.cspr.letters import letters
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
    OpenCspr,
    PlanCspr,
)
from domain.cspr.performing import ended, ending, performed
from domain.cspr.plans import plan_request, planned, replanned
from domain.cspr.standing import CsprStanding, in_markdown, standing
from domain.cspr.state import Cspr
from domain.cspr.steps import CsprStep, next_step
from domain.errors import Refused
from domain.messages import DeliveryFailed, DocumentRef, Letter, Message, Receipt, SendAgain, SignOff
from domain.record import Entry
from domain.step import Performance
from workflows.attributes import Listing, at_first, cspr_attributes
from workflows.carrying import PATIENTLY, Carrying, never_silently

PLANNING = timedelta(seconds=30)
"""How long the calendar may take to answer."""


@workflow.defn
class CsprWorkflow(Carrying[CsprStep, Cspr]):
    """One CSPR, or another learning review; it outlives the Rapid Review that started it."""

    @workflow.init
    def __init__(self, opening: OpenCspr) -> None:
        """Hold the review as it opens, since a fact may arrive before `run` begins."""
        super().__init__()
        self.cspr = Cspr.opened(opening, workflow.now())
        self.listing = Listing()

    @workflow.run
    @never_silently
    async def run(self, opening: OpenCspr) -> CsprEnded:  # noqa: ARG002 - `__init__` holds it
        """Plan its dates, then carry out each step as it falls due, until it is over."""
        dates = await self._plan(plan_request(self.cspr, workflow.now()))
        self.keep(planned(self.cspr, dates, workflow.now()))
        await self.carry_out_steps()
        return ending(self.cspr)

    @property
    def reference(self) -> str:
        """The case's reference."""
        return self.cspr.reference

    @property
    def particulars(self) -> DocumentRef:
        """The case's particulars."""
        return self.cspr.opening.particulars

    @property
    def edition(self) -> int:
        """The edition that it opened under."""
        return self.cspr.opening.edition

    @property
    def ended(self) -> bool:
        """Whether it is over."""
        return self.cspr.ended_at is not None

    @property
    def ended_by(self) -> str:
        """The command that withdraws it."""
        return f"rapid-review cspr-withdraw {self.cspr.opening.called} --reason '...'"

    @property
    def state(self) -> Cspr:
        """What is known of it."""
        return self.cspr

    def taken(self, fact: Message, at: datetime) -> Cspr:
        """What it is after a fact."""
        return apply(fact, self.cspr, at)

    def note(self, why: Refused) -> None:
        """Note what could not be taken."""
        self.keep(not_taken(self.cspr, why, workflow.now()))

    def upcoming(self, now: datetime) -> CsprStep | None:
        """Its next step."""
        return next_step(self.cspr, now)

    def written(self, step: CsprStep, now: datetime) -> tuple[Letter, ...]:
        """The step's letters, as things stand."""
        return letters(self.cspr, step, now)

    def carried_out(self, done: Performance[CsprStep], now: datetime) -> None:
        """Record what became of a step's letters."""
        self.keep(performed(self.cspr, done, now))

    async def _plan(self, request: PlanCspr) -> CsprDates:
        return await workflow.execute_activity_method(
            CsprPlanner.plan_cspr,
            request,
            start_to_close_timeout=PLANNING,
            retry_policy=PATIENTLY,
            summary="plan the dates of the CSPR",
        )

    def keep(self, cspr: Cspr) -> None:
        """Hold it as it now is, and show it where the office and the Web UI look."""
        now = workflow.now()
        self.cspr = ended(cspr, now)
        workflow.set_current_details(in_markdown(standing(self.cspr, now)))
        step = next_step(self.cspr, now)
        if self.cspr.plans and not (step and step.due <= now):
            marks = (self.cspr.stage, len(self.cspr.late(now)), step.due if step else None)
            self.listing.renew(cspr_attributes(self.cspr, now), marks)

    @workflow.signal(description="A letter of ours came back.")
    async def delivery_failed(self, fact: DeliveryFailed) -> None:
        """Make the letter that came back a task for the office; what cannot be taken is noted."""
        await self.hear(fact)

    @workflow.update(description="Commission a reviewer, or replace the reviewer.")
    def commission(self, fact: CsprCommission) -> Receipt:
        """Take a commission; notices of it follow at once."""
        return self.record_fact(fact)

    @workflow.update(description="Agree the terms of reference and the key lines of enquiry.")
    def agree_terms(self, fact: CsprTerms) -> Receipt:
        """Take the terms; they go to the reviewer."""
        return self.record_fact(fact)

    @workflow.update(description="Record a look at time and quality.")
    def monitor(self, fact: CsprMonitor) -> Receipt:
        """Take what the monitoring found."""
        return self.record_fact(fact)

    @workflow.update(description="Send the reviewer a request in writing.")
    def ask_reviewer(self, fact: CsprRequest) -> Receipt:
        """Take a request; it goes to the reviewer."""
        return self.record_fact(fact)

    @workflow.update(description="Put a version of the report before the strategic leads.")
    def submit_draft(self, fact: CsprDraft) -> Receipt:
        """Take a new version; every lead is asked about it."""
        return self.record_fact(fact)

    @workflow.update(description="A lead, or a deputy for the lead, confirms or amends a version.")
    def sign_off(self, fact: SignOff) -> Receipt:
        """Take a lead's answer to the current version."""
        return self.record_fact(fact)

    @workflow.update(description="Hold publication because of proceedings, or set a hold's new review date.")
    def hold_publication(self, fact: CsprHold) -> Receipt:
        """Take a hold; the six-month date stands."""
        return self.record_fact(fact)

    @workflow.update(description="Lift a hold on publication.")
    def lift_hold(self, fact: CsprLiftHold) -> Receipt:
        """Take the lifting of a hold."""
        return self.record_fact(fact)

    @workflow.update(description="Send the full report to the Panel and the Secretary of State.")
    def send_full_report(self, fact: CsprSend) -> Receipt:
        """Take the leads' wish to send the approved version."""
        return self.record_fact(fact)

    @workflow.update(description="Record the publication, of the report or of the improvements found.")
    def publish(self, fact: CsprPublish) -> Receipt:
        """Take the publication."""
        return self.record_fact(fact)

    @workflow.update(description="Withdraw it before publication; everyone who was told is told.")
    def withdraw(self, fact: CsprWithdraw) -> Receipt:
        """Stop, and tell everyone who was told."""
        return self.record_fact(fact)

    @workflow.update(description="Plan the dates again, for a reason; the original stays beside the new.")
    async def replan(self, fact: CsprReplan) -> Receipt:
        """Ask the calendar anew and take its dates, one re-plan at a time."""
        async with self.planning_anew():
            dates = await self._plan(plan_request(self.cspr, workflow.now(), fact))
            self.check(fact)  # it may have ended while the calendar was asked
            self.keep(replanned(self.cspr, fact, dates, workflow.now()))
            return self.receipt(self.cspr.record[-1:])

    @workflow.update(description="Send a refused letter again, its address mended.")
    def send_again(self, fact: SendAgain) -> Receipt:
        """Send once more a letter that a server refused."""
        return self.record_fact(fact)

    @commission.validator
    def _check_commission(self, fact: CsprCommission) -> None:
        self.check(fact)

    @agree_terms.validator
    def _check_agree_terms(self, fact: CsprTerms) -> None:
        self.check(fact)

    @monitor.validator
    def _check_monitor(self, fact: CsprMonitor) -> None:
        self.check(fact)

    @ask_reviewer.validator
    def _check_ask_reviewer(self, fact: CsprRequest) -> None:
        self.check(fact)

    @submit_draft.validator
    def _check_submit_draft(self, fact: CsprDraft) -> None:
        self.check(fact)

    @sign_off.validator
    def _check_sign_off(self, fact: SignOff) -> None:
        self.check(fact)

    @hold_publication.validator
    def _check_hold_publication(self, fact: CsprHold) -> None:
        self.check(fact)

    @lift_hold.validator
    def _check_lift_hold(self, fact: CsprLiftHold) -> None:
        self.check(fact)

    @send_full_report.validator
    def _check_send_full_report(self, fact: CsprSend) -> None:
        self.check(fact)

    @publish.validator
    def _check_publish(self, fact: CsprPublish) -> None:
        self.check(fact)

    @withdraw.validator
    def _check_withdraw(self, fact: CsprWithdraw) -> None:
        self.check(fact)

    @replan.validator
    def _check_replan(self, fact: CsprReplan) -> None:
        self.check(fact)

    @send_again.validator
    def _check_send_again(self, fact: SendAgain) -> None:
        self.check(fact)

    @workflow.query(description="Where the CSPR stands, as of now or of a given moment.")
    def status(self, as_of: datetime | None = None) -> CsprStanding:
        """Everything one screen says of it."""
        return standing(self.cspr, as_of or workflow.now())

    @workflow.query(description="Every plan of the dates, the original first, the one in force last.")
    def timetable(self) -> tuple[CsprDates, ...]:
        """The plans made so far; empty for the moment in which it opens."""
        return self.cspr.plans

    @workflow.query(description="The record: every fact, letter and breach in the order it was noted.")
    def record(self) -> tuple[Entry, ...]:
        """Its audit record."""
        return self.cspr.record

    @workflow.query(description="What it adds to its year's figures, as of now or of a given moment.")
    def figures(self, as_of: datetime | None = None) -> CsprFigures:
        """How long its commission and its publication took."""
        return cspr_figures(self.cspr, as_of or workflow.now())


async def start_cspr(review: OpenCspr | None) -> None:
    """See that the review the leads decided on, if any, has started once; it outlives what started it."""
    if not review:
        return
    now = workflow.now()
    with suppress(WorkflowAlreadyStartedError):
        await workflow.start_child_workflow(
            CsprWorkflow.run,
            review,
            id=review.workflow_id,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=f"{review.kind} of {review.called}",
            search_attributes=at_first(cspr_attributes(Cspr.opened(review, now), now)),
        )
