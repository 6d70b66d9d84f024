"""A question as it is searched: its content terms, and whether it asks anything at all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import regex

from index.answer import MAX_QUESTION_CHARS
from index.errors import QuestionError
from index.lexical import LexicalIndex
from index.names import is_proper
from index.spelling import Speller
from index.terms import terms
from index.words import phrases

_SMALL_TALK_CHARS = 80  # greetings are short; a longer text is always searched
_FOLLOW_UP_TERMS = 3
# A word with a capital that does not open its sentence. In a title-cased question that says nothing.
_CAPITALISED = regex.compile(r"(?<=[\p{L}\p{N},;:'’\"”)]\s)\p{Lu}[\p{L}\p{M}]*")
_TITLE_CASED = 0.5  # share of the words that have capitals


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for. `text` is for the vectors: the question with its chat spelling written out."""

    text: str
    terms: tuple[str, ...]  # unique, in order, without stop words, with names folded into their things
    sequence: tuple[str, ...]  # every term in order, as the text has it
    small_talk: bool
    context: frozenset[str] = frozenset()  # those of the terms that only the question before it brought in
    names: frozenset[str] = frozenset()  # those of its own terms that name somebody, a place or the like


class Reader:
    """Reads questions in the words of one index."""

    def __init__(self, lexical: LexicalIndex) -> None:
        self._names = lexical.names
        self._speller = Speller(lexical.surfaces, lexical.vocabulary)

    def read(self, question: str, *, previous: str = "") -> Query:
        """Read a question. A short follow-up ("and on trade?") is searched together with the question `previous`.

        Raises QuestionError for an empty or too long question.
        """
        text = " ".join(question.split())
        if not text:
            raise QuestionError("the question is empty: ask something about the articles")
        if len(text) > MAX_QUESTION_CHARS:
            raise QuestionError(
                f"the question has {len(text)} characters and at most {MAX_QUESTION_CHARS} can be asked: shorten it"
            )
        if is_small_talk(text):
            return Query(text, (), (), small_talk=True)
        plain = self._speller.spell_out(text) or text
        found = self._content(terms(plain))
        if previous and len(found) <= _FOLLOW_UP_TERMS:
            own = frozenset(found)
            before = self._speller.spell_out(" ".join(previous.split())[:MAX_QUESTION_CHARS])
            alone, plain = plain, f"{before} {plain}"
            found = self._content(terms(plain))
            context = frozenset(found) - own
            # Its own subject comes last and twice, so that the vector leans to it as the words do.
            text = f"{plain} {alone}" if own else plain
            names = proper_names(own, alone)
            return Query(text, found, tuple(terms(plain)), small_talk=False, context=context, names=names)
        return Query(plain, found, tuple(terms(plain)), small_talk=False, names=proper_names(found, plain))

    def _content(self, every: list[str]) -> tuple[str, ...]:
        """Unique terms without stop words, names folded into their things; all of them where nothing else is left."""
        folded = tuple(dict.fromkeys(term for term, _ in self._names.fold(every)))
        return tuple(term for term in folded if term not in stop_terms()) or folded


def proper_names(found: Collection[str], text: str) -> frozenset[str]:
    """Those of a text's content terms that are proper names: things that are one, and words with a capital."""
    capitalised = _CAPITALISED.findall(text)
    if len(capitalised) > _TITLE_CASED * len(text.split()):
        capitalised = []
    spelled = {term for word in capitalised for term in terms(word)}
    return frozenset(term for term in found if is_proper(term) or term in spelled)


def is_small_talk(text: str) -> bool:
    if not any(character.isalnum() for character in text):
        return True
    return len(text) <= _SMALL_TALK_CHARS and bool(_small_talk().fullmatch(text))


@cache
def stop_terms() -> frozenset[str]:
    return frozenset(term for phrase in phrases("stop") for term in terms(phrase))


@cache
def _small_talk() -> regex.Pattern[str]:
    """Matches a text that is made of small talk only, whatever the punctuation; possessive, so in linear time."""
    longest_first = sorted(phrases("small_talk"), key=len, reverse=True)
    spoken = "|".join(regex.escape(phrase, literal_spaces=True) for phrase in longest_first)
    between = r"[\s\p{P}\p{S}\p{Emoji_Presentation}~ー]"
    return regex.compile(rf"{between}*+(?:(?:{spoken})(?![a-z]){between}*+)++", regex.IGNORECASE | regex.V1)
