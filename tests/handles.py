"""What a process holds open."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def open_files() -> set[str]:
    """Each file, pipe and socket that this process has open, once: SQLite opens its one file as often as it likes."""
    found = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the one that lists them
            found.add(str(descriptor.readlink()))
    return found
