from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Span

SPANS = st.tuples(st.integers(0, 30), st.integers(0, 30)).map(lambda ends: Span(min(ends), max(ends)))
ARTICLE = Article(
    "summit/tokyo.txt",
    "Two leaders met.",
    title="Two leaders meet",
    publisher="Summit Quotes",
    author="The desk",
    url="https://example.com/tokyo",
    language="en",
    published=date(2025, 8, 23),
)


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (4, 3)])
def test_a_span_cannot_run_backwards_or_start_before_the_text(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="not a span"):
        Span(start, end)


@given(one=SPANS, other=SPANS)
def test_spans_cover_and_overlap_as_the_sets_of_their_positions_do(one: Span, other: Span) -> None:
    here, there = set(range(one.start, one.end)), set(range(other.start, other.end))
    if here and there:
        assert one.overlaps(other) == bool(here & there)
        assert one.covers(other) == (there <= here)


def test_spans_count_code_points() -> None:
    assert Span(1, 3).slice("🤝한국 e\u0301") == "한국"
    assert len(Span(1, 3)) == 2


def test_an_article_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        ARTICLE.text = "Something else."  # type: ignore[misc]  # this is what must fail


def test_an_article_without_a_title_goes_by_its_file_name() -> None:
    assert ARTICLE.name == "Two leaders meet"
    assert replace(ARTICLE, title="").name == "tokyo"


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Two leaders met"},
        {"title": ""},
        {"publisher": "Another"},
        {"author": ""},
        {"url": ""},
        {"language": "ko"},
        {"published": None},
        {"title": ARTICLE.publisher, "publisher": ARTICLE.title},
    ],
)
def test_the_digest_tells_any_two_contents_apart(change: dict[str, Any]) -> None:
    assert replace(ARTICLE, **change).digest != ARTICLE.digest


def test_the_digest_does_not_depend_on_where_the_file_lies() -> None:
    assert replace(ARTICLE, path="elsewhere.md").digest == ARTICLE.digest
