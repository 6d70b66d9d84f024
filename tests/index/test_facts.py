from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.facts import tidied, tokens
from index.statement import TokenKind


def values(text: str, kind: TokenKind) -> list[str]:
    return [token.value for token in tokens(tidied(text)) if token.kind is kind]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("$1.5 billion, twenty-five and two hundred and fifty thousand", ["1500000000", "25", "250000"]),
        ("the third and the 3rd, but three", ["#3", "#3", "3"]),
        ("-5% and 10-15", ["-5", "10", "15"]),
        ("1조 2000억 원, 5천만 명, 3만5천 원", ["1200000000000", "50000000", "35000"]),
        ("두 번째, 열여섯 명, 세 나라, 십칠 년", ["2", "16", "3", "17"]),
        ("한국의 한 관계자, 두바이, 세계, 네덜란드", []),
        ("三人、十七日間、１兆２０００億円", ["3", "17", "1200000000000"]),
        ("統一、一部、二国間", []),
    ],
)
def test_numbers_are_read_as_values_where_they_are_numbers(text: str, numbers: list[str]) -> None:
    assert values(text, TokenKind.NUMBER) == numbers


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("Aug. 23, 23 August and August 23rd", ["8-23"] * 3),
        ("on 2025-08-23", ["8-23"]),
        ("8월 23일, 8月23日", ["8-23", "8-23"]),
        ("24일 도착해 3일간 머문다", ["-24"]),
        ("in May she may march", ["5-"]),
        ("Mon. and Monday, 월요일, 月曜日", ["mon"] * 4),
        ("the sun sat", []),
    ],
)
def test_dates_are_read_in_any_order(text: str, dates: list[str]) -> None:
    assert values(text, TokenKind.DATE) == dates


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("They didn't, won't and cannot agree.", 3),
        ("Nothing was a notable note.", 1),
        ("합의하지 않았다. 못 갔다. 안 간다.", 3),
        ("끊임없이 잘못을 고쳤고 대통령 부인도 왔다.", 0),
        ("合意しなかった。話さず、参加しません。", 3),
        ("出席しなければならない。", 0),
    ],
)
def test_negations_are_counted_and_words_that_look_like_them_are_not(text: str, count: int) -> None:
    assert len(values(text, TokenKind.NEGATION)) == count


def test_a_line_break_within_a_word_is_healed() -> None:
    assert tidied("an impor-\n  tant step") == "an important step"


@given(st.text(alphabet=st.sampled_from("1230,.:-−% $stndtwoeuSA.AugMay월일年月十億조두세n't'\"「」 \n"), max_size=80))
def test_any_mixture_of_numerals_and_marks_is_read(text: str) -> None:
    assert all(token.value for token in tokens(tidied(text)))
