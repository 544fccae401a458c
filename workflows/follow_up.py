"""A follow-up: it remembers one action and waits for its next date until somebody else closes it."""

from contextlib import suppress
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.signatures import Planner
from domain.errors import Refused
from domain.follow_up.counting_again import for_another, with_news
from domain.follow_up.facts import apply, moved, not_taken, plan_request, planned
from domain.follow_up.hand_over import check_handed_over, opening_of, taken_over
from domain.follow_up.letters import letters
from domain.follow_up.messages import (
    CloseAction,
    CountedAgain,
    FollowedUp,
    FollowUpPlan,
    MoveAction,
    OpenFollowUp,
    PlanFollowUp,
    RecordEvidence,
    ReplanAction,
    WithdrawAction,
    workflow_id,
)
from domain.follow_up.performing import ended, ending, performed
from domain.follow_up.standing import FollowUpStanding, in_markdown, standing
from domain.follow_up.state import FollowUp
from domain.follow_up.steps import FollowUpStep, next_step
from domain.messages import DeliveryFailed, DocumentRef, Letter, Message, Receipt, SendAgain
from domain.record import Entry
from domain.step import Performance
from workflows.attributes import Listing, at_first, follow_up_attributes
from workflows.carrying import PATIENTLY, Carrying, never_silently, start_checked
from workflows.passing_on import passed_on


