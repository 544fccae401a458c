"""How long and how large: no mail takes two seconds, and a large attachment little more than its own size."""

import subprocess
import sys
import time
from base64 import encodebytes
from pathlib import Path

import pytest

from postbox.house import DOCX
from postbox.reading import read
from postbox.verdicts import Verdict, Why
from tests.postbox.clients import Reply, simple
from tests.postbox.pieces import ENVELOPE, HOUSE, Attached, form, pdf
from tests.postbox.slow_shapes import SLOW, with_media

MIB = 1024 * 1024

MEASURED = """
import re, sys
from pathlib import Path
from postbox.reading import read
from tests.postbox.corpus import expected, reading_of
from tests.postbox.pieces import ENVELOPE, HOUSE
for line in expected()[:40]:
    reading_of(line.name)
def memory(of):
    return int(re.search(of + r":\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024
rest = memory("VmRSS")
reading = read(Path(sys.argv[1]).read_bytes(), ENVELOPE, HOUSE)
print(reading.verdict, len(reading.contents[0]), memory("VmHWM") - rest)
"""
"""Reads one file in a process of its own that has read others; prints its peak above its rest, in MiB.

As Linux tells it: `resource` would count the memory of the process that started this one.
"""


@pytest.mark.parametrize("name", SLOW)
def test_no_mail_takes_two_seconds(name: str) -> None:
    """Each strains one thing as far as the limits let it; processor time, since machines are shared."""
    mail = SLOW[name]()
    began = time.process_time()
    reading = read(mail, ENVELOPE, HOUSE)
    assert time.process_time() - began < 2
    assert reading.verdict is not Verdict.UNREAD


@pytest.mark.parametrize("kind", ["word", "pdf"])
def test_a_large_attachment_needs_less_than_100_mb(tmp_path: Path, kind: str) -> None:
    """25 MB attached: the mail as it came, its content once, and little besides."""
    large = {
        "word": Attached("return.docx", DOCX, with_media(form().content, 25 * MIB)),
        "pdf": pdf(bytes(25 * MIB)),
    }[kind]
    (tmp_path / "large.eml").write_bytes(simple(Reply(attached=(large,))))
    run = subprocess.run(
        [sys.executable, "-c", MEASURED, str(tmp_path / "large.eml")],
        capture_output=True,
        text=True,
        check=True,
    )
    verdict, size, more = run.stdout.split()
    assert (verdict, int(size)) == ("return", len(large.content))
    assert int(size) > 25 * MIB
    assert int(more) < 100


def test_a_mail_over_the_limit_is_not_read() -> None:
    """Over 50 MB nothing is parsed."""
    reading = read(simple(Reply()) + encodebytes(bytes(38 * MIB)), ENVELOPE, HOUSE)
    assert (reading.verdict, reading.why) == (Verdict.QUARANTINED, Why.TOO_LARGE)
