from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Span
from index.copies import Groups, Voices, find_copies
from index.lexical import LexicalIndex
from index.names import shipped
from index.passage import Passage, split
from tests.hostile import ANY_TEXT

FUND = "The two ministries set up a fund of ten billion won for hydrogen research."
PLAIN = "Nobody spoke of rice."


def passages_of(*articles: Article) -> tuple[Passage, ...]:
    return tuple(passage for article in articles for passage in split(article))


def copies_in(*articles: Article) -> Groups:
    return find_copies({article.path: article for article in articles}, passages_of(*articles))


def test_a_sentence_of_two_articles_is_found_wherever_it_stands() -> None:
    articles = Article("a.txt", f"{PLAIN} {FUND}"), Article("b.txt", f"First things first.\n\n{FUND}")
    assert copies_in(*articles) == ((1, 3),)


def test_a_sentence_that_stands_twice_in_one_article_is_no_second_source() -> None:
    assert copies_in(Article("a.txt", f"{FUND}\n\nSomething else was said.\n\n{FUND}")) == ()


def test_numbers_that_differ_are_never_copies() -> None:
    assert copies_in(Article("a.txt", FUND), Article("b.txt", FUND.replace("ten", "twelve"))) == ()


def test_a_phrase_that_stands_everywhere_names_no_source() -> None:
    assert copies_in(*(Article(f"{at}.txt", f"Thank you.\n\nWord number {at} is of rice.") for at in range(3))) == ()


def test_copies_are_kept_with_the_index(tmp_path: Path) -> None:
    articles = Article("a.txt", FUND), Article("b.txt", f"First things first.\n\n{FUND}")
    by_path = {article.path: article for article in articles}
    LexicalIndex.build(by_path, passages_of(*articles), shipped()).save(tmp_path)
    assert LexicalIndex.load(tmp_path).copies == copies_in(*articles) == ((0, 2),)


def test_the_outlets_of_a_sentence_are_the_other_articles_that_have_it() -> None:
    articles = Article("a.txt", FUND), Article("b.txt", f"{FUND} {PLAIN}"), Article("c.txt", PLAIN)
    voices = Voices(passages_of(*articles), copies_in(*articles))
    whole = Span(0, len(FUND))
    assert [(copy.article, copy.span) for copy in voices.elsewhere("a.txt", whole)] == [("b.txt", whole)]
    assert voices.elsewhere("c.txt", Span(0, len(PLAIN))) == ()


def test_a_quote_repeats_only_what_holds_every_one_of_its_sentences() -> None:
    articles = Article("a.txt", FUND), Article("b.txt", f"{FUND} {PLAIN}")
    voices = Voices(passages_of(*articles), copies_in(*articles))
    whole, rest = Span(0, len(FUND)), Span(len(FUND) + 1, len(FUND) + 1 + len(PLAIN))
    assert voices.repeats("a.txt", [whole], whole, "b.txt", whole)
    assert not voices.repeats("b.txt", [whole, rest], whole, "a.txt", whole)
    assert not voices.repeats("a.txt", [whole], whole, "a.txt", whole)
    assert not voices.repeats("a.txt", [whole], whole, "b.txt", rest)


@given(st.lists(ANY_TEXT, max_size=3))
def test_every_group_is_of_sentences_of_several_articles(texts: list[str]) -> None:
    articles = [Article(f"{at}.txt", text) for at, text in enumerate([*texts, *texts])]
    homes = [passage.article for passage in passages_of(*articles) for _ in passage.sentences]
    groups = copies_in(*articles)
    assert all(len({homes[row] for row in group}) > 1 for group in groups)
    rows = [row for group in groups for row in group]
    assert len(rows) == len(set(rows))
