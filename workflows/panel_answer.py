"""The Panel's answer to a report: a concluded case, held until the answer is in and what it asks is done."""

from temporalio import workflow

from domain.case import Case
from domain.messages import (
    Concluded,
)
from domain.performing import conclusion
from domain.steps import next_step
from workflows.cspr import start_cspr
from workflows.held_case import HeldCase


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
    async def run(self, case: Case) -> Concluded:
        """Remind the office until the Panel has answered, and decided anew is what it does not agree with."""
        self.keep(case)
        await self.carry_out_steps()
        if self.case.decisions != case.decisions:
            await start_cspr(self.case)
        return conclusion(self.case)

    @property
    def ended(self) -> bool:
        """Whether the answer is in, and nothing is left to be written."""
        return not self.case.awaiting_panel and next_step(self.case) is None
