"""Every sentence the bot itself says: one file a language, the same keys in each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("en", "ko", "ja")
DEFAULT_LANGUAGE = "en"

# One sentence, or its forms by number: {"one": ..., "other": ...}.
Sentence = str | dict[str, str]


class Speaker:
    """Says things in one language: `say("notice.too_long", limit=500, length=612)`."""

    def __init__(self, language: str, sentences: Mapping[str, Sentence]) -> None:
        self.language = language
        self._sentences = sentences

    def __call__(self, key: str, /, **values: str | int) -> str:
        """The sentence with its places filled. Text from articles or people has to be escaped before."""
        sentence = self._sentences[key]
        if isinstance(sentence, dict):
            sentence = sentence["one"] if values["count"] == 1 and "one" in sentence else sentence["other"]
        return sentence.format_map({name: _written(value) for name, value in values.items()})


@cache
def speaker(language: str) -> Speaker:
    return Speaker(language, sentences(language))


@cache
def sentences(language: str) -> Mapping[str, Sentence]:
    """By dotted key, as in `button.more`."""
    text = files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return dict(_flattened(tomllib.loads(text), ""))


def _flattened(table: dict[str, Any], prefix: str) -> list[tuple[str, Sentence]]:
    found: list[tuple[str, Sentence]] = []
    for key, value in table.items():
        if isinstance(value, dict) and "other" not in value:
            found += _flattened(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, value))
    return found


def _written(value: str | int) -> str:
    return f"{value:,}" if isinstance(value, int) else value
