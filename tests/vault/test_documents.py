"""The encrypted store: what goes in comes out, nothing plain lies about, and one claimant wins."""

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from domain.errors import NotConfigured, NotReachable, NotReadable, NotSealed
from domain.messages import DocumentRef
from vault.documents import DocumentStore
from vault.keys import KeyRing

RING = KeyRing.fresh()
TEXT = "text/plain"
MARKER = b"marker-of-a-narrative about Child A"


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStore:
    """An empty store, once in a folder and once in memory."""
    return DocumentStore(f"file://{tmp_path}/store" if request.param == "file" else "memory://", RING)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where `local` keeps its files."""
    return tmp_path / "a folder" / "store"


@pytest.fixture
def local(folder: Path) -> DocumentStore:
    """An empty store in a folder whose name has a space."""
    return DocumentStore(folder.as_uri(), RING)


def files(folder: Path) -> list[Path]:
    """Every file below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_document_comes_out_as_it_went_in(store: DocumentStore) -> None:
    """The reference holds hash, size and media type."""
    ref = await store.put(MARKER, TEXT)
    assert ref == DocumentRef(sha256=hashlib.sha256(MARKER).hexdigest(), size=len(MARKER), media_type=TEXT)
    assert await store.get(ref) == MARKER


async def test_a_large_document_is_one_object(store: DocumentStore) -> None:
    """Past obstore's 5 MiB, where it would write in parts, a document is still whole."""
    plain = os.urandom(6 * 1024 * 1024)
    assert await store.get(await store.put(plain, TEXT)) == plain


async def test_putting_again_changes_nothing(store: DocumentStore) -> None:
    """An activity that runs twice leaves one document and gives one answer."""
    assert await store.put(MARKER, TEXT) == await store.put(MARKER, TEXT)
    assert len(await store.list("documents")) == 1


async def test_one_content_under_two_media_types_is_two_documents(store: DocumentStore) -> None:
    """The second does not make the first unreadable."""
    first, second = await store.put(b"", TEXT), await store.put(b"", "application/json")
    assert await store.get(first) == await store.get(second) == b""


async def test_documents_are_put_together_as_they_are_one_by_one(store: DocumentStore) -> None:
    """Each under its own media type, in their order; none asked for is none put."""
    refs = await store.put_all((b"A form.", "application/pdf"), (b"A text.", TEXT))
    assert refs == (await store.put(b"A form.", "application/pdf"), await store.put(b"A text.", TEXT))
    assert [await store.get(ref) for ref in refs] == [b"A form.", b"A text."]
    assert await store.put_all() == ()


async def test_a_document_is_bound_to_its_media_type(store: DocumentStore) -> None:
    """A reference that claims another type does not open it."""
    ref = await store.put(MARKER, TEXT)
    with pytest.raises(NotReadable):
        await store.get(ref.model_copy(update={"media_type": "text/html"}))


async def test_a_document_that_is_not_there_says_so(store: DocumentStore) -> None:
    """The sentence names the hash and what to check."""
    with pytest.raises(NotReadable, match=f"document {'0' * 64} is not in the store"):
        await store.get(DocumentRef(sha256="0" * 64, size=1, media_type=TEXT))


async def test_another_document_in_its_place_is_refused(store: DocumentStore) -> None:
    """Even one that was sealed for that very path."""
    ref = await store.put(MARKER, TEXT)
    await store.replace((await store.list("documents"))[0], b"another")
    with pytest.raises(NotSealed, match="is another document"):
        await store.get(ref)


async def test_an_altered_document_is_refused(local: DocumentStore, folder: Path) -> None:
    """One flipped bit on the disk."""
    ref = await local.put(MARKER, TEXT)
    (kept,) = files(folder)
    altered = bytearray(kept.read_bytes())
    altered[-1] ^= 1
    kept.write_bytes(altered)
    with pytest.raises(NotSealed, match="altered or moved"):
        await local.get(ref)


async def test_an_object_moved_to_another_path_is_refused(local: DocumentStore, folder: Path) -> None:
    """A ledger entry copied over another letter's does not open."""
    await local.create("ledger/a", b"1")
    (folder / "ledger" / "a").rename(folder / "ledger" / "b")
    with pytest.raises(NotSealed, match=r"ledger/b in the store at .* does not open"):
        await local.read("ledger/b")


async def test_an_empty_file_left_by_a_power_failure_is_refused(local: DocumentStore, folder: Path) -> None:
    """It is neither absent nor readable, and the sentence says which file it is."""
    await local.create("ledger/a", b"1")
    (folder / "ledger" / "a").write_bytes(b"")
    with pytest.raises(NotSealed, match=r"ledger/a .* cut short"):
        await local.read("ledger/a")


async def test_documents_outlive_rotation(local: DocumentStore, folder: Path) -> None:
    """A store opened with the rotated ring reads the old and seals the new under the new key."""
    ref = await local.put(MARKER, TEXT)
    rotated = DocumentStore(folder.as_uri(), RING.rotated())
    assert await rotated.get(ref) == MARKER
    later = await rotated.put(b"later", TEXT)
    with pytest.raises(NotSealed, match="under key k2"):
        await local.get(later)


