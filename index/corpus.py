"""What a generation holds word for word: its articles, and where their passages and sentences lie."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from index.article import Article, Span
from index.blocks import Kind
from index.embed import embed_input
from index.errors import IndexDamaged
from index.passage import Passage


@dataclass(frozen=True, slots=True)
class Corpus:
    """Articles by path; the passages of each in order, the articles' order being that of the mapping."""

    articles: Mapping[str, Article]
    passages: tuple[Passage, ...]

    @property
    def sentences(self) -> int:
        return sum(len(passage.sentences) for passage in self.passages)

    def by_article(self) -> dict[str, tuple[Passage, ...]]:
        parts: dict[str, list[Passage]] = {path: [] for path in self.articles}
        for passage in self.passages:
            parts[passage.article].append(passage)
        return {path: tuple(passages) for path, passages in parts.items()}

    def fingerprints(self) -> dict[str, str]:
        """What each passage's vectors were computed from, besides the model, by passage id."""
        return {p.id: embed_input(self.articles[p.article], p).fingerprint for p in self.passages}


EMPTY = Corpus({}, ())


def sentence_ids(passage: Passage) -> list[str]:
    return [f"{passage.article}:{span.start}-{span.end}" for span in passage.sentences]


def corpus_lines(corpus: Corpus) -> Iterator[str]:
    """One line of ASCII an article."""
    passages = corpus.by_article()
    for article in corpus.articles.values():
        yield json.dumps(_article_json(article, passages[article.path])) + "\n"


def parse_corpus(lines: Iterable[str], where: str) -> Corpus:
    """The inverse of `corpus_lines`. Raises IndexDamaged when they are anything else."""
    articles: dict[str, Article] = {}
    passages: list[Passage] = []
    try:
        for line in lines:
            fields = json.loads(line)
            article = _article(fields)
            articles[article.path] = article
            passages += [_passage(article, one) for one in fields["passages"]]
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise IndexDamaged(f"{where} cannot be read ({exc}): run `summit reindex`") from exc
    return Corpus(articles, tuple(passages))


def save_corpus(corpus: Corpus, path: Path) -> None:
    with path.open("w", encoding="ascii") as file:
        file.writelines(corpus_lines(corpus))


def load_corpus(path: Path) -> Corpus:
    """Read what `save_corpus` wrote. Raises IndexDamaged when it is anything else."""
    try:
        with path.open(encoding="ascii") as file:
            return parse_corpus(file, str(path))
    except OSError as exc:
        raise IndexDamaged(f"{path} cannot be read ({exc}): run `summit reindex`") from exc


def _article_json(article: Article, passages: Iterable[Passage]) -> dict[str, object]:
    return {
        "path": article.path,
        "text": article.text,
        "title": article.title,
        "publisher": article.publisher,
        "author": article.author,
        "url": article.url,
        "language": article.language,
        "published": article.published.isoformat() if article.published else None,
        "passages": [
            {
                "span": [passage.span.start, passage.span.end],
                "sentences": [[span.start, span.end] for span in passage.sentences],
                "kind": passage.kind.value,
            }
            for passage in passages
        ],
    }


def _article(fields: Mapping[str, Any]) -> Article:
    published = fields["published"]
    return Article(
        path=fields["path"],
        text=fields["text"],
        title=fields["title"],
        publisher=fields["publisher"],
        author=fields["author"],
        url=fields["url"],
        language=fields["language"],
        published=date.fromisoformat(published) if published else None,
    )


def _passage(article: Article, fields: Mapping[str, Any]) -> Passage:
    span = Span(*fields["span"])
    sentences = tuple(Span(start, end) for start, end in fields["sentences"])
    return Passage(article.path, span, span.slice(article.text), sentences, Kind(fields["kind"]))
