"""What the time that a question speaks of adds to a passage's score. It weighs, and never shuts anything out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from index.article import Article
from index.lexical import Floats
from index.passage import Passage
from index.when import Period, When

# About what lies between a first and a fifth hit: of passages that fit alike the timely one wins, of others the better.
OUTSIDE = -0.25
# "Latest" is worth as much at most, and half of that for an article so many days older than the newest.
FRESH = 0.25
HALF_LIFE_DAYS = 14.0


class Timeline:
    """When the article of each passage was published."""

    def __init__(self, articles: Mapping[str, Article], passages: Sequence[Passage]) -> None:
        self._published = [articles[passage.article].published for passage in passages]
        self._days = sorted({day for day in self._published if day})

    def weigh(self, when: When) -> Floats:
        """What each passage's score changes by, shape (passages,); 0 for articles without a date."""
        found = np.zeros(len(self._published), dtype=np.float32)
        period = when.published
        if period and any(map(period.holds, self._days)):  # where none is of that time, time tells nothing apart
            found += np.array([self._outside(day, period) for day in self._published], dtype=np.float32)
        if when.latest:
            found += np.array([self._fresh(day) for day in self._published], dtype=np.float32)
        return found

    def _outside(self, day: date | None, period: Period) -> float:
        return 0.0 if day is None or period.holds(day) else OUTSIDE

    def _fresh(self, day: date | None) -> float:
        return 0.0 if day is None else FRESH * 0.5 ** ((self._days[-1] - day).days / HALF_LIFE_DAYS)
