"""Vectors by id, and the nearest ones to a query: the only module that knows Chroma.

A store has two spaces, one row a passage and one row a sentence. Rows are unit vectors under cosine similarity.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

import numpy as np

from index.embed import Matrix, Vector
from index.errors import IndexDamaged, StoreUnavailable

if TYPE_CHECKING:
    import chromadb
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration

BATCH_ROWS: Final = 500
PASSAGES: Final = "passages"
SENTENCES: Final = "sentences"
# Measured on text-like vectors: recall@10 is 1.00 with ef_search 400, against 0.97 at 20,000 rows with the default.
_HNSW: Final[Mapping[str, Any]] = {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}
_HASH_KEY: Final = "text_sha256"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Near:
    """A row near a query. `similarity` is the cosine, in [-1, 1]; higher is nearer."""

    id: str
    similarity: float


class Space(Protocol):
    """Unit vectors by id."""

    def add(self, ids: Sequence[str], vectors: Matrix, hashes: Sequence[str] = ()) -> None:
        """Append rows; `hashes` are the SHA-256 of the texts behind them, where that is to be kept."""

    def nearest(self, vectors: Matrix, top_k: int) -> list[list[Near]]:
        """For each row of `vectors`, at most `top_k` rows of this space, nearest first."""

    def vectors(self, ids: Sequence[str]) -> Matrix:
        """The rows of these ids, in their order, repeated as they repeat. Raises IndexDamaged when one is missing."""

    def hashes(self) -> dict[str, str]:
        """Every id with the hash that came with it, or an empty one."""


class VectorStore(Protocol):
    """Where a generation's vectors lie."""

    @property
    def passages(self) -> Space: ...

    @property
    def sentences(self) -> Space: ...

    def nearest_passages(self, vector: Vector, top_k: int) -> list[Near]: ...

    def nearest_sentences(self, vector: Vector, top_k: int) -> list[Near]: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class MemorySpace:
    """An exact scan over an array."""

    _ids: list[str] = field(default_factory=list)
    _rows: list[Vector] = field(default_factory=list)
    _hashes: list[str] = field(default_factory=list)

    def add(self, ids: Sequence[str], vectors: Matrix, hashes: Sequence[str] = ()) -> None:
        self._ids += ids
        self._rows += [np.asarray(row, dtype=np.float32) for row in vectors]
        self._hashes += hashes or [""] * len(ids)

    def nearest(self, vectors: Matrix, top_k: int) -> list[list[Near]]:
        if not self._rows:
            return [[] for _ in vectors]
        similarities = vectors @ np.stack(self._rows).T
        best = np.argsort(-similarities, axis=1, kind="stable")[:, :top_k]
        return [
            [Near(self._ids[column], float(row[column])) for column in columns]
            for row, columns in zip(similarities, best, strict=True)
        ]

    def vectors(self, ids: Sequence[str]) -> Matrix:
        return _in_order(ids, self._ids, self._rows)

    def hashes(self) -> dict[str, str]:
        return dict(zip(self._ids, self._hashes, strict=True))


class MemoryStore:
    """A store that lasts as long as its process."""

    def __init__(self) -> None:
        self.passages = MemorySpace()
        self.sentences = MemorySpace()

    def nearest_passages(self, vector: Vector, top_k: int) -> list[Near]:
        return self.passages.nearest(vector[np.newaxis], top_k)[0]

    def nearest_sentences(self, vector: Vector, top_k: int) -> list[Near]:
        return self.sentences.nearest(vector[np.newaxis], top_k)[0]

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass(frozen=True, slots=True)
class ChromaSpace:
    """One Chroma collection."""

    _collection: chromadb.Collection
    _max_rows: int
    _writes_twice: bool = False  # Chroma takes no threshold below 2: one row alone would stay in its log for ever

    def add(self, ids: Sequence[str], vectors: Matrix, hashes: Sequence[str] = ()) -> None:
        for start in range(0, len(ids), self._max_rows):
            rows = slice(start, start + self._max_rows)
            self._collection.add(
                ids=list(ids[rows]),
                embeddings=vectors[rows],
                metadatas=[{_HASH_KEY: text_hash} for text_hash in hashes[rows]] or None,
            )
        if self._writes_twice:
            self._collection.update(ids=list(ids), embeddings=vectors)

    def nearest(self, vectors: Matrix, top_k: int) -> list[list[Near]]:
        if not len(vectors):
            return []
        with _chroma_border(StoreUnavailable):
            found = self._collection.query(query_embeddings=vectors, n_results=top_k, include=["distances"])
        distances = found["distances"] or []
        return [
            # Chroma's cosine distance is 1 - similarity.
            [Near(row_id, 1.0 - distance) for row_id, distance in zip(row_ids, row, strict=True)]
            for row_ids, row in zip(found["ids"], distances, strict=True)
        ]

    def vectors(self, ids: Sequence[str]) -> Matrix:
        found_ids: list[str] = []
        rows: list[Vector] = []
        once = list(dict.fromkeys(ids))  # Chroma refuses an id that is asked for twice
        for start in range(0, len(once), self._max_rows):
            with _chroma_border(StoreUnavailable):
                found = self._collection.get(ids=once[start : start + self._max_rows], include=["embeddings"])
            found_ids += found["ids"]
            rows += list(np.asarray(_present(found["embeddings"]), dtype=np.float32))
        return _in_order(ids, found_ids, rows)

    def hashes(self) -> dict[str, str]:
        hashes: dict[str, str] = {}
        with _chroma_border(StoreUnavailable):
            for offset in range(0, self._collection.count(), self._max_rows):
                found = self._collection.get(include=["metadatas"], limit=self._max_rows, offset=offset)
                for row_id, metadata in zip(found["ids"], _present(found["metadatas"]), strict=True):
                    hashes[row_id] = str((metadata or {}).get(_HASH_KEY, ""))
        return hashes


