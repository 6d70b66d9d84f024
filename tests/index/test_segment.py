from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Span
from index.segment import WINDOW_CHARS, sentences
from tests.hostile import ANY_TEXT, HOSTILE_PIECES, assert_linear


def cut(text: str) -> list[str]:
    return [span.slice(text) for span in sentences(text, Span(0, len(text)))]


@pytest.mark.parametrize(
    "expected",
    [
        ["The U.S. side wants more.", "Seoul does not."],
        ["He lives in the U.S.", "He likes it there."],
        ["Mr. Kim Y. S. spoke first.", "Nobody objected."],
        ["He met J. R. Smith.", "They spoke for an hour."],
        ["Gen. Park and Dr. Choi came along.", "Sen. Bae stayed in Washington, D.C.", "He called them."],
        ["The talks began at 9 a.m. on Sunday.", "They ended at 5 p.m.", "The hall was empty."],
        ["Trade grew 3.5 percent.", "The doors opened at 9:30 and closed at 11:15.", "It cost $1.2 billion."],
        ["Article No. 5 was struck out.", "The rest stands."],
        ["Ships were built by Hana Co., a yard in the south.", "It has two docks."],
        ["What did he say?!", "Nothing at all."],
        ["Really?", "Yes!", "They signed."],
    ],
)
def test_abbreviations_initials_and_numbers_end_no_sentence(expected: list[str]) -> None:
    assert cut(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ['He said, "We will meet again."', "Then he left the room."],
        ["He said, “We will meet again.”", "Then he left the room."],
        ["He said, ‘We will meet again.’", "Then he left the room."],
        ['"Is it over?" she asked.', "Nobody knew."],
        ["“Is it over?” she asked.", "Nobody knew."],
        ["“Stop.”", "“Go on.”", "They went."],
    ],
)
def test_a_quotation_that_ends_a_sentence_takes_its_closing_mark_along(expected: list[str]) -> None:
    assert cut(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["회담이 끝났습니다.", "두 정상은 만났어요.", "다음은 언제인가?", "아무도 몰랐다."],
        ["그는 “다시 만나자.”라고 말했다.", "회담은 끝났다."],
        ['그는 "끝났다."고 했다.', '"좋다."', "그가 말했다."],
        ["「끝이다.」", "그는 웃었다."],
        ["회담은 3.5시간 걸렸다.", "오전 9:30에 시작했다."],
    ],
)
def test_korean_sentences_end_at_their_marks_and_not_within_a_reported_quotation(expected: list[str]) -> None:
    assert cut(" ".join(expected)) == expected


@pytest.mark.parametrize(
    "expected",
    [
        ["首脳会談が開かれた。", "会談は終わった！", "次はいつか？", "誰も知らない。"],
        ["首相は「また会おう。」と述べた。", "会談は続く。"],
        ["首相は『また会おう。』と述べた。", "会談は続く。"],
        ["「終わった。」", "首相は笑った。"],
        ["『終わりだ。』", "彼は笑った。"],
    ],
)
def test_japanese_sentences_need_no_space_and_quotations_keep_both_marks(expected: list[str]) -> None:
    assert cut("".join(expected)) == expected


def test_a_number_stays_with_its_point() -> None:
    expected = ["1. Hydrogen comes first.", "2. Chips follow."]
    assert cut(" ".join(expected)) == expected
    assert cut("(a) Hydrogen comes first. (b) Chips follow.") == ["(a) Hydrogen comes first.", "(b) Chips follow."]


def test_a_line_break_is_a_space() -> None:
    text = "They will build a\nterminal for hydrogen in the U.S.\nmarket. The first\n stone was laid."
    assert cut(text) == [
        "They will build a\nterminal for hydrogen in the U.S.\nmarket.",
        "The first\n stone was laid.",
    ]


def test_a_text_that_was_cut_off_is_its_own_last_sentence() -> None:
    assert cut("They met on Saturday. The two leaders were about to...") == [
        "They met on Saturday.",
        "The two leaders were about to...",
    ]


def test_only_the_span_is_read() -> None:
    text = "One came. Two came. Three came."
    assert [span.slice(text) for span in sentences(text, Span(10, 19))] == ["Two came."]
    assert sentences(text, Span(4, 4)) == []
    assert sentences("  \n ", Span(0, 4)) == []


def test_a_long_text_is_cut_alike_wherever_its_windows_end() -> None:
    expected = [f"Minister {number} spoke for {number}.5 hours with Mr. Kim." for number in range(400)]
    text = " ".join(expected)
    assert len(text) > 3 * WINDOW_CHARS
    assert cut(text) == expected


@given(text=ANY_TEXT, data=st.data())
def test_sentences_come_in_order_and_hold_every_character_but_white_space(text: str, data: st.DataObject) -> None:
    ends = sorted((data.draw(st.integers(0, len(text))), data.draw(st.integers(0, len(text)))))
    found = sentences(text, Span(*ends))
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert all(span.slice(text) == span.slice(text).strip() != "" for span in found)
    assert "".join("".join(span.slice(text).split()) for span in found) == "".join(text[slice(*ends)].split())


@given(text=ANY_TEXT)
def test_no_sentence_starts_with_a_mark_that_only_closes(text: str) -> None:
    for one in sentences(text, Span(0, len(text)))[1:]:
        assert text[one.start] not in "」』”" or text[one.start - 1].isspace()


@pytest.mark.parametrize("piece", HOSTILE_PIECES)
def test_time_grows_with_the_length_of_the_text(piece: str) -> None:
    assert_linear(cut, piece)
