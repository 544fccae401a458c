"""What a large attachment takes of this machine's memory."""

import asyncio
import json
import sys
from pathlib import Path

import pytest

from worker.settings import PROJECT


@pytest.mark.parametrize("door", ["smtp", "imap"])
async def test_a_large_attachment_never_takes_a_hundred_megabytes(tmp_path: Path, door: str) -> None:
    """Neither of the mail room nor of the process that reads, above what they take at rest."""
    program = (sys.executable, "-m", "tests.mailroom.large_mail", door, str(tmp_path))
    process = await asyncio.create_subprocess_exec(*program, cwd=PROJECT, stdout=asyncio.subprocess.PIPE)
    said, _ = await process.communicate()
    took = json.loads(said)
    assert took["told"][0] > 25 * 2**20
    assert 30 < took["room"] < 100
    assert 30 < took["reader"] < 100
