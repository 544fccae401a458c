"""A concluded case that waits for the Panel: it is chased, taken up again, told of letters, and withdrawn."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from domain.case import Case, Stage
from domain.errors import Refused
from domain.facts import apply
from domain.follow_up.messages import CloseAction
from domain.follow_up.state import FollowUpStage
from domain.messages import (
    Concluded,
    Decide,
    ImmediateAction,
    Message,
    Outcome,
    PassedOn,
    PlanLearning,
    Receipt,
    Recommendation,
    SendAgain,
    Withdraw,
)
from domain.record import Event
from starter.csprs import Csprs
from starter.follow_ups import FollowUps
from tests import sample
from tests.domain.test_deciding import ENDED
from tests.workflows import facts
from tests.workflows.following import evidence
from tests.workflows.going_on import going_on
from tests.workflows.playing import PlayedReview, opening_at, played, soon, working
from tests.workflows.post_room import FakePostRoom
from workflows import attributes as known
from workflows.held_case import HeldCase
from workflows.panel_answer import PanelAnswerWorkflow, panel_workflow_id
from workflows.rapid_review import RapidReviewWorkflow


@dataclass
class Waiting:
    """A concluded review, and the workflow that holds its case until the Panel has answered."""

    review: PlayedReview
    handle: "WorkflowHandle[RapidReviewWorkflow, Concluded]"

    async def until(self, moment: str) -> None:
        """Move its clock, carrying out all that falls due."""
        await self.review.clock.move_to(self.handle, self.review.at(moment) + timedelta(seconds=10))

    async def settle(self) -> None:
        """Let what falls due at once be carried out."""
        await self.review.clock.move_on(self.handle, timedelta(seconds=5))

    async def tell(self, *told: Message) -> Receipt:
        """Bring facts as the office's commands do; the last one's receipt."""
        for fact in told:
            receipt = await self.review.reviews.tell(self.review.reference, fact)
        await self.settle()
        return receipt


@asynccontextmanager
async def before_the_leads(server: Client, post: FakePostRoom) -> AsyncIterator[PlayedReview]:
    """A review whose Panel is waited for, met, its report before the leads."""
    async with played(server, opening_at(soon(), decision_rules=sample.decision_rules()), post) as review:
        await review.until("day 11 12:00")
        due = review.at("day 30 12:00").date()
        action = ImmediateAction(agency="housing", action="Check the records", due_on=due)
        learning = PlanLearning(owner="health", due_on=due, what="Brief all", by=facts.OFFICE)
        await review.tell(facts.held(review.at("day 11 10:00"), action), learning)
        await review.until("day 13 10:00")
        await review.tell(facts.draft())
        yield review


async def concluded(review: PlayedReview, outcome: Recommendation = Recommendation.NO_CSPR) -> Waiting:
    """The review signed and decided on, and what waits for the Panel."""
    await review.confirmed()
    await review.tell(facts.decided(outcome))
    await review.handle.result()
    waiting = Waiting(review, await review.reviews.held_by(review.reference))
    await waiting.settle()
    return waiting


@pytest.fixture
async def met(server: Client, post: FakePostRoom) -> AsyncIterator[PlayedReview]:
    """Such a review."""
    async with before_the_leads(server, post) as review:
        yield review


@pytest.fixture(scope="module")
async def handed_over(server: Client) -> AsyncIterator[Waiting]:
    """A case concluded without a CSPR on Day 13, with the review and the actions that it came from."""
    async with before_the_leads(server, FakePostRoom()) as review:
        yield await concluded(review)


@pytest.fixture
async def waiting(handed_over: Waiting, post: FakePostRoom) -> AsyncIterator[Waiting]:
    """Such a case for one test alone: nothing of its review is there but what it handed over."""
    async with going_on(handed_over.review, post) as after:
        moment = after.case.at("day 13 10:01")
        yield Waiting(after.case, await after.begin(PanelAnswerWorkflow.run, Case, panel_workflow_id, moment))


async def reset_to_before_its_hand_over(waiting: Waiting) -> None:
    """What an operator does to the review, which then ends again."""
    review, client = waiting.review.handle, waiting.review.client
    first = await review.describe()
    events = (await review.fetch_history()).events
    left = next(
        e for e in events if e.event_type == EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED
    )
    task = left.start_child_workflow_execution_initiated_event_attributes.workflow_task_completed_event_id
    await client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=first.id, run_id=first.run_id),
            workflow_task_finish_event_id=task,
            request_id="reset",
        )
    )
    again = client.get_workflow_handle(first.id)
    assert await again.result(rpc_timeout=timedelta(seconds=20))
    assert (await again.describe()).run_id != first.run_id


async def test_a_review_that_is_reset_leaves_its_wait_be(met: PlayedReview) -> None:
    """It goes on."""
    waiting = await concluded(met)
    await reset_to_before_its_hand_over(waiting)
    assert (await waiting.handle.describe()).status is WorkflowExecutionStatus.RUNNING


async def test_a_review_that_is_reset_waits_no_second_time_for_an_answer_that_is_in(
    met: PlayedReview,
) -> None:
    """Else nobody would see the Panel's letter any more, and the office would be reminded of it."""
    waiting = await concluded(met)
    await waiting.tell(facts.panel_agrees())
    await waiting.handle.result()
    answered = (await waiting.review.standing()).panel
    await reset_to_before_its_hand_over(waiting)
    held = await waiting.review.reviews.held_by(waiting.review.reference)
    assert (await held.describe()).status is WorkflowExecutionStatus.COMPLETED
    assert (await waiting.review.standing()).panel == answered


