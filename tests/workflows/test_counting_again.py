"""Actions of one owner, each followed by itself and counted again: one of them tells the owner of all."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from temporalio.client import Client
from temporalio.worker import Replayer

from domain.calendar import Calendar
from domain.follow_up.messages import ReplanAction, WithdrawAction
from domain.messages import ImmediateAction, Receipt
from starter.follow_ups import FollowUps
from tests.workflows import facts
from tests.workflows.following import Followed
from tests.workflows.playing import PlayedReview, opening_at, played, soon
from tests.workflows.post_room import FakePostRoom
from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin

PROCLAIMED: dict[date, str] = {}


def calendar() -> Calendar:
    """The calendar of the day."""
    return Calendar.english(proclaimed=PROCLAIMED)


@pytest.fixture
async def owed(server: Client, post: FakePostRoom) -> AsyncIterator[Followed]:
    """Two actions of one agency, handed over, due on a day that has become a holiday."""
    PROCLAIMED.clear()
    async with played(server, opening_at(soon()), post, calendar) as review:
        due = review.at("day 20 12:00").date()
        actions = [ImmediateAction(agency="housing", action=what, due_on=due) for what in ("Look", "Ask")]
        await review.met(*actions)
        await review.until("day 13 10:00")
        await review.tell(facts.draft())
        await review.confirmed()
        await review.handle.result()
        followed = Followed(review, FollowUps(review.client))
        for number in (1, 2):
            await followed.until(number, "day 14 10:00")
        PROCLAIMED[due] = "A proclaimed day"
        yield followed


async def counted(owed: Followed, number: int, told_with: int = 1) -> Receipt:
    """The calendar is asked again for one of them."""
    fact = ReplanAction(reason="It was proclaimed", by=facts.OFFICE, told_with=told_with)
    return await owed.follow_ups.tell(owed.review.reference, number, fact)


def letters(review: PlayedReview) -> list[tuple[str, list[str]]]:
    """The key of each letter about moved dates, and the actions that it names."""
    return [
        (one.key, [line.split(" (")[0] for line in one.facts["moved"]])
        for one in review.post.letters("dates-moved")
    ]


TOGETHER = "follow-up/1/counted_again/1/agency/housing"


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_the_owner_has_one_letter_whichever_is_counted_first(
    owed: Followed, order: tuple[int, int], session_keys: KeyRing
) -> None:
    """Ten minutes after the first of them; and both histories replay."""
    for number in order:
        assert "Due date moved" in (await counted(owed, number)).recorded
    for number in (2, 1):
        await owed.until(number, "day 14 11:00")
    assert letters(owed.review) == [(TOGETHER, ["Action 1", "Action 2"])]
    assert not owed.sent("follow-up-moved")
    replayer = Replayer(workflows=[], plugins=[rapid_review_plugin(session_keys)])
    for number in (1, 2):
        handle = owed.follow_ups.handle(owed.review.reference, number)
        await replayer.replay_workflow(await handle.fetch_history())


async def test_where_the_one_that_tells_has_ended_the_other_tells_itself(owed: Followed) -> None:
    """It had ended, and the list was a moment behind."""
    await owed.tell(1, WithdrawAction(reason="It fell away", by=facts.OFFICE))
    await owed.result(1)
    await counted(owed, 2)
    await owed.until(2, "day 14 11:00")
    assert letters(owed.review) == [("follow-up/2/counted_again/1/agency/housing", ["Action 2"])]


async def test_a_command_that_was_killed_half_way_is_given_again(owed: Followed) -> None:
    """What it had counted is told of; the rest is, when it is counted; nothing twice."""
    await counted(owed, 2)
    await owed.until(1, "day 14 11:00")
    await counted(owed, 1)
    await owed.until(1, "day 14 12:00")
    second = TOGETHER.replace("again/1", "again/2")
    assert letters(owed.review) == [(TOGETHER, ["Action 2"]), (second, ["Action 1"])]
