from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answering import Answerer
from index.article import Article
from index.load import load_articles
from index.passage import split
from index.timeline import FRESH, OUTSIDE, Timeline
from index.when import Calendar, Period, When
from tests.fakes import FakeEmbedder, never_silent
from tests.memory import index_articles

SHARED = Path(__file__).parents[3] / "shared"
TEXT = "The ministry in Seoul said that {} exporters of steel asked for lower tariffs."
DAYS = {"eleven": date(2025, 8, 20), "twelve": date(2025, 8, 25), "thirteen": date(2025, 9, 10), "fourteen": None}
ARTICLES = [Article(f"{word}.txt", TEXT.format(word), published=day) for word, day in DAYS.items()]
CALENDAR = Calendar(date(2025, 8, 23), lambda: date(2025, 9, 11))
INDEX = index_articles(ARTICLES, FakeEmbedder())


def order(question: str) -> list[str]:
    answerer = Answerer(INDEX, FakeEmbedder(), never_silent(), calendar=CALENDAR)
    return [quote.article.path.removesuffix(".txt") for quote in answerer.ask(question).quotes]


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("How many exporters of steel asked for lower tariffs in September?", "thirteen"),
        ("How many exporters of steel asked for lower tariffs before the summit?", "eleven"),
        ("How many exporters of steel asked for lower tariffs on 25 August?", "twelve"),
        ("How many exporters of steel asked for lower tariffs yesterday?", "thirteen"),
        ("What is the latest on exporters of steel and tariffs?", "thirteen"),
    ],
)
def test_of_articles_that_answer_alike_the_one_of_the_time_comes_before_the_others(question: str, first: str) -> None:
    found = [word for word in order(question) if word != "fourteen"]  # no date speaks neither for nor against
    assert found[0] == first
    assert len(found) == 3  # and the others are still there


def test_an_article_that_answers_better_wins_over_one_of_the_time() -> None:
    other = Article("rice.txt", "Nobody spoke of rice in the autumn.", published=date(2025, 9, 12))
    answerer = Answerer(index_articles([*ARTICLES[:2], other], FakeEmbedder()), FakeEmbedder(), never_silent())
    assert answerer.ask("How many exporters of steel asked for tariffs in September?").quotes[0].article != other


def test_a_time_of_which_there_are_no_articles_changes_nothing() -> None:
    timeline = Timeline({one.path: one for one in ARTICLES}, [p for one in ARTICLES for p in split(one)])
    assert not timeline.weigh(When(Period(date(2031, 1, 1), None), latest=False)).any()


@given(st.lists(st.none() | st.dates(), max_size=6), st.none() | st.dates(), st.none() | st.dates(), st.booleans())
def test_weighing_is_mild_and_leaves_undated_articles_alone(
    days: list[date | None], first: date | None, last: date | None, latest: bool
) -> None:
    articles = {f"{at}": Article(f"{at}", "Some text.", published=day) for at, day in enumerate(days)}
    timeline = Timeline(articles, [p for one in articles.values() for p in split(one)])
    weights = timeline.weigh(When(Period(first, last), latest))
    assert weights.shape == (len(days),)
    assert all(weights[at] == 0 for at, day in enumerate(days) if day is None)
    assert all(OUTSIDE <= weight <= FRESH for weight in weights.tolist())
    if latest and any(days):
        newest = max(day for day in days if day)
        fresh = timeline.weigh(When(None, latest=True))
        assert np.argmax(fresh) in [at for at, day in enumerate(days) if day == newest]


def test_questions_that_say_nothing_of_time_are_answered_as_without_a_calendar() -> None:
    if not (SHARED / "eval" / "dev.jsonl").exists():
        pytest.skip("the development questions are not on this machine")
    index = index_articles(load_articles(SHARED / "articles").articles, FakeEmbedder())

    class Timeless(Calendar):
        def read(self, question: str) -> When | None:
            return None

    with_time = Answerer(index, FakeEmbedder(), never_silent(), calendar=CALENDAR)
    without = Answerer(index, FakeEmbedder(), never_silent(), calendar=Timeless())
    lines = (SHARED / "eval" / "dev.jsonl").read_text(encoding="utf-8").splitlines()
    for question in (json.loads(line)["question"] for line in lines):
        if CALENDAR.read(question) is None:
            assert with_time.ask(question) == without.ask(question)
