"""Sentences as spans. The boundaries come from sentencex; here they are kept from cutting what belongs together.

sentencex (Wikimedia) knows abbreviations, initials and quotation marks of some 300 languages. What it leaves to us:
text wrapped by hand, Korean and Japanese quotations that run on after the closing mark, and numbers of list points.
"""

from __future__ import annotations

import regex
import sentencex

from index.article import Span
from index.blocks import trim

# Its time grows with the square of unclosed quotation marks (2 s for 80,000 of them), so it never sees more at once.
WINDOW_CHARS = 4000

_LATIN = "en"
_CLOSERS_ONLY = "”」』）)]»"  # nothing opens with one of these
_CLOSERS = f"\"'’{_CLOSERS_ONLY}"
# What goes on with the sentence after a closed quotation: Japanese particles, and Hangul or lower case set against it.
_RUNS_ON = regex.compile(r"(?:と|って|など|の|を|に|は|が|も|で|や|へ|から|まで|という|\p{Hangul}|\p{Ll})")
_LIST_NUMBER = regex.compile(r"\(?(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,5})[.)]\s*")
_ENDS_IN_TITLE = regex.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Maj|Sgt|Capt|Cmdr|Adm|Gov|Sen|Rep|Amb|Rev|Hon|St|No|Nos|Art|Sec|vs|Pres|Min"
    r"|Dept|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|approx|ca|cf|al|Co|Corp|Inc|Ltd)\.\s*$|\b(?:\p{Lu}\.){1,3}\s*$"
)
_STARTS_A_SENTENCE = regex.compile(
    r"(?:[“\"‘]|(?:The|A|An|He|She|It|They|We|I|You|But|And|In|On|At|As|If|When|While|This|That|These|Those|For|His|Her"
    r"|Its|Their|Our|Both|After|Before|There|However|Meanwhile|Since|Then|So|To|With|What|Who|Why|How|Where|Also)\b)"
)
_INITIALS = regex.compile(r"(?:^|[\s(])\p{Lu}\.\s*$")


def sentences(text: str, within: Span) -> list[Span]:
    """The sentences of a span, in order, without the white space between them. An empty span has none.

    A line break inside the span counts as a space: whoever asks passes what belongs together.
    """
    found: list[Span] = []
    for window in _windows(text, within):
        piece = window.slice(text)
        flat = piece.replace("\n", " ").replace("\u00a0", " ")  # one code point for one: offsets hold
        ends = (int(each["end_index"]) for each in sentencex.get_sentence_boundaries(_LATIN, flat))
        bounds = [0, *sorted({_after_closers(flat, end) for end in ends})]
        start = 0
        for at, end in enumerate(bounds[1:], start=1):
            if end < len(flat) and _belongs_together(flat[start:end], flat[end : end + 40], bounds[at - 1] == start):
                continue
            sentence = trim(text, Span(window.start + start, window.start + end))
            if len(sentence):
                found.append(sentence)
            start = end
    return found


def _windows(text: str, within: Span) -> list[Span]:
    windows, start = [], within.start
    while within.end - start > WINDOW_CHARS:
        limit = start + WINDOW_CHARS
        cut = max(
            text.rfind(mark, start + WINDOW_CHARS // 2, limit) + len(mark) for mark in (". ", ".\n", "다. ", "。")
        )
        if cut <= start + WINDOW_CHARS // 2:
            cut = max(text.rfind(" ", start + 1, limit), text.rfind("\n", start + 1, limit)) + 1
        if cut <= start:
            cut = limit
        windows.append(Span(start, cut))
        start = cut
    windows.append(Span(start, within.end))
    return windows


def _after_closers(text: str, end: int) -> int:
    """sentencex does not know every pair of marks: one that closes belongs to the sentence that it closes."""
    while end < len(text) and text[end] in _CLOSERS_ONLY:
        end += 1
    return end


def _belongs_together(before: str, after: str, whole: bool) -> bool:
    """Whether a boundary that was found cuts one sentence in two. `whole`: nothing was joined to `before` so far."""
    if whole and _LIST_NUMBER.fullmatch(before.strip() + " ") and len(before.strip()) <= 7:
        return True
    if before[-1] in _CLOSERS and _RUNS_ON.match(after):
        return True
    if before.rstrip()[-1:] in _CLOSERS and after[:1].islower():
        return True
    tail = before[-30:]
    if _INITIALS.search(tail) or _ENDS_IN_TITLE.search(tail):
        return not _STARTS_A_SENTENCE.match(after)
    return False
