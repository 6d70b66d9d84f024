"""Two things measured in turn, and what they are to each other."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """Medians of ours and of the bare library's, the median of the pairs' ratios, and the most that may be."""

    name: str
    unit: str
    ours: float
    bare: float
    ratio: float
    at_most: float | None
    pairs: int

    @property
    def holds(self) -> bool:
        return self.at_most is None or self.ratio <= self.at_most


def timed(act: Callable[[], object]) -> float:
    """Seconds that it takes."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def in_turn(ours: Callable[[], float], bare: Callable[[], float], pairs: int) -> list[tuple[float, float]]:
    """Measure both `pairs` times, each going first every other time: what the machine does meanwhile hits both."""
    found = []
    for number in range(pairs):
        if number % 2:
            first = bare()
            found.append((ours(), first))
        else:
            first = ours()
            found.append((first, bare()))
    return found


def ratio(name: str, unit: str, pairs: Sequence[tuple[float, float]], at_most: float | None) -> Ratio:
    return Ratio(
        name,
        unit,
        statistics.median(ours for ours, _ in pairs),
        statistics.median(bare for _, bare in pairs),
        statistics.median(ours / bare for ours, bare in pairs),
        at_most,
        len(pairs),
    )


def table(ratios: Sequence[Ratio]) -> str:
    rows = [("", "ours", "bare", "ratio", "at most", "")]
    for one in ratios:
        limit = "" if one.at_most is None else f"{one.at_most:.2f}"
        verdict = "" if one.at_most is None else "ok" if one.holds else "OVER"
        rows.append(
            (one.name, f"{one.ours:.4g} {one.unit}", f"{one.bare:.4g} {one.unit}", f"{one.ratio:.2f}", limit, verdict)
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
