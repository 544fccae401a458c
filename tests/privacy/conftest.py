"""One marked review for all tests of this folder, played once, in a process of its own."""

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from worker.settings import PROJECT

PATIENCE = 120
"""How many seconds the review may take; it takes five."""


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder that `tests.privacy.review` leaves, with all it printed in ``printed``.

    Where several processes run the tests, the first to ask plays it, and the others wait for its folder.
    """
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "marked"
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _play(own / "marking").rename(folder)
    return folder


def _play(folder: Path) -> Path:
    folder.mkdir()
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
