"""Question in, quotes out: the one core that the terminal, the batch and Discord share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from index.answer import Answer, NoAnswer, Outcome, Place, Quote, Related, Silence
from index.article import Article
from index.blocks import Kind
from index.confidence import Calibration, shipped
from index.embed import Embedder
from index.query import Query, Reader
from index.quoting import window
from index.retrieve import Hit, Retriever, Searchable
from index.same import same_statement

DEFAULT_LIMIT = 5


class Corpus(Searchable, Protocol):
    """The part of a generation that answering needs."""

    @property
    def articles(self) -> Mapping[str, Article]: ...


class Answerer:
    """Answers questions from one generation."""

    def __init__(self, generation: Corpus, embedder: Embedder, calibration: Calibration | None = None) -> None:
        self._articles = generation.articles
        self._reader = Reader(generation.lexical)
        self._retriever = Retriever(generation, embedder)
        self._calibration = calibration or shipped()

    def ask(self, question: str, *, limit: int = DEFAULT_LIMIT, previous: str = "") -> Outcome:
        """At most `limit` quotes, best first, never overlapping. Raises QuestionError."""
        query = self._reader.read(question, previous=previous)
        if query.small_talk:
            return NoAnswer(question, Silence.SMALL_TALK)
        hits = prose_first(self._retriever.retrieve(query))
        if not hits:
            return NoAnswer(question, Silence.NOTHING_NEAR)
        sure = self._calibration.probability(hits[0].features)
        if sure < self._calibration.related_from:
            return NoAnswer(question, Silence.NOTHING_NEAR)
        quotes = self.quotes(query, hits, limit)
        return Answer(question, quotes) if sure >= self._calibration.answer_from else Related(question, quotes)

    def quotes(self, query: Query, hits: list[Hit], limit: int) -> tuple[Quote, ...]:
        """The hits as quotes; one that says what an earlier one says becomes a further place of it."""
        found: list[Quote] = []
        ceiling = 1.0
        for hit in hits:
            article = self._articles[hit.passage.article]
            span, highlight = window(article, hit, query.terms)
            twin = next((at for at, q in enumerate(found) if same_statement(q.text, span.slice(article.text))), None)
            if twin is not None:
                first = found[twin]
                found[twin] = Quote(
                    first.article, first.span, first.highlight, first.score, (*first.also, Place(article, span))
                )
            elif len(found) < limit:
                # The order is the ranking's; a score never contradicts it.
                ceiling = min(ceiling, self._calibration.probability(hit.features))
                found.append(Quote(article, span, highlight, ceiling))
        return tuple(found)


def prose_first(hits: list[Hit]) -> list[Hit]:
    """The same hits; the first is the article's own prose, if any is."""
    first = next((at for at, hit in enumerate(hits) if hit.passage.kind is Kind.PROSE), 0)
    return [*hits[first : first + 1], *hits[:first], *hits[first + 1 :]]
