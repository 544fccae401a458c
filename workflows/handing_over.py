"""How an ended review hands its case over: to its actions, the review decided on, the wait for the Panel."""

import asyncio
from contextlib import suppress
from datetime import datetime
from functools import reduce

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.case import Case
from domain.cspr.performing import commissioned
from domain.follow_up.hand_over import handed_over, noted
from domain.follow_up.letters import about_an_action, action_of
from domain.follow_up.messages import workflow_id
from domain.messages import FOURTH_EDITION, DeliveryFailed, Message, PassedOn, Receipt
from domain.steps import next_step
from workflows.attributes import at_first, attributes
from workflows.cspr import start_cspr
from workflows.follow_up import start_follow_up
from workflows.held_case import HeldCase
from workflows.panel_answer import PanelAnswerWorkflow, panel_workflow_id
from workflows.passing_on import NOTHING_HOLDS_IT, passed_on


class HandingOver(HeldCase):
    """A case that goes on in other workflows, each started with the case as its last step left it.

    What the case is told meanwhile is on its record at once, and is passed on before it ends. Before the
    third edition each was started with the case as it stood, and what came after that stayed behind.
    """

    def __init__(self, case: Case) -> None:
        """Hold the case; nothing is handed over yet."""
        super().__init__(case)
        self.leaving: Case | None = None
        self.late: list[PassedOn] = []

    @property
    def outgoing(self) -> Case:
        """The case as it is handed over."""
        return self.leaving or self.case

    async def hand_over(self) -> None:
        """Start all that outlives the review, at once; one after the other before the fourth edition.

        What was started before is left be: an operator may have reset the review to before its hand-over.
        """
        if self.edition < FOURTH_EDITION:
            await self._hand_over_actions()
            await self._start_review_decided_on()
            await self._wait_for_the_panel()
            return
        now = workflow.now()
        actions = handed_over(self.case, now)
        self.leaving = reduce(lambda case, action: noted(case, action, now), actions, self.case)
        self.keep(self.leaving)
        await asyncio.gather(
            *(start_follow_up(action) for action in actions),
            self._start_review_decided_on(),
            self._wait_for_the_panel(),
        )

    async def _hand_over_actions(self) -> None:
        """Start a follow-up for each open action; before the fourth edition, one after the other."""
        self.leaving = self.case if self.case.passes_on else None
        for action in handed_over(self.outgoing, workflow.now()):
            await start_follow_up(action)
            now = workflow.now()
            self.leaving = self.leaving and noted(self.leaving, action, now)
            self.keep(noted(self.case, action, now))

    async def _start_review_decided_on(self) -> None:
        """Start the CSPR, or another review, that the leads decided on; none once it was withdrawn."""
        if not self.case.withdrawn:
            await start_cspr(commissioned(self.outgoing))

    async def _wait_for_the_panel(self) -> None:
        """Hand the concluded case to a workflow that waits for the Panel's answer, and outlives this one.

        A case withdrawn while its actions were handed over has still to tell so.
        """
        case = self.outgoing
        if not (case.awaiting_panel or next_step(case)):
            return
        with suppress(WorkflowAlreadyStartedError):
            await workflow.start_child_workflow(
                PanelAnswerWorkflow.run,
                case,
                id=panel_workflow_id(self.reference),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=f"{self.reference}: the Panel's answer",
                search_attributes=at_first(attributes(case, workflow.now())),
            )

    async def pass_on(self) -> None:
        """Tell what the case has become, all that came while it was handed over; what none takes is noted."""
        while self.late:
            if not await self._passed_on(self.late.pop(0)):
                self.note(NOTHING_HOLDS_IT)

    async def _passed_on(self, told: PassedOn) -> bool:
        """Whether it was taken: of an action's letter by the action, of all else by that wait."""
        if isinstance(told.fact, DeliveryFailed) and about_an_action(told.fact.letter):
            action = workflow_id(self.reference, action_of(told.fact.letter))
            return await passed_on(action, "delivery_failed", told.fact)
        return await passed_on(panel_workflow_id(self.reference), "told_before", told)

    def record_fact(self, fact: Message) -> Receipt:
        """Take a fact; one that comes while the case is handed over is passed on as well."""
        receipt = super().record_fact(fact)
        self._keep_to_pass_on(fact)
        return receipt

    async def hear(self, fact: Message, at: datetime | None = None) -> None:
        """Take a fact or note it; one that comes while the case is handed over is passed on as well."""
        await super().hear(fact, at)
        self._keep_to_pass_on(fact)

    def _keep_to_pass_on(self, fact: Message) -> None:
        if self.leaving:
            self.late.append(PassedOn.model_validate({"fact": fact, "at": workflow.now()}))
