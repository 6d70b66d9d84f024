from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from index.answer import Quote
from index.article import Article, Span
from index.relations import relate

LONG = "The two leaders talked for 113 minutes in the guest house in Tokyo."
SHORT = "The two leaders talked for 95 minutes in the guest house in Tokyo."
RICE = "Nobody at the market in Osaka bought any rice that morning."
DAYS = [date(2025, 8, 23), date(2025, 8, 24), date(2025, 9, 2)]


def quote(text: str, publisher: str = "", published: date | None = None, path: str = "") -> Quote:
    article = Article(path or f"{publisher}-{published}.txt", text, publisher=publisher, published=published)
    return Quote(article, Span(0, len(text)), Span(0, len(text)), 0.5)


def test_two_publishers_with_two_numbers_differ_and_a_third_does_not() -> None:
    found = relate([quote(LONG, "One"), quote(RICE, "Two"), quote(SHORT, "Three")])
    assert [each.differs for each in found] == [True, False, True]


def test_silence_where_it_is_one_publisher_or_unknown_who_it_is() -> None:
    for one, other in (("One", "ONE "), ("", "Two"), ("One", "")):
        assert not any(each.differs for each in relate([quote(LONG, one, path="a"), quote(SHORT, other, path="b")]))


def test_what_two_further_quotes_say_of_each_other_is_not_the_answers_matter() -> None:
    assert not any(each.differs for each in relate([quote(RICE, "Zero"), quote(LONG, "One"), quote(SHORT, "Two")]))


def test_an_older_quote_names_the_newest_article_that_tells_the_same() -> None:
    found = relate([quote(LONG, "A", DAYS[0]), quote(LONG, "B", DAYS[1]), quote(LONG, "C", DAYS[2])])
    assert [each.newer for each in found] == [DAYS[2], DAYS[2], None]


def test_neither_another_subject_nor_an_undated_article_overtakes() -> None:
    assert [each.newer for each in relate([quote(LONG, "A", DAYS[0]), quote(RICE, "B", DAYS[1])])] == [None, None]
    assert [each.newer for each in relate([quote(LONG, "A", DAYS[0]), quote(LONG, "B")])] == [None, None]
    assert [each.newer for each in relate([quote(LONG, "A"), quote(LONG, "B", DAYS[0])])] == [None, None]


QUOTES = st.lists(
    st.builds(
        quote, st.sampled_from([LONG, SHORT, RICE]), st.sampled_from(["", "A", "B"]), st.sampled_from([None, *DAYS])
    ),
    max_size=5,
)


@given(QUOTES)
def test_relating_again_changes_nothing_and_relating_touches_nothing_else(quotes: list[Quote]) -> None:
    found = relate(quotes)
    assert relate(found) == found
    assert tuple(replace(each, differs=False, newer=None) for each in found) == tuple(quotes)
    for each in found:
        assert each.newer is None or (each.article.published is not None and each.newer > each.article.published)
    assert sum(each.differs for each in found) != 1
