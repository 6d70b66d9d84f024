"""What quotes that are shown together say of one another: that sources differ, and that one has been overtaken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from index.answer import Quote
from index.differ import differs
from index.query import stop_terms
from index.terms import terms

# Share of the words of both that both have (Dice), from which two sentences are taken to tell of one thing.
MIN_SHARED = 0.5
MIN_SHARED_WORDS = 4
# Below this they cannot contradict each other either: `differs`, which takes longer, asks for more.
MIN_TO_DIFFER = 0.2


def relate(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """The quotes, each marked for what the others say. It depends on these quotes alone, so it can be done again."""
    if not quotes:
        return ()
    apart = {at for at, other in enumerate(quotes) if at and _differ(quotes[0], other)}
    if apart:
        apart.add(0)
    found = []
    for at, quote in enumerate(quotes):
        later = [other.article.published for other in quotes if other.article.published and _overtakes(other, quote)]
        found.append(replace(quote, differs=at in apart, newer=max(later, default=None)))
    return tuple(found)


def _differ(first: Quote, other: Quote) -> bool:
    ours, theirs = (quote.article.publisher.strip().casefold() for quote in (first, other))
    if not ours or not theirs or ours == theirs or first.article.path == other.article.path:
        return False
    one, another = _best(first), _best(other)
    return _shared(_content(one), _content(another)) >= MIN_TO_DIFFER and differs(one, another)


def _overtakes(other: Quote, quote: Quote) -> bool:
    mine, theirs = quote.article.published, other.article.published
    if not mine or not theirs or theirs <= mine:
        return False
    one, another = _content(_best(quote)), _content(_best(other))
    return len(one & another) >= MIN_SHARED_WORDS and _shared(one, another) >= MIN_SHARED


def _best(quote: Quote) -> str:
    return quote.highlight.slice(quote.article.text)


@lru_cache(maxsize=4096)
def _content(sentence: str) -> frozenset[str]:
    return frozenset(terms(sentence)) - stop_terms()  # one sentence answers many questions


def _shared(one: frozenset[str], other: frozenset[str]) -> float:
    """Share of the words of both that both have (Dice), in [0, 1]."""
    return 2 * len(one & other) / max(1, len(one) + len(other))
