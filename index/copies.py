"""Which sentences of different articles are copies of one another: found once, when the articles are indexed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.article import Article, Span
from index.blocks import Kind
from index.passage import Passage
from index.same import MIN_SHARED, duplicates, read

Groups = tuple[tuple[int, ...], ...]  # rows of sentences, as they follow the passages


def find_copies(articles: Mapping[str, Article], passages: Sequence[Passage]) -> Groups:
    """Groups of prose sentences that are copies of one another and stand in two articles or more.

    "Thank you." stands everywhere and says nothing of where a text comes from, so short sentences are left out. Time
    grows with the number of sentences.
    """
    rows, texts, homes = [], [], []
    row = 0
    for passage in passages:
        for sentence in passage.sentences:
            if passage.kind is Kind.PROSE:
                rows.append(row)
                texts.append(sentence.slice(articles[passage.article].text))
                homes.append(passage.article)
            row += 1
    return tuple(
        tuple(rows[at] for at in group)
        for group in duplicates(texts)
        if len({homes[at] for at in group}) > 1 and len(read(texts[group[0]]).key) >= MIN_SHARED
    )


@dataclass(frozen=True, slots=True)
class Sentence:
    article: str
    span: Span


class Voices:
    """Who else says what a sentence says."""

    def __init__(self, passages: Sequence[Passage], groups: Groups) -> None:
        sentences = [Sentence(passage.article, span) for passage in passages for span in passage.sentences]
        self._copies: dict[Sentence, tuple[Sentence, ...]] = {}
        for group in groups:
            members = tuple(sentences[row] for row in group)
            self._copies.update(dict.fromkeys(members, members))

    def elsewhere(self, article: str, sentence: Span) -> tuple[Sentence, ...]:
        """Copies of a sentence in other articles, one each."""
        found: dict[str, Sentence] = {}
        for copy in self._copies.get(Sentence(article, sentence), ()):
            if copy.article != article:
                found.setdefault(copy.article, copy)
        return tuple(found.values())

    def repeats(self, article: str, quoted: Sequence[Span], highlight: Span, earlier: str, shown: Span) -> bool:
        """Whether quoting these sentences adds nothing to what was quoted from an `earlier` article at `shown`.

        That is where one text was printed twice: the best sentence is a copy of one that is shown, and each of the
        others a copy of one in that article.
        """
        if article == earlier:
            return False
        best = self._copies.get(Sentence(article, highlight), ())
        return any(copy.article == earlier and shown.covers(copy.span) for copy in best) and all(
            any(copy.article == earlier for copy in self._copies.get(Sentence(article, span), ())) for span in quoted
        )
