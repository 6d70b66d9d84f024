from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import pace
from index.embed import Matrix, unit
from index.errors import IndexDamaged, StoreUnavailable
from index.space import MemoryStore, VectorStore
from index.store import ChromaStore, seal

ROWS = 1100  # more than two batches
DIM = 16


def _vectors(rows: int = ROWS, seed: int = 1) -> Matrix:
    return unit(np.random.default_rng(seed).standard_normal((rows, DIM)).astype(np.float32))


def _ids(rows: int = ROWS) -> list[str]:
    return [f"folder/기사 {row}.txt:{row}-{row + 5}" for row in range(rows)]


def _hashes(folder: Path) -> dict[str, str]:
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(params=["memory", "chroma"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VectorStore]:
    made: VectorStore = (
        MemoryStore() if request.param == "memory" else ChromaStore.create(tmp_path, passages=ROWS, sentences=3)
    )
    with closing(made):
        yield made


class TestEveryStore:
    def test_each_row_is_found_by_its_own_vector(self, store: VectorStore) -> None:
        vectors = _vectors()
        store.passages.add(_ids(), vectors)
        for row_id, near in zip(_ids(), store.passages.nearest(vectors, 1), strict=True):
            assert near[0].id == row_id
            assert near[0].similarity == pytest.approx(1.0, abs=1e-5)

    def test_similarity_is_the_cosine_and_the_nearest_comes_first(self, store: VectorStore) -> None:
        vectors = _vectors()
        store.passages.add(_ids(), vectors)
        question = _vectors(1, seed=2)[0]
        near = store.nearest_passages(question, 10)
        cosines = vectors @ question
        assert [one.similarity for one in near] == pytest.approx(sorted(cosines, reverse=True)[:10], abs=1e-5)
        assert near[0].id == _ids()[int(np.argmax(cosines))]

    def test_vectors_come_back_in_the_order_asked_for(self, store: VectorStore) -> None:
        vectors = _vectors()
        store.passages.add(_ids(), vectors)
        order = [700, 3, 1099, 0, 3, 501]
        assert store.passages.vectors([_ids()[row] for row in order]) == pytest.approx(vectors[order], abs=1e-6)

    def test_a_vector_that_is_not_there_is_damage(self, store: VectorStore) -> None:
        store.passages.add(_ids(), _vectors())
        with pytest.raises(IndexDamaged, match="never added"):
            store.passages.vectors([_ids()[0], "never added:0-5"])

    def test_hashes_are_kept_with_their_ids(self, store: VectorStore) -> None:
        store.passages.add(_ids(), _vectors(), [f"hash {row}" for row in range(ROWS)])
        assert store.passages.hashes() == {row_id: f"hash {row}" for row, row_id in enumerate(_ids())}

    def test_passages_and_sentences_are_two_spaces(self, store: VectorStore) -> None:
        store.sentences.add(["a:0-1", "a:1-2", "a:2-3"], _vectors(3))
        assert store.nearest_passages(_vectors(1)[0], 5) == []
        assert len(store.nearest_sentences(_vectors(1)[0], 5)) == 3
        assert store.sentences.hashes() == {"a:0-1": "", "a:1-2": "", "a:2-3": ""}


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 99, 501])
def test_a_closed_store_opens_again_with_all_it_held(tmp_path: Path, rows: int) -> None:
    with closing(ChromaStore.create(tmp_path, passages=rows, sentences=rows)) as store:
        store.passages.add(_ids(rows), _vectors(rows))
        store.sentences.add(_ids(rows), _vectors(rows))
    seal(tmp_path)
    with closing(ChromaStore.open(tmp_path)) as store:
        for space in (store.passages, store.sentences):
            assert [near[0].id for near in space.nearest(_vectors(rows), 1)] == _ids(rows)


def logged(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "chroma.sqlite3")) as database:
        return int(database.execute("SELECT count(*) FROM embeddings_queue").fetchone()[0])


