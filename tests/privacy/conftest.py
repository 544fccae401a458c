"""One marked review for all tests of this folder, played in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

from worker.settings import PROJECT

PATIENCE = 120
"""How many seconds the review may take; it takes five."""


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `tests.privacy.review` leaves, with all it printed in ``printed``."""
    folder = tmp_path_factory.mktemp("marked")
    with (folder / "printed").open("wb") as printed:
        done = subprocess.run(
            [sys.executable, "-m", "tests.privacy.review", str(folder)],
            cwd=PROJECT,
            stdout=printed,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
    text = (folder / "printed").read_text("utf-8", errors="replace")
    assert done.returncode == 0, text[text.rfind("Traceback (most recent call last)") :][:4000]
    return folder
