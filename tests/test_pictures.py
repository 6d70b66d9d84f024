"""The pictures in docs/images: small, all of them shown, and drawn word for word by `tools/markup.py`."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.escape import quote_block
from index.article import Span
from tools.markup import to_html
from tools.pictures import IMAGES, MAX_BYTES

ROOT = Path(__file__).parents[1]
NOW = datetime(2025, 8, 25, 12, tzinfo=UTC)
TEXT = "He said: *no*.\n\n# Not a heading <@1>, and 3 < 4.\n- Not a list"


def words_of(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", page))


def test_every_picture_is_small_and_stands_in_a_guide() -> None:
    guides = "".join(path.read_text("utf-8") for path in (ROOT / "README.md", ROOT / "docs" / "discord.md"))
    pictures = sorted(IMAGES.glob("*.png"))
    assert len(pictures) > 10
    assert [path.name for path in pictures if path.stat().st_size > MAX_BYTES] == []
    assert [path.name for path in pictures if f"images/{path.name}" not in guides] == []


def test_a_quote_is_drawn_word_for_word_with_its_best_sentence_in_bold() -> None:
    drawn = to_html(quote_block(TEXT, Span(0, 14)), "en", NOW)
    assert words_of(drawn) == TEXT
    assert drawn.startswith("<blockquote><strong>He said: *no*.</strong>")


def test_a_text_in_which_something_comes_alive_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="mention"):
        to_html("@everyone is pinged", "en", NOW)


@pytest.mark.parametrize(
    ("language", "day", "ago"),
    [("en", "August 25, 2025", "2 minutes ago"), ("ko", "2025년 8월 25일", "2분 전"), ("ja", "2025年8月25日", "2分前")],
)
def test_dates_are_told_in_the_readers_language(language: str, day: str, ago: str) -> None:
    seconds = int(NOW.timestamp())
    assert words_of(to_html(f"<t:{seconds}:D>", language, NOW)) == day
    assert words_of(to_html(f"<t:{seconds - 125}:R>", language, NOW)) == ago
