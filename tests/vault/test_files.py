"""Files that are there whole or not at all."""

from pathlib import Path

import pytest

from vault.documents import DocumentStore
from vault.files import write_whole
from vault.keys import KeyRing


def test_what_is_written_is_its_owners(tmp_path: Path) -> None:
    """The file, and the folders made on the way to it."""
    write_whole(tmp_path / "a" / "b" / "file", b"1")
    assert (tmp_path / "a" / "b" / "file").read_bytes() == b"1"
    modes = [(tmp_path / made).stat().st_mode & 0o777 for made in ("a", "a/b", "a/b/file")]
    assert modes == [0o700, 0o700, 0o600]


def test_a_file_is_replaced_unless_it_may_not_be(tmp_path: Path) -> None:
    """Either way nothing unfinished is left beside it."""
    file = tmp_path / "file"
    write_whole(file, b"1")
    write_whole(file, b"2")
    with pytest.raises(FileExistsError):
        write_whole(file, b"3", replacing=False)
    assert file.read_bytes() == b"2"
    assert list(tmp_path.iterdir()) == [file]


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk is full as the new content is flushed."""
    file = tmp_path / "file"
    write_whole(file, b"1")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(file, b"2")
    assert file.read_bytes() == b"1"
    assert list(tmp_path.iterdir()) == [file]


async def test_the_store_passes_over_what_a_crash_left_unfinished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that was being written as the power failed is in no listing."""
    store = DocumentStore(tmp_path.as_uri(), KeyRing.fresh())
    monkeypatch.setattr(Path, "replace", lambda *_: None)
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: None)
    await store.replace("ledger/a", b"1")
    assert len(list((tmp_path / "ledger").iterdir())) == 1
    assert await store.list("ledger") == []
