"""The messages besides answers fit their limits, whatever the articles are called."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.browse import matching, named_article
from bot.layout import MAX_TEXT_CHARS, Button, Layout, Text
from bot.messages import LANGUAGES, speaker
from bot.pages import (
    SOURCES_A_PAGE,
    Votes,
    about_layout,
    article_layout,
    help_layout,
    progress_layout,
    receipt_layout,
    sources_layout,
)
from bot.seal import Sealer
from index.article import Article, Span
from index.library import About, Source
from index.load import Skipped
from index.passage import Passage
from index.receipt import Progress, Receipt
from tests.bot.discord_markdown import alive
from tests.bot.quoted import TEXT, article

SEALER = Sealer(b"k" * 32)
SAY = speaker("en")
OURS = {"strong", "subtext", "timestamp", "list", "reordering", "code", "quote"}


def text_of(layout: Layout) -> str:
    return "\n".join(part.content for part in layout.parts if isinstance(part, Text))


def sources(count: int) -> list[Source]:
    return [Source(article(number), number) for number in range(count)]


def test_the_list_of_articles_is_paged_and_stops_at_both_ends() -> None:
    listed = sources(2 * SOURCES_A_PAGE + 1)
    first, last = sources_layout(listed, 0, SAY, SEALER), sources_layout(listed, 99, SAY, SEALER)
    assert "Page 1 of 3" in text_of(first) and "Page 3 of 3" in text_of(last)
    back, forward = first.rows[0].buttons
    assert isinstance(back, Button) and isinstance(forward, Button)
    assert back.disabled and not forward.disabled
    assert SEALER.open(forward.custom_id)[1] == (1).to_bytes(4)
    assert sources_layout(sources(3), 0, SAY, SEALER).rows == ()


def test_two_pages_have_two_different_buttons() -> None:
    ids = {b.custom_id for b in sources_layout(sources(8), 0, SAY, SEALER).rows[0].buttons if isinstance(b, Button)}
    assert len(ids) == 2


@settings(max_examples=150, deadline=None)
@given(
    title=st.text(max_size=400),
    publisher=st.text(max_size=400),
    author=st.text(max_size=200),
    reason=st.text(max_size=600),
    language=st.sampled_from(LANGUAGES),
)
def test_any_header_fits_and_nothing_in_it_is_alive(
    title: str, publisher: str, author: str, reason: str, language: str
) -> None:
    say = speaker(language)
    one = Article("a/b.txt", TEXT, title, publisher, author, "", author)
    passage = Passage(one.path, Span(0, len(TEXT)), TEXT, (Span(0, len(TEXT)),))
    about = About(title or "gen", datetime.now(UTC), 1, 1, f"{publisher} x", author)
    skipped = (Skipped(title or "x", reason),) * 5
    for layout in (
        sources_layout([Source(one, 3)] * SOURCES_A_PAGE, 0, say, SEALER),
        article_layout(one, [passage] * 4, say),
        about_layout(about, Votes(1, 2), title, say),
        receipt_layout(Receipt(title, 1, 2, 3, 4, 5, 6, 7.0, skipped), say),
    ):
        assert layout.text_chars <= MAX_TEXT_CHARS
        assert alive(text_of(layout)) <= OURS


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("stage", ["read", "embed", "check"])
def test_every_stage_of_a_reindex_has_words(language: str, stage: str) -> None:
    assert text_of(progress_layout(Progress(stage, 3, 9), speaker(language)))
    assert ("3" in text_of(progress_layout(Progress(stage, 3, 9), speaker(language)))) is (stage == "embed")


@pytest.mark.parametrize("language", LANGUAGES)
def test_help_fits_and_says_everything(language: str) -> None:
    assert help_layout(speaker(language)).text_chars < 2000


def test_a_long_list_of_left_out_articles_becomes_a_file() -> None:
    skipped = tuple(Skipped(f"{number}.txt", "is empty") for number in range(6))
    layout = receipt_layout(Receipt("gen-2", 1, 0, 0, 0, 9, 9, 1.0, skipped), SAY)
    assert layout.attachment is not None
    assert layout.attachment.content.count("\n") == 6
    assert receipt_layout(Receipt("gen-2", 1, 0, 0, 0, 9, 9, 1.0, skipped[:5]), SAY).attachment is None


def test_articles_are_found_by_words_in_any_order_and_by_their_value() -> None:
    listed = tuple(sources(3))
    assert [source.article.name for source in matching(listed, "daily 2 talks")] == ["Talks 2"]
    assert named_article(listed, "article-1.txt") == article(1)
    assert named_article(listed, "talks 2") == article(2)
    assert named_article(listed, "") is None
    assert named_article(listed, "nothing like it") is None
