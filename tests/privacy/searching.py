"""Looking for marked words in anything: as they are, encoded, split over lines, or packed away."""

import re
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile, is_zipfile

from tests.privacy.markers import DATES, PREFIX

DATE_FORMS = ("%Y-%m-%d", "%-d %B %Y", "%-d %b %Y", "%d/%m/%Y", "%d.%m.%Y")
"""How a date of birth might be written."""


def sought() -> dict[str, str]:
    """What to look for: the beginning of every marker, and each person's date in each form."""
    dates = {
        f"{label} as {day:{form}}": f"{day:{form}}" for label, day in DATES.items() for form in DATE_FORMS
    }
    return {"a marker": PREFIX, **dates}


def encodings(text: str) -> Iterator[tuple[str, bytes]]:
    """A text as it may lie in a file: UTF-8, UTF-16, hexadecimal, and base64 at each of its alignments."""
    raw = text.encode()
    yield "UTF-8", raw
    yield "UTF-16", text.encode("utf-16-le")
    yield "hexadecimal", raw.hex().encode()
    for shift in range(3):
        whole = b64encode(bytes(shift) + raw)
        steady = whole[-(-8 * shift // 6) : 8 * (shift + len(raw)) // 6]
        yield f"base64, shifted by {shift}", steady
        yield f"base64 for URLs, shifted by {shift}", steady.replace(b"+", b"-").replace(b"/", b"_")


NEEDLES = {
    f"{label} in {name}": needle if "base64" in name else needle.lower()
    for label, text in sought().items()
    for name, needle in encodings(text)
}
"""Every form of everything sought, by what it is; in lower case where that makes no difference."""


@cache
def found_in(content: bytes) -> list[str]:
    """What of it is in some bytes, whatever its case and however its lines are broken.

    The same bytes lie in many places: a Word file's styles are in every attachment.
    """
    exact = {content, re.sub(rb"=?\r?\n[ \t]?", b"", content)}
    in_any_case = {hay.lower() for hay in exact}
    return [
        what
        for what, needle in NEEDLES.items()
        for hay in (exact if "base64" in what else in_any_case)
        if needle in hay
    ]


def layers(content: bytes) -> Iterator[bytes]:
    """The bytes of a file, and those of everything packed in it where it is a zip, as a Word file is."""
    yield content
    if is_zipfile(BytesIO(content)):
        with ZipFile(BytesIO(content)) as package:
            yield from (name.encode() + b"\n" + package.read(name) for name in package.namelist())


def files(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file()]


def values(database: Path) -> Iterator[bytes]:
    """Every value of every table of a SQLite file, whole, however its pages lie."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        tables = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - its own list of tables
                yield from (value if isinstance(value, bytes) else str(value).encode() for value in row)
