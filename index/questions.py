"""An evaluation file -> questions with the places that answer them, and what counts as having found one.

One JSON object a line; docs/evaluation.md describes the fields. Every complaint names file and line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.answer import MAX_QUESTION_CHARS, Quote
from index.article import Article, Span
from index.errors import SummitError

PARTIAL = 0.6  # share of a longer gold sentence's words that a quote inside it has to hold


@dataclass(frozen=True, slots=True)
class Gold:
    """A place that answers: words of an article, and where they stand if the file says so."""

    article: str
    quote: str  # empty where the file gives only the span
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Without answers, no article answers it."""

    id: str
    text: str
    answers: tuple[Gold, ...]
    kind: str
    language: str
    where: str  # file and line, for complaints


def read_questions(path: Path) -> tuple[Question, ...]:
    """Raises SummitError for a file that cannot be read, holds no question, or has a line that is not one."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as exc:
        raise SummitError(f"cannot read {path}: {exc.strerror}; give a file of JSON lines") from exc
    found: dict[str, Question] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        question = _question(line, f"{path} line {number}", first=number == 1)
        if question.id in found:
            other = found[question.id].where.rpartition(" ")[2]
            raise SummitError(f"{question.where} has the id {question.id} of line {other}: give it one of its own")
        found[question.id] = question
    if not found:
        raise SummitError(f"{path} holds no questions: docs/evaluation.md tells how to write some")
    return tuple(found.values())


def check_answers(questions: Sequence[Question], articles: Mapping[str, Article]) -> None:
    """Raises SummitError for the first answer that does not stand in the indexed articles."""
    for question in questions:
        for gold in question.answers:
            article = articles.get(gold.article)
            if article is None:
                raise SummitError(
                    f"{question.where} names the article {gold.article!r}, which is not indexed: "
                    "correct its name, or run `summit reindex`"
                )
            if gold.span and gold.span.end > len(article.text):
                raise SummitError(
                    f"{question.where} has an answer that ends at {gold.span.end}, and the text of {gold.article!r} "
                    f"at {len(article.text)}: correct its start and end"
                )
            around = gold.span.slice(article.text) if gold.span else article.text
            if gold.quote and fold(gold.quote) not in fold(around):
                place = f"at {gold.span.start}-{gold.span.end} of" if gold.span else "in"
                raise SummitError(
                    f"{question.where} has a quote that does not stand {place} {gold.article!r} "
                    f"({gold.quote[:60]!r}): copy it again from the article"
                )


def is_hit(quote: Quote, gold: Gold) -> bool:
    """Whether the quote holds the gold words, white space and case aside, and covers their span where that is known.

    A quote that lies inside longer gold words counts if it holds at least `PARTIAL` of them.
    """
    if quote.article.path != gold.article:
        return False
    wanted = fold(gold.quote or (gold.span.slice(quote.article.text) if gold.span else ""))
    got = fold(quote.text)
    if wanted in got:
        return gold.span is None or quote.span.covers(gold.span)
    return got in wanted and len(got.split()) >= PARTIAL * len(wanted.split())


def fold(text: str) -> str:
    return " ".join(text.split()).lower()


def _question(line: bytes, where: str, *, first: bool) -> Question:
    def field(row: Mapping[str, object], name: str, hint: str) -> str:
        value = row.get(name)
        if not isinstance(value, str) or not value.strip():
            raise SummitError(f"{where} has no {name}: {hint}")
        return value

    row = _object(line, where, first=first)
    id_ = row.get("id")
    if isinstance(id_, bool) or not isinstance(id_, str | int) or id_ == "":
        raise SummitError(f"{where} has no id: give it a short name of its own")
    text = field(row, "question", "write what somebody would ask")
    if len(" ".join(text.split())) > MAX_QUESTION_CHARS:
        raise SummitError(
            f"{where} has a question of {len(text)} characters: at most {MAX_QUESTION_CHARS} can be asked"
        )
    answers = row.get("answers")
    if not isinstance(answers, list):
        raise SummitError(f"{where} has no answers: list them, or give [] if no article answers")
    golds = tuple(_gold(one, where, field) for one in answers)
    kind, language = (value if isinstance(value := row.get(name), str) else "" for name in ("kind", "lang"))
    return Question(str(id_), text, golds, kind, language, where)


def _object(line: bytes, where: str, *, first: bool) -> Mapping[str, object]:
    try:
        row = json.loads(line.decode("utf-8-sig" if first else "utf-8"))
    except UnicodeDecodeError as exc:
        raise SummitError(f"{where} is not UTF-8: save the file as UTF-8") from exc
    except (ValueError, RecursionError) as exc:
        what = f"{exc.msg}, column {exc.colno}" if isinstance(exc, json.JSONDecodeError) else "nested too deep"
        raise SummitError(f"{where} is not JSON ({what}): write one JSON object a line") from exc
    if not isinstance(row, dict):
        raise SummitError(f"{where} is not a JSON object: write id, question and answers in braces")
    return row


def _gold(raw: object, where: str, field: Callable[[Mapping[str, object], str, str], str]) -> Gold:
    if not isinstance(raw, dict):
        raise SummitError(f"{where} has an answer that is not an object: write article and quote in braces")
    article = field(raw, "article", "an answer names the article's path in the articles folder")
    if "start" not in raw:
        return Gold(article, field(raw, "quote", "an answer gives the article's words"))
    start, end = raw["start"], raw.get("end")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end:
        raise SummitError(f"{where} has an answer whose start and end make no range: count code points from 0")
    quote = raw.get("quote", "")
    return Gold(article, quote if isinstance(quote, str) else "", Span(start, end))


def gold_words(gold: Gold, articles: Mapping[str, Article]) -> str:
    """The words to look for, for people who look into a miss."""
    return gold.quote or (gold.span.slice(articles[gold.article].text) if gold.span else "")
