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


def verify(corpus: Corpus, store: VectorStore, checked: Callable[[int], None]) -> None:
    """Check that each passage and sentence is there, is what it says, and is found by its own vector.

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
        for ids in batches(list(expected), BATCH_ROWS):
            _verify_found(space, ids)
            done += len(ids)
            checked(done)


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


def _verify_found(space: Space, ids: Sequence[str]) -> None:
    vectors = space.vectors(ids)
    lengths = np.linalg.norm(vectors, axis=1)
    if not np.all(np.abs(lengths - 1.0) < TOLERANCE):
        raise IndexDamaged(f"the vector of {ids[int(np.argmax(np.abs(lengths - 1.0)))]} is not of unit length")
    for row_id, near in zip(ids, space.nearest(vectors, 1), strict=True):
        if not near or (near[0].id != row_id and near[0].similarity < 1.0 - TOLERANCE):
            raise IndexDamaged(f"{row_id} is not found by its own vector")
