from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.differ import differs

PAIRS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "disagreement.jsonl").read_text(encoding="utf-8").splitlines()
]
PIECES = [
    "the",
    "guests",
    "dined",
    "hall",
    "about",
    "3:40",
    "-5",
    "0",
    "9" * 40 + "8",
    "9" * 39,
    "1st",
    "8월 99일",
    "½",
    "5천",
    "두",
]
TEXTS = sorted({text for pair in PAIRS for text in (pair["one"], pair["other"])})


@pytest.mark.parametrize("half", ["tuning", "held out"])
def test_of_the_labelled_pairs_those_that_contradict_are_told_and_hardly_any_other(half: str) -> None:
    pairs = [pair for pair in PAIRS if pair["half"] == half]
    told = [pair for pair in pairs if differs(pair["one"], pair["other"])]
    right = sum(pair["differs"] for pair in told)
    assert len(pairs) >= 50
    assert right >= 0.95 * len(told)
    assert right >= 0.6 * sum(pair["differs"] for pair in pairs)


@given(st.sampled_from(TEXTS), st.sampled_from(TEXTS))
def test_it_does_not_matter_who_is_asked_first(one: str, other: str) -> None:
    assert differs(one, other) == differs(other, one)


@given(st.one_of(st.sampled_from(TEXTS), st.text(max_size=100)))
def test_no_text_contradicts_itself(text: str) -> None:
    assert not differs(text, text)


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.lists(st.sampled_from(PIECES), max_size=12))
def test_odd_numbers_are_read_without_an_error(one: list[str], other: list[str]) -> None:
    assert differs(" ".join(one), " ".join(other)) in (True, False)


PROTEST = "{} people protested outside the embassy during the summit of the two leaders."


@pytest.mark.parametrize(
    ("one", "other", "contradict"),
    [
        ("150", "170", True),
        ("150", "148", False),  # rounded
        ("About 150", "170", False),  # near enough to "about"
        ("About 150", "300", True),
        ("At least 150", "170", False),  # a bound that is kept
        ("At least 150", "120", True),
        ("Up to 150", "120", False),
        ("Up to 150", "170", True),
        ("Seventeen", "17", False),
        ("Seventeen", "19", True),
        ("1.5 million", "1,500,000", False),
        ("1.5 million", "1.5 billion", True),
    ],
)
def test_a_number_contradicts_what_it_neither_rounds_nor_bounds(one: str, other: str, contradict: bool) -> None:
    assert differs(PROTEST.format(one), PROTEST.format(other)) is contradict


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # two respects at once are two events more often than two reports
        ("The fourth round of talks on rice lasted 3 hours.", "The fifth round of talks on rice lasted 5 hours."),
        ("The minister opened the show of maps on Monday.", "The minister opened the show of coins on Friday."),
        ("It covers the area of 43 hectares by the palace.", "The park covers the area of 76 hectares by the palace."),
        ("Did 300 people attend the dinner in the palace?", "317 people did attend the dinner in the palace."),
        ("The minister said on Monday that the plan holds.", "The minister said on Tuesday that the plan holds."),
    ],
)
def test_it_is_silent_where_two_sentences_may_speak_of_two_things(one: str, other: str) -> None:
    assert not differs(one, other)
