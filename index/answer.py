"""What a question gets: quotes that answer it, related passages, or an honest nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import ClassVar, Literal

from index.article import Article, Span

MAX_QUOTE_CHARS = 600
MAX_QUESTION_CHARS = 500

Verdict = Literal["answer", "related", "none"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where else the same statement stands."""

    article: Article
    span: Span

    @property
    def text(self) -> str:
        return self.span.slice(self.article.text)


@dataclass(frozen=True, slots=True)
class Quote:
    """A slice of one article. `highlight` lies within `span`: the sentence that answers best.

    Both count in the article's text.
    """

    article: Article
    span: Span
    highlight: Span
    score: float  # higher is better, comparable across questions
    also: tuple[Place, ...] = ()
    differs: bool = False  # another publisher's quote beside it has another number or date, or denies it
    newer: date | None = None  # when a newer article was published whose quote beside it tells the same

    def __post_init__(self) -> None:
        if not 0 < len(self.span) <= MAX_QUOTE_CHARS:
            raise ValueError(f"a quote has 1 to {MAX_QUOTE_CHARS} characters, not {len(self.span)}")
        if not self.span.covers(self.highlight) or self.span.end > len(self.article.text):
            raise ValueError(f"highlight {self.highlight} and quote {self.span} do not fit {self.article.path}")

    @property
    def text(self) -> str:
        return self.span.slice(self.article.text)


class Silence(Enum):
    """Why there is nothing to quote."""

    SMALL_TALK = "small talk"
    NOTHING_NEAR = "nothing near"


@dataclass(frozen=True, slots=True)
class Answer:
    """The articles answer the question; the first quote holds the answer."""

    question: str
    quotes: tuple[Quote, ...]
    verdict: ClassVar[Verdict] = "answer"


@dataclass(frozen=True, slots=True)
class Related:
    """No article answers directly; the quotes are the closest passages, and must be shown as such."""

    question: str
    quotes: tuple[Quote, ...]
    verdict: ClassVar[Verdict] = "related"


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing in the articles touches the question."""

    question: str
    reason: Silence
    verdict: ClassVar[Verdict] = "none"
    quotes: ClassVar[tuple[Quote, ...]] = ()


Outcome = Answer | Related | NoAnswer
