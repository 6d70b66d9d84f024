from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article
from index.lexical import K1, LexicalIndex, Pairs, Postings
from index.names import Names
from index.passage import split
from index.terms import terms

NAMES = Names({"Harbour Pact": ("Harbour Pact", "항구협정")})
ROWS = st.lists(st.dictionaries(st.integers(0, 5), st.integers(1, 4), max_size=4), min_size=1, max_size=8)


def index_texts(*texts: str) -> LexicalIndex:
    articles = {f"{number}.txt": Article(f"{number}.txt", text) for number, text in enumerate(texts)}
    return LexicalIndex.build(articles, [p for article in articles.values() for p in split(article)], NAMES)


def scores(lexical: LexicalIndex, question: str) -> list[float]:
    known = [(lexical.vocabulary[term], 1.0) for term in dict.fromkeys(terms(question)) if term in lexical.vocabulary]
    return [round(score, 4) for score in lexical.passages.scores(known).tolist()]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    lexical = index_texts("The ships sailed east.", "The ships sailed west.", "The terminal sailed on.")
    ships, terminal = lexical.idf[lexical.vocabulary["ship"]], lexical.idf[lexical.vocabulary["termin"]]
    assert 0 < ships < terminal
    assert np.argmax(scores(lexical, "ships at the terminal")) == 2


def test_a_word_counts_more_in_a_short_passage_and_repeats_count_less_and_less() -> None:
    once, long, twice, thrice = scores(
        index_texts(
            "The terminal was new.",
            "The terminal was new, and everybody in the hall who had come by ship that morning said so.",
            "The terminal, terminal.",
            "A terminal terminal terminal.",
            "Nothing at all here.",
            "Nothing at all there.",
            "Nothing at all anywhere.",
            "Nothing at all, ever.",
        ),
        "terminal",
    )[:4]
    assert long < once < twice < thrice
    assert thrice - twice < twice - once


@given(rows=ROWS)
def test_bm25_is_never_negative_and_never_passes_saturation(rows: list[dict[int, int]]) -> None:
    postings = Postings.build(rows, 6)
    for term in range(6):
        held = [row for row, counts in enumerate(rows) if term in counts]
        found = postings.scores([(term, 1.0)])
        idf = np.log1p((len(rows) - len(held) + 0.5) / (len(held) + 0.5))
        assert [row for row, score in enumerate(found) if score > 0] == held == postings.rows_with(term).tolist()
        assert (found <= idf * postings.saturation).all()
        assert [postings.holds(term, row) for row in range(len(rows))] == [row in held for row in range(len(rows))]
    assert postings.saturation == K1 + 1


@given(rows=ROWS, query=st.lists(st.integers(0, 5), unique=True))
def test_coverage_sums_the_idf_of_the_terms_that_a_row_holds(rows: list[dict[int, int]], query: list[int]) -> None:
    idf = np.arange(1, 7, dtype=np.float32)
    expected = [sum(float(idf[term]) for term in query if term in counts) for counts in rows]
    assert Postings.build(rows, 6).coverage(query, idf).tolist() == expected


@given(
    sentences=st.lists(st.lists(st.integers(0, 4), max_size=6), min_size=1, max_size=6),
    query=st.lists(st.integers(-1, 4), max_size=5, unique=True),
)
def test_pairs_are_the_share_of_neighbours_that_are_neighbours_there(
    sentences: list[list[int]], query: list[int]
) -> None:
    share = Pairs.build(sentences, 5).share(query, 5, len(sentences))
    asked = list(pairwise(query))
    for found, sentence in zip(share.tolist(), sentences, strict=True):
        held = [pair for pair in asked if pair in set(pairwise(sentence))]
        assert found == pytest.approx(len(held) / max(1, len(asked)))


def test_sentences_are_scored_apart() -> None:
    lexical = index_texts("The terminal is new. The ships are old.")
    found = lexical.sentences.scores([(lexical.vocabulary["termin"], 1.0)])
    assert found.shape == (2,)
    assert found[0] > 0 == found[1]


def test_a_name_in_one_language_is_found_by_one_in_another() -> None:
    lexical = index_texts("The harbour pact holds.", "항구협정이 맺어졌다.", "The harbour is old.")
    assert lexical.passages.rows_with(lexical.vocabulary["=Harbour Pact"]).tolist() == [0, 1]


def test_the_words_are_kept_as_the_articles_spell_them() -> None:
    lexical = index_texts("Ships met ships.", "The ship left in 2025. 회담.")
    assert dict(lexical.surfaces) == {"ships": 2, "met": 1, "the": 1, "ship": 1, "left": 1, "in": 1}


def test_what_was_saved_answers_alike(tmp_path: Path) -> None:
    lexical = index_texts("The harbour pact holds. Ships come.", "항구협정이 맺어졌다.", "港湾協定を結んだ。")
    lexical.save(tmp_path)
    again = LexicalIndex.load(tmp_path)
    assert again.vocabulary == lexical.vocabulary
    assert again.surfaces == lexical.surfaces
    assert again.names.table == lexical.names.table
    for question in ("harbour pact ships", "항구협정", "港湾協定"):
        assert scores(again, question) == scores(lexical, question)
    numbers = [lexical.vocabulary[term] for term in terms("harbour pact")]
    size, count = len(lexical.vocabulary), lexical.sentences.count
    assert again.pairs.share(numbers, size, count).tolist() == lexical.pairs.share(numbers, size, count).tolist()


@pytest.mark.parametrize("name", ["lexical.npz", "lexical.json"])
def test_a_missing_or_broken_file_is_an_error_and_no_empty_index(tmp_path: Path, name: str) -> None:
    index_texts("The harbour pact holds.").save(tmp_path)
    (tmp_path / name).write_bytes(b"{")
    with pytest.raises(ValueError):
        LexicalIndex.load(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(OSError):
        LexicalIndex.load(tmp_path)


def test_nothing_indexed_is_an_index_too(tmp_path: Path) -> None:
    index_texts().save(tmp_path)
    empty = LexicalIndex.load(tmp_path)
    assert empty.passages.scores([]).shape == (0,)
    assert empty.pairs.share([1, 2], 0, 0).shape == (0,)
