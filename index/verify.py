"""Checking a generation as a reader would find it, before it is published."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from index.corpus import Corpus, sentence_ids
from index.errors import IndexDamaged
from index.space import Space, VectorStore
from index.store import BATCH_ROWS

# Two passages with the same text have the same vector, and either may win. Float32 leaves about 1e-6 to cosine.
TOLERANCE = 1e-4
# A graph reaches nearly every row, and leaves out a few where very many are alike: measured, 57 of 20,000 in one
# cluster (cosines of 0.99) were not found by their own vectors, with nothing wrong with them. Such a passage is found
# by its sentences and by its words. A graph that was damaged, or not written, loses nearly all.
UNREACHED = 0.05


def verify(corpus: Corpus, store: VectorStore, checked: Callable[[int], None]) -> None:
    """Check that each passage and sentence is there, is what it says, and that they are found by their own vectors.

    `store` has been opened anew. `checked` is told the number of rows done. Raises IndexDamaged on the first fault.
    """
    for passage in corpus.passages:
        if passage.text != passage.span.slice(corpus.articles[passage.article].text):
            raise IndexDamaged(f"passage {passage.id} is no slice of its article")
    passages = {passage.id: text_hash(passage.text) for passage in corpus.passages}
    sentences = {row_id: "" for passage in corpus.passages for row_id in sentence_ids(passage)}
    done = 0
    for space, expected in ((store.passages, passages), (store.sentences, sentences)):
        _verify_ids(space, expected)
        unreached: list[str] = []
        for ids in batches(list(expected), BATCH_ROWS):
            unreached += _unreached(space, ids)
            done += len(ids)
            checked(done)
        if len(unreached) > UNREACHED * len(expected):
            raise IndexDamaged(
                f"{unreached[0]} is not found by its own vector, nor are {len(unreached) - 1} more of {len(expected)}"
            )


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def batches(ids: Sequence[str], size: int) -> list[Sequence[str]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]


def _verify_ids(space: Space, expected: Mapping[str, str]) -> None:
    stored = space.hashes()
    for row_id in sorted(expected.keys() ^ stored.keys()):
        raise IndexDamaged(f"{row_id} {'was lost by the store' if row_id in expected else 'was never put there'}")
    for row_id, expected_hash in expected.items():
        if stored[row_id] != expected_hash:
            raise IndexDamaged(f"the store holds another text for {row_id}")


def _unreached(space: Space, ids: Sequence[str]) -> list[str]:
    """The rows whose own vectors find neither them nor one exactly like them."""
    vectors = space.vectors(ids)
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.all(np.abs(lengths - 1.0) < TOLERANCE):
        raise IndexDamaged(f"the vector of {ids[int(np.argmax(np.abs(lengths - 1.0)))]} is not of unit length")
    return [
        row_id
        for row_id, near in zip(ids, space.nearest(vectors, 1), strict=True)
        if not near or (near[0].id != row_id and near[0].similarity < 1.0 - TOLERANCE)
    ]
