"""A case as a workflow holds it: what a review and the wait for the Panel's answer both do with it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, TypeVar

from temporalio import workflow

from activities.signatures import Planner
from domain.case import Case
from domain.errors import Refused
from domain.facts import apply, not_taken
from domain.figures import CaseFigures, review_figures
from domain.letters import letters
from domain.messages import (
    Decide,
    DeliveryFailed,
    DocumentRef,
    DuplicateLinked,
    GiveView,
    Letter,
    Message,
    PanelReplied,
    PlanDates,
    Receipt,
    SendAgain,
    Withdraw,
)
from domain.performing import concluded, performed
from domain.record import Entry
from domain.standing import Standing, details, standing
from domain.step import Performance
from domain.steps import ReviewStep, next_step
from domain.timetable import Timetable
from workflows.attributes import Listing, attributes
from workflows.carrying import PATIENTLY, Carrying

F = TypeVar("F", bound=Message)

Asking = Callable[[Case, F, datetime], PlanDates]
"""What the calendar is asked for a fact that plans dates again."""

Taking = Callable[[Case, F, Timetable, datetime], Case]
"""How the case takes the calendar's answer."""


class Seen(NamedTuple):
    """What was next for a case as of a moment."""

    case: Case
    at: datetime
    step: ReviewStep | None


