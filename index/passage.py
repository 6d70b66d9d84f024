"""Article -> passages, the units of retrieval: each an exact slice of the article's text, together losing nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from index.article import Article, Span
from index.blocks import Block, Kind, blocks
from index.segment import sentences

VERSION = "paragraphs/3"  # changes whenever the same text would be cut differently

# A paragraph is what its author held together. Longer ones are cut at a sentence, to stay about one thing.
MAX_CHARS = 1200


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of sentences of one article. `text` is the article's text over `span`; all spans count in the article."""

    article: str  # the article's path
    span: Span
    text: str
    sentences: tuple[Span, ...]
    kind: Kind = Kind.PROSE

    def __post_init__(self) -> None:
        if len(self.text) != len(self.span):
            raise ValueError(f"passage {self.id}: {len(self.text)} characters of text for a span of {len(self.span)}")

    @property
    def id(self) -> str:
        return f"{self.article}:{self.span.start}-{self.span.end}"


def split(article: Article) -> tuple[Passage, ...]:
    """Cut an article into passages, in order. Every character that is not white space is in exactly one of them."""
    return tuple(passage for block in blocks(article.text) for passage in _passages(article, block))


def _passages(article: Article, block: Block) -> Iterator[Passage]:
    run: list[Span] = []
    for sentence in _bounded(article.text, sentences(article.text, block.span)):
        if run and sentence.end - run[0].start > MAX_CHARS:
            yield _passage(article, run, block.kind)
            run = []
        run.append(sentence)
    if run:
        yield _passage(article, run, block.kind)


def _passage(article: Article, run: list[Span], kind: Kind) -> Passage:
    span = Span(run[0].start, run[-1].end)
    return Passage(article.path, span, span.slice(article.text), tuple(run), kind)


def _bounded(text: str, spans: list[Span]) -> Iterator[Span]:
    """The same sentences, those over MAX_CHARS cut at a word (or anywhere, where there are no words)."""
    for span in spans:
        start = span.start
        while span.end - start > MAX_CHARS:
            cut = text.rfind(" ", start + MAX_CHARS // 2, start + MAX_CHARS)
            cut = cut if cut > 0 else start + MAX_CHARS
            yield Span(start, cut)
            start = cut + len(text[cut : span.end]) - len(text[cut : span.end].lstrip())
        yield Span(start, span.end)
