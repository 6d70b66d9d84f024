"""What the bot keeps on disk, in `DATA/bot/`: a key, counts, and which commands Discord knows. Nothing about a user."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.pages import Votes
from index.errors import SummitError
from index.lock import PRIVATE_FILE, PRIVATE_FOLDER, make_private

KEY_BYTES = 32


class AlreadyRunning(SummitError):
    """Another bot process uses this data folder."""


@contextmanager
def claim(data: Path) -> Iterator[None]:
    """Be the only bot on this data folder. Raises AlreadyRunning at once when there is another."""
    descriptor = os.open(_folder(data) / "lock", os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise AlreadyRunning(
                f"another bot is running on {data}: stop that one first, or give this one a folder with SUMMIT_DATA"
            ) from exc
        yield
    finally:
        os.close(descriptor)


class Records:
    def __init__(self, data: Path) -> None:
        self._folder = _folder(data)
        self._counting = threading.Lock()
        self.key = self._load_key()

    def votes(self) -> Votes:
        with self._counting:
            return self._read_votes()

    def count_vote(self, change: Votes) -> None:
        """Add to the counts; a changed mind takes one away on the other side."""
        with self._counting:
            now = self._read_votes()
            counts = {
                "helpful": max(now.helpful + change.helpful, 0),
                "not_helpful": max(now.not_helpful + change.not_helpful, 0),
            }
            _write_private(self._folder / "counts.json", json.dumps(counts).encode())

    def synced_commands(self) -> str:
        """The digest of the commands that Discord was last given, or ""."""
        path = self._folder / "commands"
        return path.read_text(encoding="ascii", errors="replace").strip() if path.exists() else ""

    def note_synced_commands(self, digest: str) -> None:
        _write_private(self._folder / "commands", digest.encode())

    def _read_votes(self) -> Votes:
        path = self._folder / "counts.json"
        if not path.exists():
            return Votes()
        try:
            counts = json.loads(path.read_text(encoding="utf-8"))
            return Votes(int(counts["helpful"]), int(counts["not_helpful"]))
        except (ValueError, KeyError, TypeError) as exc:
            raise SummitError(f"{path} is damaged: remove it, and counting begins anew") from exc

    def _load_key(self) -> bytes:
        """The key that buttons are sealed with. Without it, old messages' buttons retire."""
        path = self._folder / "key"
        if path.exists():
            key = path.read_bytes()
            if len(key) == KEY_BYTES:
                return key
        key = secrets.token_bytes(KEY_BYTES)
        _write_private(path, key)
        return key


def _folder(data: Path) -> Path:
    make_private(data)
    folder = data / "bot"
    folder.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    return folder


def _write_private(path: Path, content: bytes) -> None:
    """Replace the file as a whole, readable by its owner alone."""
    new = path.with_name(f"{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
