"""The corpus as tests use it: each mail's file, and what ``expected.csv`` says it must be read as."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from postbox.reading import read
from postbox.verdicts import Reading
from tests.postbox.pieces import ENVELOPE, HOUSE

FOLDER = Path(__file__).parent / "corpus"
EXPECTED = Path(__file__).parent / "expected.csv"


@dataclass(frozen=True)
class Expected:
    """A line of the table.

    ``because`` is the reason of a quarantine, the seal, or the status of a delivery report; ``whose`` is
    the role and key of the token; ``missing`` what the form lacks.
    """

    name: str
    verdict: str
    because: str
    reference: str
    whose: str
    attached: str
    missing: str


def raw(name: str) -> bytes:
    """A mail as it came."""
    return (FOLDER / f"{name}.eml").read_bytes()


@cache
def expected() -> tuple[Expected, ...]:
    """The whole table."""
    with EXPECTED.open(encoding="utf-8", newline="") as table:
        return tuple(Expected(**line) for line in csv.DictReader(table))


def named(verdicts: frozenset[str]) -> list[str]:
    """The names of the mails that must be read as one of these."""
    return [line.name for line in expected() if line.verdict in verdicts]


def reading_of(name: str) -> Reading:
    """A mail of the corpus, read."""
    return read(raw(name), ENVELOPE, HOUSE)


def as_expected(name: str, reading: Reading) -> Expected:
    """A reading, as a line of the table."""
    return Expected(
        name=name,
        verdict=reading.verdict,
        because=reading.why or reading.sealed_by or reading.status or "",
        reference=reading.reference or "",
        whose=f"{reading.role}:{reading.key}" if reading.role else "",
        attached=str(len(reading.attachments)),
        missing=" ".join(reading.missing),
    )
