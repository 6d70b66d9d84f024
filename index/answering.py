"""Question in, quotes out: the one core that the terminal, the batch and Discord share."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from index.answer import Answer, NoAnswer, Outcome, Place, Quote, Related, Silence
from index.article import Article, Span
from index.confidence import Calibration, shipped
from index.copies import Voices
from index.embed import Embedder
from index.query import Query, Reader
from index.quoting import remainders, window
from index.relations import relate
from index.rerank import Reranker, rerank
from index.retrieve import Hit, Ranking, Retriever, Searchable
from index.same import same_statement
from index.timeline import Timeline
from index.when import Calendar

DEFAULT_LIMIT = 5
DEFAULT_CALENDAR = Calendar()


class Corpus(Searchable, Protocol):
    """The part of a generation that answering needs."""

    @property
    def articles(self) -> Mapping[str, Article]: ...


class Answerer:
    """Answers questions from one generation."""

    def __init__(
        self,
        generation: Corpus,
        embedder: Embedder,
        calibration: Calibration | None = None,
        *,
        calendar: Calendar = DEFAULT_CALENDAR,
        reranker: Reranker | None = None,
    ) -> None:
        self._articles = generation.articles
        self._reader = Reader(generation.lexical)
        self._retriever = Retriever(generation, embedder)
        self._calibration = calibration or shipped(embedder.identity)
        self._calendar = calendar
        self._reranker = reranker
        self._timeline = Timeline(generation.articles, generation.passages)
        self._voices = Voices(generation.passages, generation.lexical.copies)

    def ask(self, question: str, *, limit: int = DEFAULT_LIMIT, previous: str = "") -> Outcome:
        """At most `limit` quotes, best first, never overlapping. Raises QuestionError."""
        query = self._reader.read(question, previous=previous)
        if query.small_talk:
            return NoAnswer(question, Silence.SMALL_TALK)
        when = self._calendar.read(query.text)
        ranking = self._retriever.retrieve(query, timeliness=self._timeline.weigh(when) if when else None)
        if not ranking.hits:
            return NoAnswer(question, Silence.NOTHING_NEAR)
        quotes = self.quotes(query, ranking, limit, self._reranked(query, ranking))
        sure = quotes[0].score
        if sure < self._calibration.related_from:
            return NoAnswer(question, Silence.NOTHING_NEAR)
        return Answer(question, quotes) if sure >= self._calibration.answer_from else Related(question, quotes)

    def _reranked(self, query: Query, ranking: Ranking) -> Sequence[Hit]:
        def quoted(hit: Hit) -> str:
            article = self._articles[hit.passage.article]
            return window(article, hit, query.terms)[0].slice(article.text)

        return rerank(self._reranker, query.text, ranking.hits, quoted) if self._reranker else ranking.hits

    def quotes(
        self, query: Query, ranking: Ranking, limit: int, order: Sequence[Hit] | None = None
    ) -> tuple[Quote, ...]:
        """The ranking's hits as quotes, in another order if one is given.

        One that says what an earlier one says becomes a further place of it.
        """
        found: list[Quote] = []
        taken: dict[str, list[Span]] = {}
        ceiling = 1.0
        # The first hit stays first, whatever its score: the ranking has put prose there.
        # In another order, a hit takes the score of the place where it comes to stand; `lift` is what that adds.
        waiting = [
            (-(place.score if at else math.inf), at, place.score - hit.score, hit)
            for at, (place, hit) in enumerate(zip(ranking.hits, order or ranking.hits, strict=True))
        ]
        heapq.heapify(waiting)
        count = len(waiting)
        while waiting and len(found) < limit:
            _, _, lift, hit = heapq.heappop(waiting)
            article = self._articles[hit.passage.article]
            spent = taken.setdefault(article.path, [])
            best = hit.sentences[max(hit.own, key=lambda at: hit.sentence_scores[at])]
            if any(span.overlaps(best) for span in spent):
                continue
            span, highlight = window(article, hit, query.terms, spent)
            spent.append(span)
            for rest in remainders(hit, span):
                heapq.heappush(waiting, (-(rest.score + lift), count, lift, rest))
                count += 1
            held = [sentence for sentence in hit.sentences if sentence.overlaps(span)]
            twin = next((at for at, q in enumerate(found) if self._repeats(q, article, span, held, highlight)), None)
            if twin is not None:
                found[twin] = _with_place(found[twin], Place(article, span))
            else:
                # The order is the ranking's; a score never contradicts it.
                ceiling = min(ceiling, self._calibration.probability(ranking.features(hit, span)))
                copies = self._voices.elsewhere(article.path, highlight)
                also = tuple(Place(self._articles[copy.article], copy.span) for copy in copies)
                found.append(Quote(article, span, highlight, ceiling, also))
        return relate(found)

    def _repeats(self, quote: Quote, article: Article, span: Span, held: list[Span], highlight: Span) -> bool:
        """Whether a quote says already what this one would: of several who print one text, one is heard."""
        return same_statement(quote.text, span.slice(article.text)) or self._voices.repeats(
            article.path, held, highlight, quote.article.path, quote.span
        )


def _with_place(quote: Quote, place: Place) -> Quote:
    """The same quote with one more place, which stands for those within it."""
    apart = (p for p in quote.also if p.article.path != place.article.path or not p.span.overlaps(place.span))
    return replace(quote, also=(*apart, place))
