"""What a command says of a case that does not answer: nobody works, or who works fails at it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.client import Client

from domain.errors import NotReachable
from domain.messages import PlanDates
from domain.timetable import Timetable
from starter import reviews as asking
from starter.silence import failing, no_worker, not_as_recorded
from tests.workflows import facts
from tests.workflows.playing import PlayedReview, opened, opening_at, soon, working
from tests.workflows.post_room import FakePostRoom
from vault.keys import KeyRing
from worker.plugin import rapid_review_plugin
from workflows.held_case import HeldCase


@pytest.fixture
async def left(
    server: Client, post: FakePostRoom, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[PlayedReview]:
    """A review just opened whose worker has gone; nobody waits long."""
    opening = opening_at(soon())
    async with working(server, opening.reference, post):
        review = await opened(server, opening, post)
    monkeypatch.setattr(asking, "PATIENCE", timedelta(seconds=4))
    yield review
    await review.handle.terminate()


async def said(review: PlayedReview) -> set[str]:
    """What a command says that asks, and one that tells at the same time."""
    answers = await asyncio.gather(
        review.reviews.standing(review.reference),
        review.reviews.tell(review.reference, facts.booking(review.at("day 11 10:00"))),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers] == [NotReachable] * 2
    return {str(answer) for answer in answers}


async def test_where_no_worker_runs_it_says_so(left: PlayedReview) -> None:
    """And how to start one."""
    assert await said(left) == {no_worker(left.reference)}


async def test_a_record_that_does_not_fit_the_program_is_told_from_silence(
    left: PlayedReview, post: FakePostRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker of another version runs: to start one more would help nobody."""

    async def otherwise(_: HeldCase, request: PlanDates) -> Timetable:
        await workflow.sleep(timedelta(days=1))
        raise AssertionError(request)

    monkeypatch.setattr(HeldCase, "plan", otherwise)
    async with working(left.client, left.reference, post):
        assert await said(left) == {not_as_recorded(left.reference)}


async def test_a_worker_without_the_key_is_told_from_silence(left: PlayedReview, post: FakePostRoom) -> None:
    """It fails at what it cannot open; the key ring is what to look for."""
    address = left.client.service_client.config.target_host
    keyless = await Client.connect(address, plugins=[rapid_review_plugin(KeyRing.fresh())])
    async with working(keyless, left.reference, post):
        assert await said(left) == {failing(left.reference)}
