"""A query -> ranked hits: vectors and words scored over passages and sentences, and the scores added.

Adding scores beat reciprocal rank fusion in every measurement (see docs/design.md): a rank forgets by how much.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.article import Span
from index.blocks import Kind
from index.corpus import sentence_ids
from index.embed import Embedder, Vector
from index.lexical import LexicalIndex
from index.passage import Passage
from index.query import Query
from index.store import Near

# How many nearest rows are asked of the store. Rows beyond them take the last one's similarity, an upper bound.
NEAREST_PASSAGES = 100
NEAREST_SENTENCES = 200
TOP_PASSAGES = 20
NEIGHBOURS = 2  # paragraphs on either side that a quote may grow into


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence adds to a passage's score; found by search on our questions, see docs/design.md."""

    passage_cosine: float = 0.1
    passage_words: float = 0.24
    passage_coverage: float = 0.47
    sentence_cosine: float = 0.72
    sentence_words: float = 0.19
    sentence_coverage: float = 0.59
    pairs: float = 0.14


WEIGHTS = Weights()
UNKNOWN_WEIGHT = 0.5  # of a term that no article holds, in what would be a full match

# What page layout costs a hit: captions, bylines and headings can be found, yet never before prose that fits as well.
_PENALTY = {Kind.PROSE: 0.0, Kind.HEADING: 0.6, Kind.CAPTION: 0.8, Kind.BYLINE: 0.8, Kind.FURNITURE: 100.0}

Floats = npt.NDArray[np.float32]


class Searchable(Protocol):
    """The part of a generation that retrieval needs."""

    @property
    def passages(self) -> tuple[Passage, ...]: ...
    @property
    def lexical(self) -> LexicalIndex: ...
    @property
    def vectors(self) -> NearestRows: ...


class NearestRows(Protocol):
    def nearest_passages(self, vector: Vector, top_k: int) -> list[Near]: ...
    def nearest_sentences(self, vector: Vector, top_k: int) -> list[Near]: ...


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage with its score (higher is better) and what the score is made of."""

    passage: Passage
    score: float
    features: Features
    sentences: tuple[Span, ...]  # the passage's, and those of the prose next to it, in order
    sentence_scores: tuple[float, ...]  # one each
    own: range  # which of them are the passage's


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for a hit, each comparable across questions."""

    sentence_cosine: float
    passage_cosine: float
    sentence_words: float  # BM25 as a share of a full match, in [0, 1] or a little above
    passage_words: float
    sentence_coverage: float  # share of the query's idf mass that the best sentence holds, in [0, 1]
    passage_coverage: float
    pairs: float  # share of the question's neighbouring terms that are neighbours in the best sentence, in [0, 1]
    rarest_missing: float  # idf of the rarest query term that the passage lacks, as a share of the highest idf
    unknown: float  # share of the query's idf mass that no article holds
    lead: float  # score above the fifth hit's
    terms: float  # number of content terms, in tens


