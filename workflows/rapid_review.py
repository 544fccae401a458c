"""A Rapid Review, from the SIN to the Panel: it remembers one case and waits for its next date."""

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.signatures import Planner
from domain.case import Case, Entry, Filed, Returned, Stage
from domain.errors import Refused
from domain.facts import apply, not_taken
from domain.follow_up.hand_over import handed_over, noted
from domain.letters import letters
from domain.messages import (
    AddAgency,
    AgencyReturn,
    BookMeeting,
    Concluded,
    Decide,
    DeliveryFailed,
    DocumentRef,
    GiveView,
    Letter,
    MailFiled,
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
    SettleMail,
    SignOff,
    SubmitDraft,
    Withdraw,
)
from domain.performing import concluded, conclusion, performed
from domain.plans import check_opening, plan_request, planned, replanned
from domain.standing import Standing, in_markdown, standing
from domain.step import Performance
from domain.steps import ReviewStep, next_step
from domain.timetable import Timetable, london
from workflows.attributes import attributes
from workflows.carrying import PATIENTLY, Carrying
from workflows.cspr import start_cspr
from workflows.follow_up import start_follow_up
from workflows.panel_answer import PanelAnswerWorkflow, panel_workflow_id


@workflow.defn
class RapidReviewWorkflow(Carrying[ReviewStep]):
    """One case under Rapid Review; its id is the case's neutral reference."""

    @workflow.init
    def __init__(self, opening: OpenReview) -> None:
        """Hold the case as it opens, since a fact may arrive before `run` begins."""
        super().__init__()
        self.case = Case.opened(opening, workflow.now())
        self.listed: tuple[Stage, int, datetime | None] | None = None
        self.planning = asyncio.Lock()

    @workflow.run
    async def run(self, opening: OpenReview) -> Concluded:
        """Plan the dates, then carry out each step as it falls due, until the review is concluded."""
        try:
            check_opening(opening)
        except Refused as why:
            raise ApplicationError(str(why), type="Refused", non_retryable=True) from why
        plan = await self._plan(PlanDates(sin=opening.sin, rules=opening.rules, as_of=workflow.now()))
        self._keep(planned(self.case, plan, workflow.now()))
        await self.carry_out_steps()
        await self._hand_over()
        await start_cspr(self.case)
        await self._wait_for_the_panel()
        return conclusion(self.case)

    async def _wait_for_the_panel(self) -> None:
        """Hand the concluded case to a workflow that waits for the Panel's answer, and outlives this one."""
        if self.case.awaiting_panel:
            await workflow.start_child_workflow(
                PanelAnswerWorkflow.run,
                self.case,
                id=panel_workflow_id(self.reference),
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                static_summary=f"{self.reference}: the Panel's answer",
            )

    @property
    def reference(self) -> str:
        """The case's reference."""
        return self.case.reference

    @property
    def particulars(self) -> DocumentRef:
        """The case's particulars, as they were when it opened."""
        return self.case.opening.particulars

    @property
    def ended(self) -> bool:
        """Whether the review is concluded."""
        return self.case.concluded_at is not None

    def upcoming(self, now: datetime) -> ReviewStep | None:
        """The case's next step."""
        return next_step(self.case, now)

    def written(self, step: ReviewStep, now: datetime) -> tuple[Letter, ...]:
        """The step's letters, as the case stands."""
        return letters(self.case, step, now)

    def carried_out(self, done: Performance[ReviewStep], now: datetime) -> None:
        """Record what became of a step's letters."""
        self._keep(performed(self.case, done, now))

    async def _plan(self, request: PlanDates) -> Timetable:
        return await workflow.execute_activity_method(
            Planner.plan_dates,
            request,
            start_to_close_timeout=timedelta(seconds=30),
            retry_policy=PATIENTLY,
            summary="plan the dates",
        )

    async def _hand_over(self) -> None:
        """Start a follow-up for each action, which outlives the review; one that runs already is left be."""
        for action in handed_over(self.case):
            await start_follow_up(action)
            self._keep(noted(self.case, action, workflow.now()))

    def _keep(self, case: Case) -> None:
        """Hold the case as it now is, and show it where the office and the Web UI look."""
        now = workflow.now()
        self.case = concluded(case, now)
        workflow.set_current_details(in_markdown(standing(self.case, now)))
        self._list(now)

    def _list(self, now: datetime) -> None:
        """Renew what visibility lists, once the case has come to rest until a date ahead."""
        step = next_step(self.case, now)
        if not self.case.plans or (self.listed and step and step.due <= now):
            return
        stands = (self.case.stage, len(self.case.overdue(now)), step.due if step else None)
        if stands != self.listed:
            self.listed = stands
            workflow.upsert_search_attributes(attributes(self.case, now))

    def _check(self, fact: Message) -> None:
        """What every validator does: take the fact, and throw the result away."""
        apply(fact, self.case, workflow.now())

    def _record(self, fact: Message) -> Receipt:
        """What every command's handler does: take the fact, keep the result, and answer for it."""
        taken = apply(fact, self.case, workflow.now())
        known = taken is self.case
        self._keep(taken)
        return self._receipt(None if known else taken.record[-1])

    def _receipt(self, entry: Entry | None) -> Receipt:
        """What is on record of a fact, and what comes next; no entry where it had been taken before."""
        step = next_step(self.case, workflow.now())
        coming = f"{step.says}, {london(step.due)}" if step else "nothing"
        recorded = entry.says if entry else "This had been recorded before. Nothing was changed."
        warnings = entry.warnings if entry else ()
        return Receipt(reference=self.case.reference, recorded=recorded, warnings=warnings, next=coming)

    async def _hear(self, fact: Message) -> None:
        """What every signal does: take the fact once the dates are planned; what cannot be taken is noted."""
        await workflow.wait_condition(lambda: bool(self.case.plans))
        now = workflow.now()
        try:
            self._keep(apply(fact, self.case, now))
        except Refused as why:
            self._keep(not_taken(self.case, why, now))

    @workflow.signal(description="An agency's return has arrived, by mail or from a web hook.")
    async def agency_return_received(self, fact: AgencyReturn) -> None:
        """Take an agency's return that nobody waits for an answer to."""
        await self._hear(fact)

    @workflow.signal(
        description="A strategic lead's answer has arrived from elsewhere than the command line."
    )
    async def sign_off_received(self, fact: SignOff) -> None:
        """Take a lead's answer that nobody waits for an answer to."""
        await self._hear(fact)

    @workflow.signal(description="A letter of ours came back.")
    async def delivery_failed(self, fact: DeliveryFailed) -> None:
        """Make the letter that came back a task for the office."""
        await self._hear(fact)

    @workflow.signal(description="A mail that is no return has arrived; it is kept with the case.")
    async def mail_filed(self, fact: MailFiled) -> None:
        """Keep a mail for a person, or note that it came."""
        await self._hear(fact)

    @workflow.signal(description="The Panel has answered the report.")
    async def panel_replied(self, fact: PanelReplied) -> None:
        """Put the Panel's answer on record."""
        await self._hear(fact)

    @workflow.update(description="Record an agency's return: complete, partial or nil.")
    def record_return(self, fact: AgencyReturn) -> Receipt:
        """Take a return the office has in its hands."""
        return self._record(fact)

    @workflow.update(description="Ask one more agency; Day 15 does not move.")
    def add_agency(self, fact: AddAgency) -> Receipt:
        """Ask an agency found while the review runs."""
        return self._record(fact)

    @workflow.update(description="Book the meeting, or move it by booking again.")
    def book_meeting(self, fact: BookMeeting) -> Receipt:
        """Book or move the meeting; invitations follow at once."""
        return self._record(fact)

    @workflow.update(description="Record the meeting: who came, its recommendation, immediate actions.")
    def record_meeting(self, fact: RecordMeeting) -> Receipt:
        """Take what the meeting agreed."""
        return self._record(fact)

    @workflow.update(description="Plan one item of how the learning is spread: who, what, by when.")
    def plan_learning(self, fact: PlanLearning) -> Receipt:
        """Take an action that is followed up once the review has ended."""
        return self._record(fact)

    @workflow.update(description="Put a version of the draft report before the strategic leads.")
    def submit_draft(self, fact: SubmitDraft) -> Receipt:
        """Take a new version of the report; every lead is asked about it."""
        return self._record(fact)

    @workflow.update(description="A lead, or a deputy for the lead, confirms or amends a version.")
    def sign_off(self, fact: SignOff) -> Receipt:
        """Take a lead's answer to the current version."""
        return self._record(fact)

    @workflow.update(description="Record what the leads decided on a CSPR, with the reason.")
    def decide(self, fact: Decide) -> Receipt:
        """Take the leads' decision."""
        return self._record(fact)

    @workflow.update(description="Record a lead's view on a CSPR, a reason against each criterion.")
    def give_view(self, fact: GiveView) -> Receipt:
        """Take a lead's view; where every lead's is in and they agree, it is the decision."""
        return self._record(fact)

    @workflow.update(description="Record the Panel's answer to the report.")
    def record_panel_reply(self, fact: PanelReplied) -> Receipt:
        """Take the Panel's letter, which the office has in its hands."""
        return self._record(fact)

    @workflow.update(description="Reopen the report for a return that came after its draft.")
    def reopen(self, fact: Reopen) -> Receipt:
        """Ask for a new version of the report."""
        return self._record(fact)

    @workflow.update(description="Withdraw the case: its clock stops, its record stays.")
    def withdraw(self, fact: Withdraw) -> Receipt:
        """Stop, and tell everyone who was told."""
        return self._record(fact)

    @workflow.update(description="Send a refused letter again, its address mended.")
    def send_again(self, fact: SendAgain) -> Receipt:
        """Send once more a letter that a server refused."""
        return self._record(fact)

    @workflow.update(description="A filed mail has been dealt with.")
    def settle_mail(self, fact: SettleMail) -> Receipt:
        """Take what a person did about a mail."""
        return self._record(fact)

    @record_return.validator
    def _check_return(self, fact: AgencyReturn) -> None:
        self._check(fact)

    @add_agency.validator
    def _check_agency(self, fact: AddAgency) -> None:
        self._check(fact)

    @book_meeting.validator
    def _check_booking(self, fact: BookMeeting) -> None:
        self._check(fact)

    @record_meeting.validator
    def _check_meeting(self, fact: RecordMeeting) -> None:
        self._check(fact)

    @plan_learning.validator
    def _check_learning(self, fact: PlanLearning) -> None:
        self._check(fact)

    @submit_draft.validator
    def _check_draft(self, fact: SubmitDraft) -> None:
        self._check(fact)

    @sign_off.validator
    def _check_sign_off(self, fact: SignOff) -> None:
        self._check(fact)

    @decide.validator
    def _check_decision(self, fact: Decide) -> None:
        self._check(fact)

    @give_view.validator
    def _check_view(self, fact: GiveView) -> None:
        self._check(fact)

    @record_panel_reply.validator
    def _check_panel_reply(self, fact: PanelReplied) -> None:
        self._check(fact)

    @reopen.validator
    def _check_reopening(self, fact: Reopen) -> None:
        self._check(fact)

    @withdraw.validator
    def _check_withdrawal(self, fact: Withdraw) -> None:
        self._check(fact)

    @send_again.validator
    def _check_sending(self, fact: SendAgain) -> None:
        self._check(fact)

    @settle_mail.validator
    def _check_settling(self, fact: SettleMail) -> None:
        self._check(fact)

    @workflow.update(description="Plan the dates again, for a reason; the original stays beside the new.")
    async def replan(self, fact: Replan) -> Receipt:
        """Ask the calendar anew and take its dates, one re-plan at a time."""
        async with self.planning:
            try:
                plan = await self._plan(plan_request(self.case, fact, workflow.now()))
                self._check(fact)  # the case may have ended while the calendar was asked
                self._keep(replanned(self.case, fact, plan, workflow.now()))
            except Refused as why:
                raise ApplicationError(str(why), type=type(why).__name__) from why
            except ActivityError as failure:
                said = getattr(failure.cause, "message", str(failure.cause))
                raise ApplicationError(said, type="Refused") from failure
            return self._receipt(self.case.record[-1])

    @replan.validator
    def _check_replan(self, fact: Replan) -> None:
        self._check(fact)

    @workflow.query(description="Where the case stands, as of now or of a given moment.")
    def status(self, as_of: datetime | None = None) -> Standing:
        """Everything one screen says of the case; without a moment, as of its last event."""
        in_hand = self.in_hand.says if self.in_hand else ""
        return standing(self.case, as_of or workflow.now(), in_hand, self.in_hand_since)

    @workflow.query(description="Every plan of the dates, the original first, the one in force last.")
    def timetable(self) -> tuple[Timetable, ...]:
        """The plans made so far; empty for the moment in which the case opens."""
        return self.case.plans

    @workflow.query(description="The mails kept with the case, in the order in which they came.")
    def mail(self) -> tuple[Filed, ...]:
        """What was filed, by number: the first is 1."""
        return self.case.mail

    @workflow.query(description="What an agency has returned: every version, and where its documents are.")
    def returns(self, agency: str) -> tuple[Returned, ...]:
        """The versions of one agency's return; none where nothing came or it was not asked."""
        request = self.case.requests.get(agency)
        return request.returns if request else ()

    @workflow.query(description="The record: every fact, letter and breach in the order it was noted.")
    def record(self) -> tuple[Entry, ...]:
        """The case's audit record."""
        return self.case.record
