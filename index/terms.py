"""Text -> the terms that words are matched by: stemmed words, and pairs of characters where words have no spaces.

Korean particles cling to their nouns and Japanese has no spaces, so both are cut into overlapping pairs of characters
(bigrams), the common way to index them without a dictionary, after the commonest particles were taken off. Everything
else is stemmed as English (Snowball).
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from itertools import pairwise

import regex
import Stemmer

_TOKEN = regex.compile(
    r"""
    (?P<hangul> \p{Hangul}+ )
    | (?P<kana> \p{Hiragana}+ )
    | (?P<kanji> [\p{Han}\p{Katakana}ー々]+ )
    | (?P<initials> (?:\p{L}\.){2,} )
    | (?P<number> \d+ (?:[.,]\d+)* )
    | (?P<word> [^\W\d_\p{Hangul}\p{Hiragana}\p{Katakana}\p{Han}ー]+ (?:['’]\p{Ll}+)? )
    """,
    regex.V1 | regex.VERBOSE,
)
# Particles and endings that stand after a noun or close a sentence, longest first. One is taken off if two syllables
# are left; what this gets wrong it gets wrong alike in questions and articles.
_PARTICLES = regex.compile(
    r"(?<=..)(?:에서는|으로는|에게는|이라고|이라는|까지는|부터는|했습니다|합니다|입니다|습니다|했는가|인가요|나요|에서|에게|으로|까지|부터|보다"
    r"|처럼|라고|라는|이나|이란|하고|했다|한다|된다|됐다|하는|했나|인가|이다|은|는|이|가|을|를|의|에|와|과|도|로|만|들)$"
)
_APOSTROPHE = regex.compile("['’]")
_KANA_CHARS = 3  # shorter runs of hiragana are particles and endings


_stemmers = threading.local()  # a stemmer keeps state, so each thread has its own


def _stem(word: str) -> str:
    if not hasattr(_stemmers, "english"):
        _stemmers.english = Stemmer.Stemmer("english")
    return str(_stemmers.english.stemWord(word))


def terms(text: str) -> list[str]:
    """The terms of a text in order, repeated as they repeat. Linear in its length."""
    return [term for match in _TOKEN.finditer(unicodedata.normalize("NFKC", text)) for term in _terms_of(match)]


def _terms_of(match: regex.Match[str]) -> Iterator[str]:
    token = match.group()
    match match.lastgroup:
        case "hangul":
            yield from _bigrams(_PARTICLES.sub("", token))
        case "kanji":
            yield from _bigrams(token)
        case "kana":
            if len(token) >= _KANA_CHARS:
                yield from _bigrams(token)
        case "initials":
            yield _initials(token)
        case "number":
            yield token.replace(",", "")
        case _ if token == "US":
            yield _initials(token)
        case _:
            yield _stem(_APOSTROPHE.split(token.casefold(), maxsplit=1)[0])


def _bigrams(token: str) -> list[str]:
    return [first + second for first, second in pairwise(token)] or [token]


def _initials(token: str) -> str:
    """U.S. and US, which are not the pronoun."""
    return token.replace(".", "").casefold() + "."


def words(text: str) -> list[str]:
    """The words of a text as they are spelled, in lower case; not those of Korean or Japanese, nor numbers."""
    return [match.group("word").casefold() for match in _TOKEN.finditer(text) if match.lastgroup == "word"]
