"""The one place where the event loop is left: questions and looks into the library, in threads, in a bounded queue."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeVar

from bot.context import context_span
from bot.seal import Pages, QuoteRef, article_ref
from bot.standing import only_standing, standing
from index.answer import Outcome, Place, Quote
from index.article import Article, Span
from index.library import About, Source
from index.passage import Passage
from index.relations import relate

log = logging.getLogger(__name__)

MAX_WAITING = 200
ASKING = 2  # at once: one thread computes while another waits for the store
READING = 4
MAX_CONTEXT_CHARS = 2800
TOPICS = 3

P = ParamSpec("P")
T = TypeVar("T")


class Shelves(Protocol):
    """What the bot needs of `index.library.Library`."""

    def ask(self, question: str, *, limit: int = 5, previous: str = "") -> Outcome: ...
    def sources(self) -> tuple[Source, ...]: ...
    def article(self, path: str) -> Article | None: ...
    def passages(self, path: str) -> tuple[Passage, ...]: ...
    def topics(self, count: int = 3, language: str = "en") -> tuple[str, ...]: ...
    def about(self) -> About: ...
    def stands(self, quote: Quote | Place) -> bool: ...
    def close(self) -> None: ...


class QueueFull(Exception):
    """More people are waiting than can be answered in reasonable time."""


class Stale(Exception):
    """The article behind a button is not indexed any more as it was, or its file has changed."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An outcome that was checked. `withheld`: how many quotes or named places no longer stand in their files."""

    outcome: Outcome
    withheld: int
    topics: tuple[str, ...]
    waited_ms: float
    ms: float


@dataclass(frozen=True, slots=True)
class Surroundings:
    article: Article
    shown: Span
    quote: Span
    highlight: Span


class Desk:
    """Asks the library off the loop. `on_change` is told, in the loop, when a quote no longer stands in its file."""

    def __init__(self, library: Shelves, *, max_waiting: int = MAX_WAITING) -> None:
        self._library = library
        self._asking = asyncio.Semaphore(ASKING)
        self._reading = asyncio.Semaphore(READING)
        self._max_waiting = max_waiting
        self._waiting = 0
        self._refs: tuple[str, dict[bytes, Article | None]] = ("", {})
        self.on_change: Callable[[], None] = lambda: None

    @property
    def is_full(self) -> bool:
        return self._waiting >= self._max_waiting

    async def ask(self, question: str, previous: str = "", language: str = "en") -> Reply:
        """`language`: the asker's, for topics. Raises QueueFull at once, or what the library raises."""
        if self.is_full:
            raise QueueFull
        self._waiting += 1
        arrived = time.perf_counter()
        try:
            async with self._asking:
                started = time.perf_counter()
                outcome, withheld, topics = await asyncio.to_thread(self._answer, question, previous, language)
        finally:
            self._waiting -= 1
        if withheld:
            log.warning(
                "%d quotes or places were withheld: their articles have changed since they were indexed", withheld
            )
            self.on_change()
        done = time.perf_counter()
        return Reply(outcome, withheld, topics, (started - arrived) * 1000, (done - started) * 1000)

    async def quote(self, pages: Pages) -> Quote:
        """The quote that a button's pages show. Raises Stale."""
        return await self._checked(self._restore, pages)

    async def surroundings(self, pages: Pages) -> Surroundings:
        """What stands around that quote. Raises Stale."""
        return await self._checked(self._surroundings, pages)

    async def sources(self) -> tuple[Source, ...]:
        return await self._read(self._library.sources)

    async def passages(self, path: str) -> tuple[Passage, ...]:
        return await self._read(self._library.passages, path)

    async def about(self) -> About:
        return await self._read(self._library.about)

    async def _read(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        async with self._reading:
            return await asyncio.to_thread(work, *args, **kwargs)

    async def _checked(self, work: Callable[[Pages], T], pages: Pages) -> T:
        try:
            return await self._read(work, pages)
        except _Changed:
            log.warning("a quote behind a button was withheld: its article has changed since it was indexed")
            self.on_change()
            raise Stale from None

    def _answer(self, question: str, previous: str, language: str) -> tuple[Outcome, int, tuple[str, ...]]:
        outcome, withheld = standing(self._library.ask(question, previous=previous), self._library.stands, shown=1)
        topics = () if outcome.quotes or withheld else self._library.topics(TOPICS, language)
        return outcome, len(withheld), topics

    def _restore(self, pages: Pages) -> Quote:
        shown = self._quote(pages.refs[pages.position])
        if shown is None:
            raise Stale
        if not self._library.stands(shown):
            raise _Changed
        beside = [shown if ref == pages.refs[pages.position] else self._quote(ref) for ref in pages.refs]
        related = relate([quote for quote in beside if quote is not None])
        found = next(quote for quote in related if (quote.article, quote.span) == (shown.article, shown.span))
        return only_standing(found, self._library.stands)

    def _quote(self, ref: QuoteRef) -> Quote | None:
        """None where the article behind a button is not indexed any more."""
        article = self._article(ref.article)
        if article is None:
            return None
        others = (other for other in map(self._article, ref.also) if other is not None)
        also = tuple(Place(other, Span(0, len(other.text))) for other in others)  # a button has no room for where
        try:
            return Quote(article, ref.span, ref.highlight, 0.0, also)
        except ValueError:  # another article that happens to have the same short mark
            return None

    def _surroundings(self, pages: Pages) -> Surroundings:
        quote = self._restore(pages)
        text = quote.article.text
        sentences = sorted({s for p in self._library.passages(quote.article.path) for s in p.sentences})
        shown = context_span(text, sentences, quote.span, max_chars=MAX_CONTEXT_CHARS)
        return Surroundings(quote.article, shown, quote.span, quote.highlight)

    def _article(self, ref: bytes) -> Article | None:
        generation = self._library.about().generation
        if self._refs[0] != generation:
            by_ref: dict[bytes, Article | None] = {}
            for source in self._library.sources():
                mark = article_ref(source.article)
                other = by_ref.get(mark, source.article)
                # Two articles under one mark can only be told apart if they are the same in all that is quoted.
                by_ref[mark] = source.article if other and other.digest == source.article.digest else None
            self._refs = (generation, by_ref)
        return self._refs[1].get(ref)


class _Changed(Exception):
    """The file no longer holds what was indexed."""
