"""Question in, quotes out: the one core that the terminal, the batch and Discord share."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from index.answer import Answer, NoAnswer, Outcome, Place, Quote, Related, Silence
from index.article import Article, Span
from index.confidence import Calibration, shipped
from index.embed import Embedder
from index.query import Query, Reader
from index.quoting import remainders, window
from index.retrieve import Ranking, Retriever, Searchable
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
        self._calibration = calibration or shipped(embedder.identity)

    def ask(self, question: str, *, limit: int = DEFAULT_LIMIT, previous: str = "") -> Outcome:
        """At most `limit` quotes, best first, never overlapping. Raises QuestionError."""
        query = self._reader.read(question, previous=previous)
        if query.small_talk:
            return NoAnswer(question, Silence.SMALL_TALK)
        ranking = self._retriever.retrieve(query)
        if not ranking.hits:
            return NoAnswer(question, Silence.NOTHING_NEAR)
        quotes = self.quotes(query, ranking, limit)
        sure = quotes[0].score
        if sure < self._calibration.related_from:
            return NoAnswer(question, Silence.NOTHING_NEAR)
        return Answer(question, quotes) if sure >= self._calibration.answer_from else Related(question, quotes)

    def quotes(self, query: Query, ranking: Ranking, limit: int) -> tuple[Quote, ...]:
        """The ranking's hits as quotes; one that says what an earlier one says becomes a further place of it."""
        found: list[Quote] = []
        taken: dict[str, list[Span]] = {}
        ceiling = 1.0
        # The first hit stays first, whatever its score: the ranking has put prose there.
        waiting = [(-(hit.score if at else math.inf), at, hit) for at, hit in enumerate(ranking.hits)]
        heapq.heapify(waiting)
        count = len(waiting)
        while waiting and len(found) < limit:
            _, _, hit = heapq.heappop(waiting)
            article = self._articles[hit.passage.article]
            spent = taken.setdefault(article.path, [])
            best = hit.sentences[max(hit.own, key=lambda at: hit.sentence_scores[at])]
            if any(span.overlaps(best) for span in spent):
                continue
            span, highlight = window(article, hit, query.terms, spent)
            spent.append(span)
            for rest in remainders(hit, span):
                heapq.heappush(waiting, (-rest.score, count, rest))
                count += 1
            twin = next((at for at, q in enumerate(found) if same_statement(q.text, span.slice(article.text))), None)
            if twin is not None:
                found[twin] = replace(found[twin], also=(*found[twin].also, Place(article, span)))
            else:
                # The order is the ranking's; a score never contradicts it.
                ceiling = min(ceiling, self._calibration.probability(ranking.features(hit, span)))
                found.append(Quote(article, span, highlight, ceiling))
        return tuple(found)
