"""Who may build, and who is reading: advisory locks, which the kernel drops when their process dies in whatever way."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import BuilderBusy

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


class Lease:
    """A lock on an open file, held until `release` or the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def lease(path: Path, *, exclusive: bool = False) -> Lease | None:
    """Lock the file against its removal (or, exclusively, for it); None if it is gone or the other side has it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        # Between opening and locking it may have been removed: then this is a lock on nothing.
        removed = os.fstat(descriptor).st_nlink == 0
    except OSError:
        removed = True
    if removed:
        os.close(descriptor)
        return None
    return Lease(descriptor)


@contextmanager
def builders_lock(data: Path) -> Iterator[None]:
    """Be the only builder in this data folder. Raises BuilderBusy at once when there is another."""
    descriptor = os.open(data / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, PRIVATE_FILE)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise BuilderBusy(f"another process is indexing into {data}: wait until it is done") from exc
        yield
    finally:
        os.close(descriptor)


def make_private(data: Path) -> None:
    """Make the data folder, or take it from all but its owner.

    A folder with other things in it keeps its mode: `--data .` must not lock its owner's group out of a project.
    """
    data.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    names = {path.name for path in data.iterdir()}
    mode = stat.S_IMODE(data.stat().st_mode)
    if mode & ~PRIVATE_FOLDER and (not names or "lock" in names):
        data.chmod(mode & PRIVATE_FOLDER)
