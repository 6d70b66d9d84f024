"""Which language to speak to somebody."""

from __future__ import annotations

import re

from bot.messages import DEFAULT_LANGUAGE, LANGUAGES

_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_KANA = re.compile(r"[\u3041-\u30ff\uff66-\uff9d]")


def of_locale(locale: str) -> str:
    """`en-GB` -> `en`; a language that we do not speak -> English."""
    language = locale.split("-")[0]
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def of_text(text: str) -> str | None:
    """Korean and Japanese are known by their letters. Any other text tells nothing for certain."""
    if _HANGUL.search(text):
        return "ko"
    return "ja" if _KANA.search(text) else None
