from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given

from index.article import Article, Span
from index.blocks import Kind
from index.corpus import sentence_ids
from index.passage import MAX_CHARS, Passage, split
from tests.hostile import ANY_TEXT, HOSTILE_PIECES, assert_linear


def cut(text: str) -> tuple[Passage, ...]:
    return split(Article("tokyo.txt", text))


@given(text=ANY_TEXT)
def test_passages_are_slices_in_order_and_lose_nothing(text: str) -> None:
    passages = cut(text)
    assert all(p.text == text[p.span.start : p.span.end] for p in passages)
    assert all(one.span.end <= other.span.start for one, other in pairwise(passages))
    held = [0] * len(text)
    for passage in passages:
        for at in range(passage.span.start, passage.span.end):
            held[at] += 1
    assert [at for at, count in enumerate(held) if count != 1 and not text[at].isspace()] == []


@given(text=ANY_TEXT)
def test_sentences_lie_in_their_passage_and_hold_all_of_it(text: str) -> None:
    for passage in cut(text):
        assert passage.sentences
        assert all(passage.span.covers(sentence) and len(sentence) for sentence in passage.sentences)
        assert all(one.end <= other.start for one, other in pairwise(passage.sentences))
        assert (passage.sentences[0].start, passage.sentences[-1].end) == (passage.span.start, passage.span.end)
        sewn = "".join("".join(sentence.slice(text).split()) for sentence in passage.sentences)
        assert sewn == "".join(passage.text.split())


@given(text=ANY_TEXT)
def test_no_passage_is_longer_than_it_may_be(text: str) -> None:
    assert all(len(passage.text) <= MAX_CHARS for passage in cut(text))


@given(text=ANY_TEXT)
def test_ids_name_one_place_each_and_the_same_text_gives_the_same(text: str) -> None:
    passages = cut(text)
    assert len({passage.id for passage in passages}) == len(passages)
    ids = [id_ for passage in passages for id_ in sentence_ids(passage)]
    assert len(set(ids)) == len(ids)
    assert cut(text) == passages


def test_a_paragraph_is_one_passage_with_its_sentences() -> None:
    text = "The two met. They agreed.\n\nNobody else came."
    assert [(p.text, len(p.sentences), p.kind) for p in cut(text)] == [
        ("The two met. They agreed.", 2, Kind.PROSE),
        ("Nobody else came.", 1, Kind.PROSE),
    ]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    text = " ".join(f"Minister {number} spoke at length of the terminal in the harbour." for number in range(60))
    passages = cut(text)
    assert len(passages) > 1
    assert all(passage.text.endswith("harbour.") for passage in passages)
    assert sum(len(passage.sentences) for passage in passages) == 60


def test_a_sentence_longer_than_a_passage_is_cut_between_words() -> None:
    words = ("harbour terminal " * 200).strip()
    passages = cut(words)
    assert len(passages) > 1
    assert " ".join(passage.text for passage in passages) == words


def test_a_word_longer_than_a_passage_is_cut_anywhere() -> None:
    assert "".join(passage.text for passage in cut("한" * 5000)) == "한" * 5000


def test_a_passage_knows_its_text_from_its_span() -> None:
    with pytest.raises(ValueError, match="3 characters of text for a span of 4"):
        Passage("tokyo.txt", Span(0, 4), "The", (Span(0, 3),))


@pytest.mark.parametrize("piece", HOSTILE_PIECES)
def test_time_grows_with_the_length_of_the_text(piece: str) -> None:
    assert_linear(cut, piece)
