"""Whether two texts say the same: the test by which copies are folded into one quote.

Copies share nearly all their words; what must never be folded differs in a number, a date or a negation.
"""

from __future__ import annotations

from collections import Counter

import regex

from index.terms import terms

# Overlap of term counts (Ruzicka similarity) from which two texts are copies of one. Agency texts that were edited
# lightly lie above 0.9; two reports of one event in different words lie below 0.6.
COPY_FROM = 0.85

_NUMBER = regex.compile(r"\d+(?:[.,:]\d+)*")
_NEGATION = regex.compile(
    r"\b(?:not|no|never|none|neither|nor|without|cannot|denie[ds]|deny|refus\w+|reject\w+|fail\w*|un(?:able|likely)|\w+n['’]t)\b"
    r"|않|아니|없|못|안\s|거부|부인|ない|ません|ず(?:、|に)|否定|拒否",
    regex.IGNORECASE,
)


def same_statement(one: str, other: str) -> bool:
    """Whether two texts are copies: nearly the same words, the same numbers, as many negations."""
    if facts(one) != facts(other):
        return False
    left, right = Counter(terms(one)), Counter(terms(other))
    return (left & right).total() >= COPY_FROM * max(1, (left | right).total())


def facts(text: str) -> tuple[Counter[str], int]:
    """The numbers of a text with their counts, and how many negations it holds."""
    return Counter(match.group() for match in _NUMBER.finditer(text)), len(_NEGATION.findall(text))