class ChromaStore:
    """Chroma in a folder of its own."""

    def __init__(self, client: Client, passages: chromadb.Collection, sentences: chromadb.Collection) -> None:
        self._client = client
        max_rows = min(client.get_max_batch_size(), BATCH_ROWS)
        self.passages = ChromaSpace(passages, max_rows)
        self.sentences = ChromaSpace(sentences, max_rows)

    @classmethod
    def create(cls, folder: Path, *, passages: int, sentences: int) -> ChromaStore:
        """Make an empty store that will take this many rows.

        Chroma writes its graph to disk each `sync_threshold` rows and keeps the rest in a log that each opening
        replays. With the threshold at the number of rows, it is written once, whole, by the last `add`.
        """
        client = _client(folder)

        def collection(name: str, rows: int) -> chromadb.Collection:
            threshold = max(rows, 2)
            hnsw = {**_HNSW, "sync_threshold": threshold, "batch_size": min(threshold, 100)}
            configuration = cast("CreateCollectionConfiguration", {"hnsw": hnsw})
            return client.create_collection(name, embedding_function=None, configuration=configuration)

        store = cls(client, collection(PASSAGES, passages), collection(SENTENCES, sentences))
        store.passages = replace(store.passages, _writes_twice=passages == 1)
        store.sentences = replace(store.sentences, _writes_twice=sentences == 1)
        return store

    @classmethod
    def open(cls, folder: Path) -> ChromaStore:
        """Open a sealed store whose files were compared with their hashes: a damaged graph can end the process.

        Raises IndexDamaged when Chroma cannot read it, StoreUnavailable when the folder cannot be written.
        """
        with _chroma_border(IndexDamaged):
            client = _client(folder)
            try:
                store = cls(
                    client,
                    client.get_collection(PASSAGES, embedding_function=None),
                    client.get_collection(SENTENCES, embedding_function=None),
                )
            except BaseException:
                client.close()
                raise
        return store

    def nearest_passages(self, vector: Vector, top_k: int) -> list[Near]:
        return self.passages.nearest(vector[np.newaxis], top_k)[0]

    def nearest_sentences(self, vector: Vector, top_k: int) -> list[Near]:
        return self.sentences.nearest(vector[np.newaxis], top_k)[0]

    def close(self) -> None:
        self._client.close()


def seal(folder: Path) -> None:
    """Make sure that opening the closed store in `folder` changes no byte of it, and give back its unused space.

    Chroma tries for the write lock on each opening by a row into `acquire_write`, so that a store that is only read
    would differ from its hashes after the first reader. The trigger turns that insert into nothing. The space is what
    its log took before the graph was written: six parts in seven of the file.
    """
    with closing(sqlite3.connect(folder / "chroma.sqlite3", isolation_level=None)) as database:
        database.execute("CREATE TRIGGER sealed BEFORE INSERT ON acquire_write BEGIN SELECT RAISE(IGNORE); END")
        database.execute("VACUUM")


def _client(folder: Path) -> Client:
    # Imported here because it takes 0.8 s, which `summit sources` or `summit --help` need not pay.
    import chromadb
    from chromadb.config import Settings

    # Chroma reads `.env` in the working directory by itself; that file is ours.
    settings = Settings(_env_file=None, anonymized_telemetry=False)  # type: ignore[call-arg]
    return cast("Client", chromadb.PersistentClient(str(folder), settings=settings))


@contextmanager
def _chroma_border(error: type[IndexDamaged] | type[StoreUnavailable]) -> Iterator[None]:
    """Translate what Chroma raises: its own errors, and the panics of its Rust core, which are no Exceptions."""
    from chromadb.errors import ChromaError

    try:
        yield
    except ChromaError as exc:
        if "readonly" in str(exc):
            raise StoreUnavailable(
                f"the vector store cannot be written ({exc}): Chroma needs write access to the data folder to read it"
            ) from exc
        raise error(f"the vector store fails ({exc}): run `summit reindex`") from exc
    except BaseException as exc:
        if type(exc).__module__ == "pyo3_runtime":
            raise error(f"the vector store fails ({exc}): run `summit reindex`") from exc
        raise


def _in_order(ids: Sequence[str], found_ids: Sequence[str], rows: Sequence[Vector]) -> Matrix:
    by_id = dict(zip(found_ids, rows, strict=True))
    missing = [row_id for row_id in ids if row_id not in by_id]
    if missing:
        raise IndexDamaged(f"the vector of {missing[0]} and {len(missing) - 1} more are missing: run `summit reindex`")
    return np.stack([by_id[row_id] for row_id in ids]) if ids else np.empty((0, 0), dtype=np.float32)


def _present(rows: T | None) -> T:
    if rows is None:
        raise IndexDamaged("Chroma left out what it was asked to include: run `summit reindex`")
    return rows
