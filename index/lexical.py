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
from index.copies import Groups, find_copies
from index.names import Names
from index.passage import Passage
from index.terms import terms, words

VERSION = "bm25/4"  # changes whenever the same passages would be indexed differently

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
class Pairs:
    """Which sentences hold two terms side by side. Pairs are numbered `first * terms + second`."""

    keys: npt.NDArray[np.int64]  # ascending, shape (pairs,)
    starts: npt.NDArray[np.int64]  # shape (pairs + 1,)
    rows: Ints

    @classmethod
    def build(cls, sequences: Sequence[Sequence[int]], size: int) -> Pairs:
        keys = [np.unique(_pair_keys(np.array(each, dtype=np.int64), size)) for each in sequences]
        rows = np.repeat(np.arange(len(keys), dtype=np.int32), [len(each) for each in keys])
        every = np.concatenate(keys) if keys else np.zeros(0, dtype=np.int64)
        order = np.argsort(every, kind="stable")
        unique, first = np.unique(every[order], return_index=True)
        return cls(unique, np.append(first, len(every)).astype(np.int64), rows[order])

    def share(self, query: Sequence[int], size: int, count: int) -> Floats:
        """For each sentence the share of the query's neighbouring terms that are neighbours there too.

        `query`: term numbers in the question's order, -1 for unknown ones; a pair with one of those is never held.
        """
        found = np.zeros(count, dtype=np.float32)
        numbers = np.array(query, dtype=np.int64)
        known = (numbers[:-1] >= 0) & (numbers[1:] >= 0)
        for key in np.unique(_pair_keys(numbers, size)[known]):
            at = int(np.searchsorted(self.keys, key))
            if at < len(self.keys) and self.keys[at] == key:
                found[self.rows[self.starts[at] : self.starts[at + 1]]] += 1
        return found / np.float32(max(1, len(query) - 1))


def _pair_keys(numbers: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.int64]:
    return numbers[:-1] * size + numbers[1:]


@dataclass(frozen=True, slots=True)
class LexicalIndex:
    """Which terms stand in which passage and sentence. Rows follow the passages; sentence rows follow them in turn."""

    vocabulary: Mapping[str, int]
    idf: Floats  # over passages, shape (terms,)
    passages: Postings
    sentences: Postings
    pairs: Pairs
    names: Names
    surfaces: Mapping[str, int]  # words as they are spelled, in lower case, with how often: for correcting slips
    copies: Groups  # sentence rows of different articles that say the same

    @classmethod
    def build(cls, articles: Mapping[str, Article], passages: Sequence[Passage], names: Names) -> LexicalIndex:
        vocabulary: dict[str, int] = {}
        passage_rows: list[Counter[int]] = []
        sentence_rows: list[Counter[int]] = []
        sequences: list[list[int]] = []
        surfaces: Counter[str] = Counter()
        for passage in passages:
            text = articles[passage.article].text
            surfaces.update(words(passage.text))
            whole: Counter[int] = Counter()
            for span in passage.sentences:
                found = terms(span.slice(text))
                sequences.append([vocabulary.setdefault(term, len(vocabulary)) for term in found])
                counts = Counter(sequences[-1])
                counts.update(vocabulary.setdefault(thing, len(vocabulary)) for thing in names.things(found))
                sentence_rows.append(counts)
                whole += counts
            passage_rows.append(whole)
        held = np.zeros(len(vocabulary), dtype=np.float32)
        for counts in passage_rows:
            held[list(counts)] += 1
        idf = np.log1p((len(passages) - held + 0.5) / (held + 0.5)).astype(np.float32)
        size = len(vocabulary)
        return cls(
            vocabulary,
            idf,
            Postings.build(passage_rows, size),
            Postings.build(sentence_rows, size),
            Pairs.build(sequences, size),
            names,
            surfaces,
            find_copies(articles, passages),
        )

    def save(self, directory: Path) -> None:
        """Write `lexical.npz` and `lexical.json` into a directory that exists."""
        arrays = {
            f"{name}_{field}": getattr(part, field)
            for name, part, its_fields in (
                ("passages", self.passages, ("starts", "rows", "weights")),
                ("sentences", self.sentences, ("starts", "rows", "weights")),
                ("pairs", self.pairs, ("keys", "starts", "rows")),
            )
            for field in its_fields
        }
        counts = np.array([self.passages.count, self.sentences.count])
        np.savez(directory / "lexical.npz", allow_pickle=False, idf=self.idf, counts=counts, **arrays)
        tables = {
            "vocabulary": list(self.vocabulary),
            "names": self.names.table,
            "topics": self.names.topics,
            "surfaces": self.surfaces,
            "copies": self.copies,
        }
        (directory / "lexical.json").write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, directory: Path) -> LexicalIndex:
        """Read what `save` wrote. Raises OSError or ValueError when a file is missing or not what it should be."""
        tables = json.loads((directory / "lexical.json").read_text(encoding="utf-8"))
        vocabulary = {term: number for number, term in enumerate(tables["vocabulary"])}
        with np.load(directory / "lexical.npz", allow_pickle=False) as arrays:
            passages, sentences = (
                Postings(arrays[f"{name}_starts"], arrays[f"{name}_rows"], arrays[f"{name}_weights"], int(count))
                for name, count in zip(("passages", "sentences"), arrays["counts"], strict=True)
            )
            pairs = Pairs(arrays["pairs_keys"], arrays["pairs_starts"], arrays["pairs_rows"])
            idf, names = arrays["idf"], Names(tables["names"], tables["topics"])
            copies = tuple(tuple(group) for group in tables["copies"])
            return cls(vocabulary, idf, passages, sentences, pairs, names, tables["surfaces"], copies)
