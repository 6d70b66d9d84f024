"""Text of articles, made harmless for a terminal: escape sequences in a hostile article must not reach it raw."""

from __future__ import annotations

from index.article import Span

_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def _map() -> dict[int, str]:
    table = {code: chr(0x2400 + code) for code in range(0x20)}  # the control's own picture: ESC becomes ␛
    table |= {ord("\t"): " ", ord("\n"): "\n", 0x7F: "\N{SYMBOL FOR DELETE}"}
    table |= dict.fromkeys(range(0x80, 0xA0), _REPLACEMENT)  # C1: 0x9B alone opens an escape sequence on some terminals
    table |= dict.fromkeys((0x2028, 0x2029), " ")
    # Bidirectional overrides and isolates can show words in an order they were not written in.
    table |= dict.fromkeys((0x061C, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), _REPLACEMENT)
    table |= dict.fromkeys(range(0xD800, 0xE000), _REPLACEMENT)  # a lone surrogate cannot be written out
    return table


_TABLE = _map()


def printable(text: str) -> str:
    """Replace each control character by one visible character, so that spans keep their places. Line ends stay."""
    return text.translate(_TABLE)


def one_line(text: str) -> str:
    """For a title, publisher, address or file name: no line ends either."""
    return " ".join(printable(text).split())


def relative(span: Span, to: Span) -> Span:
    """Where `span` lies within the text of `to`."""
    return Span(span.start - to.start, span.end - to.start)
