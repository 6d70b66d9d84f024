from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from index.article import Article
from index.corpus import Corpus, sentence_ids
from index.embed import Matrix, embed_input
from index.errors import IndexDamaged
from index.passage import split
from index.space import MemorySpace, MemoryStore, Near
from index.verify import text_hash, verify
from tests.fakes import FakeEmbedder


@dataclass(slots=True)
class Unreaching(MemorySpace):
    """A graph that leads to some of its rows from nowhere."""

    unreached: set[str] = field(default_factory=set)

    def nearest(self, vectors: Matrix, top_k: int) -> list[list[Near]]:
        every = MemorySpace.nearest(self, vectors, len(self._ids))
        return [[near for near in row if near.id not in self.unreached][:top_k] for row in every]


def stored(rows: int) -> tuple[Corpus, MemoryStore, Unreaching]:
    article = Article("one.txt", "\n\n".join(f"Minister{n} spoke of subject{n} in harbour{n}." for n in range(rows)))
    passages = tuple(split(article))
    space, store = Unreaching(), MemoryStore()
    store.passages = space
    vectors = FakeEmbedder().encode_passages([embed_input(article, passage) for passage in passages])
    for passage, embedded in zip(passages, vectors, strict=True):
        space.add([passage.id], embedded.passage[None], [text_hash(passage.text)])
        store.sentences.add(sentence_ids(passage), embedded.sentences)
    return Corpus({article.path: article}, passages), store, space


@pytest.mark.parametrize(("rows", "unreached", "sound"), [(100, 5, True), (100, 6, False), (19, 1, False)])
def test_a_graph_may_leave_out_few_rows_and_no_more(rows: int, unreached: int, sound: bool) -> None:
    corpus, store, space = stored(rows)
    assert len(corpus.passages) == rows
    space.unreached = {passage.id for passage in corpus.passages[:unreached]}
    if sound:
        verify(corpus, store, lambda _: None)
    else:
        with pytest.raises(IndexDamaged, match=f"{corpus.passages[0].id} is not found by its own vector"):
            verify(corpus, store, lambda _: None)
