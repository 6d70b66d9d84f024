"""Who asks too fast waits a little: a bucket of questions for each user and each server, refilled steadily."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MAX_BUCKETS = 10_000  # of each kind; the longest unused are forgotten, and were full again long before


@dataclass(frozen=True, slots=True)
class Rate:
    burst: int  # questions at once
    per_minute: int  # questions in the long run


class Buckets:
    """One bucket for each key."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._levels: OrderedDict[int, tuple[float, float]] = OrderedDict()  # questions left, as of when

    def take(self, key: int) -> int:
        """0 when the question may be asked, and counts it; else the whole seconds to wait."""
        now = self._clock()
        left, since = self._levels.pop(key, (float(self._rate.burst), now))
        refill = self._rate.per_minute / 60
        left = min(left + (now - since) * refill, float(self._rate.burst))
        wait = 0 if left >= 1 else math.ceil((1 - left) / refill)
        self._levels[key] = (left if wait else left - 1, now)
        if len(self._levels) > MAX_BUCKETS:
            self._levels.popitem(last=False)
        return wait
