"""A library whose answers a test has laid out, and the articles that go with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from index.answer import Answer, NoAnswer, Outcome, Place, Quote, Related, Silence
from index.article import Article, Span
from index.errors import QuestionError
from index.library import Source
from index.questions import Question
from index.receipt import Progress

HYDROGEN = Article(
    "tokyo.txt",
    "The leaders met on Saturday. They pledged closer cooperation on hydrogen. A dinner followed.",
    title="What Tokyo brought",
    publisher="The Sample",
    url="https://example.org/tokyo",
    language="en",
    published=date(2025, 8, 24),
)
KOREAN = Article(
    "ko.txt", "두 정상은 셔틀 외교를 재개하기로 합의했다.", title="셔틀 외교", publisher="표본", language="ko"
)


def quote(
    article: Article, start: int = 0, end: int | None = None, *, highlight: str = "", score: float = 0.7
) -> Quote:
    span = Span(start, len(article.text) if end is None else end)
    at = article.text.index(highlight) if highlight else span.start
    return Quote(article, span, Span(at, at + len(highlight)) if highlight else span, score)


def answer(question: str = "What about hydrogen?") -> Answer:
    return Answer(question, (quote(HYDROGEN, highlight="They pledged closer cooperation on hydrogen."),))


def related(question: str = "What about fusion?") -> Related:
    return Related(question, (quote(HYDROGEN, score=0.3),))


def nothing(question: str = "How deep is the sea?") -> NoAnswer:
    return NoAnswer(question, Silence.NOTHING_NEAR)


class Answering:
    """Stands in for `index.library.Library`. Remembers what it was asked as (question, limit, previous)."""

    def __init__(self, outcomes: Mapping[str, Outcome] | None = None) -> None:
        self._outcomes = dict(outcomes or {})
        self.asked: list[tuple[str, int, str]] = []
        self.changed: set[str] = set()  # paths of articles whose files have changed since
        self.calibrated: tuple[str, ...] = ()  # ids of the questions it was calibrated with

    def ask(self, question: str, *, limit: int = 5, previous: str = "") -> Outcome:
        if not question.strip():
            raise QuestionError("the question is empty: type one")
        self.asked.append((question, limit, previous))
        return self._outcomes.get(question) or nothing(question)

    def sources(self) -> tuple[Source, ...]:
        return (Source(HYDROGEN, 2), Source(KOREAN, 1))

    def topics(self, count: int = 3) -> tuple[str, ...]:
        return ("hydrogen", "shuttle diplomacy", "dinner")[:count]

    def calibrate(
        self, questions: Sequence[Question], progress: Callable[[Progress], None] = lambda progress: None
    ) -> Path:
        self.calibrated = tuple(question.id for question in questions)
        return Path("data/calibration.json")

    def stands(self, quote: Quote | Place) -> bool:
        return quote.article.path not in self.changed


def write_article(folder: Path, article: Article) -> None:
    published = article.published.isoformat() if article.published else ""
    header = {
        "title": article.title,
        "publisher": article.publisher,
        "url": article.url,
        "published": published,
        "language": article.language,
    }
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{key}: {value}" for key, value in header.items()]
    (folder / article.path).write_text("\n".join([*lines, "---", article.text]), encoding="utf-8")
