"""Time and ids as the double sees them: a clock that tests can move, and snowflakes."""

from __future__ import annotations

import time
from datetime import UTC, datetime

DISCORD_EPOCH_MS = 1_420_070_400_000


class Clock:
    """Monotonic seconds plus whatever a test has added."""

    def __init__(self) -> None:
        self._offset_s = 0.0

    def now(self) -> float:
        return time.monotonic() + self._offset_s

    def wall(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self._offset_s, tz=UTC)

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError(f"the clock only goes forward, not by {seconds}")
        self._offset_s += seconds


class Snowflakes:
    """Ids that grow, and carry their time of birth in the upper bits as Discord's do."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        born_ms = int(self._clock.wall().timestamp() * 1000) - DISCORD_EPOCH_MS
        self._last = max(self._last + 1, born_ms << 22)
        return self._last

    def next_for_shard(self, shard: int, shards: int) -> int:
        """An id whose `(id >> 22) % shards` is the shard: this is how Discord spreads guilds."""
        flake = self.next()
        behind = (shard - (flake >> 22)) % shards
        self._last = flake + (behind << 22)
        return self._last
