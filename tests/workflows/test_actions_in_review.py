"""Actions that a running review follows itself, and then hands over: on a real server."""

from datetime import date, timedelta

import pytest
from temporalio.client import Client
from temporalio.worker import Replayer

from domain.errors import Refused
from domain.follow_up.messages import CloseAction, MoveAction, RecordEvidence, TellAction, WithdrawAction
from domain.messages import ImmediateAction, Message, PlanLearning, SendAgain, Withdraw
from domain.record import Event
from starter.follow_ups import FollowUps
from starter.writers import writer_of
from tests.workflows import facts
from tests.workflows.following import evidence
from tests.workflows.playing import PlayedReview, opening_at, played, soon
from tests.workflows.post_room import FakePostRoom
from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin


async def met(review: PlayedReview, *owed: tuple[str, str]) -> FollowUps:
    """The meeting held on Day 11, with actions agreed: each an owner and the day it is due."""
    await review.met(
        *(
            ImmediateAction(agency=owner, action="Check the records", due_on=review.at(f"{day} 12:00").date())
            for owner, day in owed
        )
    )
    return FollowUps(review.client)


async def tell(review: PlayedReview, number: int, fact: Message) -> str:
    """Bring a fact, as a command does, and let what answers it be carried out; what the receipt says."""
    receipt = await FollowUps(review.client).tell(review.reference, number, fact)
    await review.settle()
    return receipt.recorded


async def reported(review: PlayedReview) -> None:
    """The report drafted and confirmed on Day 13, which ends the review."""
    await review.until("day 13 10:00")
    await review.tell(facts.draft())
    await review.confirmed()
    await review.handle.result()


async def test_an_action_is_followed_to_its_end_while_the_review_runs(
    review: PlayedReview, session_keys: KeyRing
) -> None:
    """Told, reminded, overdue, shown and closed by a second person; nothing is left to hand over."""
    follow_ups = await met(review, ("housing", "day 13"))
    await review.until("day 14 10:00")
    sent = review.post.moments
    assert sent("follow-up-reminder") == [review.at("day 12 09:00")]
    assert sent("follow-up-overdue") == [review.at("day 14 09:00")]
    assert review.post.told("follow-up-late") == ["representative:housing"]
    assert "given by The housing agency" in await tell(review, 1, evidence())
    assert await tell(review, 1, evidence()) == "This had been recorded before. Nothing was changed."
    with pytest.raises(Refused, match="closed by a second person"):
        await tell(review, 1, CloseAction(by="Housing Manager"))
    assert await tell(review, 1, CloseAction(by="Second Officer")) == "Action 1: Closed with evidence."
    await review.tell(facts.draft())
    await review.confirmed()
    await review.handle.result()
    assert not await follow_ups.handed_over(review.reference, 1)
    assert await review.entries(Event.ACTION_HANDED_OVER) == []
    assert (await follow_ups.standing(review.reference, 1)).stage == "closed"
    replayer = Replayer(workflows=[], plugins=[rapid_review_plugin(session_keys)])
    await replayer.replay_workflow(await review.handle.fetch_history())


async def test_a_moved_action_with_evidence_is_handed_over_as_it_stands(review: PlayedReview) -> None:
    """The first date, the evidence and its id go along; no letter goes twice; the commands find it."""
    follow_ups = await met(review, ("housing", "day 13"))
    day = review.at("day 20 12:00").date()
    await tell(review, 1, MoveAction(to=day, reason="The room is taken", by=facts.OFFICE))
    await tell(review, 1, evidence())
    assert [row.stage for row in await follow_ups.listed(review.reference)] == ["evidenced"]
    assert len(await follow_ups.record(review.reference, 1)) > 3
    await reported(review)
    handle = follow_ups.handle(review.reference, 1)
    await review.clock.move_on(handle, timedelta(seconds=5))
    stands = await follow_ups.standing(review.reference, 1)
    assert (stands.due, stands.original) == (review.at("day 20 17:00"), review.at("day 13 17:00"))
    before = len(await follow_ups.record(review.reference, 1))
    await follow_ups.tell(review.reference, 1, evidence())
    assert len(await follow_ups.record(review.reference, 1)) == before
    await follow_ups.tell(review.reference, 1, CloseAction(by="Second Officer"))
    assert (await handle.result()).closed
    keys = [sent.letter.key for sent in review.post.sent]
    assert len(keys) == len(set(keys))


