"""Article -> passages, the units of retrieval: each an exact slice of the article's text, together losing nothing."""

from __future__ import annotations

from dataclasses import dataclass

from index.article import Span


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of sentences of one article. `text` is the article's text over `span`; all spans count in the article."""

    article: str  # the article's path
    span: Span
    text: str
    sentences: tuple[Span, ...]

    def __post_init__(self) -> None:
        if len(self.text) != len(self.span):
            raise ValueError(f"passage {self.id}: {len(self.text)} characters of text for a span of {len(self.span)}")

    @property
    def id(self) -> str:
        return f"{self.article}:{self.span.start}-{self.span.end}"
