"""A place for the peers' own files."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: the servers' sockets lie deep in it, and their paths are limited."""
    with TemporaryDirectory(prefix="peers-") as made:
        yield Path(made)