def anew(outcome: Recommendation = Recommendation.CSPR) -> Decide:
    """What the leads decide after it."""
    return Decide(outcome=outcome, reason="The Panel points to a pattern", by=facts.OFFICE)


def withdrawal() -> Withdraw:
    """The case turns out to be none."""
    return Withdraw(reason="The inquest found another cause", by=facts.OFFICE)


async def test_the_office_is_reminded_from_the_morning_after_the_answer_was_expected(
    waiting: Waiting, post: FakePostRoom
) -> None:
    """Ten days after the report, and every five working days; the letter is awaited, and nothing is late."""
    await waiting.until("day 20 08:00")
    assert not post.keys("panel-nudge")
    await waiting.until("day 27 12:00")
    assert post.keys("panel-nudge") == ["panel_nudge/1/office", "panel_nudge/2/office"]
    assert {f"{moment:%H:%M}" for moment in post.moments("panel-nudge")} == {"09:00"}


async def test_where_the_panel_agrees_it_ends(waiting: Waiting) -> None:
    """The letter is on record; the office is reminded no more."""
    await waiting.until("day 18 10:00")
    receipt = await waiting.tell(facts.panel_agrees())
    assert receipt.recorded == "The Panel answered: it agrees with the decision."
    assert (await waiting.handle.result()).outcome is Outcome.NO_CSPR


async def test_where_it_disagrees_the_leads_reconsider_with_fresh_reasons(
    waiting: Waiting, post: FakePostRoom
) -> None:
    """Each is asked for a view again; the old reason is refused; both decisions are on record."""
    await waiting.until("day 18 10:00")
    await waiting.handle.signal(HeldCase.panel_replied, facts.panel_disagrees())
    await waiting.settle()
    assert post.keys("view-request") == [f"view_request/2/{lead}" for lead in sample.LEADS]
    await waiting.until("day 24 10:00")
    assert post.keys("reconsideration-nudge") == ["reconsideration_nudge/1-1/office"]
    with pytest.raises(Refused, match="fresh reasons"):
        await waiting.tell(facts.decided())
    for lead in sample.LEADS:
        await waiting.tell(facts.view(lead, "cspr", reason="The Panel names one"))
    assert (await waiting.handle.result()).outcome is Outcome.CSPR
    decisions = await waiting.review.entries(Event.DECISION_RECORDED)
    assert [entry.says[:35] for entry in decisions] == [
        "The leads decided: no CSPR. No crit",
        "Every lead's view is a CSPR, so tha",
    ]
    cspr = await Csprs(waiting.review.client).standing(waiting.review.reference)
    assert (cspr.kind, cspr.called) == ("cspr", waiting.review.reference)


