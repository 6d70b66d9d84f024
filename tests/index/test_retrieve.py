from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.article import Article
from index.blocks import Kind
from index.query import Query, Reader
from index.retrieve import NEIGHBOURS, TOP_PASSAGES, UNREAD_COSINE, Ranking, Retriever
from tests.fakes import FakeEmbedder
from tests.hostile import ANY_TEXT
from tests.memory import MemoryIndex, index_articles

HARBOUR = """![]() |
The hydrogen terminal in the harbour of Ulsan, seen from the sea. / Source: Harbour News |
By Han So

The hydrogen terminal at Ulsan

Officials said that a hydrogen terminal would be built in the harbour of Ulsan within three years.

Work starts in the spring. Forty ships will bring the steel.

(END)
"""
RICE = "The ministers spoke of rice for two hours. Nobody smiled.\n\nThey parted without a word on tariffs."


@dataclass(slots=True)
class Unreading(FakeEmbedder):
    """Reads nothing, as a model for English does with Korean."""

    def reads(self, text: str) -> bool:
        return False


def index_texts(*texts: str) -> MemoryIndex:
    return index_articles([Article(f"{at}.txt", text) for at, text in enumerate(texts)], FakeEmbedder())


def query(index: MemoryIndex, question: str) -> Query:
    return Reader(index.lexical).read(question)


def rank(index: MemoryIndex, question: str, top_k: int = TOP_PASSAGES) -> Ranking:
    return Retriever(index, FakeEmbedder()).retrieve(query(index, question), top_k=top_k)


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("Where will the hydrogen terminal be built?", "within three years"),
        ("How many ships bring the steel?", "Forty ships"),
        ("Who spoke of rice?", "spoke of rice"),
        ("tariffs", "tariffs"),
    ],
)
def test_the_passage_that_holds_the_words_comes_first(question: str, holds: str) -> None:
    assert holds in rank(index_texts(HARBOUR, RICE), question).hits[0].passage.text


@pytest.mark.parametrize(
    "question", ["hydrogen terminal Ulsan", "The hydrogen terminal in the harbour of Ulsan, seen from the sea"]
)
def test_prose_comes_before_captions_headings_and_bylines_that_hold_more_of_the_words(question: str) -> None:
    hits = rank(index_texts(HARBOUR, RICE), question).hits
    assert hits[0].passage.kind is Kind.PROSE
    assert {Kind.CAPTION, Kind.HEADING} <= {hit.passage.kind for hit in hits[1:]}


@settings(max_examples=50)
@given(texts=st.lists(ANY_TEXT, max_size=2), question=st.text("ab한水 ", min_size=1).filter(str.strip))
def test_hits_come_best_first_and_furniture_never(texts: list[str], question: str) -> None:
    index = index_texts(HARBOUR, *texts)
    hits = rank(index, question).hits
    assert hits
    scores = [hit.score for hit in hits[1:]]
    assert scores == sorted(scores, reverse=True)
    assert len({hit.row for hit in hits}) == len(hits)
    assert not any(hit.passage.kind is Kind.FURNITURE for hit in hits)
    assert all(np.isfinite(hit.score) for hit in hits)


@settings(max_examples=50)
@given(texts=st.lists(ANY_TEXT, max_size=2), question=st.sampled_from(["hydrogen", "rice", "한국", "a"]))
def test_a_hit_knows_its_sentences_and_those_of_the_prose_next_to_it(texts: list[str], question: str) -> None:
    index = index_texts(HARBOUR, *texts)
    every = [span for passage in index.passages for span in passage.sentences]
    for hit in rank(index, question).hits:
        assert index.passages[hit.row] == hit.passage
        assert tuple(hit.sentences[at] for at in hit.own) == hit.passage.sentences
        assert len(hit.sentences) == len(hit.sentence_scores)
        assert tuple(every[hit.first_sentence : hit.first_sentence + len(hit.sentences)]) == hit.sentences
        near = [p for p in index.passages if p.article == hit.passage.article and set(p.sentences) & set(hit.sentences)]
        assert len(near) <= 2 * NEIGHBOURS + 1
        assert hit.passage.kind is Kind.PROSE or near == [hit.passage]
        assert all(p.kind is Kind.PROSE for p in near if p is not hit.passage)


def test_no_more_hits_than_were_asked_for() -> None:
    index = index_texts(*(f"Minister {number} spoke of rice." for number in range(30)))
    assert len(rank(index, "rice").hits) == TOP_PASSAGES
    assert len(rank(index, "rice", top_k=3).hits) == 3


def test_an_empty_index_has_no_hits() -> None:
    assert rank(index_texts(), "hydrogen").hits == ()
    assert rank(index_texts("", " \n"), "hydrogen").hits == ()


def test_what_the_model_cannot_read_is_found_by_its_words_alone() -> None:
    index = index_texts("두 정상은 수소 기지를 짓기로 했다.", "장관들은 쌀을 이야기했다.")
    embedder = Unreading()
    ranking = Retriever(index, embedder).retrieve(query(index, "쌀 이야기"))
    assert "쌀을" in ranking.hits[0].passage.text
    features = ranking.features(ranking.hits[0], ranking.hits[0].passage.span)
    assert (features.sentence_cosine, features.unread) == (UNREAD_COSINE, 1.0)


def test_features_are_finite_and_shares_are_shares() -> None:
    index = index_texts(HARBOUR, RICE)
    for question in ("Who spoke of rice?", "qwertz", "hydrogen terminal 수소 rice", "the", "Did Merkel?"):
        ranking = rank(index, question)
        for hit in ranking.hits:
            features = ranking.features(hit, hit.passage.span)
            assert all(np.isfinite(value) for value in asdict(features).values())
            assert 0 <= features.quote_coverage <= 1 + 1e-6
            assert 0 <= features.pairs <= 1 + 1e-6
            assert 0 <= features.name_missing <= 1 and features.name_unknown in (0, 1)


def test_features_tell_a_quote_that_holds_the_words_from_one_that_does_not() -> None:
    ranking = rank(index_texts(HARBOUR, RICE), "Who spoke of rice?")
    hit = ranking.hits[0]
    rice, nobody = hit.passage.sentences
    assert ranking.features(hit, rice).quote_coverage > ranking.features(hit, nobody).quote_coverage


def test_a_ranking_without_an_article_is_the_ranking_of_the_others() -> None:
    ranking = rank(index_texts(HARBOUR, RICE), "Who spoke of rice?")
    rows = {hit.row for hit in ranking.hits if hit.passage.article == "1.txt"}
    left = ranking.without(rows)
    assert left.hits == tuple(hit for hit in ranking.hits if hit.passage.article == "0.txt")
    assert left.prose_first().hits[0].passage.kind is Kind.PROSE
