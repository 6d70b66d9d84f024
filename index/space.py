"""Vectors by id, and the nearest ones to a query: what a store is, and one that lasts as long as its process.

A store has two spaces, one row a passage and one row a sentence. Rows are unit vectors under cosine similarity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from index.embed import Matrix, Vector
from index.errors import IndexDamaged


@dataclass(frozen=True, slots=True)
class Near:
    """A row near a query. `similarity` is the cosine, in [-1, 1]; higher is nearer."""

    id: str
    similarity: float


class Space(Protocol):
    """Unit vectors by id."""

    def add(self, ids: Sequence[str], vectors: Matrix, hashes: Sequence[str] = ()) -> None:
        """Append rows; `hashes` are the SHA-256 of the texts behind them, where that is to be kept."""

    def nearest(self, vectors: Matrix, top_k: int) -> list[list[Near]]:
        """For each row of `vectors`, at most `top_k` rows of this space, nearest first."""

    def vectors(self, ids: Sequence[str]) -> Matrix:
        """The rows of these ids, in their order, repeated as they repeat. Raises IndexDamaged when one is missing."""

    def hashes(self) -> dict[str, str]:
        """Every id with the hash that came with it, or an empty one."""


class VectorStore(Protocol):
    """Where a generation's vectors lie."""

    @property
    def passages(self) -> Space: ...

    @property
    def sentences(self) -> Space: ...

    def nearest_passages(self, vector: Vector, top_k: int) -> list[Near]: ...

    def nearest_sentences(self, vector: Vector, top_k: int) -> list[Near]: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class MemorySpace:
    """An exact scan over an array."""

    _ids: list[str] = field(default_factory=list)
    _rows: list[Vector] = field(default_factory=list)
    _hashes: list[str] = field(default_factory=list)

    def add(self, ids: Sequence[str], vectors: Matrix, hashes: Sequence[str] = ()) -> None:
        self._ids += ids
        self._rows += [np.asarray(row, dtype=np.float32) for row in vectors]
        self._hashes += hashes or [""] * len(ids)

    def nearest(self, vectors: Matrix, top_k: int) -> list[list[Near]]:
        if not self._rows:
            return [[] for _ in vectors]
        similarities = vectors @ np.stack(self._rows).T
        best = np.argsort(-similarities, axis=1, kind="stable")[:, :top_k]
        return [
            [Near(self._ids[column], float(row[column])) for column in columns]
            for row, columns in zip(similarities, best, strict=True)
        ]

    def vectors(self, ids: Sequence[str]) -> Matrix:
        return in_order(ids, self._ids, self._rows)

    def hashes(self) -> dict[str, str]:
        return dict(zip(self._ids, self._hashes, strict=True))


class MemoryStore:
    """A store that lasts as long as its process."""

    def __init__(self) -> None:
        self.passages = MemorySpace()
        self.sentences = MemorySpace()

    def nearest_passages(self, vector: Vector, top_k: int) -> list[Near]:
        return self.passages.nearest(vector[np.newaxis], top_k)[0]

    def nearest_sentences(self, vector: Vector, top_k: int) -> list[Near]:
        return self.sentences.nearest(vector[np.newaxis], top_k)[0]

    def close(self) -> None:
        """Nothing to let go of."""


def in_order(ids: Sequence[str], found_ids: Sequence[str], rows: Sequence[Vector]) -> Matrix:
    """The rows that were found, as they were asked for. Raises IndexDamaged when one is missing."""
    by_id = dict(zip(found_ids, rows, strict=True))
    missing = [row_id for row_id in ids if row_id not in by_id]
    if missing:
        raise IndexDamaged(f"the vector of {missing[0]} and {len(missing) - 1} more are missing: run `summit reindex`")
    return np.stack([by_id[row_id] for row_id in ids]) if ids else np.empty((0, 0), dtype=np.float32)
