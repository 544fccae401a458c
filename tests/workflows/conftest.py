"""A mail room that keeps its letters, and a review just opened on the session's server."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from tests.conftest import Elsewhere
from tests.workflows.cspr_playing import PlayedCspr, begun_alone, decided
from tests.workflows.following import Followed, concluded, handed_over
from tests.workflows.going_on import going_on
from tests.workflows.playing import PlayedReview, opening_at, played, soon
from tests.workflows.post_room import FakePostRoom
from vault.keys import KeyRing


@pytest.fixture
def post() -> FakePostRoom:
    """A mail room that keeps its letters."""
    return FakePostRoom()


@pytest.fixture
async def own_server(elsewhere: Elsewhere, session_keys: KeyRing) -> Client:
    """A place on the session's server in which nothing else is or was open."""
    return await elsewhere(session_keys)


@pytest.fixture
async def review(server: Client, post: FakePostRoom) -> AsyncIterator[PlayedReview]:
    """A review opened ten seconds ago, with its own worker."""
    async with played(server, opening_at(soon()), post) as going:
        yield going


@pytest.fixture(scope="session")
async def left_behind(server: Client) -> AsyncIterator[Followed]:
    """A review that has ended, with its actions: for tests that leave both actions open."""
    async with played(server, opening_at(soon()), FakePostRoom()) as review:
        yield await concluded(review)


@pytest.fixture
async def followed(left_behind: Followed, post: FakePostRoom) -> AsyncIterator[Followed]:
    """Two such actions for one test alone: nothing of their review is there but what it handed over."""
    async with going_on(left_behind.review, post) as after:
        yield await handed_over(after)


@pytest.fixture(scope="session")
async def left_to_a_cspr(server: Client) -> AsyncIterator[PlayedCspr]:
    """A review that has ended, with the CSPR it has started: for tests that leave that as it is."""
    async with played(server, opening_at(soon()), FakePostRoom()) as review:
        yield await decided(review)


@pytest.fixture
async def cspr(left_to_a_cspr: PlayedCspr, post: FakePostRoom) -> AsyncIterator[PlayedCspr]:
    """Such a CSPR just started, for one test alone: nothing of its review is there."""
    decided_at = (await left_to_a_cspr.csprs.standing(left_to_a_cspr.review.reference)).decided_at
    async with going_on(left_to_a_cspr.review, post) as after:
        yield await begun_alone(after, decided_at)
