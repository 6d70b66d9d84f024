"""A question as it is searched: its content terms, and whether it asks anything at all."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import regex

from index.answer import MAX_QUESTION_CHARS
from index.errors import QuestionError
from index.terms import terms
from index.words import phrases

_SMALL_TALK_CHARS = 80  # greetings are short; a longer text is always searched
_FOLLOW_UP_TERMS = 3


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for: `text` for the vectors, `terms` for the words (unique, in order, without stop words)."""

    text: str
    terms: tuple[str, ...]
    small_talk: bool


def parse(question: str, *, previous: str = "") -> Query:
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
    if not any(character.isalnum() for character in text):
        return Query(text, (), small_talk=True)
    if len(text) <= _SMALL_TALK_CHARS and _small_talk().fullmatch(text):
        return Query(text, (), small_talk=True)
    found = content_terms(text)
    if previous and len(found) <= _FOLLOW_UP_TERMS:
        text = f"{' '.join(previous.split())[:MAX_QUESTION_CHARS]} {text}"
        found = content_terms(text)
    return Query(text, found, small_talk=False)


def content_terms(text: str) -> tuple[str, ...]:
    """The terms of a text without stop words; all of them where nothing else is left."""
    every = tuple(dict.fromkeys(terms(text)))
    return tuple(term for term in every if term not in _stop_terms()) or every


@cache
def _stop_terms() -> frozenset[str]:
    return frozenset(term for phrase in phrases("stop") for term in terms(phrase))


@cache
def _small_talk() -> regex.Pattern[str]:
    """Matches a text that is made of small talk only, whatever the punctuation; possessive, so in linear time."""
    longest_first = sorted(phrases("small_talk"), key=len, reverse=True)
    spoken = "|".join(regex.escape(phrase, literal_spaces=True) for phrase in longest_first)
    between = r"[\s\p{P}\p{S}\p{Emoji_Presentation}~ー]"
    return regex.compile(rf"{between}*+(?:(?:{spoken})(?![a-z]){between}*+)++", regex.IGNORECASE | regex.V1)
