from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.spelling import Speller
from index.terms import terms, words
from tests.hostile import ANY_TEXT, HOSTILE_PIECES, assert_linear

ARTICLE = """
The two leaders agreed on hydrogen and on denuclearization. Hydrogen ships will call at the quiet harbour in Busan.
The president visited Yasukuni never. South Korea and North Korea differ. Semiconductors and semiconductor tariffs.
"""
SURFACES = {word: words(ARTICLE).count(word) for word in words(ARTICLE)}


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(SURFACES, set(terms(ARTICLE)))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("what did they agree on hydrgen", "what did they agree on hydrogen"),
        ("hydorgen", "hydrogen"),
        ("denuclearisaton", "denuclearization"),
        ("Yasukini shrine", "yasukuni shrine"),
        ("wat abt n korea", "what about North Korea"),
        ("whats the plan 4 nkorea", "what is the plan 4 North Korea"),
        ("harbuor", "harbour"),
    ],
)
def test_chat_spelling_and_slips_become_words_of_the_articles(speller: Speller, typed: str, meant: str) -> None:
    assert speller.spell_out(typed).casefold() == meant.casefold()


@pytest.mark.parametrize(
    "question",
    [
        "What did the two leaders agree on hydrogen?",
        "Did anyone quit?",  # one slip from "quiet", and a word
        "How long did they stay?",
        "수소 협력은 어떻게 되나?",
        "水素で何に合意したか？",
        "Who is N?",
        "Kim Y. S. and F-35B in 2025",
        "harbours",  # another form of a word that is known
        "hydr",  # too far from anything
        "",
    ],
)
def test_what_is_spelled_well_or_like_nothing_known_stays(speller: Speller, question: str) -> None:
    assert speller.spell_out(question) == question


def test_the_country_in_lower_case_is_no_pronoun(speller: Speller) -> None:
    assert speller.spell_out("ships for the us") == "ships for the US"
    assert speller.spell_out("They gave it to us all") == "They gave it to us all"


def test_the_nearest_word_wins_and_of_those_the_commonest() -> None:
    assert Speller({"tariff": 1, "tarifs": 9}, set()).nearest("tarif") == "tarifs"
    assert Speller({"tariff": 9, "tarifs": 1}, set()).nearest("tarif") == "tariff"
    assert Speller({"tariffs": 9, "tariff": 1}, set()).nearest("tarrif") == "tariff"


def test_short_words_may_have_one_slip_and_long_ones_two() -> None:
    speller = Speller({"ships": 1, "hydrogen": 1}, set())
    assert (speller.nearest("shipz"), speller.nearest("shpiz")) == ("ships", None)
    assert (speller.nearest("hydrgn"), speller.nearest("hdrgn")) == ("hydrogen", None)


def test_the_first_letter_is_taken_at_its_word(speller: Speller) -> None:
    assert speller.nearest("bydrogen") is None


@given(question=ANY_TEXT)
def test_any_text_can_be_read_and_comes_back_with_single_spaces(question: str) -> None:
    speller = Speller(SURFACES, set(terms(ARTICLE)))
    spelled = speller.spell_out(question)
    assert spelled == " ".join(spelled.split())


@given(st.lists(st.sampled_from(sorted(SURFACES)), max_size=12))
def test_words_that_articles_hold_are_never_changed(known: list[str]) -> None:
    question = " ".join(known).capitalize()
    assert Speller(SURFACES, set(terms(ARTICLE))).spell_out(question) == question


@pytest.mark.parametrize("piece", [*HOSTILE_PIECES, "hydrgen ", "n korea ", "xqzjv"])
def test_time_grows_with_the_length_of_the_question(speller: Speller, piece: str) -> None:
    assert_linear(speller.spell_out, piece)
