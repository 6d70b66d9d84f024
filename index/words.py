"""The word lists of `words.toml`: data that retrieval needs and that is never shown."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def phrases(table: str) -> frozenset[str]:
    """Every entry of a table, over all its languages."""
    lists = tomllib.loads((resources.files("index") / "words.toml").read_text(encoding="utf-8"))[table]
    return frozenset(phrase.strip() for entries in lists.values() for phrase in entries.split("|") if phrase.strip())
