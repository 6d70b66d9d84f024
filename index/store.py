"""Stores in Chroma, in a folder or on a server: the only module that knows it."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast

import numpy as np

from index.embed import Matrix, Vector
from index.errors import IndexDamaged, StoreUnavailable, Unreachable
from index.pace import Pace
from index.server import Server
from index.space import Near, Space, in_order

if TYPE_CHECKING:
    import chromadb
    import httpx
    from chromadb.api.client import Client
    from chromadb.api.collection_configuration import CreateCollectionConfiguration

log = logging.getLogger(__name__)

BATCH_ROWS: Final = 500
PASSAGES: Final = "passages"
SENTENCES: Final = "sentences"
# Measured on text-like vectors: recall@10 is 1.00 with ef_search 400, against 0.97 at 20,000 rows with the default.
_HNSW: Final[Mapping[str, Any]] = {"space": "cosine", "ef_construction": 200, "ef_search": 400, "max_neighbors": 32}
_HASH_KEY: Final = "text_sha256"
_PAGE: Final = 100  # collections in one listing
_PIECE_CHARS: Final = 12_000  # Chroma Cloud takes documents of up to 16 KiB
_PIECES: Final = 200  # in one request
_SERVER_ROWS: Final = 300  # in one request; Chroma Cloud takes and gives no more
_CONNECT_S: Final = 5.0
_ANSWER_S: Final = 60.0
_PAUSE_FIRST_S: Final = 0.25
_PAUSE_MOST_S: Final = 8.0
T = TypeVar("T")

# Chroma keeps one system for all clients of a folder, and makes it and ends it without a lock: a second thread would
# get one that is half made, or just ended.
_opening = threading.Lock()


class Reach(Protocol):
    """How a call gets to Chroma, and what its failures become."""

    def read(self, call: Callable[[], T]) -> T: ...

    def write(self, call: Callable[[], T]) -> T: ...


class _InFolder:
    """Chroma in this process: no way to fail but its own."""

    def read(self, call: Callable[[], T]) -> T:
        with _chroma_border(StoreUnavailable):
            return call()

    def write(self, call: Callable[[], T]) -> T:
        return call()  # into a store that nobody else knows yet; the process that builds ends with it


@dataclass(frozen=True, slots=True)
class ChromaSpace:
    """One Chroma collection."""

    _collection: chromadb.Collection
    _max_rows: int
    _reach: Reach
    _pace: Pace | None = None  # of a space that is being filled

    def add(self, ids: Sequence[str], vectors: Matrix, hashes: Sequence[str] = ()) -> None:
        start = 0
        while start < len(ids):
            rows = slice(start, min(len(ids), start + self._most_rows()))
            metadatas = [{_HASH_KEY: text_hash} for text_hash in hashes[rows]]
            self._reach.write(
                partial(
                    self._collection.add,
                    ids=list(ids[rows]),
                    embeddings=vectors[rows],
                    metadatas=cast("list[chromadb.Metadata]", metadatas) or None,
                )
            )
            self._wrote(rows.stop - start)
            start = rows.stop
        while ids and self._pace and self._pace.missing:
            again = slice(0, min(len(ids), self._pace.missing, self._max_rows))
            self._reach.write(partial(self._collection.update, ids=list(ids[again]), embeddings=vectors[again]))
            self._wrote(again.stop)

    def _most_rows(self) -> int:
        return min(self._max_rows, self._pace.room) if self._pace else self._max_rows

    def _wrote(self, rows: int) -> None:
        if self._pace:
            self._pace.wrote(rows)

    def nearest(self, vectors: Matrix, top_k: int) -> list[list[Near]]:
        if not len(vectors):
            return []
        query = partial(self._collection.query, query_embeddings=vectors, n_results=top_k, include=["distances"])
        found = self._reach.read(query)
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
            some = once[start : start + self._max_rows]
            found = self._reach.read(partial(self._collection.get, ids=some, include=["embeddings"]))
            found_ids += found["ids"]
            rows += list(np.asarray(_present(found["embeddings"]), dtype=np.float32))
        return in_order(ids, found_ids, rows)

    def hashes(self) -> dict[str, str]:
        hashes: dict[str, str] = {}
        for offset in range(0, self.count(), self._max_rows):
            page = partial(self._collection.get, include=["metadatas"], limit=self._max_rows, offset=offset)
            found = self._reach.read(page)
            for row_id, metadata in zip(found["ids"], _present(found["metadatas"]), strict=True):
                hashes[row_id] = str((metadata or {}).get(_HASH_KEY, ""))
        return hashes

    def count(self) -> int:
        return self._reach.read(self._collection.count)


class ChromaStore:
    """Chroma in a folder of its own."""

    def __init__(self, client: Client, passages: ChromaSpace, sentences: ChromaSpace) -> None:
        self._client = client
        self.passages = passages
        self.sentences = sentences

    @classmethod
    def create(cls, folder: Path, *, passages: int, sentences: int) -> ChromaStore:
        """Make an empty store that will take this many rows; with the last of them it is all on disk."""
        client = _client(folder)

        def space(name: str, rows: int) -> ChromaSpace:
            pace = Pace(rows)
            collection = client.create_collection(name, embedding_function=None, configuration=_configuration(pace))
            return ChromaSpace(collection, _batch_rows(client), _InFolder(), pace)

        return cls(client, space(PASSAGES, passages), space(SENTENCES, sentences))

    @classmethod
    def open(cls, folder: Path) -> ChromaStore:
        """Open a sealed store whose files were compared with their hashes: a damaged graph can end the process.

        Raises IndexDamaged when Chroma cannot read it, StoreUnavailable when the folder cannot be written.
        """
        with _chroma_border(IndexDamaged):
            client = _client(folder)
            try:
                spaces = [
                    ChromaSpace(client.get_collection(name, embedding_function=None), _batch_rows(client), _InFolder())
                    for name in (PASSAGES, SENTENCES)
                ]
            except BaseException:
                _close(client)
                raise
        return cls(client, *spaces)

    def nearest_passages(self, vector: Vector, top_k: int) -> list[Near]:
        return self.passages.nearest(vector[np.newaxis], top_k)[0]

    def nearest_sentences(self, vector: Vector, top_k: int) -> list[Near]:
        return self.sentences.nearest(vector[np.newaxis], top_k)[0]

    def close(self) -> None:
        _close(self._client)


class ServerStore:
    """Two collections on a server, which stay there, and connected, when this is closed."""

    def __init__(self, passages: Space, sentences: Space) -> None:
        self.passages = passages
        self.sentences = sentences

    def nearest_passages(self, vector: Vector, top_k: int) -> list[Near]:
        return self.passages.nearest(vector[np.newaxis], top_k)[0]

    def nearest_sentences(self, vector: Vector, top_k: int) -> list[Near]:
        return self.sentences.nearest(vector[np.newaxis], top_k)[0]

    def close(self) -> None:
        """Nothing to let go of."""


class NameTaken(Exception):
    """A collection of that name is there already."""


class Connection:
    """A Chroma server. It is reached when it is first needed, and again whenever it was gone.

    After a failure nothing is tried for a while, twice as long each time: whoever asks is told at once, and a server
    that comes back is not met by everybody together. Every failure becomes StoreUnavailable, most often Unreachable.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = threading.Lock()  # over the fields below; held while connecting, so that one does it for all
        self._client: Client | None = None
        self._max_rows = _SERVER_ROWS
        self._failures = 0
        self._not_before = 0.0

    def read(self, call: Callable[[], T]) -> T:
        """Run a call that may be run twice: a connection that was kept open may have been closed by the other side."""
        return self._run(call, attempts=2)

    write = read  # adding a row that is there already changes nothing

    def collections(self) -> dict[str, dict[str, str | int]]:
        """What each collection says of itself, by name."""
        found: dict[str, dict[str, str | int]] = {}
        while True:
            page = self.read(partial(self._page, len(found)))
            found |= {one.name: cast("dict[str, str | int]", dict(one.metadata or {})) for one in page}
            if len(page) < _PAGE:
                return found

    def _page(self, offset: int) -> Sequence[chromadb.Collection]:
        return self._connected().list_collections(limit=_PAGE, offset=offset)

    def create(self, name: str, metadata: Mapping[str, str | int]) -> None:
        """Make an empty collection that only says something of itself. Raises NameTaken; one of several wins."""
        self._create(name, metadata=dict(metadata))

    def describe(self, name: str, metadata: Mapping[str, str | int]) -> None:
        """Have a collection say something else of itself."""
        self.read(lambda: self._collection(name).modify(metadata=cast("chromadb.CollectionMetadata", dict(metadata))))

    def create_space(self, name: str, rows: int) -> ChromaSpace:
        """Make an empty space that will take this many rows. Raises NameTaken."""
        pace = Pace(rows)
        return ChromaSpace(self._create(name, configuration=_configuration(pace)), self._max_rows, self, pace)

    def space(self, name: str) -> ChromaSpace:
        """Raises IndexDamaged when there is none of that name."""
        return ChromaSpace(self._found(name), self._max_rows, self)

    def create_text(self, name: str, text: str) -> None:
        """Keep a text of any length, in pieces that any server takes. Raises NameTaken."""
        pieces = [text[start : start + _PIECE_CHARS] for start in range(0, len(text), _PIECE_CHARS)]
        collection = self._create(name, configuration=_configuration(Pace(len(pieces))))
        for start in range(0, len(pieces), _PIECES):
            numbers = np.arange(start, min(start + _PIECES, len(pieces)), dtype=np.float32)
            # A row must have a vector. Nobody asks for it; were they all the same, the graph would be one knot.
            vectors = np.stack([np.cos(numbers), np.sin(numbers)], axis=1)
            ids = [f"{start + at:09}" for at in range(len(numbers))]
            documents = pieces[start : start + _PIECES]
            self.write(partial(collection.add, ids=ids, embeddings=vectors, documents=documents))

    def text(self, name: str) -> str:
        """The text that was kept under a name. Raises IndexDamaged when a piece is missing."""
        collection = self._found(name)
        count = self.read(collection.count)
        pieces: list[str] = []
        for start in range(0, count, _PIECES):
            ids = [f"{number:09}" for number in range(start, min(start + _PIECES, count))]
            found = self.read(partial(collection.get, ids=ids, include=["documents"]))
            by_id = dict(zip(found["ids"], _present(found["documents"]), strict=True))
            if by_id.keys() != set(ids):
                raise IndexDamaged(f"{name} on the store server lacks a piece: run `summit reindex`")
            pieces += [by_id[row_id] for row_id in ids]
        return "".join(pieces)

    def delete(self, name: str) -> None:
        """Remove a collection, if it is there."""
        from chromadb.errors import NotFoundError

        def remove() -> None:
            with suppress(NotFoundError):
                self._connected().delete_collection(name)

        self.read(remove)

    def now_ms(self) -> int:
        """The server's clock: those of its clients differ."""
        return self.read(lambda: self._connected().heartbeat()) // 1_000_000

    def close(self) -> None:
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            client.close()
            for session in _sessions(client):
                session.close()  # Chroma leaves its connections open

    def _create(self, name: str, **how: Any) -> chromadb.Collection:
        from chromadb.errors import ChromaError

        def make() -> chromadb.Collection | None:
            try:
                return _disarmed(self._connected().create_collection(name, embedding_function=None, **how))
            except ChromaError as exc:
                if "already exists" in str(exc):
                    return None
                raise

        made = self._run(make, attempts=1)
        if made is None:
            raise NameTaken(name)
        return made

    def _found(self, name: str) -> chromadb.Collection:
        from chromadb.errors import NotFoundError

        def find() -> chromadb.Collection | None:
            try:
                return self._collection(name)
            except NotFoundError:
                return None

        found = self.read(find)
        if found is None:
            raise IndexDamaged(f"{name} is not on the store server any more: run `summit reindex`")
        return found

    def _collection(self, name: str) -> chromadb.Collection:
        return _disarmed(self._connected().get_collection(name, embedding_function=None))

    def _connected(self) -> Client:
        with self._lock:
            if self._client is None:
                self._not_again_yet()  # while we waited for the lock, somebody may have found that it is gone
                self._client = _http_client(self._server)
                self._max_rows = min(self._client.get_max_batch_size(), _SERVER_ROWS)
            return self._client

    def _not_again_yet(self) -> None:
        wait_s = self._not_before - time.monotonic()
        if wait_s > 0:
            raise Unreachable(
                f"the store server at {self._server.url} does not answer: it is tried again in {wait_s:.1f} s"
            )

    def _run(self, call: Callable[[], T], *, attempts: int) -> T:
        self._not_again_yet()
        with self._border():
            for _ in range(attempts - 1):
                with suppress(*_lost_connections()):
                    return call()
            return call()

    @contextmanager
    def _border(self) -> Iterator[None]:
        """Translate what a lost, slow or unwilling server raises, and keep count of it."""
        import httpx
        from chromadb.errors import ChromaError, NotFoundError

        where = f"the store server at {self._server.url}"
        try:
            yield
        except NotFoundError as exc:
            raise StoreUnavailable(f"{where} does not have what was asked for ({exc}): ask again") from exc
        except (httpx.HTTPError, ChromaError, ValueError) as exc:
            self._failed(exc)
            raise Unreachable(f"{where} does not answer ({_reason(exc)}): start it, or wait until it is") from exc
        except Exception as exc:
            if type(exc) is not Exception:  # which is what Chroma raises for an answer that it does not understand
                raise
            self._failed(exc)
            raise Unreachable(f"{where} refuses ({_reason(exc)}): see its log, and SUMMIT_CHROMA_TOKEN") from exc
        else:
            if self._failures:
                log.info("%s answers again", where)
                self._failures = 0

    def _failed(self, exc: Exception) -> None:
        if time.monotonic() < self._not_before:
            return  # several were under way at once: that is one failure
        if not self._failures:
            log.warning("the store server at %s does not answer: %s", self._server.url, _reason(exc))
        self._not_before = time.monotonic() + min(_PAUSE_FIRST_S * 2**self._failures, _PAUSE_MOST_S)
        self._failures = min(self._failures + 1, 20)


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
    with _opening:
        return cast("Client", chromadb.PersistentClient(str(folder), settings=settings))


