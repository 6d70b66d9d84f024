"""What every embedder shares that averages token vectors: windows, sums over sentences, and what a model can read."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from index.article import Span
from index.embed import Embedded, Embedder, EmbedInput, Matrix, Vector, unit

# Tokens a letter above which a model spells a text out. MiniLM: 0.2 to 0.35 for English, above 1 for Korean and
# Japanese; multilingual models: below 0.7 for all three.
READABLE_TOKENS = 0.85

LEAST_WINDOW = 16  # tokens, however long a prompt is

# Each question has something to do with its own text and nothing with the others.
UNRELATED_PAIRS = (
    (
        "How long should bread dough rest?",
        "Leave the dough in a warm place for two hours, until it has doubled.",
    ),
    ("Who won the tennis final?", "She took the match in three sets and lifted the cup for the second time."),
    ("Where do swallows spend the winter?", "The birds fly south across the desert in autumn and return in April."),
    ("Why is my router slow?", "Old firmware and a crowded radio channel are the usual causes of a weak connection."),
    ("What did the court decide?", "The judges dismissed the appeal and ordered the company to pay the costs."),
    ("When was the bridge opened?", "The first cars crossed the river on the new bridge in the spring of 1931."),
)


def readable(text: str, tokens: int, unknown: int) -> bool:
    """Whether a model that makes so many tokens of a text, so many of them unknown, has words for it."""
    letters = sum(character.isalnum() for character in text)
    return tokens <= READABLE_TOKENS * letters and unknown <= tokens / 4


def unrelated_level(embedder: Embedder) -> float:
    """The cosine of questions and sentences that have nothing in common, measured with the model itself."""
    questions = np.stack([embedder.encode_query(question) for question, _ in UNRELATED_PAIRS])
    inputs = [EmbedInput(text, (Span(0, len(text)),), "") for _, text in UNRELATED_PAIRS]
    passages = np.stack([embedded.passage for embedded in embedder.encode_passages(inputs)])
    cosines = (questions @ passages.T)[~np.eye(len(UNRELATED_PAIRS), dtype=bool)]
    return max(0.0, float(np.median(cosines)))


def windows(text: str, sentences: Sequence[Span], offsets: Sequence[tuple[int, int]], window_tokens: int) -> list[Span]:
    """Cut a text into pieces that the model reads whole: at sentence ends, or at tokens where one is too long.

    `offsets`: where each of the text's tokens begins and ends; `window_tokens`: how many the model reads at once.
    """
    if len(offsets) <= window_tokens:
        return [Span(0, len(text))]
    starts = [start for start, _ in offsets]
    ends = sorted({span.end for span in sentences})
    found, start, first = [], 0, 0
    while len(starts) - first > window_tokens:
        limit = max(starts[first + window_tokens], start + 1)  # where the first token stands that does not fit
        last_end = ends[max(0, bisect_right(ends, limit) - 1)] if ends else 0
        cut = last_end if start < last_end <= limit else limit
        found.append(Span(start, cut))
        start, first = cut, bisect_left(starts, cut)
    found.append(Span(start, len(text)))
    return found


class Pool:
    """The sums of one passage's token vectors, over the whole and over each sentence."""

    def __init__(self, passage: EmbedInput, dim: int) -> None:
        self._sentences = passage.sentences
        self._sums = np.zeros((1 + len(passage.sentences), dim), dtype=np.float32)

    def add(self, vectors: Matrix, offsets: npt.NDArray[np.int64]) -> None:
        """Add one window's tokens: `vectors` (tokens, dim), `offsets` (tokens, 2) in the passage, empty for special."""
        self._sums[0] += vectors.sum(axis=0)
        starts, ends = offsets[:, 0], offsets[:, 1]
        for number, sentence in enumerate(self._sentences, start=1):
            held = (ends > starts) & (starts >= sentence.start) & (ends <= sentence.end)
            self._sums[number] += vectors[held].sum(axis=0)

    @property
    def embedded(self) -> Embedded:
        return Embedded(unit(self._sums[0]), unit(_never_zero(self._sums[1:], self._sums[0])))


def _never_zero(rows: Matrix, stand_in: Vector) -> Matrix:
    """A sentence without a token of its own (an emoji the tokenizer drops) takes the passage's vector."""
    return np.where(np.abs(rows).sum(axis=1, keepdims=True) > 0, rows, stand_in)
