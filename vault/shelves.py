"""Where the store's sealed objects lie: a folder of this machine, or a bucket elsewhere.

What is written is there whole or not at all. Both raise `FileExistsError` where something is there that is
not to be replaced, and their own errors (OSError, obstore's BaseError) where they fail.
"""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Protocol

from obstore.exceptions import AlreadyExistsError
from obstore.store import ObjectStore

from vault.files import UNFINISHED, flush_to_disk, write_whole


class Shelf(Protocol):
    """Keeps bytes by plain paths such as ``ledger/RR-2026-07/1``."""

    async def write(self, path: str, content: bytearray, *, create: bool, flush: bool) -> None:
        """Put ``content`` at ``path``; with ``create`` only where nothing is, without ``flush`` sooner.

        What is not flushed outlives this program at once, but a power failure only after `flush`.
        """

    async def read(self, path: str) -> memoryview | None:
        """What lies at ``path``; None where nothing does."""

    async def list(self, prefix: str) -> list[str]:
        """The paths below the folder ``prefix``, in any order."""

    async def flush(self, *paths: str) -> None:
        """See what lies at ``paths`` safely kept."""


class FolderShelf:
    """A folder. What comes from the system's cache most often is read at once: a thread costs more."""

    def __init__(self, folder: Path) -> None:
        """Keep everything in ``folder``, which is there."""
        self._folder = folder
        self._named: set[PurePosixPath] = set()

    async def write(self, path: str, content: bytearray, *, create: bool, flush: bool) -> None:
        """Write and flush in one visit to a thread, or into the system's cache, which needs none."""
        if flush:
            await asyncio.to_thread(self._write_through, path, content, create=create)
        else:
            write_whole(self._folder / path, content, replacing=not create, flush=False)

    async def read(self, path: str) -> memoryview | None:
        """The file's content."""
        try:
            return memoryview(_content(self._folder / path))
        except FileNotFoundError:
            return None

    async def list(self, prefix: str) -> list[str]:
        """The whole files; one that a crash left unfinished is passed over."""
        return [*self._files(prefix)]

    async def flush(self, *paths: str) -> None:
        """Onto the disk, in one visit to a thread."""
        await asyncio.to_thread(self._flush, *paths)

    def _write_through(self, path: str, content: bytearray, *, create: bool) -> None:
        write_whole(self._folder / path, content, replacing=not create)
        self._flush_names(path)

    def _files(self, prefix: str) -> Iterator[str]:
        for above, _, names in os.walk(self._folder / prefix, onerror=_unless_missing, followlinks=True):
            inside = Path(above).relative_to(self._folder).as_posix()
            yield from (f"{inside}/{name}" for name in names if UNFINISHED not in name)

    def _flush(self, *paths: str) -> None:
        files = [self._folder / path for path in paths]
        flush_to_disk(*files, *dict.fromkeys(file.parent for file in files))
        self._flush_names(*paths)

    def _flush_names(self, *paths: str) -> None:
        """See the names of the folders that paths lie in onto the disk: once each, as they do not change."""
        above = [parent for path in paths for parent in PurePosixPath(path).parents if parent.name]
        for parent in above:
            if parent not in self._named:
                flush_to_disk(self._folder / parent.parent)
                self._named.add(parent)


class BucketShelf:
    """A bucket of S3, Azure or Google, or the memory of this process; what is there is always kept safely."""

    def __init__(self, bucket: ObjectStore) -> None:
        """Keep everything in ``bucket``."""
        self._bucket = bucket

    async def write(self, path: str, content: bytearray, *, create: bool, flush: bool) -> None:  # noqa: ARG002 - as a shelf is asked
        """One object, put in one go."""
        try:
            await self._bucket.put_async(
                path, content, mode="create" if create else "overwrite", use_multipart=False
            )
        except AlreadyExistsError:
            raise FileExistsError from None

    async def read(self, path: str) -> memoryview | None:
        """The object's content."""
        try:
            return memoryview(await (await self._bucket.get_async(path)).bytes_async())
        except FileNotFoundError:
            return None

    async def list(self, prefix: str) -> list[str]:
        """The objects below it."""
        return [found["path"] async for batch in self._bucket.list_async(prefix) for found in batch]

    async def flush(self, *paths: str) -> None:
        """Nothing is left to do."""


def _content(path: Path) -> bytes:
    return path.read_bytes()


def _unless_missing(error: OSError) -> None:
    if not isinstance(error, (FileNotFoundError, NotADirectoryError)):
        raise error
