from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.terms import terms, words
from tests.hostile import ANY_TEXT, HOSTILE_PIECES, assert_linear


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("agreement", "agreements"),
        ("He agreed", "he agrees"),
        ("Tokyo's", "Tokyo"),
        ("Tokyo’s", "tokyo"),
        ("the U.S. side", "the US side"),
        ("1,500", "1500"),
        ("１２", "12"),
        ("회담은", "회담이"),
        ("회담을", "회담"),
        ("정상에게", "정상"),
        ("ｶﾀｶﾅ", "カタカナ"),
    ],
)
def test_forms_of_one_word_give_the_same_terms(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [("US troops", "us troops"), ("3.5", "35"), ("2025", "2024"), ("北", "南"), ("이재명", "이명재")],
)
def test_different_things_give_different_terms(one: str, other: str) -> None:
    assert terms(one) != terms(other)


def test_korean_and_japanese_are_cut_into_pairs_of_characters() -> None:
    assert terms("정상회담") == ["정상", "상회", "회담"]
    assert terms("首脳会談") == ["首脳", "脳会", "会談"]
    assert terms("シャトル外交")[:2] == ["シャ", "ャト"]


def test_japanese_particles_and_endings_are_no_terms() -> None:
    assert terms("首相は東京で") == ["首相", "東京"]


def test_a_particle_stays_on_where_it_may_be_half_of_a_short_word() -> None:
    assert terms("나이") == ["나이"]
    assert terms("미국은") == ["미국"]


def test_terms_come_in_order_and_as_often_as_they_stand() -> None:
    assert terms("Ships, ships and 3 ships") == ["ship", "ship", "and", "3", "ship"]


def test_words_are_those_of_alphabets_as_they_are_spelled() -> None:
    assert words("Leaders’ ships; 12 회담 首脳 シャトル Café") == ["leaders", "ships", "café"]


@given(text=ANY_TEXT)
def test_any_text_has_terms_without_white_space(text: str) -> None:
    found = terms(text)
    assert all(term and not any(character.isspace() for character in term) for term in found)
    assert terms(text) == found


@given(one=st.text(max_size=30), other=st.text(max_size=30))
def test_a_line_break_parts_terms(one: str, other: str) -> None:
    assert terms(f"{one}\n{other}") == terms(one) + terms(other)


def test_threads_stem_alike() -> None:
    text = "agreements reached by ministers meeting in cities " * 200
    alone = terms(text)
    with ThreadPoolExecutor(4) as pool:
        assert all(found == alone for found in pool.map(terms, [text] * 16))


@pytest.mark.parametrize("piece", HOSTILE_PIECES)
def test_time_grows_with_the_length_of_the_text(piece: str) -> None:
    assert_linear(terms, piece)
