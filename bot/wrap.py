"""Lines that fit a terminal, as spans: wide characters count as two cells, and the text itself is not touched."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rich.cells import cell_len

from index.article import Span

# Between these a line may break without a space. Korean is not among them: it has spaces, and its words stay whole.
_IDEOGRAPHIC = r"\u2e80-\u312f\u31a0-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003ffff"
# A line does not begin with one of these (closing marks, small kana, long-vowel marks) ...
_NO_START = (
    r"、。，．・：；？！）］｝」』】〕〉》〙〗’”〜…‥ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ),.:;?!\]}%"
)
# ... and does not end with one of these.
_NO_END = r"（［｛「『【〔〈《〘〖‘“(\[{"

_BREAK = re.compile(
    rf"(?<=\s)(?=\S)"
    rf"|(?<=[{_IDEOGRAPHIC}])(?<![{_NO_END}])(?![{_NO_START}\s])(?=.)"
    rf"|(?<![\s{_NO_END}])(?=[{_IDEOGRAPHIC}])(?![{_NO_START}\s])"
)


def wrap(text: str, width: int | None) -> list[Span]:
    """Spans of the lines of `text`, without the white space at which they break; at most `width` cells each.

    Without a width, lines end only where the text's own lines end. A word wider than the line is cut.
    """
    lines: list[Span] = []
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        lines.extend([Span(start, end)] if width is None else _fill(text, start, end, max(width, 2)))
        start = end + 1
    return lines


def _fill(text: str, start: int, end: int, width: int) -> Iterator[Span]:
    begin = at = start
    used = 0
    for piece_end in [*(match.start() for match in _BREAK.finditer(text, start, end) if match.start() > start), end]:
        piece = text[at:piece_end]
        if used + cell_len(piece.rstrip()) > width and at > begin:
            yield _trimmed(text, begin, at)
            begin, used = at, 0
        while used + cell_len(piece.rstrip()) > width:
            cut = _fitting(piece, width)
            yield Span(at, at + cut)
            begin = at = at + cut
            piece = piece[cut:]
        used += cell_len(piece)
        at = piece_end
    yield _trimmed(text, begin, end)


def _fitting(piece: str, width: int) -> int:
    """How many characters fit; at least one, so that a line always gets on."""
    used = 0
    for count, char in enumerate(piece):
        used += cell_len(char)
        if used > width:
            return max(count, 1)
    return len(piece)


def _trimmed(text: str, start: int, end: int) -> Span:
    return Span(start, max(start, start + len(text[start:end].rstrip())))
