"""What quotes that are shown together say of one another: that sources differ, and that one has been overtaken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.answer import Quote
from index.differ import differs
from index.query import stop_terms
from index.terms import terms

# Share of the words of both that both have (Dice), from which two sentences are taken to tell of one thing.
MIN_SHARED = 0.5
MIN_SHARED_WORDS = 4


def relate(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """The quotes, each marked for what the others say. It depends on these quotes alone, so it can be done again."""
    if not quotes:
        return ()
    apart = {at for at, other in enumerate(quotes) if at and _differ(quotes[0], other)}
    if apart:
        apart.add(0)
    content = [_content(quote) for quote in quotes]
    found = []
    for at, quote in enumerate(quotes):
        later = [
            other.article.published
            for number, other in enumerate(quotes)
            if other.article.published and _overtakes(other, quote) and _overlap(content[at], content[number])
        ]
        found.append(replace(quote, differs=at in apart, newer=max(later, default=None)))
    return tuple(found)


def _differ(first: Quote, other: Quote) -> bool:
    ours, theirs = (quote.article.publisher.strip().casefold() for quote in (first, other))
    if not ours or not theirs or ours == theirs or first.article.path == other.article.path:
        return False
    return differs(_best(first), _best(other))


def _overtakes(other: Quote, quote: Quote) -> bool:
    mine, theirs = quote.article.published, other.article.published
    return bool(mine and theirs and theirs > mine)


def _best(quote: Quote) -> str:
    return quote.highlight.slice(quote.article.text)


def _content(quote: Quote) -> frozenset[str]:
    return frozenset(terms(_best(quote))) - stop_terms()


def _overlap(one: frozenset[str], other: frozenset[str]) -> bool:
    both = len(one & other)
    return both >= MIN_SHARED_WORDS and 2 * both >= MIN_SHARED * (len(one) + len(other))
