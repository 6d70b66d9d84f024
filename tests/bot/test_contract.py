from __future__ import annotations

import json
from datetime import date
from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from bot.check import Problem
from bot.contract import answer_json, dumps, problems_json, receipt_json, sources_json, unasked_json
from index.answer import MAX_QUOTE_CHARS, Answer, NoAnswer, Outcome, Place, Quote, Related, Silence
from index.article import Article, Span
from index.load import Skipped
from index.receipt import Receipt
from tests.bot.answering import HYDROGEN, Answering, answer, nothing, related

QUOTE = {
    "type": "object",
    "required": [
        "article",
        "title",
        "publisher",
        "url",
        "published",
        "language",
        "text",
        "start",
        "end",
        "highlight",
        "score",
        "also",
        "differs",
        "newer",
    ],
    "properties": {
        "article": {"type": "string"},
        "title": {"type": "string"},
        "publisher": {"type": "string"},
        "url": {"type": "string"},
        "published": {"anyOf": [{"type": "null"}, {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}]},
        "language": {"type": "string"},
        "text": {"type": "string", "minLength": 1, "maxLength": MAX_QUOTE_CHARS},
        "start": {"type": "integer", "minimum": 0},
        "end": {"type": "integer", "minimum": 1},
        "highlight": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        "score": {"type": "number"},
        "differs": {"type": "boolean"},
        "newer": {"anyOf": [{"type": "null"}, {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}]},
        "also": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["article", "start", "end"],
                "properties": {"article": {"type": "string"}, "start": {"type": "integer"}, "end": {"type": "integer"}},
            },
        },
    },
}
ANSWER = {
    "type": "object",
    "required": ["id", "question", "verdict", "answered", "ms", "quotes"],
    "properties": {
        "question": {"type": "string"},
        "verdict": {"enum": ["answer", "related", "none"]},
        "answered": {"type": "boolean"},
        "ms": {"type": "number"},
        "quotes": {"type": "array", "items": QUOTE},
    },
}

any_text = st.text(st.characters(codec=None), max_size=40)


@st.composite
def articles(draw: st.DrawFn) -> Article:
    text = draw(st.text(st.characters(codec=None), min_size=1, max_size=200))
    published = draw(st.none() | st.dates(min_value=date(1, 1, 1)))
    return Article(draw(any_text), text, draw(any_text), draw(any_text), "", draw(any_text), draw(any_text), published)


@st.composite
def quotes(draw: st.DrawFn) -> Quote:
    article = draw(articles())
    start = draw(st.integers(0, len(article.text) - 1))
    span = Span(start, draw(st.integers(start + 1, len(article.text))))
    high = draw(st.integers(span.start, span.end))
    highlight = Span(high, draw(st.integers(high, span.end)))
    also = (Place(article, highlight),) if draw(st.booleans()) else ()
    newer = draw(st.none() | st.dates())
    return Quote(article, span, highlight, draw(st.floats(-1, 2)), also, draw(st.booleans()), newer)


def outcomes() -> st.SearchStrategy[Outcome]:
    several = st.lists(quotes(), min_size=1, max_size=3).map(tuple)
    return (
        st.builds(Answer, any_text, several)
        | st.builds(Related, any_text, several)
        | st.builds(NoAnswer, any_text, st.sampled_from(Silence))
    )


def read_back(line: str) -> Any:
    assert "\n" not in line
    line.encode()
    return json.loads(line)


@given(outcome=outcomes(), id=any_text | st.integers() | st.none(), ms=st.floats(0, 1e6))
def test_every_answer_keeps_the_contract_and_quotes_slices(outcome: Outcome, id: object, ms: float) -> None:
    row = read_back(dumps(answer_json(outcome, id=id, ms=ms)))
    jsonschema.validate(row, ANSWER)
    assert row["id"] == id
    assert row["question"] == outcome.question
    assert row["answered"] == (row["verdict"] == "answer")
    for shown, quote in zip(row["quotes"], outcome.quotes, strict=True):
        assert shown["text"] == quote.article.text[shown["start"] : shown["end"]]
        assert shown["start"] <= shown["highlight"][0] <= shown["highlight"][1] <= shown["end"]


def test_the_three_verdicts() -> None:
    rows = [answer_json(outcome, id=1, ms=1.0) for outcome in (answer(), related(), nothing())]
    assert [(row["verdict"], row["answered"]) for row in rows] == [
        ("answer", True),
        ("related", False),
        ("none", False),
    ]


def test_an_article_without_a_title_goes_by_its_file_name() -> None:
    article = Article("notes/day-one.txt", "Text.")
    row = answer_json(Answer("?", (Quote(article, Span(0, 5), Span(0, 5), 0.5),)), id=None, ms=0.0)
    (shown,) = read_back(dumps(row))["quotes"]
    assert (shown["title"], shown["published"], shown["url"]) == ("day-one", None, "")


def test_a_question_that_was_not_asked_has_the_same_keys_and_says_why() -> None:
    row = unasked_json("", id="q1", error="the question is empty")
    jsonschema.validate(row, ANSWER)
    assert row["error"] == "the question is empty"
    assert set(row) - {"error"} == set(answer_json(nothing(), id="q1", ms=0.0))


def test_a_receipt() -> None:
    receipt = Receipt("gen-3", 3, 1, 0, 68, 412, 29, 3.1234, (Skipped("a.txt", "is empty; fill it"),))
    assert receipt_json(receipt) == {
        "generation": "gen-3",
        "added": 3,
        "changed": 1,
        "removed": 0,
        "unchanged": 68,
        "passages": 412,
        "embedded": 29,
        "seconds": 3.123,
        "skipped": [{"article": "a.txt", "reason": "is empty; fill it"}],
        "rebuilt": "",
    }


def test_sources() -> None:
    first, second = sources_json(Answering().sources())
    assert first == {
        "article": "tokyo.txt",
        "title": HYDROGEN.title,
        "publisher": "The Sample",
        "published": "2025-08-24",
        "language": "en",
        "url": "https://example.org/tokyo",
        "passages": 2,
    }
    assert second["published"] is None


def test_problems() -> None:
    assert problems_json([]) == {"ok": True, "problems": []}
    assert problems_json([Problem("is empty", "a.txt", "fill it")]) == {
        "ok": False,
        "problems": [{"what": "is empty", "where": "a.txt", "next": "fill it"}],
    }
