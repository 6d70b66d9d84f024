from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answer import MAX_QUOTE_CHARS
from index.article import Article, Span
from index.passage import split
from index.quoting import cut_at_words, remainders, window
from index.retrieve import Hit
from index.terms import terms
from tests.hostile import ANY_TEXT

LONG = " ".join(f"The minister spoke for {number} hours on the terminal in the harbour." for number in range(12))


def hit(article: Article, best: int = 0) -> Hit:
    """The article's first passage, whose sentence number `best` fits best and the others less the further away."""
    passage = split(article)[0]
    count = len(passage.sentences)
    scores = tuple(1.0 - abs(at - best % count) / count for at in range(count))
    return Hit(0, passage, 1.0, passage.sentences, scores, range(count), 0)


@given(text=ANY_TEXT.filter(str.strip), best=st.integers(0, 40), question=st.sampled_from(["", "Tokyo", "한 a b"]))
def test_a_quote_is_a_run_of_sentences_round_the_best_one(text: str, best: int, question: str) -> None:
    article = Article("tokyo.txt", text)
    one = hit(article, best)
    span, highlight = window(article, one, terms(question))
    assert 0 < len(span) <= MAX_QUOTE_CHARS
    assert span.covers(highlight)
    starts, ends = {s.start for s in one.sentences}, {s.end for s in one.sentences}
    best_sentence = one.sentences[max(one.own, key=lambda at: one.sentence_scores[at])]
    if len(best_sentence) <= MAX_QUOTE_CHARS:
        assert highlight == best_sentence
        assert span.start in starts and span.end in ends
    else:
        assert span == highlight and best_sentence.covers(span)


def test_a_quote_grows_towards_what_fits_better() -> None:
    article = Article("tokyo.txt", LONG)
    first, _ = window(article, hit(article, 0), ())
    assert first.start == 0 and len(first) > 200
    middle, highlight = window(article, hit(article, 6), ())
    assert middle.start < highlight.start and highlight.end < middle.end


def test_a_quote_stops_where_another_was_taken() -> None:
    article = Article("tokyo.txt", LONG)
    one = hit(article, 3)
    taken = [one.sentences[1], one.sentences[5]]
    span, _ = window(article, one, (), taken)
    assert span == Span(one.sentences[2].start, one.sentences[4].end)


@pytest.mark.parametrize("end", ["...", "…", "...”"])
def test_a_quote_does_not_grow_into_a_sentence_that_was_cut_off(end: str) -> None:
    article = Article("tokyo.txt", f"The ministers met in the harbour. They were about to{end}")
    span, _ = window(article, hit(article), ())
    assert span.slice(article.text) == "The ministers met in the harbour."


def test_what_is_left_of_a_passage_is_quoted_for_less() -> None:
    article = Article("tokyo.txt", LONG)
    one = hit(article, 6)
    span, _ = window(article, one, ())
    rests = remainders(one, span)
    assert len(rests) == 2
    for rest in rests:
        assert rest.score < one.score
        assert not any(one.sentences[at].overlaps(span) for at in rest.own)
    left = {at for rest in rests for at in rest.own}
    assert {at for at in one.own if not one.sentences[at].overlaps(span)} == left


def test_nothing_is_left_of_a_passage_that_was_quoted_whole() -> None:
    article = Article("tokyo.txt", "The ministers met.")
    one = hit(article)
    assert remainders(one, one.passage.span) == []


@given(words=st.lists(st.text("ab ", min_size=1, max_size=80).filter(str.strip), min_size=1, max_size=60))
def test_a_long_sentence_is_cut_between_words(words: list[str]) -> None:
    text = " ".join(words).strip()
    cut = cut_at_words(text, Span(0, len(text)), ["a"])
    assert 0 < len(cut) <= MAX_QUOTE_CHARS
    if all(len(word) <= MAX_QUOTE_CHARS for word in text.split()):
        assert cut.start == 0 or text[cut.start - 1].isspace()
        assert cut.end == len(text) or text[cut.end].isspace()
        assert cut.slice(text) == cut.slice(text).strip()


def test_the_part_of_a_long_sentence_that_holds_the_words_is_shown() -> None:
    text = "ship " * 300 + "hydrogen terminal " + "boat " * 300
    part = cut_at_words(text, Span(0, len(text)), terms("hydrogen terminal")).slice(text)
    assert "hydrogen terminal" in part
    assert len(part) > MAX_QUOTE_CHARS - 10


def test_a_word_longer_than_a_quote_is_cut_anywhere() -> None:
    text = "한" * 2000
    assert cut_at_words(text, Span(0, 2000), terms("한국")) == Span(0, MAX_QUOTE_CHARS)
