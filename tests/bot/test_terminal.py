from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from bot.check import Problem
from bot.terminal import (
    NO_DIRECT_ANSWER,
    NOTHING_NEAR,
    SMALL_TALK,
    SOURCES_DIFFER,
    Screen,
    outcome_text,
    problems_text,
    receipt_text,
    sources_text,
)
from index.answer import Answer, NoAnswer, Outcome, Place, Silence
from index.article import Article, Span
from index.load import Skipped
from index.receipt import Receipt
from tests.bot.answering import HYDROGEN, KOREAN, Answering, answer, nothing, quote, related

ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x1b\x07]*(\x1b\\|\x07))")


def on_a_terminal(outcome: Outcome, *, columns: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is written to a terminal, escape sequences included."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", str(columns))
    stream = io.StringIO()
    screen = Screen(stream)
    screen.print(outcome_text(outcome, columns=screen.columns))
    return stream.getvalue()


def plain(outcome: Outcome, *, columns: int | None = None) -> str:
    return outcome_text(outcome, columns=columns, topics=("hydrogen", "dinner")).plain


def test_an_answer_shows_number_quote_and_one_source_line() -> None:
    assert plain(answer()) == (
        "1 │ The leaders met on Saturday. They pledged closer cooperation on hydrogen. A dinner followed.\n"
        "    What Tokyo brought · The Sample · 2025-08-24 · https://example.org/tokyo"
    )


def test_a_line_that_does_not_fit_is_wrapped_behind_the_bar_and_the_address_stays_whole() -> None:
    lines = plain(answer(), columns=40).splitlines()
    assert lines[0] == "1 │ The leaders met on Saturday. They"
    assert lines[1].startswith("  │ pledged")
    assert lines[-1] == "    https://example.org/tokyo"
    assert all(cell_len(line) <= 40 for line in lines)


def test_wide_characters_stay_within_the_width() -> None:
    long = replace(KOREAN, text="두 정상은 셔틀 외교를 재개하기로 합의했다. 両首脳は会談した。" * 5)
    lines = plain(Answer("?", (quote(long),)), columns=30).splitlines()
    assert all(cell_len(line) <= 30 for line in lines)
    assert len(lines) > 10


def test_the_highlight_is_bold_and_the_rest_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = on_a_terminal(answer(), columns=200, monkeypatch=monkeypatch)
    assert "\x1b[1mThey pledged closer cooperation on hydrogen.\x1b[0m" in shown
    assert "\x1b[1mThe leaders" not in shown


def test_the_address_is_a_link_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ";https://example.org/tokyo\x1b\\" in on_a_terminal(answer(), columns=200, monkeypatch=monkeypatch)


def test_no_color_leaves_out_the_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    shown = on_a_terminal(answer(), columns=80, monkeypatch=monkeypatch)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", shown)


def test_a_pipe_gets_no_escape_sequences_and_no_wrapping() -> None:
    stream = io.StringIO()
    screen = Screen(stream)
    assert screen.columns is None
    screen.print(outcome_text(answer(), columns=screen.columns))
    assert stream.getvalue() == plain(answer()) + "\n"


def test_related_passages_are_shown_as_no_answer() -> None:
    assert plain(related()).startswith(f"{NO_DIRECT_ANSWER}\n\n1 │ ")
    assert NO_DIRECT_ANSWER not in plain(answer())


def test_nothing_says_so_and_names_what_the_articles_cover() -> None:
    assert plain(nothing()) == f"{NOTHING_NEAR}\nThe articles cover, among other things: hydrogen; dinner."
    assert plain(NoAnswer("hi", Silence.SMALL_TALK)).startswith(SMALL_TALK)


def test_other_places_of_a_statement_are_named_once() -> None:
    first = replace(quote(HYDROGEN), also=(Place(KOREAN, Span(0, 3)), Place(KOREAN, Span(4, 6))))
    assert plain(Answer("?", (first,))).splitlines()[-1] == "    also in 셔틀 외교 · 표본"


