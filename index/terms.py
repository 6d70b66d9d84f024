"""Text -> the terms that words are matched by: stemmed words, and pairs of characters where words have no spaces.

Korean particles cling to their nouns and Japanese has no spaces, so both are cut into overlapping pairs of characters
(bigrams), the common way to index them without a dictionary; everything else is stemmed as English (Snowball).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from itertools import pairwise

import regex
import Stemmer

_CJK = r"\p{Hangul}\p{Hiragana}\p{Katakana}\p{Han}ー"
_TOKEN = regex.compile(
    rf"(?P<cjk>[{_CJK}]+)|(?P<initials>(?:\p{{L}}\.){{2,}})|(?P<number>\d+(?:[.,]\d+)*)|(?P<word>[^\W\d_{_CJK}]+(?:['’]\p{{Ll}}+)?)",
    regex.V1,
)


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english")


def terms(text: str) -> list[str]:
    """The terms of a text in order, repeated as they repeat. Linear in its length."""
    found: list[str] = []
    for match in _TOKEN.finditer(unicodedata.normalize("NFKC", text)):
        token, kind = match.group(), match.lastgroup
        if kind == "cjk":
            found += [first + second for first, second in pairwise(token)] or [token]
        elif kind == "initials" or token == "US":
            found.append(token.replace(".", "").casefold() + ".")  # U.S. is not the pronoun
        elif kind == "number":
            found.append(token.replace(",", ""))
        else:
            word = regex.split(r"['’]", token.casefold())[0]
            found.append(_stemmer().stemWord(word))
    return found
