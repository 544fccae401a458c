"""The Panel's answer to a report: a concluded case, held until the answer is in and what it asks is done."""

from datetime import datetime

from temporalio import workflow

from domain.case import Case, Entry
from domain.errors import Refused
from domain.facts import apply, not_taken
from domain.letters import letters
from domain.messages import (
    Concluded,
    Decide,
    DocumentRef,
    GiveView,
    Letter,
    Message,
    PanelReplied,
    Receipt,
    Withdraw,
)
from domain.performing import conclusion, performed
from domain.standing import Standing, in_markdown, standing
from domain.step import Performance
from domain.steps import ReviewStep, next_step
from domain.timetable import Timetable, london
from workflows.carrying import Carrying
from workflows.cspr import start_cspr


def panel_workflow_id(reference: str) -> str:
    """The id of the workflow that waits for the Panel's answer on a case."""
    return f"{reference}/panel"


@workflow.defn
class PanelAnswerWorkflow(Carrying[ReviewStep]):
    """A concluded case that the Panel has still to answer; the leads reconsider here where it disagrees."""

    @workflow.init
    def __init__(self, case: Case) -> None:
        """Hold the case as its review left it."""
        super().__init__()
        self.case = case

    @workflow.run
    async def run(self, case: Case) -> Concluded:
        """Remind the office until the Panel has answered, and decided anew is what it does not agree with."""
        self._keep(case)
        await self.carry_out_steps()
        if self.case.decisions != case.decisions:
            await start_cspr(self.case)
        return conclusion(self.case)

    @property
    def reference(self) -> str:
        """The case's reference."""
        return self.case.reference

    @property
    def particulars(self) -> DocumentRef:
        """The case's particulars."""
        return self.case.opening.particulars

    @property
    def ended(self) -> bool:
        """Whether the answer is in, and nothing is left to be written."""
        return not self.case.awaiting_panel and next_step(self.case) is None

    def upcoming(self, now: datetime) -> ReviewStep | None:
        """The case's next step."""
        return next_step(self.case, now)

    def written(self, step: ReviewStep, now: datetime) -> tuple[Letter, ...]:
        """The step's letters, as the case stands."""
        return letters(self.case, step, now)

    def carried_out(self, done: Performance[ReviewStep], now: datetime) -> None:
        """Record what became of a step's letters."""
        self._keep(performed(self.case, done, now))

    def _keep(self, case: Case) -> None:
        self.case = case
        workflow.set_current_details(in_markdown(standing(case, workflow.now())))

    def _check(self, fact: Message) -> None:
        apply(fact, self.case, workflow.now())

    def _record(self, fact: Message) -> Receipt:
        self._keep(apply(fact, self.case, workflow.now()))
        step, last = next_step(self.case, workflow.now()), self.case.record[-1]
        coming = f"{step.says}, {london(step.due)}" if step else "nothing"
        return Receipt(reference=self.reference, recorded=last.says, warnings=last.warnings, next=coming)

    @workflow.signal(description="The Panel has answered the report.")
    async def panel_replied(self, fact: PanelReplied) -> None:
        """Put the Panel's answer on record."""
        now = workflow.now()
        try:
            self._keep(apply(fact, self.case, now))
        except Refused as why:
            self._keep(not_taken(self.case, why, now))

    @workflow.update(description="Record the Panel's answer to the report.")
    def record_panel_reply(self, fact: PanelReplied) -> Receipt:
        """Take the Panel's letter, which the office has in its hands."""
        return self._record(fact)

    @workflow.update(description="Record a lead's view, with fresh reasons.")
    def give_view(self, fact: GiveView) -> Receipt:
        """Take a lead's view on what is to be reconsidered."""
        return self._record(fact)

    @workflow.update(description="Record what the leads decided anew, with a fresh reason.")
    def decide(self, fact: Decide) -> Receipt:
        """Take the decision that stands from now on; the one before it stays."""
        return self._record(fact)

    @workflow.update(description="Withdraw the case: its record stays.")
    def withdraw(self, fact: Withdraw) -> Receipt:
        """Stop, and tell everyone who was told."""
        return self._record(fact)

    @record_panel_reply.validator
    def _check_panel_reply(self, fact: PanelReplied) -> None:
        self._check(fact)

    @give_view.validator
    def _check_view(self, fact: GiveView) -> None:
        self._check(fact)

    @decide.validator
    def _check_decision(self, fact: Decide) -> None:
        self._check(fact)

    @withdraw.validator
    def _check_withdrawal(self, fact: Withdraw) -> None:
        self._check(fact)

    @workflow.query(description="Where the case stands, as of now or of a given moment.")
    def status(self, as_of: datetime | None = None) -> Standing:
        """Everything one screen says of the case."""
        in_hand = self.in_hand.says if self.in_hand else ""
        return standing(self.case, as_of or workflow.now(), in_hand, self.in_hand_since)

    @workflow.query(description="Every plan of the dates, the original first, the one in force last.")
    def timetable(self) -> tuple[Timetable, ...]:
        """The plans made."""
        return self.case.plans

    @workflow.query(description="The record: that of the review, and what has come since.")
    def record(self) -> tuple[Entry, ...]:
        """The case's audit record."""
        return self.case.record
