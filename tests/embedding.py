"""Passages to embed, and what holds for the vectors of any embedder."""

from __future__ import annotations

import numpy as np
import pytest

from index.article import Span
from index.embed import Embedded, EmbedInput
from index.segment import sentences

ENGLISH = "The ministers spoke of terminal number {} in the harbour for many hours on that long day."
KOREAN = "장관들은 {}번 부두의 새 건물에 대해 오랫동안 이야기를 나누었다고 대변인이 밝혔다."


def whole(text: str, title: str = "") -> EmbedInput:
    return EmbedInput(text, tuple(sentences(text, Span(0, len(text)))), title)


def numbered(sentence: str, count: int, last: str) -> EmbedInput:
    """Sentences that differ in a number, and a last one that the test changes."""
    return whole(" ".join([*(sentence.format(number) for number in range(count)), last]))


def assert_unit(embedded: Embedded, dim: int, count: int) -> None:
    """One passage vector and `count` sentence vectors, all of length 1."""
    assert embedded.passage.shape == (dim,)
    assert embedded.sentences.shape == (count, dim)
    assert embedded.passage.dtype == embedded.sentences.dtype == np.float32
    rows = np.vstack([embedded.passage[np.newaxis], embedded.sentences])
    assert np.linalg.norm(rows, axis=1) == pytest.approx(1, abs=1e-4)


def difference(one: Embedded, other: Embedded) -> tuple[float, float]:
    """How far apart two passages' vectors are in any one place, and those of their last sentences."""
    return (
        float(np.abs(one.passage - other.passage).max()),
        float(np.abs(one.sentences[-1] - other.sentences[-1]).max()),
    )