class Retriever:
    """Ranks the passages of one generation."""

    def __init__(self, generation: Searchable, embedder: Embedder) -> None:
        self._passages = generation.passages
        self._lexical = generation.lexical
        self._vectors = generation.vectors
        self._embedder = embedder
        counts = [len(passage.sentences) for passage in self._passages]
        self._first_sentence = np.array([0, *accumulate(counts)], dtype=np.int64)
        self._passage_row = {passage.id: row for row, passage in enumerate(self._passages)}
        self._sentence_row = {
            id_: row for row, id_ in enumerate(id_ for passage in self._passages for id_ in sentence_ids(passage))
        }
        self._penalty = np.array([_PENALTY[passage.kind] for passage in self._passages], dtype=np.float32)
        self._top_idf = float(np.log1p((len(self._passages) + 0.5) / 0.5))

    def retrieve(self, query: Query, *, top_k: int = TOP_PASSAGES) -> list[Hit]:
        """The best passages first, at most `top_k`; page furniture is never among them."""
        if not self._passages:
            return []
        passage_cosine, sentence_cosine = self._cosines(query)
        words = self._words(query)
        weights = WEIGHTS
        sentence_score = (
            weights.sentence_cosine * sentence_cosine
            + weights.sentence_words * words.sentences
            + weights.sentence_coverage * words.sentence_coverage
            + weights.pairs * words.pairs
        )
        score = (
            weights.passage_cosine * passage_cosine
            + weights.passage_words * words.passages
            + weights.passage_coverage * words.passage_coverage
            + self._best_of(sentence_score)
            - self._penalty
        )
        top = min(top_k, len(score))
        order = np.argpartition(-score, top - 1)[:top]
        order = order[np.argsort(-score[order], kind="stable")]
        fifth = float(score[order[min(4, top - 1)]])
        hits = []
        for row in order.tolist():
            if self._passages[row].kind is Kind.FURNITURE:
                continue
            at = slice(int(self._first_sentence[row]), int(self._first_sentence[row + 1]))
            features = Features(
                sentence_cosine=float(sentence_cosine[at].max()),
                passage_cosine=float(passage_cosine[row]),
                sentence_words=float(words.sentences[at].max()),
                passage_words=float(words.passages[row]),
                sentence_coverage=float(words.sentence_coverage[at][int(sentence_score[at].argmax())]),
                passage_coverage=float(words.passage_coverage[row]),
                pairs=float(words.pairs[at].max()),
                rarest_missing=words.rarest_missing(row),
                unknown=words.unknown,
                lead=float(score[row]) - fifth,
                terms=len(query.terms) / 10,
            )
            hits.append(self._hit(row, float(score[row]), features, sentence_score))
        return hits

    def _hit(self, row: int, score: float, features: Features, sentence_score: Floats) -> Hit:
        first = last = row
        while first > 0 and row - first < NEIGHBOURS and self._adjoin(first - 1, first):
            first -= 1
        while last + 1 < len(self._passages) and last - row < NEIGHBOURS and self._adjoin(last, last + 1):
            last += 1
        starts = self._first_sentence
        origin = int(starts[first])
        return Hit(
            self._passages[row],
            score,
            features,
            tuple(span for passage in self._passages[first : last + 1] for span in passage.sentences),
            tuple(sentence_score[origin : int(starts[last + 1])].tolist()),
            range(int(starts[row]) - origin, int(starts[row + 1]) - origin),
        )

    def _adjoin(self, row: int, following: int) -> bool:
        """Whether two neighbouring rows are prose of one article."""
        one, other = self._passages[row], self._passages[following]
        return one.article == other.article and one.kind is other.kind is Kind.PROSE

    def _cosines(self, query: Query) -> tuple[Floats, Floats]:
        """Similarity of every passage and of every sentence; nothing where the model cannot read the question."""
        if not self._embedder.reads(query.text):
            sizes = (len(self._passage_row), len(self._sentence_row))
            return np.zeros(sizes[0], dtype=np.float32), np.zeros(sizes[1], dtype=np.float32)
        vector = self._embedder.encode_query(query.text)
        return (
            self._spread(self._vectors.nearest_passages(vector, NEAREST_PASSAGES), self._passage_row),
            self._spread(self._vectors.nearest_sentences(vector, NEAREST_SENTENCES), self._sentence_row),
        )

    def _spread(self, nearest: Sequence[Near], rows: dict[str, int]) -> Floats:
        """Similarities as one array over all rows; those not among the nearest take the lowest that was seen."""
        lowest = nearest[-1].similarity if nearest else 0.0
        found = np.full(len(rows), lowest, dtype=np.float32)
        for near in nearest:
            found[rows[near.id]] = near.similarity
        return found

    def _best_of(self, sentences: Floats) -> Floats:
        """For each passage the highest value among its sentences."""
        return np.maximum.reduceat(sentences, self._first_sentence[:-1])

    def _words(self, query: Query) -> _Words:
        lexical = self._lexical
        known = [lexical.vocabulary[term] for term in query.terms if term in lexical.vocabulary]
        unknown_count = len(query.terms) - len(known)
        known_mass = float(lexical.idf[known].sum()) if known else 0.0
        unknown_mass = unknown_count * self._top_idf
        mass = known_mass + unknown_mass or 1.0
        full_match = max(1e-6, (known_mass + UNKNOWN_WEIGHT * unknown_mass) * lexical.passages.saturation)
        weighted = [(term, 1.0) for term in known]
        return _Words(
            passages=lexical.passages.scores(weighted) / full_match,
            sentences=lexical.sentences.scores(weighted) / full_match,
            passage_coverage=lexical.passages.coverage(known, lexical.idf) / mass,
            sentence_coverage=lexical.sentences.coverage(known, lexical.idf) / mass,
            pairs=lexical.pairs.share(
                [lexical.vocabulary.get(term, -1) for term in query.sequence],
                len(lexical.vocabulary),
                lexical.sentences.count,
            ),
            unknown=unknown_mass / mass,
            known=tuple(known),
            lexical=lexical,
            top_idf=self._top_idf,
        )


@dataclass(frozen=True, slots=True)
class _Words:
    """What the words of one query say of every passage and sentence."""

    passages: Floats
    sentences: Floats
    passage_coverage: Floats
    sentence_coverage: Floats
    pairs: Floats
    unknown: float
    known: tuple[int, ...]
    lexical: LexicalIndex
    top_idf: float

    def rarest_missing(self, row: int) -> float:
        missing = [float(self.lexical.idf[t]) for t in self.known if not self.lexical.passages.holds(t, row)]
        return max(missing, default=0.0) / self.top_idf if not self.unknown else 1.0
