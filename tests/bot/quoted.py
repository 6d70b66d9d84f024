"""Articles, quotes and answers for the tests of what Discord shows."""

from __future__ import annotations

from datetime import date

from index.answer import Answer, Place, Quote, Related
from index.article import Article, Span

TEXT = (
    "Lee and Ishiba met in Tokyo.\n\n"
    "The two leaders agreed on hydrogen. They spoke of *trade* for 10 minutes. No treaty was signed.\n\n"
    "Beijing watched closely. Seoul said little.\n\n"
    "A second visit is planned."
)


def article(
    number: int = 1, *, text: str = TEXT, url: str = "https://news.example/1", publisher: str = "The Daily"
) -> Article:
    return Article(
        path=f"article-{number}.txt",
        text=text,
        title=f"Talks {number}",
        publisher=publisher,
        author="A. Reporter",
        url=url,
        language="en",
        published=date(2025, 8, 23),
    )


def quote(of: Article, words: str, *, highlight: str = "", also: tuple[Article, ...] = ()) -> Quote:
    """The quote that consists of these words."""
    start = of.text.index(words)
    best = of.text.index(highlight or words)
    places = tuple(Place(other, Span(0, 5)) for other in also)
    return Quote(of, Span(start, start + len(words)), Span(best, best + len(highlight or words)), 0.7, places)


def answer(*quotes: Quote, question: str = "What about hydrogen?") -> Answer:
    return Answer(question, quotes)


def related(*quotes: Quote, question: str = "What about helium?") -> Related:
    return Related(question, quotes)