async def test_an_action_due_after_the_review_adds_nothing_to_it(review: PlayedReview) -> None:
    """No letter, timer or activity of the review is about it before it is handed over."""
    await met(review, ("housing", "day 20"))
    await reported(review)
    history = (await review.handle.fetch_history()).to_json()
    assert [key for key in (sent.letter.key for sent in review.post.sent) if "follow-up" in key] == []
    assert history.count("activityTaskScheduledEventAttributes") == ORDINARY


ORDINARY = 7
"""The dates, the requests, a nudge, the invitation, the checkpoint, the request to sign, the report."""


async def test_a_withdrawn_review_ends_its_actions(review: PlayedReview) -> None:
    """The owner who was told hears of it; none is handed over."""
    follow_ups = await met(review, ("housing", "day 13"), ("gp", "day 20"))
    await review.tell(Withdraw(reason="It does not meet the criteria", by=facts.OFFICE))
    await review.handle.result()
    assert review.post.told("follow-up-withdrawn") == ["agency:housing"]
    rows = await follow_ups.listed(review.reference, closed=True)
    assert [(row.number, row.stage) for row in rows] == [(1, "withdrawn"), (2, "withdrawn")]
    assert await follow_ups.listed(review.reference) == []


async def test_every_open_action_is_listed_wherever_it_is_followed(review: PlayedReview) -> None:
    """Without naming a case, as with it."""
    follow_ups = await met(review, ("housing", "day 13"))
    due = review.at("day 40 12:00").date()
    await review.tell(PlanLearning(owner="health", due_on=due, what="Brief all", by=facts.OFFICE))
    await tell(review, 1, WithdrawAction(reason="It fell away", by=facts.OFFICE))
    rows: list[tuple[int, str]] = []
    while not rows:  # visibility follows a moment later
        listed = await follow_ups.listed()
        rows = [(row.number, row.owner) for row in listed if row.reference == review.reference]
    assert rows == [(2, "health")]


async def test_an_action_there_is_not_is_refused(review: PlayedReview) -> None:
    """By the command and by the query alike."""
    follow_ups = await met(review, ("housing", "day 13"))
    with pytest.raises(Refused, match="carries no action 2"):
        await tell(review, 2, evidence())
    with pytest.raises(Refused, match="has no action 2"):
        await follow_ups.standing(review.reference, 2)


@pytest.mark.parametrize(
    "fact",
    [
        evidence(),
        CloseAction(by="Second Officer", note="All is there"),
        MoveAction(to=date(2027, 3, 1), reason="Later", by="An Officer"),
        WithdrawAction(reason="It fell away", by="An Officer"),
    ],
    ids=lambda fact: type(fact).__name__,
)
def test_a_fact_of_an_action_travels_as_what_it_is(
    fact: RecordEvidence | CloseAction | MoveAction | WithdrawAction,
) -> None:
    """No two kinds of fact are taken for one another."""
    told = TellAction(number=1, fact=fact)
    assert TellAction.model_validate_json(told.model_dump_json()) == told


async def test_a_letter_about_an_action_that_came_back_is_a_task_of_its_review(review: PlayedReview) -> None:
    """Until the action is handed over: the screen of the case has it, and sends it again."""
    follow_ups = await met(review, ("housing", "day 13"))
    letter = "follow-up/1/opened/agency/housing"
    writer = await writer_of(review.reviews, review.reference, letter)
    assert writer.id == review.reference
    await writer.signal("delivery_failed", facts.came_back(letter))
    await review.settle()
    assert review.post.told("follow-up-undelivered") == ["office"]
    assert letter in [todo.about for todo in (await review.standing()).todo]
    await follow_ups.tell(review.reference, 1, SendAgain(letter=letter, by=facts.OFFICE))
    await review.settle()
    assert review.post.keys("follow-up-opened") == [letter, f"{letter}/again"]
    assert letter not in [todo.about for todo in (await review.standing()).todo]


async def test_an_action_that_an_ended_review_closed_itself_is_listed_with_all(
    own_server: Client, post: FakePostRoom
) -> None:
    """Whether or not its case is named; among the open ones it is not."""
    async with played(own_server, opening_at(soon()), post) as review:
        follow_ups = await met(review, ("housing", "day 13"))
        await tell(review, 1, evidence())
        await tell(review, 1, CloseAction(by="Second Officer"))
        await reported(review)
        for _ in range(200):  # visibility follows a moment later
            if listed := await follow_ups.listed(closed=True):
                break
        assert [(row.reference, row.number, row.stage) for row in listed] == [(review.reference, 1, "closed")]
        assert await follow_ups.listed() == []
