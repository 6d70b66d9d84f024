"""BM25 over passages and over their sentences: words that match count, rare ones more.

The formula is Okapi BM25 (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", section 3) with the
smoothed idf that Lucene uses, ln(1 + (N - n + 0.5) / (n + 0.5)), which is never negative.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.article import Article
from index.passage import Passage
from index.terms import terms

VERSION = "bm25/1"  # changes whenever the same passages would be indexed differently

K1 = 1.2
B = 0.75

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Postings:
    """For each term, the rows that hold it and its BM25 weight there, as compressed sparse columns."""

    starts: npt.NDArray[np.int64]  # shape (terms + 1,): where each term's rows begin in the two arrays below
    rows: Ints
    weights: Floats
    count: int  # rows in all

    @classmethod
    def build(cls, texts: Sequence[Mapping[int, int]], size: int) -> Postings:
        """`texts`: for each row its term numbers with their counts; `size`: how many terms there are."""
        lengths = np.array([sum(counts.values()) for counts in texts], dtype=np.float32)
        mean = float(lengths.mean()) if len(lengths) else 1.0
        by_term: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        for row, counts in enumerate(texts):
            for term, count in counts.items():
                by_term[term].append((row, count))
        starts = np.zeros(size + 1, dtype=np.int64)
        np.cumsum([len(each) for each in by_term], out=starts[1:])
        flat = [pair for each in by_term for pair in each]
        rows = np.array([row for row, _ in flat], dtype=np.int32)
        tf = np.array([count for _, count in flat], dtype=np.float32)
        held = np.diff(starts).astype(np.float32)
        idf = np.repeat(np.log1p((len(texts) - held + 0.5) / (held + 0.5)), np.diff(starts))
        norm = K1 * (1 - B + B * lengths[rows] / max(mean, 1e-6)) if len(rows) else np.zeros(0, dtype=np.float32)
        weights = idf * tf * (K1 + 1) / (tf + norm)
        return cls(starts, rows, weights.astype(np.float32), len(texts))

    @property
    def saturation(self) -> float:
        """How far repeats can lift a term: its weight in any row stays below its idf times this."""
        return K1 + 1

    def rows_with(self, term: int) -> Ints:
        """The rows that hold a term, ascending."""
        return self.rows[self.starts[term] : self.starts[term + 1]]

    def holds(self, term: int, row: int) -> bool:
        rows = self.rows_with(term)
        at = int(np.searchsorted(rows, row))
        return at < len(rows) and int(rows[at]) == row

    def coverage(self, query: Iterable[int], idf: Floats) -> Floats:
        """The idf of the query's terms that each row holds, summed: shape (count,)."""
        found = np.zeros(self.count, dtype=np.float32)
        for term in query:
            found[self.rows_with(term)] += idf[term]
        return found

    def scores(self, query: Iterable[tuple[int, float]]) -> Floats:
        """BM25 of every row, shape (count,), for term numbers with their weights."""
        found = np.zeros(self.count, dtype=np.float32)
        for term, weight in query:
            at = slice(self.starts[term], self.starts[term + 1])
            found[self.rows[at]] += np.float32(weight) * self.weights[at]
        return found


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """Which terms stand in which passage and sentence. Rows follow the passages; sentence rows follow them in turn."""

    vocabulary: Mapping[str, int]
    idf: Floats  # over passages, shape (terms,)
    passages: Postings
    sentences: Postings

    @classmethod
    def build(cls, articles: Mapping[str, Article], passages: Sequence[Passage]) -> LexicalIndex:
        vocabulary: dict[str, int] = {}
        passage_rows: list[Counter[int]] = []
        sentence_rows: list[Counter[int]] = []
        for passage in passages:
            text = articles[passage.article].text
            whole: Counter[int] = Counter()
            for span in passage.sentences:
                counts = Counter(vocabulary.setdefault(term, len(vocabulary)) for term in terms(span.slice(text)))
                sentence_rows.append(counts)
                whole += counts
            passage_rows.append(whole)
        held = np.zeros(len(vocabulary), dtype=np.float32)
        for counts in passage_rows:
            held[list(counts)] += 1
        idf = np.log1p((len(passages) - held + 0.5) / (held + 0.5)).astype(np.float32)
        size = len(vocabulary)
        return cls(vocabulary, idf, Postings.build(passage_rows, size), Postings.build(sentence_rows, size))

    def save(self, directory: Path) -> None:
        """Write `lexical.npz` and `vocabulary.json` into a directory that exists."""
        arrays = {
            f"{name}_{field}": getattr(postings, field)
            for name, postings in (("passages", self.passages), ("sentences", self.sentences))
            for field in ("starts", "rows", "weights")
        }
        counts = np.array([self.passages.count, self.sentences.count])
        np.savez(directory / "lexical.npz", allow_pickle=False, idf=self.idf, counts=counts, **arrays)
        words = json.dumps(list(self.vocabulary), ensure_ascii=False)
        (directory / "vocabulary.json").write_text(words, encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> LexicalIndex:
        """Read what `save` wrote. Raises OSError or ValueError when a file is missing or not what it should be."""
        words = json.loads((directory / "vocabulary.json").read_text(encoding="utf-8"))
        with np.load(directory / "lexical.npz", allow_pickle=False) as arrays:
            counts = arrays["counts"]
            passages, sentences = (
                Postings(arrays[f"{name}_starts"], arrays[f"{name}_rows"], arrays[f"{name}_weights"], int(count))
                for name, count in zip(("passages", "sentences"), counts, strict=True)
            )
            return cls({word: number for number, word in enumerate(words)}, arrays["idf"], passages, sentences)
