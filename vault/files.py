"""Writing files that are there whole or not at all, and stay there when the power fails."""

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

UNFINISHED = "#"
"""What is in the name of a file until it is whole: one that a crash has left is to be passed over."""


def write_whole(
    path: Path, content: bytes | bytearray, *, replacing: bool = True, flush: bool = True
) -> None:
    """Put ``content`` at ``path``, for its owner alone; folders that are missing are made, mode 0700.

    Readers see what was there before or all of the new. Without ``flush`` it outlives this program at
    once, but a power failure only after `flush_to_disk`.

    Raises:
        FileExistsError: something is there, and it is not to be replaced.
    """
    staged = path.with_name(f"{path.name}{UNFINISHED}{uuid4().int}")
    try:
        _write(staged, content, flush=flush)
        if replacing:
            staged.replace(path)
        else:
            os.link(staged, path)
            staged.unlink()
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
    if flush:
        flush_to_disk(path.parent)


def flush_to_disk(*paths: Path) -> None:
    """See files, and the names in folders, safely onto the disk; what is gone is passed over.

    Elsewhere than on POSIX a program cannot ask for it.
    """
    for path in paths if os.name == "posix" else ():
        with suppress(FileNotFoundError):
            _flush(path)


def make_private(folder: Path) -> None:
    """Make ``folder`` and the folders above it that are missing, each with mode 0700."""
    for missing in reversed([f for f in (folder, *folder.parents) if not f.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def _write(path: Path, content: bytes | bytearray, *, flush: bool) -> None:
    descriptor = _made(path)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        if flush:
            file.flush()
            os.fsync(descriptor)


def _made(path: Path) -> int:
    """A new file, opened; its folder is there but for the first time, and is not asked after each time."""
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileNotFoundError:
        make_private(path.parent)
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