def _close(client: Client) -> None:
    with _opening:
        client.close()


def _http_client(server: Server) -> Client:
    import chromadb
    import httpx
    from chromadb.api.client import Client as ClientClass
    from chromadb.config import Settings

    # Chroma's client waits for ever, and leaves connections open when the database is not there: so that is seen first.
    place = f"{server.url}/api/v2/tenants/{server.tenant}/databases/{server.database}"
    httpx.get(place, headers=server.headers, timeout=_CONNECT_S).raise_for_status()
    client = chromadb.HttpClient(
        host=server.url,
        ssl=server.url.startswith("https:"),
        headers=server.headers,
        tenant=server.tenant,
        database=server.database,
        settings=Settings(_env_file=None, anonymized_telemetry=False),  # type: ignore[call-arg]
    )
    assert isinstance(client, ClientClass)
    for session in _sessions(client):
        session.timeout = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
    return client


def _disarmed(collection: chromadb.Collection) -> chromadb.Collection:
    """Without what the server stores of embedding functions.

    Chroma makes them from there whenever it looks at a collection's settings, and adding a row is enough to look,
    whatever we name ourselves. Ours have none.
    """
    model = collection.get_model()
    model.configuration_json = {}
    model.serialized_schema = None
    return collection


def _sessions(client: Client) -> list[httpx.Client]:
    """The HTTP clients within Chroma's, which offers no way to set their time limits or to close them."""
    from chromadb.api.client import AdminClient
    from chromadb.api.fastapi import FastAPI

    assert isinstance(client._admin_client, AdminClient)
    servers = (client._server, client._admin_client._server)
    return [server._session for server in servers if isinstance(server, FastAPI)]


def _lost_connections() -> tuple[type[Exception], ...]:
    import httpx

    return (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)


def _reason(exc: Exception) -> str:
    return " ".join(str(exc).split())[:200] or type(exc).__name__


def _batch_rows(client: Client) -> int:
    return min(client.get_max_batch_size(), BATCH_ROWS)


def _configuration(pace: Pace) -> CreateCollectionConfiguration:
    hnsw = {**_HNSW, "sync_threshold": pace.threshold, "batch_size": min(pace.threshold, 100)}
    return cast("CreateCollectionConfiguration", {"hnsw": hnsw})


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


def _present(rows: T | None) -> T:
    if rows is None:
        raise IndexDamaged("Chroma left out what it was asked to include: run `summit reindex`")
    return rows
