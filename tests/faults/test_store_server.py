"""SIGKILL to the store server while hosts ask and build: what was published is there when it comes back."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.build import reindex
from index.corpus import Corpus
from index.errors import BuilderBusy, BuildFailed
from index.model_choice import ModelChoice
from index.receipt import Receipt
from index.server import Server
from index.server_shelf import ServerShelf
from index.verify import verify
from tests.fakes import FakeEmbedder, numbered_articles, write_articles
from tests.faults.conftest import FAKE_CHILD, HERE, Record
from tests.faults.test_kills import started
from tests.store_server import StoreServer, running

FOLLOW_S = 10.0


@dataclass(frozen=True, slots=True)
class Network:
    """A store server, and hosts that share nothing but it."""

    root: Path
    store: StoreServer

    def write(self, edition: str, host: str = "one") -> Path:
        return write_articles(self.root / f"articles-{host}", numbered_articles(12, edition=edition))

    def reindex(self, edition: str, *, host: str = "one", passage_s: float = 0.0) -> Receipt:
        model = ModelChoice(f"fake {passage_s}" if passage_s else "fake")
        folder = self.write(edition, host)
        return reindex(folder, self.root / host, model, server=self.server, full=True, child=FAKE_CHILD)

    @property
    def server(self) -> Server:
        return Server(self.store.url)

    def reader(self, host: str) -> list[str]:
        return [sys.executable, "-P", str(HERE / "store_reader.py"), str(self.root / host), self.store.url]

    def check(self) -> tuple[str, str]:
        """Assert that what serves is whole, to the last vector; return its name and its edition's word."""
        with closing(ServerShelf(self.server, self.root / "one")) as shelf:
            current = shelf.open(FakeEmbedder().identity)
            verify(Corpus(current.articles, current.passages), current.vectors, lambda _: None)
        editions = {found[1] for p in current.passages if (found := re.search(r"the (\w+) talks", p.text))}
        assert len(current.articles) == 12 and len(editions) == 1, f"{current.name} mixes {editions}"
        return current.name, editions.pop()


class Listener:
    """What a serving process said so far."""

    def __init__(self, reader: subprocess.Popen[str]) -> None:
        self.said: list[dict[str, object]] = []
        self._reader = reader
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._reader.stdout is not None
        for line in self._reader.stdout:
            self.said.append(json.loads(line))

    def hears(self, within_s: float, **meant: object) -> bool:
        """Whether the process says something from now on that is like this."""
        deadline, seen = time.monotonic() + within_s, len(self.said)
        while time.monotonic() < deadline:
            if any(all(said[key] == value for key, value in meant.items()) for said in self.said[seen:]):
                return True
            time.sleep(0.02)
        return False

    @property
    def wrong(self) -> list[dict[str, object]]:
        return [said for said in self.said if said["available"] and not said["answered"]]


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    with running(tmp_path / "store") as store:
        yield Network(tmp_path, store)


def test_hosts_follow_one_builder_and_the_other_is_told(network: Network) -> None:
    network.reindex("first")

    def build(host: str) -> Receipt | BuilderBusy:
        try:
            return network.reindex("second", host=host, passage_s=0.05)
        except BuilderBusy as exc:
            return exc

    with ExitStack() as stack:
        readers = [stack.enter_context(started(*network.reader(host))) for host in ("two", "three")]
        listeners = [Listener(reader) for reader in readers]
        assert all(listener.hears(60, generation="gen-1", answered=True) for listener in listeners)
        with ThreadPoolExecutor(2) as pool:
            ends = list(pool.map(build, ("one", "two")))
        receipts = [end for end in ends if isinstance(end, Receipt)]
        assert len(receipts) == 1, ends
        for edition in ("third", "fourth"):
            name = network.reindex(edition).generation
            assert all(listener.hears(FOLLOW_S, generation=name, answered=True) for listener in listeners)
        assert all(reader.poll() is None for reader in readers)
    for listener in listeners:
        assert [said for said in listener.said if not said["answered"]] == []
    assert network.check() == ("gen-4", "fourth")


def test_a_server_killed_while_hosts_ask_is_missed_and_found_again(
    network: Network, times: Callable[[int, int], int], record_property: Record
) -> None:
    moments = random.Random(20251122)
    network.reindex("first")
    with ExitStack() as stack:
        readers = [stack.enter_context(started(*network.reader(host))) for host in ("two", "three")]
        listeners = [Listener(reader) for reader in readers]
        assert all(listener.hears(60, answered=True) for listener in listeners)
        for _ in range(times(3, 20)):
            time.sleep(moments.uniform(0, 0.3))
            network.store.kill()
            assert all(listener.hears(10, available=False) for listener in listeners)
            network.store.start()
            assert all(listener.hears(30, answered=True) for listener in listeners)
        assert all(reader.poll() is None for reader in readers)
    record_property("kills of the server while hosts ask", times(3, 20))
    for available, name in ((True, "questions answered"), (False, "questions told that search is unavailable")):
        record_property(name, sum(said["available"] is available for each in listeners for said in each.said))
    assert [listener.wrong for listener in listeners] == [[], []]
    assert network.check() == ("gen-1", "first")


def test_a_server_killed_while_a_host_builds_loses_nothing_that_was_published(
    network: Network, times: Callable[[int, int], int], record_property: Record
) -> None:
    moments = random.Random(20251123)
    network.reindex("first")
    began = time.monotonic()
    name, edition = network.reindex("second").generation, "second"
    takes_s = time.monotonic() - began
    published = 0
    for number in range(times(4, 20)):
        meant = f"edition{number}"
        killer = threading.Timer(moments.uniform(0.2, 1.1) * takes_s, network.store.kill)
        killer.start()
        try:
            receipt = network.reindex(meant)
        except BuildFailed:
            receipt = None
        killer.join()
        network.store.start()
        found = network.check()
        if receipt is not None:
            assert found == (receipt.generation, meant), f"kill {number}: what was acknowledged is lost"
        else:
            # The kill may fall between the last request and its answer.
            assert found == (name, edition) or found[1] == meant, f"kill {number}: {found} serves"
        published += found[0] != name
        name, edition = found
    record_property("kills of the server while a host builds", times(4, 20))
    record_property("generations published among them", published)
    assert network.reindex("last").generation != name
    assert network.check()[1] == "last"
    with closing(ServerShelf(network.server, network.root / "one")) as shelf:
        assert len(shelf.generations()) == 2, "leftovers of broken builds stay"
