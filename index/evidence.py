"""What the words of a query say of every passage and sentence.

A word of one script cannot stand in a text of another, so that a text is not held to it: each passage is measured by
the part of the query that its script could hold. Otherwise words would outvote vectors whenever languages differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from index.lexical import Floats, LexicalIndex
from index.query import Query
from index.script import Script, scripts_with

UNKNOWN_WEIGHT = 0.5  # of a term that no article holds, in what would be a full match
# How far a passage in another script is let off the words that it cannot hold: 1 wholly, 0 not at all.
LENIENCE = 0.7

# What a term counts that only the question before a follow-up held: the new subject leads, the old one is the setting.
CONTEXT_WEIGHT = 0.3

Scripts = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Words:
    """Evidence of words, one value a passage or a sentence; coverage and shares are in [0, 1]."""

    passages: Floats  # BM25 as a share of a full match
    sentences: Floats
    passage_coverage: Floats  # share of the query's idf mass that is held
    sentence_coverage: Floats
    pairs: Floats  # for each sentence: share of the question's neighbouring terms that are neighbours there
    count: int  # content terms
    _known: tuple[int, ...]
    _names: tuple[tuple[str, int], ...]  # the question's proper names, with their numbers or -1
    _mass: float
    _idf: Floats  # of every term, those of a question before it at CONTEXT_WEIGHT
    _lexical: LexicalIndex
    _top_idf: float

    def covered(self, sentences: Sequence[int]) -> float:
        """Share of the query's idf mass that some of these sentence rows hold."""
        held = [term for term in self._known if any(self._lexical.sentences.holds(term, row) for row in sentences)]
        return float(self._idf[held].sum()) / self._mass if held else 0.0

    def rarest_name_missing(self, sentences: Sequence[int], script: Script) -> float:
        """The idf of the rarest proper name that none of these sentence rows holds, as a share of the highest idf.

        `script`: of the sentences. A name that it cannot spell is not missed.
        """
        missing = (
            float(self._idf[number]) if number >= 0 else self._top_idf
            for number in self._names_in(script)
            if number < 0 or not any(self._lexical.sentences.holds(number, row) for row in sentences)
        )
        return max(missing, default=0.0) / self._top_idf

    def name_unknown(self, script: Script) -> bool:
        """Whether the question names something that `script` can spell and no article holds."""
        return any(number < 0 for number in self._names_in(script))

    def _names_in(self, script: Script) -> list[int]:
        return [number for term, number in self._names if script in scripts_with(term)]


def weigh_words(lexical: LexicalIndex, query: Query, passage_scripts: Scripts, sentence_scripts: Scripts) -> Words:
    """`passage_scripts` and `sentence_scripts`: the script of each row, as a number of `Script`."""
    top_idf = float(np.log1p((lexical.passages.count + 0.5) / 0.5))
    worth = {term: CONTEXT_WEIGHT if term in query.context else 1.0 for term in query.terms}
    numbers = {term: lexical.vocabulary[term] for term in query.terms if term in lexical.vocabulary}
    known = list(numbers.values())
    idf = lexical.idf
    if query.context:
        idf = idf.copy()
        for term, number in numbers.items():
            idf[number] *= worth[term]
    mass = np.zeros(len(Script), dtype=np.float32)
    full_match = np.zeros(len(Script), dtype=np.float32)
    whole_mass, whole_match = 0.0, 0.0
    for term in query.terms:
        weight = float(idf[numbers[term]]) if term in numbers else worth[term] * top_idf
        matched = weight if term in numbers else UNKNOWN_WEIGHT * weight
        whole_mass, whole_match = whole_mass + weight, whole_match + matched
        for script in scripts_with(term):
            mass[script] += weight
            full_match[script] += matched
    mass = np.maximum(1e-6, LENIENCE * mass + (1 - LENIENCE) * whole_mass)
    full_match = np.maximum(1e-6, LENIENCE * full_match + (1 - LENIENCE) * whole_match) * lexical.passages.saturation
    weighted = [(number, worth[term]) for term, number in numbers.items()]
    return Words(
        passages=lexical.passages.scores(weighted) / full_match[passage_scripts],
        sentences=lexical.sentences.scores(weighted) / full_match[sentence_scripts],
        passage_coverage=lexical.passages.coverage(known, idf) / mass[passage_scripts],
        sentence_coverage=lexical.sentences.coverage(known, idf) / mass[sentence_scripts],
        pairs=lexical.pairs.share(
            [lexical.vocabulary.get(term, -1) for term in query.sequence],
            len(lexical.vocabulary),
            lexical.sentences.count,
        ),
        count=len(query.terms),
        _known=tuple(known),
        _names=tuple((term, numbers.get(term, -1)) for term in sorted(query.names)),
        _mass=max(1e-6, whole_mass),
        _idf=idf,
        _lexical=lexical,
        _top_idf=top_idf,
    )
