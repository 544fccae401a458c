"""Actions go on by themselves when their review ends: on a real server, each with its own clock."""

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.worker import Replayer

from domain.errors import NotReadable, Refused
from domain.follow_up.messages import CloseAction, MoveAction, WithdrawAction
from domain.messages import SendAgain
from domain.record import Event
from starter.follow_ups import FollowUps, ListedAction
from starter.writers import writer_of
from tests.workflows import facts
from tests.workflows.following import Followed, concluded, evidence
from tests.workflows.playing import PlayedReview
from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin
from workflows.follow_up import FollowUpWorkflow


async def test_a_review_hands_its_actions_over_and_ends(left_behind: Followed) -> None:
    """Both run when the review has ended; the record says so, and the wording stays sealed in mail."""
    review, follow_ups = left_behind.review, left_behind.follow_ups
    described = [await follow_ups.handle(review.reference, n).describe() for n in (1, 2)]
    assert [d.status for d in described] == [WorkflowExecutionStatus.RUNNING] * 2
    assert (await review.handle.describe()).status is WorkflowExecutionStatus.COMPLETED
    assert len(await review.entries(Event.ACTION_HANDED_OVER)) == 2


async def test_only_what_the_owner_was_not_told_yet_is_told(left_behind: Followed) -> None:
    """The immediate action went with the report; the learning action goes as it is handed over."""
    await left_behind.until(1, "day 13 11:00")
    await left_behind.until(2, "day 13 11:00")
    assert left_behind.review.post.told("follow-up-opened") == ["lead:health"]


async def test_an_action_is_chased_to_its_closing_by_a_second_person(followed: Followed) -> None:
    """Reminded, overdue, escalated, shown, refused to its giver, closed: late by sixteen working days."""
    await followed.until(1, "day 36 10:00")
    assert followed.sent("follow-up-reminder") == [
        followed.review.at("day 15 09:00"),
        followed.review.at("day 19 09:00"),
    ]
    assert followed.sent("follow-up-overdue") == [followed.review.at("day 21 09:00")]
    assert followed.sent("follow-up-escalation") == [followed.review.at("day 25 09:00")]
    assert followed.sent("follow-up-waiting") == [
        followed.review.at("day 25 09:00"),
        followed.review.at("day 35 09:00"),
    ]
    await followed.tell(1, evidence())
    with pytest.raises(Refused, match="closed by a second person"):
        await followed.tell(1, CloseAction(by="Housing Manager"))
    await followed.tell(1, CloseAction(by="Second Officer"))
    ended = await followed.result(1)
    assert (ended.closed, ended.late_by) == (True, 16)
    assert followed.review.post.told("follow-up-closed") == ["agency:housing"]


async def test_the_withdrawal_of_its_case_ends_an_action_once(followed: Followed) -> None:
    """Told twice it is withdrawn once, and its owner written to once; a closed one stays closed."""
    fact = WithdrawAction(reason="The case was none", by=facts.OFFICE)
    handle = followed.follow_ups.handle(followed.review.reference, 2)
    await followed.until(2, "day 13 16:00")
    for _ in range(2):
        await handle.signal(FollowUpWorkflow.case_withdrawn, fact)
    await followed.until(2, "day 14 10:00")
    assert (await followed.result(2)).closed is False
    record = await followed.follow_ups.record(followed.review.reference, 2)
    assert [entry.event for entry in record].count(Event.ACTION_WITHDRAWN) == 1
    assert followed.review.post.told("follow-up-withdrawn") == ["lead:health"]
    await followed.tell(1, evidence())
    await followed.follow_ups.tell(followed.review.reference, 1, CloseAction(by="Second Officer"))
    assert (await followed.result(1)).closed


async def test_one_action_ends_and_the_other_goes_on(review: PlayedReview) -> None:
    """The office lists those that run, and the closed ones too if it asks."""
    followed = await concluded(review)
    reference = followed.review.reference
    await followed.until(1, "day 14 10:00")
    await followed.tell(1, WithdrawAction(reason="It fell away", by=facts.OFFICE))
    assert (await followed.result(1)).closed is False
    await followed.until(2, "day 14 10:00")
    rows = await _listed(followed.follow_ups, reference, closed=False, expecting=1)
    assert [(r.number, r.owner, r.kind, r.stage, r.late) for r in rows] == [
        (2, "health", "learning_action", "open", False)
    ]
    assert rows[0].due == followed.review.at("day 40 17:00")
    rows = await _listed(followed.follow_ups, reference, closed=True, expecting=2)
    assert [(r.number, r.stage) for r in rows] == [(1, "withdrawn"), (2, "open")]


