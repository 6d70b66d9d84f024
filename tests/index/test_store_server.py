from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index import library as library_module
from index.builder import Model, build
from index.library import Library
from index.server import Server
from tests.fakes import FakeEmbedder, never_silent, numbered_articles, write_articles
from tests.store_server import StoreServer, running

QUESTION = "What did minister 2 say about subject2x1 in the talks?"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    with running(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def server(running_server: StoreServer) -> Server:
    """An index of its own for each test, on one server."""
    return Server(running_server.url, index=f"test-{next(_numbers)}")


class Office:
    def __init__(self, root: Path, server: Server) -> None:
        self.articles = write_articles(root / "articles", numbered_articles(4))
        self.root = root
        self.server = server
        self.embedder = FakeEmbedder()

    def build(self, edition: str = "first", host: str = "host-a", full: bool = False) -> str:
        write_articles(self.articles, numbered_articles(4, edition=edition))
        model = Model(self.embedder.identity, lambda: self.embedder)
        return build(
            self.articles, self.root / host, model, lambda _: None, full=full, force=False, server=self.server
        ).generation

    def library(self, host: str = "host-a") -> Library:
        return Library(self.root / "no-articles-here", self.root / host, self.embedder, never_silent(), self.server)


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
