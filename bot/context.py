"""How much of an article to show around a quote."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.escape import quote_block
from index.article import Span

_BLANK_LINES = re.compile(r"\n[^\S\n]*\n\s*")
_LINE_END = re.compile(r"\n+")


def context_span(text: str, sentences: Sequence[Span], quote: Span, *, max_chars: int) -> Span:
    """The quote's paragraphs and one on either side, as far as `max_chars` of escaped text allow.

    It grows a sentence at a time, so that it begins and ends at one. `sentences` are all of the article's, in order.
    """
    target = _paragraphs_around(text, quote)
    before = [s.start for s in sentences if target.start <= s.start < quote.start][::-1]
    after = [s.end for s in sentences if quote.end < s.end <= target.end]
    shown = quote
    while before or after:
        # Take turns, so that the quote stays in the middle when not everything fits.
        take_after = bool(after) and (not before or shown.end - quote.end <= quote.start - shown.start)
        wider = Span(shown.start, after.pop(0)) if take_after else Span(before.pop(0), shown.end)
        if len(quote_block(wider.slice(text), Span(0, len(wider)))) > max_chars:
            if take_after:
                after = []
            else:
                before = []
            continue
        shown = wider
    return shown


def _paragraphs_around(text: str, quote: Span) -> Span:
    """From the start of the paragraph before to the end of the one after."""
    breaks = list(_BLANK_LINES.finditer(text)) or list(_LINE_END.finditer(text))
    starts = [0, *(match.end() for match in breaks if match.end() <= quote.start)]
    ends = [*(match.start() for match in breaks if match.start() >= quote.end), len(text)]
    return Span(starts[max(len(starts) - 2, 0)], ends[min(1, len(ends) - 1)])
