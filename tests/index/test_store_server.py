from __future__ import annotations

import itertools
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from types import SimpleNamespace

import chromadb
import httpx
import pytest
from chromadb.utils.embedding_functions import known_embedding_functions

from index import builder as builder_module
from index import builders_lease as lease_module
from index import library as library_module
from index import store as store_module
from index.build import reindex
from index.builder import Model, build
from index.builders_lease import BuildersLease
from index.errors import BuilderBusy, BuildFailed, IndexDamaged, IndexMissing, StoreUnavailable, Unreachable
from index.library import Library
from index.model_choice import ModelChoice
from index.server import Server
from index.server_shelf import ServerShelf
from index.space import VectorStore
from index.store import Connection, NameTaken, ServerStore
from tests.fakes import FakeEmbedder, never_silent, numbered_articles, write_articles
from tests.index import test_store
from tests.store_server import StoreServer, running

QUESTION = "What did minister 2 say about subject2x1 in the talks?"
FAKE_CHILD = (sys.executable, "-P", str(Path(__file__).parents[1] / "faults" / "fake_child.py"))
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(running_server: StoreServer) -> Server:
    """An index of its own for each test, on one server."""
    return Server(running_server.url, index=f"test-{next(_numbers)}")


@pytest.fixture
def connection(server: Server) -> Iterator[Connection]:
    with closing(Connection(server)) as connection:
        yield connection


@pytest.fixture
def store(server: Server, connection: Connection) -> VectorStore:
    return ServerStore(
        connection.create_space(f"{server.index}-passages", test_store.ROWS),
        connection.create_space(f"{server.index}-sentences", 3),
    )


class TestTheStoreOnAServer(test_store.TestEveryStore):
    """What is asked of every store."""


class Office:
    """A folder of articles with its index on the server, and the hosts that share it."""

    def __init__(self, root: Path, server: Server) -> None:
        self.articles = write_articles(root / "articles", numbered_articles(4))
        self.root = root
        self.server = server
        self.embedder = FakeEmbedder()

    def build(self, edition: str = "first", host: str = "host-a", full: bool = False) -> str:
        write_articles(self.articles, numbered_articles(4, edition=edition))
        model = Model(self.embedder.identity, lambda _: self.embedder)
        return build(
            self.articles, self.root / host, model, lambda _: None, full=full, force=False, server=self.server
        ).generation

    def library(self, host: str = "host-a") -> Library:
        return Library(self.root / "no-articles-here", self.root / host, self.embedder, never_silent(), self.server)

    def shelf(self, host: str = "host-a") -> closing[ServerShelf]:
        return closing(ServerShelf(self.server, self.root / host))