async def _listed(
    follow_ups: FollowUps, reference: str, *, closed: bool, expecting: int
) -> list[ListedAction]:
    """The list, asked again until visibility, which follows a moment later, has caught up."""
    for _ in range(200):
        rows = await follow_ups.listed(reference, closed=closed)
        if len(rows) == expecting and all(row.due for row in rows):
            break
    return rows


async def test_a_list_is_asked_for_by_a_reference_alone(server: Client) -> None:
    """What is typed becomes part of a query, so nothing else is let in."""
    with pytest.raises(NotReadable, match="not a case's reference"):
        await FollowUps(server).listed("RR-2026-07' OR WorkflowId != '")


async def test_a_moved_action_keeps_its_first_date(followed: Followed) -> None:
    """The owner is told of both, and the standing shows both."""
    await followed.until(2, "day 30 10:00")
    await followed.tell(
        2, MoveAction(to=followed.review.at("day 45 12:00").date(), reason="No room", by=facts.OFFICE)
    )
    stands = await followed.follow_ups.standing(followed.review.reference, 2)
    assert (stands.due, stands.original) == (
        followed.review.at("day 45 17:00"),
        followed.review.at("day 40 17:00"),
    )
    assert followed.review.post.letters("follow-up-moved")[0].facts["number"] == "2"
    with pytest.raises(Refused, match="Nothing was changed"):
        await followed.tell(
            2, MoveAction(to=followed.review.at("day 45 12:00").date(), reason="Again", by=facts.OFFICE)
        )


async def test_there_is_no_action_of_a_number_that_was_not_given(left_behind: Followed) -> None:
    """The refusal says that there is none."""
    with pytest.raises(Refused, match=r"No action 3 of RR-2026-\d+ takes this"):
        await left_behind.follow_ups.tell(left_behind.review.reference, 3, evidence())


async def test_a_review_without_actions_hands_nothing_over(review: PlayedReview) -> None:
    """Its commands are those of any review before there were follow-ups."""
    await review.met()
    await review.until("day 13 10:00")
    await review.tell(facts.draft())
    await review.confirmed()
    await review.handle.result()
    history = (await review.handle.fetch_history()).to_json()
    assert "startChildWorkflow" not in history
    assert "markerRecorded" not in history


async def test_both_histories_replay(
    left_behind: Followed, followed: Followed, session_keys: KeyRing
) -> None:
    """A worker that lost everything goes on with review and follow-up from their histories."""
    await followed.until(1, "day 26 10:00")
    await followed.tell(1, evidence())
    replayer = Replayer(workflows=[], plugins=[rapid_review_plugin(session_keys)])
    for handle in (left_behind.review.handle, followed.follow_ups.handle(followed.review.reference, 1)):
        await replayer.replay_workflow(await handle.fetch_history())


async def test_a_letter_that_came_back_is_a_task_and_is_sent_again(followed: Followed) -> None:
    """The office is told and sees it on the screen; what is no letter of the action is noted."""
    await followed.until(1, "day 15 10:00")
    reference, day = followed.review.reference, followed.review.at("day 15 12:00").date()
    letter = f"follow-up/1/reminder/{day}/agency/housing"
    writer = await writer_of(followed.review.reviews, reference, letter)
    for key in (letter, "follow-up/1/opened/agency/gp"):
        await writer.signal("delivery_failed", facts.came_back(key))
    await followed.until(1, "day 15 11:00")
    assert followed.review.post.told("follow-up-undelivered") == ["office"]
    assert [one.letter for one in (await followed.follow_ups.standing(reference, 1)).undelivered] == [letter]
    await followed.follow_ups.tell(reference, 1, SendAgain(letter=letter, by=facts.OFFICE))
    await followed.until(1, "day 15 12:00")
    assert followed.review.post.keys("follow-up-reminder") == [letter, f"{letter}/again"]
    record = await followed.follow_ups.record(reference, 1)
    assert [entry.event for entry in record].count(Event.FACT_NOT_TAKEN) == 1
