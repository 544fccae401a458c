"""A signal and an update that a worker finds in one task, and which of them is judged first."""

import asyncio

from temporalio.client import Client

from domain.messages import EDITION, Receipt, ReturnKind
from tests.workflows import facts
from tests.workflows.playing import PlayedReview, opened, opening_at, soon, working
from tests.workflows.post_room import FakePostRoom
from workflows.carrying import KNOWN
from workflows.rapid_review import RapidReviewWorkflow

RETURN = facts.returned("gp", kind=ReturnKind.NIL, people_searched=3)
"""What a mail brings, and somebody records by hand under the same id a moment later."""


async def told_together(server: Client, post: FakePostRoom, edition: int) -> tuple[PlayedReview, Receipt]:
    """A review told it by mail, then by hand, while no worker was there; and what the hand was answered."""
    opening = opening_at(soon(), edition=edition)
    async with working(server, opening.reference, post):
        review = await opened(server, opening, post)
    await review.handle.signal(RapidReviewWorkflow.agency_return_received, RETURN)
    by_hand = asyncio.create_task(review.handle.execute_update("record_return", RETURN, result_type=Receipt))
    await review.handle.describe()  # which goes the way of the update, and comes back after it went
    async with working(server, opening.reference, post):
        return review, await by_hand


async def test_the_signal_that_came_first_is_judged_first(server: Client, post: FakePostRoom) -> None:
    """Whoever records it by hand hears that it was there, as they would a second later."""
    _, answered = await told_together(server, post, EDITION)
    assert answered.recorded == KNOWN


async def test_a_case_opened_before_the_fourth_edition_judges_the_update_first(
    server: Client, post: FakePostRoom
) -> None:
    """As its history may have it."""
    _, answered = await told_together(server, post, 3)
    assert "nil" in answered.recorded
