"""The web hooks in this process, with a desk that keeps what it is asked to do."""

from pathlib import Path

import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from starter.hooks.app import hooks_app
from starter.hooks.deliveries import Answers
from starter.hooks.sources import HookName, Source, fresh_secret
from tests.starter.hooks.asking import Sender
from tests.starter.hooks.desks import KeepingDesk
from vault.documents import DocumentStore
from vault.keys import KeyRing

SECRET, OLD_SECRET, OTHER_SECRET = fresh_secret(), fresh_secret(), fresh_secret()
SOURCES = (
    Source("council-form", (SecretStr(SECRET), SecretStr(OLD_SECRET)), frozenset(HookName)),
    Source("mail-provider", (SecretStr(OTHER_SECRET),), frozenset({HookName.DELIVERY})),
)


async def nothing_wanting() -> str:
    """Everything is ready."""
    return ""


@pytest.fixture
def desk() -> KeepingDesk:
    """A desk that keeps what it is asked to do."""
    return KeepingDesk()


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    """An encrypted store of one's own."""
    return DocumentStore((tmp_path / "store").as_uri(), KeyRing.fresh())


@pytest.fixture
def app(desk: KeepingDesk, store: DocumentStore) -> FastAPI:
    """The web hooks."""
    return hooks_app(SOURCES, Answers(store), desk, nothing_wanting)


@pytest.fixture
def council(app: FastAPI) -> Sender:
    """A source that may use every hook."""
    return Sender(app, SECRET)
