"""The figures of a set of answered questions, and how far chance could have moved them.

Every figure is computed from one table with a row a question, so that a bootstrap (Efron 1979) is the same
computation over rows drawn anew.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

RESAMPLES = 1000
SEED = 20250823
CONFIDENCE = 0.95
BINS = 10
DEPTH = 5  # quotes that count

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Table:
    """One row a question."""

    answerable: npt.NDArray[np.bool_]
    answered: npt.NDArray[np.bool_]
    rank: Numbers  # of the first hit among the first `DEPTH` quotes, from 1; inf where there is none
    score: Numbers  # of the first quote; -inf where there is none
    ms: Numbers

    def __len__(self) -> int:
        return len(self.rank)

    def take(self, rows: npt.NDArray[np.int64]) -> Table:
        return Table(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


@dataclass(frozen=True, slots=True)
class Figure:
    """NaN where the questions do not allow it to be computed."""

    value: float
    low: float
    high: float


def figures(table: Table) -> dict[str, Figure]:
    """Each figure with its percentile interval. The seed is fixed: the same answers give the same intervals."""
    random = np.random.default_rng(SEED)
    rows = random.integers(0, len(table), size=(RESAMPLES, len(table)))
    samples = [table.take(row) for row in rows]
    found = {}
    for name, compute in FIGURES.items():
        value = compute(table)
        drawn = np.array([compute(sample) for sample in samples]) if not math.isnan(value) else np.array([])
        drawn = drawn[~np.isnan(drawn)]
        edge = (1 - CONFIDENCE) / 2
        low, high = np.quantile(drawn, (edge, 1 - edge)).tolist() if len(drawn) else (math.nan, math.nan)
        found[name] = Figure(value, low, high)
    return found


def found_by(depth: int) -> Callable[[Table], float]:
    return lambda table: _mean(table.rank[table.answerable] <= depth)


def reciprocal_rank(table: Table) -> float:
    return _mean(1 / table.rank[table.answerable])


def answered(table: Table) -> float:
    return _mean(table.answered[table.answerable])


def answered_and_right(table: Table) -> float:
    return _mean((table.answered & (table.rank == 1))[table.answerable])


def abstention(table: Table) -> float:
    return _mean(~table.answered[~table.answerable])


def trust(table: Table) -> float:
    right, silent = answered_and_right(table), abstention(table)
    return 2 * right * silent / (right + silent) if right + silent else right + silent  # which may be NaN


def auroc(table: Table) -> float:
    """The chance that an answerable question's first score is above an unanswerable one's; ties count half."""
    answerable, unanswerable = table.score[table.answerable], np.sort(table.score[~table.answerable])
    if not len(answerable) or not len(unanswerable):
        return math.nan
    below = np.searchsorted(unanswerable, answerable, "left")
    up_to = np.searchsorted(unanswerable, answerable, "right")
    return float((below + up_to).sum()) / 2 / len(answerable) / len(unanswerable)


@dataclass(frozen=True, slots=True)
class Bin:
    """Questions with neighbouring scores: what was said of them, and what came true."""

    count: int
    score: float  # mean
    hits: float  # share


def reliability(table: Table) -> list[Bin]:
    """Bins of equal mass over the first quote's score, lowest first. Questions that got no quote are in none."""
    return [Bin(int(count), float(score), float(hits)) for count, score, hits in zip(*_bins(table), strict=True)]


def calibration_error(table: Table) -> float:
    """Expected calibration error (Naeini, Cooper and Hauskrecht 2015), over bins of equal mass."""
    counts, scores, hits = _bins(table)
    return float(counts @ np.abs(scores - hits) / counts.sum()) if len(counts) else math.nan


def _bins(table: Table) -> tuple[Numbers, Numbers, Numbers]:
    """Count, mean score and share of hits of each bin."""
    quoted = table.score > -math.inf
    order = np.argsort(table.score[quoted], kind="stable")
    bins = min(BINS, len(order))
    if not bins:
        nothing = np.zeros(0)
        return nothing, nothing, nothing
    starts = np.arange(bins) * len(order) // bins
    counts = np.diff(starts, append=len(order)).astype(np.float64)
    scores = np.add.reduceat(table.score[quoted][order], starts) / counts
    hits = np.add.reduceat((table.rank[quoted] == 1)[order].astype(np.float64), starts) / counts
    return counts, scores, hits


def percentile(share: float) -> Callable[[Table], float]:
    return lambda table: float(np.sort(table.ms)[min(len(table) - 1, int(share * len(table)))])


FIGURES: Mapping[str, Callable[[Table], float]] = {
    "h1": found_by(1),
    "h3": found_by(3),
    "h5": found_by(5),
    "mrr": reciprocal_rank,
    "ah1": answered_and_right,
    "ans": answered,
    "abstain": abstention,
    "trust": trust,
    "auroc": auroc,
    "ece": calibration_error,
    "p50_ms": percentile(0.5),
    "p99_ms": percentile(0.99),
}


def _mean(values: npt.NDArray[np.bool_] | Numbers) -> float:
    return float(values.mean()) if len(values) else math.nan
