"""A mail room that keeps its letters, and a review just opened on the session's server."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client

from tests.conftest import Elsewhere
from tests.workflows.following import Followed, concluded
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


@pytest.fixture
async def followed(review: PlayedReview) -> Followed:
    """The actions of a review that has ended."""
    return await concluded(review)
