from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bot.wrap import wrap
from index.article import Span


def lines(text: str, width: int | None) -> list[str]:
    return [span.slice(text) for span in wrap(text, width)]


def test_words_stay_whole() -> None:
    assert lines("The leaders met in Tokyo", 12) == ["The leaders", "met in Tokyo"]


def test_korean_breaks_between_words() -> None:
    assert lines("셔틀 외교를 재개하기로 했다", 12) == ["셔틀 외교를", "재개하기로", "했다"]


def test_japanese_breaks_between_characters_but_never_before_a_closing_mark() -> None:
    assert lines("両首脳は会談した。合意した", 16) == ["両首脳は会談し", "た。合意した"]


def test_japanese_does_not_leave_an_opening_quote_at_the_end_of_a_line() -> None:
    assert lines("会談で「合意」", 8) == ["会談で", "「合意」"]


def test_a_word_wider_than_the_line_is_cut() -> None:
    assert lines("see https://example.org/a", 10) == ["see", "https://ex", "ample.org/", "a"]


def test_without_a_width_lines_end_where_the_text_says() -> None:
    text = "long " * 100 + "\n\nend"
    assert lines(text, None) == ["long " * 100, "", "end"]


WRAPPED = st.text(alphabet=st.sampled_from("ab .,-\n「」。会談셔틀é\u0301\u3000😀"), max_size=80)


@given(text=WRAPPED, width=st.integers(2, 20))
def test_every_line_fits_and_only_white_space_is_left_out(text: str, width: int) -> None:
    spans = wrap(text, width)
    assert all(cell_len(span.slice(text)) <= width for span in spans)
    edges = [Span(0, 0), *spans, Span(len(text), len(text))]
    for before, after in pairwise(edges):
        assert text[before.end : after.start].strip() == ""
