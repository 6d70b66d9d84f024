"""A hit -> the slice of it that is shown: the best sentence, and as much around it as reads well."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import regex

from index.answer import MAX_QUOTE_CHARS
from index.article import Article, Span
from index.retrieve import Hit
from index.terms import terms

# A quote grows round its best sentence within the paragraph while it stays below this, and into the next paragraph
# only while it is shorter than the second figure. Measured (docs/design.md): 450 characters hold the answer nearly as
# often as a whole paragraph of 700, and a short paragraph often misses it for want of its neighbour.
COMFORTABLE_CHARS = 450
SHORT_CHARS = 250
NEIGHBOUR_COST = 0.05  # of a sentence in the next paragraph, against one within

# What a second quote from one paragraph costs: of two that fit alike, the one from elsewhere says more.
REPEAT_COST = 0.1

_CUT_OFF = regex.compile(r"(?:\.\.\.|…)[\s\"'”’」』)]*$")
_WORD = regex.compile(r"\S+")


def window(article: Article, hit: Hit, query_terms: Collection[str], taken: Sequence[Span] = ()) -> tuple[Span, Span]:
    """The span to quote and the sentence to highlight within it: at most MAX_QUOTE_CHARS, from sentence to sentence.

    The span touches none of `taken`, provided the hit's best sentence does not.
    """
    sentences, scores = hit.sentences, hit.sentence_scores
    best = max(hit.own, key=lambda at: scores[at])
    if len(sentences[best]) > MAX_QUOTE_CHARS:
        cut = cut_at_words(article.text, sentences[best], query_terms)
        return cut, cut
    first = last = best
    while True:
        length = sentences[last].end - sentences[first].start
        ways = []
        for at, grown in ((first - 1, (first - 1, last)), (last + 1, (first, last + 1))):
            if not 0 <= at < len(sentences) or any(span.overlaps(sentences[at]) for span in taken):
                continue
            within = at in hit.own
            whole = at < best or not _CUT_OFF.search(sentences[at].slice(article.text)[-12:])
            fits = sentences[grown[1]].end - sentences[grown[0]].start <= COMFORTABLE_CHARS
            if fits and whole and (within or (at > best and length < SHORT_CHARS)):
                ways.append((scores[at] - (0.0 if within else NEIGHBOUR_COST), grown))
        if not ways:
            return Span(sentences[first].start, sentences[last].end), sentences[best]
        first, last = max(ways)[1]


def remainders(hit: Hit, quoted: Span) -> list[Hit]:
    """What is left of a hit's passage before and after a quote taken from it, as hits of their own."""
    spent = max(hit.sentence_scores[at] for at in hit.own)
    found = []
    for own in (
        [at for at in hit.own if hit.sentences[at].end <= quoted.start],
        [at for at in hit.own if hit.sentences[at].start >= quoted.end],
    ):
        if own:
            left = max(hit.sentence_scores[at] for at in own)
            score = hit.score - spent + left - REPEAT_COST
            found.append(replace(hit, score=score, own=range(own[0], own[-1] + 1)))
    return found


def cut_at_words(text: str, sentence: Span, query_terms: Collection[str]) -> Span:
    """The part of a sentence longer than MAX_QUOTE_CHARS that holds most of the query's terms, cut between words."""
    words = [Span(sentence.start + m.start(), sentence.start + m.end()) for m in _WORD.finditer(sentence.slice(text))]
    if any(len(word) > MAX_QUOTE_CHARS for word in words):
        return Span(sentence.start, sentence.start + MAX_QUOTE_CHARS)
    wanted = [not set(query_terms).isdisjoint(terms(word.slice(text))) for word in words]
    best, best_count, first, count = Span(words[0].start, words[0].end), -1, 0, 0
    for last, word in enumerate(words):
        count += wanted[last]
        while word.end - words[first].start > MAX_QUOTE_CHARS:
            count -= wanted[first]
            first += 1
        if count > best_count or words[first].start == best.start:
            best, best_count = Span(words[first].start, word.end), count
    return best
