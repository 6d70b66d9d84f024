from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.names import thing_term
from index.script import Script, script_of, scripts_with
from index.terms import terms


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("What was agreed on hydrogen?", Script.LATIN),
        ("두 정상은 무엇에 합의했나?", Script.HANGUL),
        ("両首脳は何に合意したか？", Script.JAPANESE),
        ("首脳会談", Script.JAPANESE),
        ("カタカナ", Script.JAPANESE),
        ("AI와 SMR 등 미래 산업에서 협력한다", Script.HANGUL),
        ("首相はＡＩやＳＭＲについてTrump氏と話した", Script.JAPANESE),
        ("President Lee (이재명) spoke of it at length.", Script.LATIN),
        ("Президент встретился", Script.LATIN),
        ("이재명(李在明) 대통령이 도쿄(東京)를 찾았다", Script.HANGUL),
        ("12:30 – 🤝", Script.LATIN),
        ("", Script.LATIN),
    ],
)
def test_a_text_is_in_the_script_of_its_prose_whatever_names_it_holds(text: str, script: Script) -> None:
    assert script_of(text) is script


def test_words_match_within_their_script_and_things_and_numbers_in_all() -> None:
    assert scripts_with("hydrogen") == {Script.LATIN}
    assert scripts_with("수소") == {Script.HANGUL}
    assert scripts_with(thing_term("hydrogen")) == scripts_with("2025") == set(Script)
    assert Script.JAPANESE in scripts_with("水素")


@given(text=st.text("ab 한국水素カ12=.", max_size=30))
def test_every_term_of_a_text_can_stand_somewhere(text: str) -> None:
    assert all(scripts_with(term) for term in terms(text))
