"""A Rapid Review, from the SIN to the Panel: it remembers one case and waits for its next date."""

from datetime import datetime

from temporalio import workflow

from domain.actions import action
from domain.bookings import refuse_booked_so
from domain.case import Case, Filed, Returned
from domain.follow_up.messages import TellAction
from domain.follow_up.standing import FollowUpStanding
from domain.follow_up.standing import standing as standing_of_action
from domain.messages import (
    AddAgency,
    AgencyReturn,
    BookMeeting,
    Concluded,
    MailFiled,
    OpenReview,
    PlanDates,
    PlanLearning,
    Receipt,
    RecordMeeting,
    Reopen,
    Replan,
    SettleMail,
    SignOff,
    SubmitDraft,
)
from domain.performing import conclusion
from domain.plans import check_opening, plan_request, planned, replanned
from domain.record import Entry
from workflows.carrying import never_silently, start_checked
from workflows.handing_over import HandingOver


@workflow.defn
class RapidReviewWorkflow(HandingOver):
    """One case under Rapid Review; its id is the case's neutral reference."""

    @workflow.init
    def __init__(self, opening: OpenReview) -> None:
        """Hold the case as it opens, since a fact may arrive before `run` begins."""
        super().__init__(Case.opened(opening, workflow.now()))

    @workflow.run
    @never_silently
    async def run(self, opening: OpenReview) -> Concluded:
        """Plan the dates, then carry out each step as it falls due, until the review is concluded."""
        with start_checked():
            check_opening(opening)
        plan = await self.plan(PlanDates(sin=opening.sin, rules=opening.rules, as_of=workflow.now()))
        self.keep(planned(self.case, plan, workflow.now()))
        await self.carry_out_steps()
        await self.hand_over()
        await self.pass_on()
        return conclusion(self.case)

    @property
    def ended(self) -> bool:
        """Whether the review is concluded."""
        return self.case.concluded_at is not None

    @workflow.signal(description="An agency's return has arrived, by mail or from a web hook.")
    async def agency_return_received(self, fact: AgencyReturn) -> None:
        """Take an agency's return that nobody waits for an answer to."""
        await self.hear(fact)

    @workflow.signal(
        description="A strategic lead's answer has arrived from elsewhere than the command line."
    )
    async def sign_off_received(self, fact: SignOff) -> None:
        """Take a lead's answer that nobody waits for an answer to."""
        await self.hear(fact)

    @workflow.signal(description="A mail that is no return has arrived; it is kept with the case.")
    async def mail_filed(self, fact: MailFiled) -> None:
        """Keep a mail for a person, or note that it came."""
        await self.hear(fact)

    @workflow.update(description="Record an agency's return: complete, partial or nil.")
    def record_return(self, fact: AgencyReturn) -> Receipt:
        """Take a return the office has in its hands."""
        return self.record_fact(fact)

    @workflow.update(description="Ask one more agency; Day 15 does not move.")
    def add_agency(self, fact: AddAgency) -> Receipt:
        """Ask an agency found while the review runs."""
        return self.record_fact(fact)

    @workflow.update(description="Book the meeting, or move it by booking again.")
    def book_meeting(self, fact: BookMeeting) -> Receipt:
        """Book or move the meeting; invitations follow at once."""
        return self.record_fact(fact)

    @workflow.update(description="Record the meeting: who came, its recommendation, immediate actions.")
    def record_meeting(self, fact: RecordMeeting) -> Receipt:
        """Take what the meeting agreed."""
        return self.record_fact(fact)

    @workflow.update(description="Plan one item of how the learning is spread: who, what, by when.")
    def plan_learning(self, fact: PlanLearning) -> Receipt:
        """Take an action that is followed up from now on."""
        return self.record_fact(fact)

    @workflow.update(description="Tell an action: its evidence, that it is closed, moved or withdrawn.")
    def tell_action(self, fact: TellAction) -> Receipt:
        """Take a fact of an action that is not handed over yet."""
        return self.record_fact(fact)

    @workflow.update(description="Put a version of the draft report before the strategic leads.")
    def submit_draft(self, fact: SubmitDraft) -> Receipt:
        """Take a new version of the report; every lead is asked about it."""
        return self.record_fact(fact)

    @workflow.update(description="A lead, or a deputy for the lead, confirms or amends a version.")
    def sign_off(self, fact: SignOff) -> Receipt:
        """Take a lead's answer to the current version."""
        return self.record_fact(fact)

    @workflow.update(description="Reopen the report for a return that came after its draft.")
    def reopen(self, fact: Reopen) -> Receipt:
        """Ask for a new version of the report."""
        return self.record_fact(fact)

    @workflow.update(description="A filed mail has been dealt with.")
    def settle_mail(self, fact: SettleMail) -> Receipt:
        """Take what a person did about a mail."""
        return self.record_fact(fact)

    @record_return.validator
    def _check_return(self, fact: AgencyReturn) -> None:
        self.check(fact)

    @add_agency.validator
    def _check_agency(self, fact: AddAgency) -> None:
        self.check(fact)

    @book_meeting.validator
    def _check_booking(self, fact: BookMeeting) -> None:
        self.check(fact)
        refuse_booked_so(fact, self.case)

    @record_meeting.validator
    def _check_meeting(self, fact: RecordMeeting) -> None:
        self.check(fact)

    @plan_learning.validator
    def _check_learning(self, fact: PlanLearning) -> None:
        self.check(fact)

    @tell_action.validator
    def _check_action(self, fact: TellAction) -> None:
        self.check(fact)

    @submit_draft.validator
    def _check_draft(self, fact: SubmitDraft) -> None:
        self.check(fact)

    @sign_off.validator
    def _check_sign_off(self, fact: SignOff) -> None:
        self.check(fact)

    @reopen.validator
    def _check_reopening(self, fact: Reopen) -> None:
        self.check(fact)

    @settle_mail.validator
    def _check_settling(self, fact: SettleMail) -> None:
        self.check(fact)

    @workflow.update(description="Plan the dates again, for a reason; the original stays beside the new.")
    async def replan(self, fact: Replan) -> Receipt:
        """Take the dates as they are counted now: corrected, extended, or on a newer calendar."""
        return await self.plan_again(fact, plan_request, replanned)

    @replan.validator
    def _check_replan(self, fact: Replan) -> None:
        self.check(fact)

    @workflow.query(description="Where each action of the review stands that is not handed over.")
    def actions(self, as_of: datetime | None = None) -> tuple[FollowUpStanding, ...]:
        """The actions the review carries, as of now or of a given moment."""
        return tuple(standing_of_action(each, as_of or workflow.now()) for each in self.case.follow_ups)

    @workflow.query(description="The record of one action that is not handed over, by its number.")
    def action_record(self, number: int) -> tuple[Entry, ...]:
        """An action's own record."""
        return action(self.case, number).record

    @workflow.query(description="The mails kept with the case, in the order in which they came.")
    def mail(self) -> tuple[Filed, ...]:
        """What was filed, by number: the first is 1."""
        return self.case.mail

    @workflow.query(description="What an agency has returned: every version, and where its documents are.")
    def returns(self, agency: str) -> tuple[Returned, ...]:
        """The versions of one agency's return; none where nothing came or it was not asked."""
        request = self.case.requests.get(agency)
        return request.returns if request else ()
