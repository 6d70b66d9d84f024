"""An index that lasts as long as its process: what retrieval needs of a generation, without files or Chroma."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from index.article import Article
from index.corpus import sentence_ids
from index.embed import Embedder, embed_input
from index.lexical import LexicalIndex
from index.names import shipped
from index.passage import Passage, split
from index.space import MemoryStore


@dataclass(frozen=True, slots=True)
class MemoryIndex:
    articles: Mapping[str, Article]
    passages: tuple[Passage, ...]
    lexical: LexicalIndex
    vectors: MemoryStore


def index_articles(articles: Iterable[Article], embedder: Embedder) -> MemoryIndex:
    by_path = {article.path: article for article in articles}
    passages = tuple(passage for article in by_path.values() for passage in split(article))
    embedded = embedder.encode_passages([embed_input(by_path[p.article], p) for p in passages])
    store = MemoryStore()
    for passage, vectors in zip(passages, embedded, strict=True):
        store.passages.add([passage.id], vectors.passage[np.newaxis])
        store.sentences.add(sentence_ids(passage), vectors.sentences)
    return MemoryIndex(by_path, passages, LexicalIndex.build(by_path, passages, shipped()), store)
