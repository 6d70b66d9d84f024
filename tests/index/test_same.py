from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

import index.same
from index.same import duplicates, same_statement

PAIRS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "merging.jsonl").read_text(encoding="utf-8").splitlines()
]
TEXTS = sorted({text for pair in PAIRS for text in (pair["one"], pair["other"])})
WORDS = ["two", "three", "four", "twenty-five", "seventeen", "third", "fourth", "first", "두", "세", "네", "열여섯"]
PIECES = [
    "the",
    "north",
    "not",
    "3",
    "三人",
    "두",
    "“said”",
    '"',
    "said,",
    "Lee",
    "and",
    "Seoul",
    "정상",
    "회담을",
    "首相は",
]
NUMBER_WORD = regex.compile(rf"(?<!\p{{L}})(?:{'|'.join(WORDS)})(?=[\s,]|번째)")
NEGATION = regex.compile(
    r" (?:did not|not|never|no)(?= )|하지 않았다|하지 못한다|지 않|しなかった|していない|n['’]t", regex.IGNORECASE
)


@pytest.mark.parametrize("half", ["tuning", "held out"])
def test_of_the_labelled_pairs_copies_merge_and_near_misses_never_do(half: str) -> None:
    pairs = [pair for pair in PAIRS if pair["half"] == half]
    merged = [pair for pair in pairs if same_statement(pair["one"], pair["other"])]
    assert len(pairs) >= 60
    assert [pair["note"] for pair in merged if not pair["same"]] == []
    assert len(merged) >= 0.85 * sum(pair["same"] for pair in pairs)


@pytest.mark.parametrize(
    "pair", [p for p in PAIRS if p["half"] == "tuning" and p["same"]], ids=lambda pair: str(pair["note"])
)
def test_a_copy_merges_whichever_comes_first(pair: dict[str, Any]) -> None:
    assert same_statement(pair["one"], pair["other"])
    assert same_statement(pair["other"], pair["one"])


@given(text=st.sampled_from([text for text in TEXTS if regex.search(r"\d", text)]), data=st.data())
def test_texts_with_another_number_in_digits_never_merge(text: str, data: st.DataObject) -> None:
    number = data.draw(st.sampled_from(list(regex.finditer(r"\d+", text))))
    other = data.draw(st.integers(0, 10**40).filter(lambda value: value != int(number.group())))
    changed = text[: number.start()] + str(other) + text[number.end() :]
    assert not same_statement(text, changed)
    assert not same_statement(changed, text)


@given(text=st.sampled_from([text for text in TEXTS if NUMBER_WORD.search(text)]), data=st.data())
def test_texts_with_another_number_in_words_never_merge(text: str, data: st.DataObject) -> None:
    number = data.draw(st.sampled_from(list(NUMBER_WORD.finditer(text))))
    language = [word for word in WORDS if word.isascii() == number.group().isascii()]
    other = data.draw(st.sampled_from([word for word in language if word != number.group()]))
    changed = text[: number.start()] + other + text[number.end() :]
    assert not same_statement(text, changed)
    assert not same_statement(changed, text)


@given(text=st.sampled_from([text for text in TEXTS if regex.search(r"\p{Latin}{3} \p{Latin}", text)]), data=st.data())
def test_texts_never_merge_when_a_negation_was_added(text: str, data: st.DataObject) -> None:
    gap = data.draw(st.sampled_from(list(regex.finditer(r"(?<=\p{Ll}) (?=\p{Ll})", text))))
    word = data.draw(st.sampled_from(["not", "never", "no", "cannot", "without"]))
    changed = f"{text[: gap.start()]} {word} {text[gap.end() :]}"
    assert not same_statement(text, changed)
    assert not same_statement(changed, text)


