"""The word lists of `words.toml`: data that retrieval needs and that is never shown."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def phrases(table: str) -> frozenset[str]:
    """Every entry of a table, over all its languages."""
    return frozenset(
        phrase.strip() for entries in _table(table).values() for phrase in entries.split("|") if phrase.strip()
    )


@cache
def chat() -> dict[str, str]:
    """Chat spelling -> plain English, "" for noise. Keys are lower case, some of two words: the longest match first."""
    return _table("chat")


def _table(name: str) -> dict[str, str]:
    table: dict[str, str] = tomllib.loads((resources.files("index") / "words.toml").read_text(encoding="utf-8"))[name]
    return table
