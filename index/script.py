"""Which script a text is in, and which scripts can hold a term: words match within one, things and numbers in all."""

from __future__ import annotations

from enum import IntEnum

import regex

from index.names import is_thing

_HANGUL = regex.compile(r"\p{Hangul}")
_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_HAN = regex.compile(r"\p{Han}")
_LETTER = regex.compile(r"\p{L}")


class Script(IntEnum):
    """What a text is mostly written in. Latin stands for all alphabets: their words are parted by spaces."""

    LATIN = 0
    HANGUL = 1
    JAPANESE = 2


def script_of(text: str) -> Script:
    """The script of at least a third of a text's letters; Latin if neither of the others has that.

    Korean and Japanese prose is full of Latin names, so half would be asking too much of them.
    """
    letters = len(_LETTER.findall(text))
    hangul, kana, han = (len(pattern.findall(text)) for pattern in (_HANGUL, _KANA, _HAN))
    if 3 * hangul >= letters > 0 and hangul >= kana:
        return Script.HANGUL
    if 3 * (kana + han) >= letters > 0:
        return Script.JAPANESE
    return Script.LATIN


def scripts_with(term: str) -> frozenset[Script]:
    """The scripts whose texts can hold a term."""
    if is_thing(term) or term[:1].isdigit():
        return frozenset(Script)
    return frozenset({script_of(term)})