class HeldCase(Carrying[ReviewStep, Case]):
    """One case: its steps are carried out, it is told facts and asked how it stands.

    The engine finds handlers in a base class as in the workflow itself. Each workflow adds its own.
    """

    def __init__(self, case: Case) -> None:
        """Hold the case as it is given."""
        super().__init__()
        self.case = case
        self.listing = Listing()
        self._seen: Seen | None = None

    @property
    def reference(self) -> str:
        """The case's reference."""
        return self.case.reference

    @property
    def particulars(self) -> DocumentRef:
        """The case's particulars, as they were when it opened."""
        return self.case.opening.particulars

    @property
    def edition(self) -> int:
        """The edition that it opened under."""
        return self.case.opening.edition

    @property
    def ended_by(self) -> str:
        """The command that withdraws the case."""
        return f"rapid-review withdraw {self.reference} --reason '...'"

    @property
    def state(self) -> Case:
        """What is known of it."""
        return self.case

    def taken(self, fact: Message, at: datetime) -> Case:
        """The case after a fact."""
        return apply(fact, self.case, at)

    def note(self, why: Refused) -> None:
        """Note what could not be taken."""
        self.keep(not_taken(self.case, why, workflow.now()))

    def upcoming(self, now: datetime) -> ReviewStep | None:
        """The case's next step, worked out once for a moment: the engine asks whenever anything moves."""
        seen = self._seen
        if seen is None or seen.case is not self.case or seen.at != now:
            self._seen = seen = Seen(self.case, now, next_step(self.case, now))
        return seen.step

    def written(self, step: ReviewStep, now: datetime) -> tuple[Letter, ...]:
        """The step's letters, as the case stands."""
        return letters(self.case, step, now)

    def carried_out(self, done: Performance[ReviewStep], now: datetime) -> None:
        """Record what became of a step's letters."""
        self.keep(performed(self.case, done, now))

    def keep(self, case: Case) -> None:
        """Hold the case as it now is, and show it where the office and the Web UI look."""
        now = workflow.now()
        self.case = concluded(case, now)
        workflow.set_current_details(details(self.case, self.upcoming(now), now))
        self._list(now)

    def _list(self, now: datetime) -> None:
        """Renew what visibility lists, once the case has come to rest until a date ahead."""
        step = self.upcoming(now)
        resting = not (step and step.due <= now)
        if self.case.plans and (resting or not self.listing.begun):
            marks = (self.case.stage, len(self.case.overdue(now)), step.due if step else None)
            self.listing.renew(attributes(self.case, now), marks)

    async def plan(self, request: PlanDates) -> Timetable:
        """Ask the calendar of the day."""
        return await workflow.execute_activity_method(
            Planner.plan_dates,
            request,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=PATIENTLY,
            summary="plan the dates",
        )

    async def plan_again(self, fact: F, asking: "Asking[F]", taking: "Taking[F]") -> Receipt:
        """What every re-plan does: ask the calendar anew and take its dates, one re-plan at a time."""
        async with self.planning_anew():
            plan = await self.plan(asking(self.case, fact, workflow.now()))
            self.check(fact)  # the case may have ended while the calendar was asked
            self.keep(taking(self.case, fact, plan, workflow.now()))
            return self.receipt(self.case.record[-1:])

    def record_fact(self, fact: Message) -> Receipt:
        """Take a fact; the receipt has its own line alone, and not what led to it or follows from it."""
        before, taken = len(self.case.record), self.taken(fact, workflow.now())
        self.keep(taken)
        return self.receipt(taken.record[before:][-1:])

    @workflow.signal(description="A letter of ours came back.")
    async def delivery_failed(self, fact: DeliveryFailed) -> None:
        """Make the letter that came back a task for the office."""
        await self.hear(fact)

    @workflow.signal(description="The Panel has answered the report.")
    async def panel_replied(self, fact: PanelReplied) -> None:
        """Put the Panel's answer on record."""
        await self.hear(fact)

    @workflow.signal(description="The same incident was put forward again, and is linked to this case.")
    async def duplicate_linked(self, fact: DuplicateLinked) -> None:
        """Put the second report of the incident on record."""
        await self.hear(fact)

    @workflow.update(description="Record what the leads decided on a CSPR, with the reason.")
    def decide(self, fact: Decide) -> Receipt:
        """Take the leads' decision; one before it stays."""
        return self.record_fact(fact)

    @workflow.update(description="Record a lead's view on a CSPR, a reason against each criterion.")
    def give_view(self, fact: GiveView) -> Receipt:
        """Take a lead's view; where every lead's is in and they agree, it is the decision."""
        return self.record_fact(fact)

    @workflow.update(description="Record the Panel's answer to the report.")
    def record_panel_reply(self, fact: PanelReplied) -> Receipt:
        """Take the Panel's letter, which the office has in its hands."""
        return self.record_fact(fact)

    @workflow.update(description="Withdraw the case: its clock stops, its record stays.")
    def withdraw(self, fact: Withdraw) -> Receipt:
        """Stop, and tell everyone who was told."""
        return self.record_fact(fact)

    @workflow.update(description="Send a refused letter again, its address mended.")
    def send_again(self, fact: SendAgain) -> Receipt:
        """Send once more a letter that a server refused."""
        return self.record_fact(fact)

    @decide.validator
    def _check_decision(self, fact: Decide) -> None:
        self.check(fact)

    @give_view.validator
    def _check_view(self, fact: GiveView) -> None:
        self.check(fact)

    @record_panel_reply.validator
    def _check_panel_reply(self, fact: PanelReplied) -> None:
        self.check(fact)

    @withdraw.validator
    def _check_withdrawal(self, fact: Withdraw) -> None:
        self.check(fact)

    @send_again.validator
    def _check_sending(self, fact: SendAgain) -> None:
        self.check(fact)

    @workflow.query(description="Where the case stands, as of now or of a given moment.")
    def status(self, as_of: datetime | None = None) -> Standing:
        """Everything one screen says of the case; without a moment, as of its last event."""
        in_hand = self.in_hand.says if self.in_hand else ""
        return standing(self.case, as_of or workflow.now(), in_hand, self.in_hand_since)

    @workflow.query(description="Every plan of the dates, the original first, the one in force last.")
    def timetable(self) -> tuple[Timetable, ...]:
        """The plans made so far; empty for the moment in which the case opens."""
        return self.case.plans

    @workflow.query(description="The record: every fact, letter and breach in the order it was noted.")
    def record(self) -> tuple[Entry, ...]:
        """The case's audit record."""
        return self.case.record

    @workflow.query(description="What the case adds to its year's figures.")
    def figures(self) -> CaseFigures:
        """Route, outcome, and when each date was met."""
        return review_figures(self.case)
