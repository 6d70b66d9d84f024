"""A query -> ranked hits: vectors and words scored over passages and sentences, and the scores added.

Adding scores beat reciprocal rank fusion in every measurement (see docs/design.md): a rank forgets by how much.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.article import Span
from index.blocks import Kind
from index.corpus import sentence_ids
from index.embed import Embedder, Vector
from index.evidence import Words, weigh_words
from index.lexical import LexicalIndex
from index.passage import Passage
from index.query import Query
from index.script import script_of
from index.space import Near

# How many nearest rows are asked of the store. Rows beyond them take the last one's similarity, an upper bound.
NEAREST_PASSAGES = 100
NEAREST_SENTENCES = 200
TOP_PASSAGES = 20
UNREAD_COSINE = 0.5  # about what a question that was read scores
NEIGHBOURS = 2  # paragraphs on either side that a quote may grow into


@dataclass(frozen=True, slots=True)
class Weights:
    """What each kind of evidence adds to a passage's score; found by search on our questions, see docs/design.md."""

    passage_cosine: float = 0.05
    passage_words: float = 0.6
    passage_coverage: float = 0.25
    sentence_cosine: float = 1.35
    sentence_words: float = 0.75
    sentence_coverage: float = 0.15
    pairs: float = 0.1


WEIGHTS = Weights()

# What page layout costs a hit: captions, bylines and headings can be found, yet never before prose that fits as well.
# A heading fits better than any prose and says nothing by itself: at 1.0 none is left among the quotes of 42 everyday
# questions about the sample articles, and no figure of any question set changes.
_PENALTY = {Kind.PROSE: 0.0, Kind.HEADING: 1.0, Kind.CAPTION: 0.8, Kind.BYLINE: 0.8, Kind.FURNITURE: 100.0}

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
    """A passage with its score (higher is better), and the sentences that a quote from it may hold."""

    row: int
    passage: Passage
    score: float
    sentences: tuple[Span, ...]  # the passage's, and those of the prose next to it, in order
    sentence_scores: tuple[float, ...]  # one each
    own: range  # which of them are the passage's
    first_sentence: int  # the row of the first of them among all sentences


@dataclass(frozen=True, slots=True)
class Features:
    """What speaks for a quote, each comparable across questions."""

    sentence_cosine: float  # of the passage's best sentence; UNREAD_COSINE where the model cannot read the question
    unread: float  # 1 where the model cannot read the question, else 0
    quote_coverage: float  # share of the query's idf mass that the quote holds, in [0, 1]
    pairs: float  # share of the question's neighbouring terms that are neighbours in a sentence of it, in [0, 1]
    name_missing: float  # idf of the rarest proper name that the quote lacks, as a share of the highest idf
    name_unknown: float  # 1 where the question names something that no article holds, else 0
    lead: float  # score above the fifth hit's
    gap: float  # score above the next hit's
    terms: float  # number of content terms, in tens