def test_what_the_other_quotes_say_of_one_stands_under_it() -> None:
    marked = replace(quote(HYDROGEN), differs=True, newer=date(2025, 9, 2))
    assert plain(Answer("?", (marked,))).splitlines()[-2:] == [
        "    a newer article: 2025-09-02",
        f"    {SOURCES_DIFFER}",
    ]
    assert SOURCES_DIFFER not in plain(answer())


def test_ten_quotes_keep_their_bars_in_one_column() -> None:
    lines = plain(Answer("?", (quote(HYDROGEN),) * 10)).splitlines()
    bars = {line.index("│") for line in lines if "│" in line}
    assert len(bars) == 1
    assert lines[0].startswith(" 1 │")


HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\r\u202eevil\ud800"


def test_escape_sequences_in_an_article_never_reach_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    article = Article(HOSTILE, HOSTILE + " text\n" + HOSTILE, HOSTILE, HOSTILE, "", "https://e.org/" + HOSTILE)
    hostile = replace(quote(article), also=(Place(article, Span(0, 1)),))
    for columns in (40, 200):
        shown = on_a_terminal(Answer("?", (hostile,)), columns=columns, monkeypatch=monkeypatch)
        ours = ESCAPE.sub("", shown)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", ours)
        assert "owned" in ours
        assert "\x1b]0;" not in shown


@given(text=st.text(st.characters(codec=None), min_size=1, max_size=300), columns=st.none() | st.integers(20, 120))
def test_any_text_can_be_shown_at_any_width(text: str, columns: int | None) -> None:
    article = Article("a.txt", text, text, text, "", text, published=date(2025, 8, 24))
    shown = plain(Answer("?", (quote(article),)), columns=columns)
    shown.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)


def test_a_terminal_that_cannot_show_korean_shows_question_marks_instead_of_failing() -> None:
    raw = io.BytesIO()
    screen = Screen(io.TextIOWrapper(raw, encoding="ascii"))
    screen.print(outcome_text(Answer("?", (quote(KOREAN),)), columns=None))
    screen.file.flush()
    assert b"1 ? ? ???" in raw.getvalue()


def test_json_is_utf8_whatever_the_locale_says() -> None:
    raw = io.BytesIO()
    screen = Screen(io.TextIOWrapper(raw, encoding="ascii"))
    screen.emit('{"text": "셔틀"}')
    assert raw.getvalue().decode("utf-8") == '{"text": "셔틀"}\n'


def test_a_receipt_names_what_was_left_out() -> None:
    receipt = Receipt("gen-2", 3, 1, 0, 68, 412, 29, 3.14, (Skipped("bad.txt", "is not UTF-8; convert it"),))
    assert receipt_text(receipt).plain == (
        "added 3, changed 1, removed 0, unchanged 68; 412 passages, 29 embedded; 3.1 s\n"
        "left out: bad.txt: is not UTF-8; convert it"
    )


def test_sources_are_blocks_on_a_terminal_and_lines_in_a_pipe() -> None:
    sources = Answering().sources()
    assert sources_text(sources, columns=80).plain.splitlines()[:2] == [
        "What Tokyo brought",
        "  The Sample · 2025-08-24 · en · 2 passages · tokyo.txt",
    ]
    first, second = sources_text(sources, columns=None).plain.splitlines()
    assert first.split("\t") == [
        "tokyo.txt",
        "What Tokyo brought",
        "The Sample",
        "2025-08-24",
        "en",
        "2 passages",
        "https://example.org/tokyo",
    ]
    assert second.split("\t")[3] == ""


def test_problems_say_where_what_and_next() -> None:
    shown = problems_text([Problem("is empty", "a.txt", "fill it")], columns=80).plain
    assert shown == "! a.txt: is empty\n  next: fill it"
    assert problems_text([], columns=80).plain == "All is well."
