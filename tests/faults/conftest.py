"""A published index to damage, and the counts: a few on each run, all of them with SOAK=1 (`make soak`)."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.build import reindex
from index.corpus import Corpus
from index.generation import Generation, open_current, read_pointer
from index.model_choice import ModelChoice
from index.receipt import Receipt
from index.verify import verify
from tests.fakes import FakeEmbedder, numbered_articles, write_articles

HERE = Path(__file__).parent

Record = Callable[[str, object], None]  # pytest's `record_property`: the figures that docs/reliability.md gives
FAKE_CHILD = (sys.executable, "-P", str(HERE / "fake_child.py"))


@dataclass(frozen=True, slots=True)
class Site:
    """Articles, their index, and the question that each edition answers in its own word."""

    articles: Path
    data: Path
    embedder: FakeEmbedder

    def write(self, edition: str) -> None:
        write_articles(self.articles, numbered_articles(12, edition=edition))

    def reindex(self, *, full: bool = False, passage_s: float = 0.0, child: tuple[str, ...] = FAKE_CHILD) -> Receipt:
        model = ModelChoice(f"fake {passage_s}" if passage_s else "fake")
        return reindex(self.articles, self.data, model, full=full, child=child)

    def open(self) -> Generation:
        return open_current(self.data, self.embedder.identity)

    def check(self) -> str:
        """Assert that what serves is whole, to the last vector, and of one edition; return that edition's word."""
        with closing(self.open()) as current:
            verify(Corpus(current.articles, current.passages), current.vectors, lambda _: None)
            near = current.vectors.nearest_passages(self.embedder.encode_query("minister 4 and subject4x1"), 1)
            assert near[0].id.startswith("article-004.txt:")
            editions = {found[1] for p in current.passages if (found := re.search(r"the (\w+) talks", p.text))}
            assert len(editions) == 1, f"{current.name} mixes {editions}"
            return editions.pop()

    @property
    def current(self) -> Path:
        return self.data / read_pointer(self.data).name


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("published")
    site = Site(root / "articles", root / "data", FakeEmbedder())
    site.write("first")
    site.reindex()
    return root


@pytest.fixture
def site(published: Path, tmp_path: Path) -> Site:
    """Twelve articles and their index, which a child process built, for each test its own copy."""
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    return Site(tmp_path / "articles", tmp_path / "data", FakeEmbedder())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the tests recorded, so that a soak ends with its figures."""
    reports = [report for report in terminalreporter.getreports("passed") if report.user_properties]
    if os.environ.get("SOAK") and reports:
        terminalreporter.section("figures")
        for report in reports:
            terminalreporter.line(report.nodeid.rpartition("::")[2])
            for name, value in report.user_properties:
                terminalreporter.line(f"    {name}: {value}")


@pytest.fixture
def times() -> Callable[[int, int], int]:
    """How often to do something: the first count on each run, the second in a soak."""
    return lambda few, many: many if os.environ.get("SOAK") else few
