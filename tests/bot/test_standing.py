from __future__ import annotations

from dataclasses import replace

from bot.standing import standing
from index.answer import Answer, NoAnswer, Place, Quote, Related
from index.article import Span
from tests.bot.answering import HYDROGEN, KOREAN, nothing, quote

FIRST, SECOND = quote(HYDROGEN), quote(KOREAN, score=0.5)


def is_korean(one: Quote | Place) -> bool:
    return one.article is KOREAN


def is_english(one: Quote | Place) -> bool:
    return one.article is HYDROGEN


def test_what_stands_stays_as_it_is() -> None:
    outcome = Answer("?", (FIRST, SECOND))
    assert standing(outcome, lambda one: True) == (outcome, ())


def test_an_answer_without_its_first_quote_is_only_related() -> None:
    assert standing(Answer("?", (FIRST, SECOND)), is_korean) == (Related("?", (SECOND,)), (FIRST,))


def test_an_answer_without_a_later_quote_is_still_one() -> None:
    assert standing(Answer("?", (FIRST, SECOND)), is_english) == (Answer("?", (FIRST,)), (SECOND,))


def test_what_a_quote_said_of_one_that_is_withheld_is_withheld_too() -> None:
    first, second = (replace(one, differs=True) for one in (FIRST, SECOND))
    kept, _ = standing(Answer("?", (first, second)), is_english)
    assert [one.differs for one in kept.quotes] == [False]


def test_related_passages_never_become_an_answer() -> None:
    assert standing(Related("?", (FIRST, SECOND)), is_english)[0] == Related("?", (FIRST,))


def test_when_no_quote_stands_there_is_nothing_to_show() -> None:
    outcome, withheld = standing(Answer("?", (FIRST,)), is_korean)
    assert isinstance(outcome, NoAnswer)
    assert withheld == (FIRST,)
    assert standing(nothing(), is_korean) == (nothing(), ())


def test_a_place_where_the_same_stands_no_more_is_not_named() -> None:
    stale, sound = Place(KOREAN, Span(0, 4)), Place(HYDROGEN, Span(0, 5))
    outcome, withheld = standing(Answer("?", (replace(FIRST, also=(stale, sound)),)), is_english)
    assert outcome == Answer("?", (replace(FIRST, also=(sound,)),))
    assert withheld == (stale,)


def test_what_is_not_shown_yet_is_not_looked_at() -> None:
    looked: list[Quote | Place] = []
    first, place = replace(SECOND, also=(Place(KOREAN, Span(0, 4)),)), Place(KOREAN, Span(0, 4))

    def look(one: Quote | Place) -> bool:
        looked.append(one)
        return one.article is KOREAN

    outcome, withheld = standing(Related("?", (FIRST, first, FIRST)), look, shown=1)
    assert (looked, withheld) == ([FIRST, first, place], (FIRST,))
    assert len(outcome.quotes) == 2