@workflow.defn
class FollowUpWorkflow(Carrying[FollowUpStep, FollowUp]):
    """One action followed to its end; its id is the case's reference and the action's number."""

    @workflow.init
    def __init__(self, handed: OpenFollowUp | FollowUp) -> None:
        """Hold the action as it is handed over: with what its review knew of it, if it carried it before."""
        super().__init__()
        self.follow_up = taken_over(handed, workflow.now())
        self.listing = Listing()

    @workflow.run
    @never_silently
    async def run(self, handed: OpenFollowUp | FollowUp) -> FollowedUp:
        """Plan the dates, then carry out each step as it falls due, until it is closed or withdrawn."""
        with start_checked():
            check_handed_over(opening_of(handed))
        async with self.planning:
            plan = await self._plan(plan_request(self.follow_up, workflow.now()))
            self.keep(planned(self.follow_up, plan, workflow.now()))
        await self.carry_out_steps()
        return ending(self.follow_up)

    @property
    def reference(self) -> str:
        """The case's reference."""
        return self.follow_up.opening.reference

    @property
    def particulars(self) -> DocumentRef:
        """The sealed particulars of the case."""
        return self.follow_up.opening.particulars

    @property
    def edition(self) -> int:
        """The edition that it opened under."""
        return self.follow_up.opening.edition

    @property
    def ended(self) -> bool:
        """Whether the action is closed or withdrawn, and everybody told."""
        return self.follow_up.ended_at is not None

    @property
    def ended_by(self) -> str:
        """The command that withdraws it."""
        opening = self.follow_up.opening
        return f"rapid-review withdraw-action {opening.reference} {opening.number} --reason '...'"

    @property
    def state(self) -> FollowUp:
        """What is known of it."""
        return self.follow_up

    def taken(self, fact: Message, at: datetime) -> FollowUp:
        """What it is after a fact."""
        return apply(fact, self.follow_up, at)

    def note(self, why: Refused) -> None:
        """Note what could not be taken."""
        self.keep(not_taken(self.follow_up, why, workflow.now()))

    def upcoming(self, now: datetime) -> FollowUpStep | None:
        """The follow-up's next step."""
        return next_step(self.follow_up, now)

    def written(self, step: FollowUpStep, now: datetime) -> tuple[Letter, ...]:
        """The step's letters, as the follow-up stands."""
        return letters(self.follow_up, step, now)

    def carried_out(self, done: Performance[FollowUpStep], now: datetime) -> None:
        """Record what became of a step's letters."""
        self.keep(performed(self.follow_up, done, now))

    async def _plan(self, request: PlanFollowUp) -> FollowUpPlan:
        return await workflow.execute_activity_method(
            Planner.plan_follow_up,
            request,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=PATIENTLY,
            summary="plan the dates",
        )

    def keep(self, follow_up: FollowUp) -> None:
        """Hold the follow-up as it now is, and show it where the office and the Web UI look."""
        now = workflow.now()
        self.follow_up = ended(follow_up, now)
        workflow.set_current_details(in_markdown(standing(self.follow_up, now)))
        marks = (follow_up.stage, follow_up.due, follow_up.late(now))
        self.listing.renew(follow_up_attributes(follow_up, now), marks)

    @workflow.signal(description="The case that the action comes from was withdrawn.")
    async def case_withdrawn(self, fact: WithdrawAction) -> None:
        """Withdraw the action with its case; one that has been closed or withdrawn is left as it is."""
        await self.dates_planned()
        if not self.follow_up.settled_at:
            self.keep(apply(fact, self.follow_up, workflow.now()))

    @workflow.signal(description="The date of another action of this owner moved with the calendar.")
    async def counted_again(self, told: CountedAgain) -> None:
        """Say it in the letter in which the owner hears of all that moved."""
        await self.dates_planned()
        self.keep(with_news(self.follow_up, told, workflow.now()))

    @workflow.signal(description="A letter of ours came back.")
    async def delivery_failed(self, fact: DeliveryFailed) -> None:
        """Make the letter that came back a task for the office; what cannot be taken is noted."""
        await self.hear(fact)

    @workflow.update(description="Record what shows that the action is done.")
    def record_evidence(self, fact: RecordEvidence) -> Receipt:
        """Take the owner's evidence; a second person is then asked to close."""
        return self.record_fact(fact)

    @workflow.update(description="Close the action: by a second person, with its evidence.")
    def close_action(self, fact: CloseAction) -> Receipt:
        """Close the action."""
        return self.record_fact(fact)

    @workflow.update(description="Withdraw the action, most often with its case.")
    def withdraw_action(self, fact: WithdrawAction) -> Receipt:
        """End the action without its being done."""
        return self.record_fact(fact)

    @workflow.update(description="Send a letter again that did not arrive, its address mended.")
    def send_again(self, fact: SendAgain) -> Receipt:
        """Write such a letter again, as things now stand."""
        return self.record_fact(fact)

    @workflow.update(description="Move the due date, for a reason; the original stays beside it.")
    async def move_action(self, fact: MoveAction) -> Receipt:
        """Take the new day's dates from the calendar."""
        return await self._replanned(fact)

    @workflow.update(description="Count the dates again on the calendar as it now is, for a reason.")
    async def replan_action(self, fact: ReplanAction) -> Receipt:
        """Take the dates as a newly proclaimed bank holiday leaves them; the owner hears of all at once."""
        receipt = await self._replanned(fact)
        if (told := for_another(self.follow_up, fact)) and not await self._told_with(fact, told):
            self.keep(with_news(self.follow_up, told, workflow.now()))
        return receipt

    async def _told_with(self, fact: ReplanAction, told: CountedAgain) -> bool:
        """Whether another action's letter says it; where that has ended, this one's own does."""
        other = workflow_id(self.reference, fact.told_with or told.number)
        return await passed_on(other, "counted_again", told)

    async def _replanned(self, fact: MoveAction | ReplanAction) -> Receipt:
        """Ask the calendar anew and take its dates, one change at a time."""
        async with self.planning_anew():
            self.check(fact)
            plan = await self._plan(plan_request(self.follow_up, workflow.now(), fact))
            self.check(fact)
            self.keep(moved(self.follow_up, fact, plan, workflow.now()))
            return self.receipt(self.follow_up.record[-1:])

    @record_evidence.validator
    def _check_evidence(self, fact: RecordEvidence) -> None:
        self.check(fact)

    @close_action.validator
    def _check_closing(self, fact: CloseAction) -> None:
        self.check(fact)

    @withdraw_action.validator
    def _check_withdrawal(self, fact: WithdrawAction) -> None:
        self.check(fact)

    @send_again.validator
    def _check_sending(self, fact: SendAgain) -> None:
        self.check(fact)

    @move_action.validator
    def _check_move(self, fact: MoveAction) -> None:
        self.check(fact)

    @replan_action.validator
    def _check_replan(self, fact: ReplanAction) -> None:
        self.check(fact)

    @workflow.query(description="Where the action stands, as of now or of a given moment.")
    def status(self, as_of: datetime | None = None) -> FollowUpStanding:
        """Everything one screen says of the action."""
        return standing(self.follow_up, as_of or workflow.now())

    @workflow.query(description="The record: every fact and letter in the order it was noted.")
    def record(self) -> tuple[Entry, ...]:
        """The action's audit record."""
        return self.follow_up.record


async def start_follow_up(action: OpenFollowUp | FollowUp) -> None:
    """Start the follow-up of an action, which outlives the case it comes from; one that runs is left be."""
    opening, now = opening_of(action), workflow.now()
    with suppress(WorkflowAlreadyStartedError):
        await workflow.start_child_workflow(
            FollowUpWorkflow.run,
            action,
            id=opening.workflow_id,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            static_summary=f"Action {opening.number} of {opening.reference}",
            memo={"owner": opening.owner, "kind": str(opening.kind)},
            search_attributes=at_first(follow_up_attributes(taken_over(action, now), now)),
        )
