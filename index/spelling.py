"""Chat spelling -> words that the articles use. The question is read in both; only the search sees the result."""

from __future__ import annotations

from collections.abc import Container, Mapping
from functools import cache
from typing import TYPE_CHECKING

import regex
from rapidfuzz.distance import OSA

from index.terms import terms
from index.words import chat

if TYPE_CHECKING:
    from spellchecker import SpellChecker

# One slip in a word of four or five letters, two in a longer one: what Lucene's fuzzy queries allow (`AUTO`, from three
# letters there; shorter words have too many neighbours). The first letter is seldom the wrong one.
SHORT, LONG = 4, 6
_MOST_WORDS = 12  # corrected in one question; a question made of noise is not worth more

_WORD = regex.compile(r"[^\W\d_\p{Hangul}\p{Hiragana}\p{Katakana}\p{Han}]+(?:['’]\p{L}+)?|\w+")
_THE_US = regex.compile(r"\b(the|to|and|from|in|with|by|us,) us\b(?! (?:all|both|to)\b)")


class Speller:
    """Knows the words of one index and corrects towards them."""

    def __init__(self, surfaces: Mapping[str, int], vocabulary: Container[str]) -> None:
        """`surfaces`: the words as the articles write them, in lower case, with how often; `vocabulary`: terms."""
        self._by_first: dict[str, list[str]] = {}
        self._counts = surfaces
        self._vocabulary = vocabulary
        for word in surfaces:
            if len(word) >= SHORT:
                self._by_first.setdefault(word[0], []).append(word)

    def spell_out(self, question: str) -> str:
        """The question with chat spellings written out and unknown words replaced by a near known one, if any."""
        plain = _chat_spellings().sub(_written_out, question)
        if question.islower():
            plain = _THE_US.sub(r"\1 US", plain)
        corrected = 0

        def correct(match: regex.Match[str]) -> str:
            nonlocal corrected
            word = match.group()
            if corrected >= _MOST_WORDS or not self._unknown(word.casefold()):
                return word
            corrected += 1
            return self.nearest(word.casefold()) or word

        return " ".join(_WORD.sub(correct, plain).split())

    def _unknown(self, word: str) -> bool:
        return (
            len(word) >= SHORT
            and word.isalpha()
            and word not in self._counts
            and word[0] in self._by_first
            and not any(term in self._vocabulary for term in terms(word))
            and word not in _english()
        )

    def nearest(self, word: str) -> str | None:
        """The known word within the allowed slips: the nearest, and of those the commonest."""
        slips = 1 if len(word) < LONG else 2
        near = (
            (distance, -self._counts[known], known)
            for known in self._by_first.get(word[0], ())
            if abs(len(known) - len(word)) <= slips
            and (distance := OSA.distance(word, known, score_cutoff=slips)) <= slips
        )
        return min(near, default=(0, 0, None))[2]


@cache
def _english() -> SpellChecker:
    """A dictionary: "quit" is a word even where no article quits, and must not become "quiet"."""
    from spellchecker import SpellChecker

    return SpellChecker(language="en")


@cache
def _chat_spellings() -> regex.Pattern[str]:
    longest_first = sorted(chat(), key=len, reverse=True)
    spelled = "|".join(regex.escape(key, literal_spaces=True) for key in longest_first)
    return regex.compile(rf"(?<![\w'’-])(?:{spelled})(?![\w'’-])", regex.IGNORECASE)


def _written_out(match: regex.Match[str]) -> str:
    spelled = match.group()
    if len(spelled) <= 2 and not spelled.islower():
        return spelled  # an initial or an abbreviation, not "n" for "and"
    return chat()[spelled.casefold()]
