"""A hit -> the slice of it that is shown: the best sentence, and as much around it as reads well."""

from __future__ import annotations

from collections.abc import Collection

import regex

from index.answer import MAX_QUOTE_CHARS
from index.article import Article, Span
from index.retrieve import Hit
from index.terms import terms

# A quote grows round its best sentence while it stays below this. Measured on our evaluation: 450 characters hold the
# answer nearly as often as the whole paragraph, at two thirds of the reading.
COMFORTABLE_CHARS = 450

_CUT_OFF = regex.compile(r"(?:\.\.\.|…)[\s\"'”’」』)]*$")
_WORD = regex.compile(r"\S+")


def window(article: Article, hit: Hit, query_terms: Collection[str]) -> tuple[Span, Span]:
    """The span to quote and the sentence to highlight within it. At most MAX_QUOTE_CHARS, from sentence to sentence."""
    sentences, scores = hit.passage.sentences, list(hit.sentence_scores)
    best = scores.index(max(scores))
    if len(sentences[best]) > MAX_QUOTE_CHARS:
        cut = cut_at_words(article.text, sentences[best], query_terms)
        return cut, cut
    first = last = best
    while True:
        ways = []
        if first > 0 and sentences[last].end - sentences[first - 1].start <= COMFORTABLE_CHARS:
            ways.append((scores[first - 1], first - 1, last))
        if last + 1 < len(sentences) and sentences[last + 1].end - sentences[first].start <= COMFORTABLE_CHARS:
            whole = not _CUT_OFF.search(sentences[last + 1].slice(article.text)[-12:])
            if whole:  # text that a feed broke off is not worth growing into
                ways.append((scores[last + 1], first, last + 1))
        if not ways:
            return Span(sentences[first].start, sentences[last].end), sentences[best]
        _, first, last = max(ways)


def cut_at_words(text: str, sentence: Span, query_terms: Collection[str]) -> Span:
    """The part of a sentence longer than MAX_QUOTE_CHARS that holds most of the query's terms, cut between words."""
    words = [Span(sentence.start + m.start(), sentence.start + m.end()) for m in _WORD.finditer(sentence.slice(text))]
    if len(words) == 1:
        return Span(sentence.start, sentence.start + MAX_QUOTE_CHARS)
    wanted = [bool(set(terms(word.slice(text)[:MAX_QUOTE_CHARS])) & set(query_terms)) for word in words]
    best, best_count, first, count = Span(words[0].start, words[0].start), -1, 0, 0
    for last, word in enumerate(words):
        count += wanted[last]
        while first < last and word.end - words[first].start > MAX_QUOTE_CHARS:
            count -= wanted[first]
            first += 1
        if count > best_count and word.end - words[first].start <= MAX_QUOTE_CHARS:
            best, best_count = Span(words[first].start, word.end), count
        elif words[first].start == best.start and word.end - best.start <= MAX_QUOTE_CHARS:
            best = Span(best.start, word.end)
    if not len(best):  # every word is longer than a quote
        return Span(sentence.start, sentence.start + MAX_QUOTE_CHARS)
    return best