@dataclass(frozen=True, slots=True)
class Ranking:
    """The hits of one query, best first, and the evidence they were ranked by."""

    hits: tuple[Hit, ...]
    _words: Words
    _sentence_cosine: Floats
    _read: bool

    def features(self, hit: Hit, quoted: Span) -> Features:
        """What speaks for quoting `quoted` from a hit."""
        held = [hit.first_sentence + at for at, sentence in enumerate(hit.sentences) if sentence.overlaps(quoted)]
        scores = [other.score for other in self.hits if other.row != hit.row]
        own = [hit.first_sentence + at for at in hit.own]
        words, script = self._words, script_of(hit.passage.text)
        return Features(
            sentence_cosine=float(self._sentence_cosine[own].max()) if self._read else UNREAD_COSINE,
            unread=0.0 if self._read else 1.0,
            quote_coverage=words.covered(held),
            pairs=float(words.pairs[own].max()),
            name_missing=words.rarest_name_missing(held, script),
            name_unknown=float(words.name_unknown(script)),
            lead=hit.score - (scores[3] if len(scores) > 3 else 0.0),
            gap=hit.score - (scores[0] if scores else 0.0),
            terms=words.count / 10,
        )

    def without(self, dropped: Collection[int]) -> Ranking:
        """The same ranking as if the passages of these rows were in no article: for calibration."""
        return replace(self, hits=tuple(hit for hit in self.hits if hit.row not in dropped))

    def prose_first(self) -> Ranking:
        """The same hits; the first is the article's own prose, if any is."""
        first = next((at for at, hit in enumerate(self.hits) if hit.passage.kind is Kind.PROSE), 0)
        return replace(self, hits=(*self.hits[first : first + 1], *self.hits[:first], *self.hits[first + 1 :]))


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
        self._passage_scripts = np.array([script_of(passage.text) for passage in self._passages], dtype=np.int8)
        self._sentence_scripts = np.repeat(self._passage_scripts, counts)

    def retrieve(self, query: Query, *, top_k: int = TOP_PASSAGES, timeliness: Floats | None = None) -> Ranking:
        """The best passages first, at most `top_k`; page furniture is never among them.

        `timeliness`: what to add to each passage's score, shape (passages,), where the question speaks of time.
        """
        words = weigh_words(self._lexical, query, self._passage_scripts, self._sentence_scripts)
        read = self._embedder.reads(query.text)
        passage_cosine, sentence_cosine = self._cosines(query) if read else self._no_cosines()
        if not self._passages:
            return Ranking((), words, sentence_cosine, read)
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
            + np.maximum.reduceat(sentence_score, self._first_sentence[:-1])
            - self._penalty
        )
        if timeliness is not None:
            score += timeliness
        top = min(top_k, len(score))
        order = np.argpartition(-score, top - 1)[:top]
        order = order[np.argsort(-score[order], kind="stable")]
        rows = [row for row in order.tolist() if self._passages[row].kind is not Kind.FURNITURE]
        hits = tuple(self._hit(row, float(score[row]), sentence_score) for row in rows)
        return Ranking(hits, words, sentence_cosine, read).prose_first()

    def _hit(self, row: int, score: float, sentence_score: Floats) -> Hit:
        first = last = row
        while first > 0 and row - first < NEIGHBOURS and self._adjoin(first - 1, first):
            first -= 1
        while last + 1 < len(self._passages) and last - row < NEIGHBOURS and self._adjoin(last, last + 1):
            last += 1
        starts = self._first_sentence
        origin = int(starts[first])
        return Hit(
            row,
            self._passages[row],
            score,
            tuple(span for passage in self._passages[first : last + 1] for span in passage.sentences),
            tuple(sentence_score[origin : int(starts[last + 1])].tolist()),
            range(int(starts[row]) - origin, int(starts[row + 1]) - origin),
            origin,
        )

    def _adjoin(self, row: int, following: int) -> bool:
        """Whether two neighbouring rows are prose of one article."""
        one, other = self._passages[row], self._passages[following]
        return one.article == other.article and one.kind is other.kind is Kind.PROSE

    def _cosines(self, query: Query) -> tuple[Floats, Floats]:
        """Similarity of every passage and every sentence, from 0 for unrelated texts to 1 for the same."""
        vector = self._embedder.encode_query(query.text)
        unrelated = self._embedder.unrelated
        passages = self._spread(self._vectors.nearest_passages(vector, NEAREST_PASSAGES), self._passage_row)
        sentences = self._spread(self._vectors.nearest_sentences(vector, NEAREST_SENTENCES), self._sentence_row)
        return (passages - unrelated) / (1 - unrelated), (sentences - unrelated) / (1 - unrelated)

    def _no_cosines(self) -> tuple[Floats, Floats]:
        """None, for a question that the model cannot read: noise must not rank."""
        sizes = len(self._passage_row), len(self._sentence_row)
        return np.zeros(sizes[0], dtype=np.float32), np.zeros(sizes[1], dtype=np.float32)

    def _spread(self, nearest: Sequence[Near], rows: dict[str, int]) -> Floats:
        """Similarities as one array over all rows; those not among the nearest take the lowest that was seen."""
        lowest = nearest[-1].similarity if nearest else 0.0
        found = np.full(len(rows), lowest, dtype=np.float32)
        for near in nearest:
            found[rows[near.id]] = near.similarity
        return found