@pytest.mark.parametrize("log_rows", [20_000, 500, 100, 7])
@pytest.mark.parametrize("batch", [501, 64, 9])
def test_the_whole_graph_is_on_disk_so_that_no_opening_replays_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_rows: int, batch: int
) -> None:
    """However many times the graph is written on the way, and however the rows come."""
    monkeypatch.setattr(pace, "LOG_ROWS", log_rows)
    rows = 501
    longest = 0
    with closing(ChromaStore.create(tmp_path, passages=rows, sentences=2)) as store:
        for start in range(0, rows, batch):
            some = slice(start, start + batch)
            store.passages.add(_ids(rows)[some], _vectors(rows)[some])
            longest = max(longest, logged(tmp_path))
        store.sentences.add(["a:0-1", "a:1-2"], _vectors(2))
    # The last entry of each collection stays, as the mark of how far the graph goes.
    assert logged(tmp_path) <= 2
    assert longest <= min(rows, log_rows) + 1
    seal(tmp_path)
    with closing(ChromaStore.open(tmp_path)) as store:
        assert store.passages.count() == rows
        assert [near[0].id for near in store.passages.nearest(_vectors(rows), 1)] == _ids(rows)


@given(st.integers(0, 300), st.integers(1, 40), st.lists(st.integers(1, 60), min_size=1))
def test_the_last_row_brings_the_last_writing(rows: int, log_rows: int, batches: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pace, "LOG_ROWS", log_rows)
        filled = pace.Pace(rows)
    assert 2 <= filled.threshold <= max(2, log_rows)
    written = 0
    while written < rows:
        assert filled.missing == 0
        size = min(batches[written % len(batches)], rows - written, filled.room)
        filled.wrote(size)
        written += size
    again = filled.missing
    assert again <= max(1, rows // log_rows + 1)
    filled.wrote(again)
    assert filled.missing == 0 and (written + again) % filled.threshold == 0


@pytest.mark.parametrize("rows", [0, 1, 2, 200, 501])
def test_reading_a_sealed_store_changes_no_byte_of_it(tmp_path: Path, rows: int) -> None:
    with closing(ChromaStore.create(tmp_path, passages=rows, sentences=rows)) as store:
        store.passages.add(_ids(rows), _vectors(rows), ["hash"] * rows)
        store.sentences.add(_ids(rows), _vectors(rows))
    seal(tmp_path)
    before = _hashes(tmp_path)
    for _ in range(3):
        with closing(ChromaStore.open(tmp_path)) as store:
            store.passages.nearest(_vectors(20), 5)
            store.sentences.vectors(_ids(rows))
            assert store.passages.hashes() == dict.fromkeys(_ids(rows), "hash")
            assert _hashes(tmp_path) == before
    assert _hashes(tmp_path) == before


def test_threads_open_and_close_one_store_without_getting_in_each_others_way(tmp_path: Path) -> None:
    with closing(ChromaStore.create(tmp_path, passages=3, sentences=3)) as store:
        store.passages.add(_ids(3), _vectors(3))
        store.sentences.add(_ids(3), _vectors(3))
    seal(tmp_path)

    def look(_: int) -> int:
        with closing(ChromaStore.open(tmp_path)) as store:
            return store.passages.count()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(look, range(100))) == [3] * 100


def test_without_a_seal_each_opening_leaves_a_mark(tmp_path: Path) -> None:
    """Why the seal exists; should Chroma stop writing on opening, it can go."""
    ChromaStore.create(tmp_path, passages=0, sentences=0).close()
    before = _hashes(tmp_path)
    ChromaStore.open(tmp_path).close()
    assert _hashes(tmp_path) != before


def test_a_store_that_is_no_store_is_damage(tmp_path: Path) -> None:
    (tmp_path / "chroma.sqlite3").write_bytes(b"not a database" * 400)
    with pytest.raises(IndexDamaged, match="summit reindex"):
        ChromaStore.open(tmp_path)


def test_a_file_that_cannot_be_written_is_said_to_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chroma wants the write lock even to read. Root may write anywhere, so that SQLite itself has to refuse here."""
    import chromadb
    from chromadb.errors import InternalError

    def refuse(*_: object, **__: object) -> None:
        raise InternalError("error returned from database: (code: 8) attempt to write a readonly database")

    monkeypatch.setattr(chromadb, "PersistentClient", refuse)
    with pytest.raises(StoreUnavailable, match="write access to the data folder"):
        ChromaStore.open(tmp_path)