async def test_records_are_created_once(store: DocumentStore) -> None:
    """The second caller is told no, and what the first wrote stays."""
    assert await store.create("ledger/RR-2026-07/claimed", b"first") is True
    assert await store.create("ledger/RR-2026-07/claimed", b"second") is False
    assert await store.read("ledger/RR-2026-07/claimed") == b"first"


async def test_of_two_claimants_exactly_one_wins(store: DocumentStore) -> None:
    """Two tasks at once, fifty times over; and what is kept is the winner's."""
    for claim in range(50):
        won = await asyncio.gather(*(store.create(f"claims/{claim}", b"%d" % who) for who in range(2)))
        assert sorted(won) == [False, True]
        assert await store.read(f"claims/{claim}") == b"%d" % won.index(True)


async def test_records_can_be_replaced_and_missed(store: DocumentStore) -> None:
    """A record is read as last written; one never written is None."""
    assert await store.read("archive/RR-2026-07.json") is None
    await store.replace("archive/RR-2026-07.json", b"1")
    await store.replace("archive/RR-2026-07.json", b"2")
    assert await store.read("archive/RR-2026-07.json") == b"2"


async def test_records_are_listed_by_folder(store: DocumentStore) -> None:
    """Sorted, whole folders only, and none where there is nothing."""
    for path in ("ledger/b/2", "ledger/b/1", "ledger/bb/3", "other/4"):
        await store.create(path, b"")
    assert await store.list("ledger/b") == ["ledger/b/1", "ledger/b/2"]
    assert await store.list("ledger") == ["ledger/b/1", "ledger/b/2", "ledger/bb/3"]
    assert await store.list("nothing") == []


async def test_a_folder_that_lies_on_another_disk_is_listed(tmp_path: Path) -> None:
    """The office may have moved it there and linked it; a record is no folder, and has nothing below it."""
    store = DocumentStore((tmp_path / "store").as_uri(), KeyRing.fresh())
    await store.create("ledger/b/1", b"")
    (tmp_path / "store" / "ledger").rename(tmp_path / "elsewhere")
    (tmp_path / "store" / "ledger").symlink_to(tmp_path / "elsewhere")
    assert await store.list("ledger") == ["ledger/b/1"]
    assert await store.list("ledger/b/1") == []


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "a//b", "../a", "a/../b", "Child A", "a@b", "a#1", "é", "a\n"]
)
async def test_paths_hold_plain_facts_only(store: DocumentStore, path: str) -> None:
    """Anything that might be a name, or leave the store, is refused and not repeated."""
    with pytest.raises(NotReadable, match="never a name") as refusal:
        await store.create(path, b"")
    assert not path.strip("/") or path not in str(refusal.value)
    for reading in (store.read(path), store.replace(path, b""), store.list(path)):
        with pytest.raises(NotReadable):
            await reading


async def test_nothing_plain_lies_on_the_disk(local: DocumentStore, folder: Path) -> None:
    """A marker put in by every road is found in no file and no file name."""
    await local.put(MARKER, TEXT)
    await local.create("ledger/a", MARKER)
    await local.replace("archive/b", MARKER)
    kept = files(folder)
    assert len(kept) == 3
    assert not any(b"marker" in path.read_bytes() or "marker" in str(path) for path in kept)


def test_the_folder_is_its_owners(folder: Path) -> None:
    """Made private, and made private again where it was open."""
    DocumentStore(folder.as_uri(), RING)
    folder.chmod(0o755)
    DocumentStore(folder.as_uri(), RING)
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_write_is_on_the_disk_before_it_is_answered(
    local: DocumentStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file and every folder up to the store's own are flushed."""
    flushed: list[int] = []
    fsync = os.fsync

    def seen(descriptor: int) -> None:
        flushed.append(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", seen)
    await local.create("ledger/RR-2026-07/a", b"1")
    steps = ("ledger/RR-2026-07/a", "ledger/RR-2026-07", "ledger", ".")
    assert flushed == [(folder / step).stat().st_ino for step in steps]
    flushed.clear()
    await local.put_all((b"A form.", TEXT), (b"A text.", TEXT))
    put = [folder, folder / "documents", *(folder / "documents").rglob("*")]
    assert set(flushed) == {path.stat().st_ino for path in put}


async def test_a_store_that_cannot_write_says_so(local: DocumentStore, folder: Path) -> None:
    """Here a file stands where a folder should be; the sentence says where and what to check."""
    (folder / "ledger").write_bytes(b"")
    with pytest.raises(NotReachable, match=r"document store at .*store did not do .*: check its disk space"):
        await local.create("ledger/a", b"1")


@pytest.mark.parametrize(
    "url", ["file://relative/x", "file:relative", "ftp://host/x", "nonsense", "az://lonely"]
)
def test_a_bad_url_is_refused(url: str) -> None:
    """With the forms that would do."""
    with pytest.raises(NotConfigured, match="file:"):
        DocumentStore(url, RING)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """The sentence names the folder."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotConfigured, match="file/store cannot be made private"):
        DocumentStore((tmp_path / "file" / "store").as_uri(), RING)


def test_a_store_shows_where_it_is_and_no_more() -> None:
    """No key, and nothing of a URL but its kind."""
    assert repr(DocumentStore("memory://", RING)) == "DocumentStore('memory')"