@pytest.fixture
def office(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(library_module, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(library_module, "RETRY_EVERY_S", 0.0)
    return Office(tmp_path, server)


def test_another_host_answers_from_what_one_has_built(office: Office) -> None:
    assert office.build() == "gen-1"
    with closing(office.library("host-b")) as library:
        quote = library.ask(QUESTION).quotes[0]
        assert quote.article.path == "article-002.txt" and "subject2x1" in quote.text
        office.build("second")
        assert "second talks" in library.ask(QUESTION).quotes[0].text
        office.build("third")
        office.build("fourth")
        assert "fourth talks" in library.ask(QUESTION).quotes[0].text


def test_a_text_of_any_length_comes_back_as_it_was(connection: Connection, server: Server) -> None:
    for number, text in enumerate(("", "short", "line\n" * 1_000_000)):
        connection.create_text(f"{server.index}-text-{number}", text)
        assert connection.text(f"{server.index}-text-{number}") == text


def test_of_two_that_make_a_name_one_is_told(connection: Connection, server: Server) -> None:
    connection.create(f"{server.index}-one", {"by": "first"})
    with pytest.raises(NameTaken):
        connection.create(f"{server.index}-one", {"by": "second"})
    assert connection.collections()[f"{server.index}-one"] == {"by": "first"}


def test_all_collections_are_listed_however_many_there_are(
    connection: Connection, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "_PAGE", 2)
    names = {f"{server.index}-{number}" for number in range(5)}
    for name in names:
        connection.create(name, {"some": "thing"})
    assert names <= connection.collections().keys()


def test_nothing_built_is_no_index(office: Office) -> None:
    with pytest.raises(IndexMissing, match="summit reindex"):
        office.library()


def test_a_reindex_costs_what_changed(office: Office) -> None:
    office.build()
    before = len(office.embedder.embedded)
    assert office.build() == "gen-1"
    text = (office.articles / "article-001.txt").read_text()
    (office.articles / "article-001.txt").write_text(text.replace("Nobody left", "Somebody left"))
    model = Model(office.embedder.identity, lambda _: office.embedder)
    receipt = build(
        office.articles, office.root / "host-b", model, lambda _: None, full=False, force=False, server=office.server
    )
    assert (receipt.generation, receipt.changed, receipt.unchanged) == ("gen-3", 1, 3)
    assert 0 < receipt.embedded < before


def test_a_number_is_never_given_twice(office: Office, connection: Connection) -> None:
    office.build()
    for name in connection.collections():
        if name.startswith(f"{office.server.index}-builder-"):
            connection.delete(name)
    assert office.build("second") == "gen-2"


def test_what_serves_and_the_one_before_are_kept(office: Office) -> None:
    for edition in ("first", "second", "third"):
        office.build(edition)
    with office.shelf() as shelf:
        assert shelf.generations() == ["gen-3", "gen-2"]


def test_indexes_on_one_server_do_not_meet(office: Office, tmp_path: Path) -> None:
    office.build()
    other = Office(tmp_path / "other", Server(office.server.url, index=f"{office.server.index}-gen-1"))
    other.build("second")
    for edition in ("third", "fourth", "fifth"):
        office.build(edition)
    with closing(other.library()) as library:
        assert "second talks" in library.ask(QUESTION).quotes[0].text


def test_a_generation_that_fails_its_checks_is_not_published(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.build()
    with monkeypatch.context() as patched:
        patched.setattr(builder_module, "text_hash", lambda text: "0" * 64)
        with pytest.raises(BuildFailed, match="another text"):
            office.build("second")
    with closing(office.library()) as library:
        assert "first talks" in library.ask(QUESTION).quotes[0].text
    assert office.build("third") == "gen-3"


@pytest.mark.parametrize("part", ["passages", "sentences", "articles", "names", "manifest"])
def test_a_generation_with_a_part_missing_is_refused_and_healed(
    office: Office, connection: Connection, part: str
) -> None:
    office.build()
    connection.delete(f"{office.server.index}-gen-1-{part}")
    with pytest.raises(IndexDamaged, match="summit reindex"):
        office.library()
    assert office.build() == "gen-2"
    with closing(office.library()) as library:
        assert library.ask(QUESTION).quotes


@pytest.mark.parametrize("part", ["articles", "names", "manifest"])
def test_a_text_that_was_changed_on_the_server_is_refused(office: Office, connection: Connection, part: str) -> None:
    office.build()
    name = f"{office.server.index}-gen-1-{part}"
    text = connection.text(name)
    connection.delete(name)
    connection.create_text(name, text.replace("1", "2", 1))
    with pytest.raises(IndexDamaged, match="summit reindex"):
        office.library()


def test_a_question_to_a_generation_that_was_swept_away_is_asked_of_the_newest(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.build()
    with closing(office.library("host-b")) as library:
        for edition in ("second", "third"):
            office.build(edition)
        # As if it had looked a moment before those were published.
        monkeypatch.setattr(library_module, "LOOK_EVERY_S", 60.0)
        library._next_look = time.monotonic() + 60.0
        assert "third talks" in library.ask(QUESTION).quotes[0].text


def test_a_second_builder_is_told_and_a_dead_one_is_followed(
    office: Office, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    (office.root / "host-b").mkdir()
    lease = BuildersLease(connection, office.server.index)
    with lease.held(office.root / "host-b"):
        lease.confirm()
        with pytest.raises(BuilderBusy, match="another host"):
            office.build(host="host-a")
    assert office.build(host="host-a") == "gen-2"
    # Host b takes its turn again and dies: from its own data folder one builds at once, from others once it ran out.
    monkeypatch.setattr(BuildersLease, "_give_back", lambda self: None)
    with BuildersLease(connection, office.server.index).held(office.root / "host-b"):
        pass
    with pytest.raises(BuilderBusy):
        office.build("second", host="host-a")
    assert office.build("second", host="host-b") == "gen-4"
    monkeypatch.setattr(Connection, "now_ms", lambda self: int((time.time() + lease_module.LEASE_S + 1) * 1000))
    assert office.build("third", host="host-a") == "gen-5"


def test_a_builder_that_lost_its_turn_publishes_nothing(
    office: Office, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.build()
    seen = ServerShelf.verify

    def lose_turn(shelf: ServerShelf, *how: object) -> None:
        seen(shelf, *how)  # type: ignore[arg-type]  # handed on as they came
        newest = max(BuildersLease(connection, office.server.index)._leases())
        connection.create(f"{office.server.index}-builder-{newest + 1}", {"holder": "else", "until_ms": 0})

    with monkeypatch.context() as patched:
        patched.setattr(ServerShelf, "verify", lose_turn)
        with pytest.raises(BuildFailed, match="lost its turn"):
            office.build("second")
    with closing(office.library()) as library:
        assert "first talks" in library.ask(QUESTION).quotes[0].text


def test_a_stored_embedding_function_is_never_made(
    office: Office, server: Server, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    trap = known_embedding_functions["sentence_transformer"]
    monkeypatch.setattr(trap, "build_from_config", staticmethod(lambda config: made.append(config)))
    poison = {
        "type": "known",
        "name": "sentence_transformer",
        "config": {"model_name": "evil", "device": "cpu", "normalize_embeddings": False, "kwargs": {}},
    }
    create = Connection._create

    def create_poisoned(self: Connection, name: str, **how: object) -> chromadb.Collection:
        """Ours has no way to store one, so that it is put there as somebody else would."""
        address = f"{server.url}/api/v2/tenants/{server.tenant}/databases/{server.database}/collections"
        hnsw = {"space": "cosine", "ef_search": 400}
        body = {"name": name, "configuration": {"hnsw": hnsw, "embedding_function": poison}}
        httpx.post(address, json=body | {"metadata": how.get("metadata")}).raise_for_status()
        found = self._found(name)
        stored = httpx.get(f"{address}/{name}").json()["configuration_json"]
        assert stored["embedding_function"]["config"]["model_name"] == "evil"
        return found

    monkeypatch.setattr(Connection, "_create", create_poisoned)
    office.build()
    with closing(office.library("host-b")) as library:
        assert library.ask(QUESTION).quotes
    monkeypatch.setattr(Connection, "_create", create)
    office.build("second")
    with office.shelf() as shelf:
        shelf.contents()
    assert made == []
    # The trap is one: Chroma itself falls into it as soon as it looks at what is stored.
    name = f"{server.index}-gen-1-passages"
    collection = connection._connected().get_collection(name, embedding_function=None)
    with suppress(TypeError, ValueError):
        collection.add(ids=["a"], embeddings=[1.0] * 64, metadatas=[{"text": "a"}])
    assert made


def test_a_server_that_is_not_there_is_said_to_be_gone_and_not_asked_again_at_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running(tmp_path / "store") as running_server:
        server = Server(running_server.url)
        office = Office(tmp_path, server)
        office.build()
        with closing(office.library()) as library:
            assert library.ask(QUESTION).quotes
            running_server.kill()
            with caplog.at_level(logging.INFO, logger="index"):
                for _ in range(50):
                    with pytest.raises(StoreUnavailable, match="does not answer"):
                        library.ask(QUESTION)
            assert caplog.text.count("does not answer") == 1, "the log repeats itself"
            assert library.sources() and library.article("article-002.txt"), "what needs no server fails"
            with pytest.raises(BuildFailed, match="does not answer"):
                office.build("second")
            running_server.start()
            deadline = time.monotonic() + 20
            while True:
                try:
                    quote = library.ask(QUESTION).quotes[0]
                    break
                except StoreUnavailable:
                    assert time.monotonic() < deadline
                    time.sleep(0.1)
            assert "first talks" in quote.text


def test_failures_pause_twice_as_long_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        connection = Connection(Server(f"http://127.0.0.1:{probe.getsockname()[1]}"))
        now = 1000.0
        monkeypatch.setattr(store_module, "time", SimpleNamespace(monotonic=lambda: now))
        pauses = []
        for _ in range(8):
            with pytest.raises(Unreachable, match="does not answer"):
                connection.collections()
            with pytest.raises(Unreachable, match="tried again in"):
                connection.collections()
            pauses.append(connection._not_before - now)
            now = connection._not_before
    assert pauses == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


class Stranger:
    """Something that listens where a store server should be, and answers each request in one way."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.heard: list[bytes] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            with caller:
                self.heard.append(caller.recv(65536))
                caller.sendall(self._answer)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def _answer(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    "answer",
    [b"", b"nonsense", _answer("502 Bad Gateway", "<html>"), _answer("401 Unauthorized", "{}"), _answer("200 OK", "[")],
    ids=["nothing", "nonsense", "a proxy's error", "refused", "broken JSON"],
)
def test_whatever_answers_in_its_place_is_no_store_server(answer: bytes) -> None:
    with (
        closing(Stranger(answer)) as stranger,
        closing(Connection(Server(stranger.url))) as connection,
        pytest.raises(StoreUnavailable),
    ):
        connection.collections()


def test_the_token_goes_with_each_request_and_nowhere_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "canary-token-of-the-store"
    monkeypatch.setenv("SUMMIT_CHROMA_TOKEN", token)
    with closing(Stranger(_answer("401 Unauthorized", "{}"))) as stranger, caplog.at_level(logging.DEBUG):
        server = Server(stranger.url, token)
        with closing(Connection(server)) as connection, pytest.raises(StoreUnavailable) as caught:
            connection.collections()
        heard = b"".join(stranger.heard).lower()
        assert b"authorization: bearer " + token.encode() in heard and b"x-chroma-token: " + token.encode() in heard
        articles = write_articles(tmp_path / "articles", numbered_articles(1))
        report = (
            "import os, pathlib, sys, time\n"
            "said = pathlib.Path('/proc/self/environ').read_bytes() + pathlib.Path('/proc/self/cmdline').read_bytes()\n"
            "pathlib.Path('seen').write_bytes(said)\n"
            "from index.child import serve\n"
            "from tests.fakes import fake_model\n"
            "sys.exit(serve(sys.argv[1], fake_model))\n"
        )
        with pytest.raises(BuildFailed) as failed:
            reindex(
                articles, tmp_path / "data", ModelChoice("fake"), server=server, child=(sys.executable, "-c", report)
            )
    assert b"PATH=" in (tmp_path / "data" / "seen").read_bytes()
    for shown in (str(caught.value), str(failed.value), caplog.text, repr(server)):
        assert token not in shown
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or token.encode() not in path.read_bytes(), path


def test_the_child_builds_on_the_server_and_ends_with_its_parent(office: Office) -> None:
    receipt = reindex(
        office.articles, office.root / "host-a", ModelChoice("fake"), server=office.server, child=FAKE_CHILD
    )
    assert receipt.generation == "gen-1"
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
    request = '{"on_server": true}'
    child = subprocess.run(
        [*FAKE_CHILD, request], env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False
    )
    assert child.returncode == 3, "it waits for a server that nobody will name"


def test_a_database_that_is_not_there_is_said_to_be_missing(running_server: StoreServer) -> None:
    server = Server(running_server.url, database="nowhere")
    with closing(Connection(server)) as connection, pytest.raises(StoreUnavailable, match="nowhere"):
        connection.collections()


def test_another_database_is_another_place(running_server: StoreServer, tmp_path: Path) -> None:
    address = f"{running_server.url}/api/v2/tenants/default_tenant/databases"
    httpx.post(address, json={"name": "newsroom"}).raise_for_status()
    here, there = (
        Office(tmp_path / name, Server(running_server.url, database=name, index="shared"))
        for name in ("default_database", "newsroom")
    )
    here.build("first")
    there.build("second")
    with closing(here.library()) as library:
        assert "first talks" in library.ask(QUESTION).quotes[0].text
    with closing(there.library()) as library:
        assert "second talks" in library.ask(QUESTION).quotes[0].text
