"""Answers, sources and receipts as people read them in a terminal, and as plain text in a pipe."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NoReturn, TextIO

from rich.console import Console
from rich.text import Text

from bot.printable import one_line, printable, relative
from bot.wrap import wrap
from index.answer import NoAnswer, Outcome, Quote, Related, Silence
from index.article import Article

if TYPE_CHECKING:
    from bot.check import Problem
    from index.library import Source
    from index.receipt import Receipt

MAX_WIDTH = 100  # longer lines are hard to read, however wide the window is
NO_DIRECT_ANSWER = "No article answers this directly. Closest passages:"
NOTHING_NEAR = "No article says anything about this."
SOURCES_DIFFER = "the sources differ on this: compare the quotes"
SMALL_TALK = "I only quote articles, so there is nothing to quote for that."


class Screen(Console):
    """A console for one stream. A reader that has gone away is the caller's to hear about, as BrokenPipeError."""

    def __init__(self, stream: TextIO) -> None:
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that is not UTF-8 shows a question mark instead of ending the program.
            stream.reconfigure(errors="replace")
        super().__init__(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)

    @property
    def columns(self) -> int | None:
        """Cells a line may have; None where nobody looks at lines: a pipe gets whole paragraphs."""
        return min(self.width, MAX_WIDTH) if self.is_terminal else None

    def emit(self, line: str) -> None:
        """Write one line of JSON: UTF-8 whatever the locale says, and at once, for whoever reads along."""
        if isinstance(self.file, io.TextIOWrapper):
            self.file.reconfigure(encoding="utf-8")
        self.file.write(line + "\n")
        self.file.flush()

    def on_broken_pipe(self) -> NoReturn:
        exc = sys.exception()
        raise exc if isinstance(exc, BrokenPipeError) else BrokenPipeError()


def outcome_text(outcome: Outcome, *, columns: int | None, topics: Sequence[str] = ()) -> Text:
    """What a question gets. `topics`: what the articles do cover, named when there is nothing to quote."""
    if isinstance(outcome, NoAnswer):
        return _nothing(outcome.reason, topics, columns)
    related = isinstance(outcome, Related)
    bar = "yellow" if related else "cyan"
    gutter = len(str(len(outcome.quotes)))
    blocks = [
        _quote_block(quote, number=f"{number:>{gutter}}", bar=bar, columns=columns)
        for number, quote in enumerate(outcome.quotes, start=1)
    ]
    if related:
        blocks.insert(0, _filled(NO_DIRECT_ANSWER, columns, style="yellow"))
    return Text("\n\n").join(blocks)


def _nothing(reason: Silence, topics: Sequence[str], columns: int | None) -> Text:
    words = SMALL_TALK if reason is Silence.SMALL_TALK else NOTHING_NEAR
    text = _filled(words, columns, style="yellow")
    if topics:
        named = "; ".join(one_line(topic) for topic in topics)
        text.append("\n").append_text(_filled(f"The articles cover, among other things: {named}.", columns))
    return text


def _quote_block(quote: Quote, *, number: str, bar: str, columns: int | None) -> Text:
    margin = " " * len(number)
    text = printable(quote.text)
    highlight = relative(quote.highlight, quote.span)
    lines: list[Text] = []
    for span in wrap(text, columns and columns - len(number) - 3):
        line = Text(span.slice(text))
        if span.overlaps(highlight):
            line.stylize("bold", max(highlight.start - span.start, 0), highlight.end - span.start)
        lead = Text.assemble((f"{margin if lines else number} ", f"bold {bar}"), ("│", bar))
        lines.append(lead.append(" ").append_text(line) if line else lead)
    indent = f"{margin}   "
    lines.extend(_source_lines(quote.article, indent, columns))
    if quote.also:
        named = "; ".join(_also(article) for article in dict.fromkeys(place.article for place in quote.also))
        lines.extend(_indented(Text(f"also in {named}", style="dim"), indent, columns))
    if quote.newer:
        lines.extend(_indented(Text(f"a newer article: {quote.newer.isoformat()}", style="yellow"), indent, columns))
    if quote.differs:
        lines.extend(_indented(Text(SOURCES_DIFFER, style="yellow"), indent, columns))
    return Text("\n").join(lines)


def _source_lines(article: Article, indent: str, columns: int | None) -> list[Text]:
    """One line, where it fits. An address is never cut: a terminal that wraps it itself still copies it whole."""
    words = Text(" · ".join(_citation(article)), style="italic")
    address = one_line(article.url)
    if not address:
        return _indented(words, indent, columns)
    linked = address.startswith(("http://", "https://")) and not any(char.isspace() for char in address)
    shown = Text(address, style=f"italic link {address}" if linked else "italic")
    whole = Text.assemble(indent, words, " · ", shown)
    if columns is None or whole.cell_len <= columns:
        return [whole]
    return [*_indented(words, indent, columns), Text.assemble(indent, shown)]


def _citation(article: Article) -> list[str]:
    published = article.published.isoformat() if article.published else ""
    parts = (article.name, article.publisher, published)
    return [one_line(part) for part in parts if part]


def _also(article: Article) -> str:
    return " · ".join(part for part in (one_line(article.name), one_line(article.publisher)) if part)


def _indented(line: Text, indent: str, columns: int | None) -> list[Text]:
    spans = wrap(line.plain, columns and columns - len(indent))
    return [Text(indent).append_text(line[span.start : span.end]) for span in spans]


def _filled(words: str, columns: int | None, style: str = "") -> Text:
    return Text("\n").join(_indented(Text(words, style=style), "", columns))


def sources_text(sources: Sequence[Source], *, columns: int | None) -> Text:
    """One article a block: what it goes by and where it stands; a line of its own in a pipe."""
    if columns is None:
        rows = ("\t".join([*_source_row(source), one_line(source.article.url)]) for source in sources)
        return Text("\n".join(rows))
    blocks: list[Text] = []
    for source in sources:
        file, name, *rest = _source_row(source)
        head = _indented(Text(name, style="bold"), "", columns)
        tail = " · ".join(part for part in (*rest, file) if part)
        blocks.append(Text("\n").join([*head, *_indented(Text(tail, style="dim"), "  ", columns)]))
    return Text("\n").join(blocks)


def _source_row(source: Source) -> list[str]:
    article = source.article
    published = article.published.isoformat() if article.published else ""
    return [
        one_line(article.path),
        one_line(article.name),
        one_line(article.publisher),
        published,
        one_line(article.language),
        _counted(source.passages, "passage"),
    ]


def receipt_text(receipt: Receipt) -> Text:
    text = Text(
        f"added {receipt.added}, changed {receipt.changed}, removed {receipt.removed}, unchanged {receipt.unchanged}; "
        f"{_counted(receipt.passages, 'passage')}, {receipt.embedded} embedded; {receipt.seconds:.1f} s"
    )
    if receipt.rebuilt:
        text.append("\nbuilt anew: ", style="yellow").append(one_line(receipt.rebuilt))
    for one in receipt.skipped:
        text.append("\nleft out: ", style="yellow").append(f"{one_line(one.article)}: {one_line(one.reason)}")
    return text


def problems_text(problems: Iterable[Problem], *, columns: int | None) -> Text:
    blocks: list[Text] = []
    for problem in problems:
        head = Text(f"! {one_line(problem.where)}: {one_line(problem.what)}")
        head.stylize("bold yellow", 0, 1)
        blocks += _indented(head, "", columns)
        blocks += _indented(Text(f"next: {one_line(problem.next)}"), "  ", columns)
    return Text("\n").join(blocks) if blocks else Text("All is well.", style="green")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