async def test_another_kind_of_review_goes_on_beside_the_cspr_decided_on_anew(
    met: PlayedReview, post: FakePostRoom
) -> None:
    """The receipt says under which reference the second is told; its letters are its own."""
    waiting = await concluded(met, Recommendation.OTHER_REVIEW)
    await waiting.tell(facts.panel_disagrees())
    receipt = await waiting.tell(anew())
    second = f"{met.reference}/2"
    assert receipt.warnings[1] == (
        "The review started by the decision before (another learning review) goes on as it is. "
        f"The one now decided on starts beside it: its commands take {second}."
    )
    await waiting.handle.result()
    csprs = Csprs(met.clock.client)
    for called, kind in ((met.reference, "other_learning_review"), (second, "cspr")):
        handle = csprs.handle(called)
        await met.clock.move_on(handle, timedelta(seconds=5))
        standing = await csprs.standing(called)
        assert (standing.called, standing.kind) == (called, kind)
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    opened = [letter for letter in post.letters("cspr-opened") if letter.to.kind == "office"]
    assert [(one.key, one.facts.get("reference")) for one in opened] == [
        ("cspr/opened/office", None),
        ("cspr/2/opened/office", second),
    ]


async def test_the_same_kind_of_review_decided_on_again_is_the_one_that_runs(met: PlayedReview) -> None:
    """The Panel wanted other reasons; no second review is started."""
    waiting = await concluded(met, Recommendation.CSPR)
    await waiting.tell(facts.panel_disagrees())
    receipt = await waiting.tell(anew())
    assert not any("beside" in warning for warning in receipt.warnings)
    await waiting.handle.result()
    with pytest.raises(Refused, match="/cspr/2 takes this"):
        await Csprs(met.client).standing(f"{met.reference}/2")


async def test_a_refused_letter_is_a_task_and_is_sent_again(waiting: Waiting, post: FakePostRoom) -> None:
    """A lead's server refuses the request to reconsider; mended, it goes once more."""
    post.refused["lead:health"] = "5.1.1"
    await waiting.tell(facts.panel_disagrees())
    standing = await waiting.review.reviews.standing(waiting.review.reference)
    key = "view_request/2/health"
    assert key in [todo.about for todo in standing.todo]
    post.refused.clear()
    await waiting.tell(SendAgain(letter=key, by=facts.OFFICE))
    assert post.keys("view-request")[-1] == f"{key}/again"


async def test_a_letter_that_came_back_is_a_task(waiting: Waiting, post: FakePostRoom) -> None:
    """The report's own among them; what is no letter of ours is noted."""
    await waiting.handle.signal(HeldCase.delivery_failed, facts.came_back("submission/1/panel"))
    await waiting.handle.signal(HeldCase.delivery_failed, facts.came_back("request/nobody"))
    await waiting.settle()
    assert post.keys("undelivered") == ["undelivered/submission/1/panel/office"]
    receipt = await waiting.tell(SendAgain(letter="submission/1/panel", by=facts.OFFICE))
    assert "dealt with by hand" in receipt.recorded
    assert len(await waiting.review.entries(Event.FACT_NOT_TAKEN)) == 1


