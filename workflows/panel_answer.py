"""The Panel's answer to a report: a concluded case, held until the answer is in and what it asks is done."""

from temporalio import workflow

from domain.case import Case
from domain.cspr.performing import decided_anew
from domain.follow_up.hand_over import followed_elsewhere, withdrawn_with
from domain.follow_up.messages import OpenFollowUp
from domain.messages import Concluded, PassedOn, Receipt, ReplanWait
from domain.performing import conclusion
from domain.plans import wait_replanned, wait_request
from domain.steps import next_step
from workflows.carrying import never_silently
from workflows.cspr import start_cspr
from workflows.held_case import HeldCase
from workflows.passing_on import passed_on


def panel_workflow_id(reference: str) -> str:
    """The id of the workflow that waits for the Panel's answer on a case."""
    return f"{reference}/panel"


@workflow.defn
class PanelAnswerWorkflow(HeldCase):
    """A concluded case that the Panel has still to answer; the leads reconsider here where it disagrees."""

    @workflow.init
    def __init__(self, case: Case) -> None:
        """Hold the case as its review left it."""
        super().__init__(case)

    @workflow.run
    @never_silently
    async def run(self, case: Case) -> Concluded:
        """Remind the office until the Panel has answered, and decided anew is what it does not agree with."""
        self.keep(self.case)  # which has what it was told before its first task
        await self.carry_out_steps()
        await self._withdraw_actions(followed_elsewhere(case))
        await start_cspr(decided_anew(case, self.case))
        return conclusion(self.case)

    @workflow.signal(description="The review was told this while it handed its case over.")
    async def told_before(self, told: PassedOn) -> None:
        """Take a fact as if it had come here, from when it was told."""
        await self.hear(told.fact, told.at)

    @workflow.update(description="Count the days of the reminders again, for a reason.")
    async def replan(self, fact: ReplanWait) -> Receipt:
        """Take the days as a newly proclaimed bank holiday leaves them."""
        return await self.plan_again(fact, wait_request, wait_replanned)

    @replan.validator
    def _check_replan(self, fact: ReplanWait) -> None:
        self.check(fact)

    async def _withdraw_actions(self, actions: tuple[OpenFollowUp, ...]) -> None:
        """Withdraw with the case what it had handed over; an action that has ended stays as it is."""
        if fact := withdrawn_with(self.case):
            for action in actions:
                await passed_on(action.workflow_id, "case_withdrawn", fact)

    @property
    def ended(self) -> bool:
        """Whether the answer is in, and nothing is left to be written."""
        return not self.case.awaiting_panel and next_step(self.case) is None
