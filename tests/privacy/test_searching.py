"""The search itself: a word is found however it is hidden, and nothing is found where none is."""

import sqlite3
from base64 import b64encode, urlsafe_b64encode
from contextlib import closing
from io import BytesIO
from pathlib import Path
from quopri import encodestring
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from tests.privacy.markers import DATES, WORDS, labels_in
from tests.privacy.searching import found_in, layers, values

WORD = WORDS["Child.name"]

HIDDEN = {
    "as it is": WORD.encode(),
    "in small letters": WORD.lower().encode(),
    "UTF-16": f"a {WORD} b".encode("utf-16-le"),
    "hexadecimal": f"a {WORD} b".encode().hex().encode(),
    "capital hexadecimal": f"a {WORD} b".encode().hex().upper().encode(),
    "quoted-printable": encodestring(f"{'é' * 20} {WORD} {'é' * 20}".encode()),
    "a folded header": f"Subject: about {WORD[:4]}\r\n {WORD[4:]}".encode(),
    **{f"base64 after {n}": b64encode(b"x" * n + WORD.encode() + b"yy") for n in range(3)},
    **{f"base64 for URLs after {n}": urlsafe_b64encode(b"\xff" * n + WORD.encode()) for n in range(3)},
    "base64 in short lines": b"\r\n".join(b64encode(WORD.encode())[n : n + 7] for n in range(0, 16, 7)),
    "a date": f"born {DATES['Child.date_of_birth']:%-d %B %Y}".encode(),
    "a date in base64": b64encode(f"x{DATES['Child.date_of_birth']}".encode()),
}


@pytest.mark.parametrize("content", HIDDEN.values(), ids=HIDDEN.keys())
def test_a_word_is_found(content: bytes) -> None:
    """Whatever a program may have made of it."""
    assert found_in(b"before " + content + b" after") != []


def test_nothing_is_found_where_nothing_is() -> None:
    """Neither in plain text nor in what looks like sealed bytes."""
    assert found_in(b"Child A, agencies and dates such as 17 December 2026. " + bytes(range(256)) * 50) == []


def test_a_word_is_found_in_a_packed_file() -> None:
    """A Word file is a zip: its parts are searched, and their names."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", f"<w:t>{WORD}</w:t>" * 20)
    assert found_in(packed.getvalue()) == []
    assert [bool(found_in(layer)) for layer in layers(packed.getvalue())] == [False, True]


def test_a_word_is_found_in_a_database_however_its_pages_lie(tmp_path: Path) -> None:
    """A value longer than a page is searched whole."""
    with closing(sqlite3.connect(tmp_path / "some.db")) as database:
        database.execute("CREATE TABLE t (a BLOB, b TEXT, c INTEGER)")
        database.execute("INSERT INTO t VALUES (?, 'x', 1)", (b"x" * 9000 + WORD.encode(),))
        database.commit()
    assert [bool(found_in(value)) for value in values(tmp_path / "some.db")] == [True, False, False]


def test_a_found_word_says_what_it_marks() -> None:
    """From the word alone one knows which field let it out."""
    assert labels_in(f"{WORD.upper()} and {WORDS['Decide.reason']}") == {"Child.name", "Decide.reason"}