async def test_withdrawn_it_tells_everyone_and_withdraws_its_actions(
    met: PlayedReview, post: FakePostRoom
) -> None:
    """The Panel and Ofsted as well; an action that was closed stays closed; a CSPR there is none."""
    follow_ups, review, waiting = FollowUps(met.client), met, await concluded(met)
    await follow_ups.tell(review.reference, 1, evidence())
    await follow_ups.tell(review.reference, 1, CloseAction(by="Second Officer"))
    assert (await follow_ups.handle(review.reference, 1).result()).closed
    receipt = await waiting.tell(withdrawal())
    assert receipt.warnings == ("Its actions that are still followed up are withdrawn with it.",)
    assert (await waiting.handle.result()).outcome is Outcome.WITHDRAWN
    assert post.told("withdrawn")[-2:] == ["panel", "ofsted"]
    learning = follow_ups.handle(review.reference, 2)
    await review.clock.move_on(learning, timedelta(seconds=5))
    assert (await follow_ups.standing(review.reference, 2)).stage is FollowUpStage.WITHDRAWN
    assert post.told("follow-up-withdrawn") == ["lead:health"]
    assert (await follow_ups.record(review.reference, 2))[-2].says.endswith("The inquest found another cause")


async def test_a_case_withdrawn_as_it_was_handed_over_still_tells_everyone(
    server: Client, post: FakePostRoom
) -> None:
    """The review's own loop was over by then; what it hands the case to writes the letters, and ends."""
    withdrawn = apply(withdrawal(), ENDED, datetime.now(UTC))
    async with working(server, "handed-over", post):
        ended = await server.execute_workflow(
            PanelAnswerWorkflow.run, withdrawn, id="RR-2026-90/panel", task_queue="handed-over"
        )
    assert ended.outcome is Outcome.WITHDRAWN
    assert set(post.told("withdrawn")) >= {"agency:police", "lead:health", "panel", "ofsted"}


async def test_the_withdrawal_of_a_case_says_that_its_cspr_goes_on(met: PlayedReview) -> None:
    """It is ended by its own command."""
    waiting = await concluded(met, Recommendation.CSPR)
    receipt = await waiting.tell(withdrawal())
    assert receipt.warnings[-1].startswith("The review that its decision started goes on")
    await waiting.handle.result()
    cspr = await Csprs(met.client).handle(met.reference).describe()
    assert cspr.status is WorkflowExecutionStatus.RUNNING


async def test_what_it_is_told_before_its_first_task_is_kept(server: Client, post: FakePostRoom) -> None:
    """A worker that was away finds the hand-over and the withdrawal together."""
    handle = await server.start_workflow(
        PanelAnswerWorkflow.run, ENDED, id="RR-2026-91/panel", task_queue="told-at-once"
    )
    await handle.signal(PanelAnswerWorkflow.told_before, PassedOn(fact=withdrawal(), at=datetime.now(UTC)))
    async with working(server, "told-at-once", post):
        assert (await handle.query(PanelAnswerWorkflow.status)).stage is Stage.WITHDRAWN
        assert (await handle.result()).outcome is Outcome.WITHDRAWN


async def test_a_case_that_waits_is_found_by_its_stage_and_next_date(waiting: Waiting) -> None:
    """Visibility has what the list shows."""
    query = f"WorkflowId = '{panel_workflow_id(waiting.review.reference)}'"
    for _ in range(200):  # visibility is a little behind
        found = [run async for run in waiting.review.client.list_workflows(query)]
        if found and found[0].typed_search_attributes.get(known.STAGE):
            break
    shown = found[0].typed_search_attributes
    standing = await waiting.review.reviews.standing(waiting.review.reference)
    assert (shown.get(known.STAGE), shown.get(known.OUTCOME)) == (Stage.CONCLUDED, "no_cspr")
    assert shown.get(known.AWAITED) == ["answer/panel"]
    assert shown.get(known.NEXT_DUE_AT) == standing.todo[0].due


async def test_it_takes_nothing_else(waiting: Waiting) -> None:
    """A return comes too late for a report that has gone."""
    with pytest.raises(Refused, match="takes nothing else"):
        await waiting.tell(facts.returned("gp"))
