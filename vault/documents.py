"""The encrypted store: documents by content, and small records by path, in a folder or a bucket.

Everything in it is sealed and bound to where it lies, so that one object cannot be put in another's
place. Paths are plain: references, hashes and counts, never a name.
"""

import builtins
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from domain.errors import NotConfigured, NotReachable, NotReadable, NotSealed
from domain.messages import DocumentRef
from vault.files import make_private
from vault.keys import KeyRing
from vault.shelves import BucketShelf, FolderShelf, Shelf

_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")


class DocumentStore:
    """Sealed documents and records at ``url``: ``file:///folder``, ``memory://``, ``s3://``, ``az://``.

    Each method raises NotReachable where the store does not answer or cannot write, NotSealed where an
    object was altered or its key is missing, and NotReadable where a path holds more than letters,
    digits, dots, hyphens and underscores between slashes.
    """

    def __init__(self, url: str, keyring: KeyRing) -> None:
        """Open the store, making a local folder (mode 0700) where needed; NotConfigured for a bad URL."""
        folder = _private_folder(url) if url.startswith("file:") else None
        self._shelf: Shelf = FolderShelf(folder) if folder else BucketShelf(_bucket(url))
        self._keyring = keyring
        self._where = str(folder or urlsplit(url).scheme)

    def __repr__(self) -> str:
        """Where it is; a URL's details and the keys stay out of logs."""
        return f"DocumentStore({self._where!r})"

    async def put(self, plain: bytes, media_type: str) -> DocumentRef:
        """Seal and keep a document; putting the same one again changes nothing that can be read.

        It lies at ``documents/<sha256>/<hash of the media type>``, sealed under the key active now.
        """
        ref = _ref(plain, media_type)
        await self._write(_document_path(ref), plain)
        return ref

    async def put_all(self, *documents: tuple[bytes, str]) -> tuple[DocumentRef, ...]:
        """Seal and keep documents, each with its media type, as `put` does; a disk is waited for once."""
        refs = tuple(_ref(*document) for document in documents)
        for ref, (plain, _) in zip(refs, documents, strict=True):
            await self._write(_document_path(ref), plain, flush=False)
        await self.flush(*map(_document_path, refs))
        return refs

    async def get(self, ref: DocumentRef) -> bytes:
        """The document's plain bytes, checked against its SHA-256; NotReadable where it is not there."""
        plain = await self.read(_document_path(ref))
        if plain is None:
            raise NotReadable(
                f"document {ref.sha256} is not in the store at {self._where}: check that this is the store "
                "it was put into, and restore that document from the backup.",
            )
        if hashlib.sha256(plain).hexdigest() != ref.sha256:
            raise NotSealed(
                f"document {ref.sha256} in the store at {self._where} opens, but is another document: "
                "restore it from the backup.",
            )
        return plain

    async def prove(self) -> None:
        """See that this key ring is the one this store was sealed with; the first time, leave the proof.

        Raises:
            NotSealed: it is another ring.
        """
        if await self.create("proof", b"Sealed by the ring that opens this store."):
            return
        try:
            await self.read("proof")
        except NotSealed:
            raise NotSealed(
                "The key ring does not open what is in the store: it is another one. Restore the ring that "
                "belongs to it from its backup."
            ) from None

    async def create(self, path: str, plain: bytes) -> bool:
        """Seal ``plain`` at ``path`` unless something is there: True for the one caller who came first."""
        try:
            await self._write(path, plain, create=True)
        except FileExistsError:
            return False
        return True

    async def replace(self, path: str, plain: bytes, *, flush: bool = True) -> None:
        """Seal ``plain`` at ``path``, in place of what may be there; readers see the old or the new.

        Without ``flush`` it outlives this program at once, but a power failure only after `flush`.
        """
        await self._write(path, plain, flush=flush)

    async def flush(self, *paths: str) -> None:
        """See what is at ``paths`` safely onto the disk; a bucket always has it so."""
        for path in paths:
            _check(path)
        with self._answering():
            if paths:
                await self._shelf.flush(*paths)

    async def read(self, path: str) -> bytes | None:
        """The plain bytes at ``path``, or None where nothing is there."""
        _check(path)
        with self._answering():
            sealed = await self._shelf.read(path)
        if sealed is None:
            return None
        try:
            return self._keyring.open(sealed, _binding(path))
        except NotSealed as error:
            raise NotSealed(f"{path} in the store at {self._where} does not open: {error}") from None

    async def list(self, prefix: str) -> builtins.list[str]:
        """The paths below the folder ``prefix``, sorted."""
        _check(prefix)
        with self._answering():
            return sorted(await self._shelf.list(prefix))

    async def _write(self, path: str, plain: bytes, *, create: bool = False, flush: bool = True) -> None:
        _check(path)
        sealed = self._keyring.seal(plain, _binding(path))
        with self._answering():
            await self._shelf.write(path, sealed, create=create, flush=flush)

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Say in our own words that the store failed; "already exists" is an answer, not a failure."""
        try:
            yield
        except FileExistsError:
            raise
        except (BaseError, OSError) as error:
            raise NotReachable(
                f"the document store at {self._where} did not do what was asked ({type(error).__name__}): "
                "check its disk space, permissions or network, then try again.",
            ) from error


def _ref(plain: bytes, media_type: str) -> DocumentRef:
    return DocumentRef(sha256=hashlib.sha256(plain).hexdigest(), size=len(plain), media_type=media_type)


def _document_path(ref: DocumentRef) -> str:
    """The media type is part of the path, or one content put under two types would lose the first."""
    return f"documents/{ref.sha256}/{hashlib.sha256(ref.media_type.encode()).hexdigest()[:16]}"


def _binding(path: str) -> bytes:
    return f"store:{path}".encode()


def _check(path: str) -> None:
    """Refuse what might be a name or leave the store; the path is not quoted, for it might be one."""
    if not _PATH.fullmatch(path):
        raise NotReadable(
            "a path in the document store may hold only letters, digits, dots, hyphens and underscores "
            "between slashes: use the case reference and hashes, never a name.",
        )


def _private_folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.netloc not in {"", "localhost"} or not parts.path.startswith("/"):
        raise NotConfigured(
            "the document store's file: URL must name a whole path, as in file:///srv/rapid-review."
        )
    folder = Path(url2pathname(parts.path))
    try:
        make_private(folder)
        folder.chmod(0o700)
    except OSError as error:
        raise NotConfigured(
            f"the document store's folder {folder} cannot be made private ({error.strerror}): "
            "name a folder that this account owns.",
        ) from error
    return folder


def _bucket(url: str) -> ObjectStore:
    try:
        return from_url(url)
    except (BaseError, ValueError) as error:
        raise NotConfigured(
            f"the document store's URL ({urlsplit(url).scheme or 'no scheme'}:) was not understood: use "
            "file:///folder, s3://bucket/prefix or az://container/prefix, and put its settings "
            "in the environment.",
        ) from error