@pytest.mark.parametrize("text", [text for text in TEXTS if NEGATION.search(text)])
def test_texts_never_merge_when_a_negation_was_taken_away(text: str) -> None:
    assert not same_statement(text, NEGATION.sub("", text, count=1))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Trade came to 1.5 billion dollars over the whole of last year.",
            "Trade came to 1,500 million dollars over the whole of last year.",
        ),
        (
            "The two hundred and fifty guests took their seats in the hall.",
            "The 250 guests took their seats in the hall.",
        ),
        (
            "투자 규모는 1조 2000억 원으로 정해져 지역 경제에 쓰인다.",
            "투자 규모는 1조2000억 원으로 정해져 지역 경제에 쓰인다.",
        ),
        (
            "総額は1兆2000億円で、地域の産業に使われる見通しだ。",
            "総額は１兆２０００億円で、地域の産業に使われる見通しだ。",
        ),
    ],
)
def test_numbers_are_compared_as_values(one: str, other: str) -> None:
    assert same_statement(one, other)


def test_long_numbers_that_differ_in_their_last_digit_are_two() -> None:
    text = "The code printed on the back of the card is {} and must not be shared."
    assert not same_statement(text.format("1" * 60), text.format("1" * 59 + "2"))


@given(st.text(max_size=200))
def test_every_text_is_the_same_as_itself(text: str) -> None:
    assert same_statement(text, text)


@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=30,
    ),
    st.randoms(),
)
def test_the_order_of_two_texts_does_not_matter(words: list[str], rand: random.Random) -> None:
    other = [word for word in words if rand.random() < 0.8]
    one, two = " ".join(words), " ".join(other)
    assert same_statement(one, two) == same_statement(two, one)


def test_duplicates_are_grouped_and_what_differs_in_a_number_is_not() -> None:
    copies = [pair for pair in PAIRS if pair["half"] == "tuning" and pair["same"]]
    misses = [pair for pair in PAIRS if pair["half"] == "tuning" and not pair["same"]]
    texts = [pair["one"] for pair in copies] + [pair["other"] for pair in copies]
    together = {(group[0], group[1]) for group in duplicates(texts) if len(group) == 2}
    assert together == {(at, at + len(copies)) for at in range(len(copies))}
    for pair in misses:
        assert duplicates([pair["one"], pair["other"]]) == []


def test_a_group_holds_copies_of_one_another_not_a_chain() -> None:
    quote = '"We will keep every channel of dialogue between our two countries open," {}.'
    texts = [quote.format(end) for end in ("Lee said", "said a participant", "Ishiba said", "Lee said in Tokyo")]
    groups = duplicates(texts)
    assert all(same_statement(texts[a], texts[b]) for group in groups for a in group for b in group)
    assert [0, 3] in groups


def test_equal_texts_are_one_group_in_the_order_they_came() -> None:
    assert duplicates(["Thank you.", "The end", "Thank you.", "", "Thank  you. "]) == [[0, 2, 4]]


def test_the_comparisons_grow_with_the_number_of_texts_even_where_all_share_their_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rand, compared = random.Random(7), 0
    vocabulary = [f"{first}{second}" for first in "bdfgklmnprst" for second in ("ago", "eru", "ilo", "ona", "une")]

    def count(one: index.same.Statement, other: index.same.Statement) -> bool:
        nonlocal compared
        compared += 1
        return False

    monkeypatch.setattr(index.same, "same", count)
    duplicates([" ".join(rand.sample(vocabulary, 12)) for _ in range(3000)])
    assert compared <= 3000 * 5 * 24


def test_thousands_of_texts_are_grouped_in_seconds() -> None:
    rand = random.Random(3)
    vocabulary = ["".join(rand.choices("abcdefghiklmnoprstuvw", k=7)) for _ in range(4000)]
    texts = [" ".join(rand.sample(vocabulary, 20)) for _ in range(2000)]
    texts += [text.replace(" ", "  ", 1) + " (END)" for text in texts[:100]]
    began = time.process_time()
    groups = duplicates(texts)
    assert time.process_time() - began < 10  # 1 s on the machine that it was written on
    assert groups == [[at, 2000 + at] for at in range(100)]


def test_reading_hostile_text_takes_linear_time() -> None:
    began = time.process_time()
    for piece in ("A ", "1", '"', "한", "二", "no ", "1,", "a-", "U.", "two ", " ", "(", "十 "):
        same_statement(piece * 20_000, piece * 19_999 + "x")
    assert time.process_time() - began < 20
