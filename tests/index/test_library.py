from __future__ import annotations

import errno
import logging
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from index import library as library_module
from index.answer import Quote
from index.builder import Model, build
from index.embed import Vector
from index.errors import IndexDamaged, IndexMissing, StoreUnavailable
from index.library import Library
from index.lock import lease
from tests.fakes import FakeEmbedder, never_silent, numbered_articles, write_articles
from tests.handles import open_files

QUESTION = "What did minister 2 say about subject2x1 in the talks?"


class Office:
    """A folder of articles with its index, and a library over them that looks at CURRENT on each question."""

    def __init__(self, root: Path) -> None:
        self.articles = write_articles(root / "articles", numbered_articles(4))
        self.data = root / "data"
        self.embedder = FakeEmbedder()

    def build(self, edition: str = "first") -> str:
        write_articles(self.articles, numbered_articles(4, edition=edition))
        model = Model(self.embedder.identity, lambda _: self.embedder)
        return build(self.articles, self.data, model, lambda _: None, full=True, force=False).generation

    def library(self) -> Library:
        return Library(self.articles, self.data, self.embedder, never_silent())

    def is_read(self, generation: str) -> bool:
        held = lease(self.data / generation / "manifest.json", exclusive=True)
        if held:
            held.release()
        return held is None


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(library_module, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(library_module, "RETRY_EVERY_S", 0.0)
    office = Office(tmp_path)
    office.build()
    return office


@pytest.fixture
def library(office: Office) -> Iterator[Library]:
    with closing(office.library()) as library:
        yield library


def first_quote(library: Library, question: str = QUESTION) -> Quote:
    return library.ask(question).quotes[0]


def test_a_question_is_answered_with_a_slice_of_an_indexed_article(library: Library) -> None:
    quote = first_quote(library)
    assert quote.article.path == "article-002.txt" and "subject2x1" in quote.text
    indexed = library.article("article-002.txt")
    assert indexed and quote.text == quote.span.slice(indexed.text)


def test_without_an_index_there_is_no_library(office: Office, tmp_path: Path) -> None:
    with pytest.raises(IndexMissing, match="summit reindex"):
        Library(office.articles, tmp_path / "elsewhere", office.embedder)


def test_sources_articles_and_passages_tell_what_is_indexed(library: Library) -> None:
    sources = library.sources()
    assert [source.article.path for source in sources] == sorted(numbered_articles(4))
    for source in sources:
        passages = library.passages(source.article.path)
        assert len(passages) == source.passages > 0
        assert all(passage.text in source.article.text for passage in passages)
    assert library.article("unheard-of.txt") is None
    assert library.passages("unheard-of.txt") == ()


def test_about_tells_what_serves(library: Library) -> None:
    about = library.about()
    assert (about.generation, about.articles, about.model) == ("gen-1", 4, "fake 1")
    assert about.passages == sum(source.passages for source in library.sources())
    assert datetime.now(UTC) - about.built_at < timedelta(minutes=5)


def test_topics_get_quotes_when_they_are_asked(library: Library) -> None:
    topics = library.topics(2)
    assert len(set(topics)) == 2
    assert all(library.ask(topic).quotes for topic in topics)


def test_the_next_question_follows_what_was_published(office: Office, library: Library) -> None:
    assert "first talks" in first_quote(library).text
    office.build("second")
    assert "second talks" in first_quote(library).text
    assert library.about().generation == "gen-2"
    assert not office.is_read("gen-1") and office.is_read("gen-2")


def test_current_is_looked_at_no_more_than_once_a_second(
    office: Office, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library_module, "LOOK_EVERY_S", 1.0)
    now = time.monotonic()
    monkeypatch.setattr(library_module, "time", SimpleNamespace(monotonic=lambda: now))
    first_quote(library)  # from here on the next look is a second away
    office.build("second")
    now += 0.9
    assert "first talks" in first_quote(library).text
    now += 0.2
    assert "second talks" in first_quote(library).text


@dataclass
class SlowEmbedder(FakeEmbedder):
    """Holds the question that says `wait` until it may go on."""

    waiting: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def encode_query(self, question: str) -> Vector:
        if "wait" in question:
            self.waiting.set()
            assert self.go_on.wait(20)
        return FakeEmbedder.encode_query(self, question)


def test_a_question_that_is_under_way_keeps_its_generation(office: Office) -> None:
    slow = SlowEmbedder()
    with closing(Library(office.articles, office.data, slow, never_silent())) as library:
        answers: list[Quote] = []
        asker = threading.Thread(target=lambda: answers.append(first_quote(library, f"wait, {QUESTION}")))
        asker.start()
        assert slow.waiting.wait(20)
        office.build("second")
        assert "second talks" in first_quote(library).text
        assert office.is_read("gen-1")
        slow.go_on.set()
        asker.join(20)
        assert "first talks" in answers[0].text
        assert not office.is_read("gen-1")


def test_a_damaged_generation_is_not_followed(
    office: Office, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    office.build("second")
    articles = office.data / "gen-2" / "articles.jsonl"
    articles.chmod(0o600)
    articles.write_bytes(articles.read_bytes().replace(b"second", b"forged"))
    with caplog.at_level(logging.WARNING):
        assert "first talks" in first_quote(library).text
    assert "gen-2" in caplog.text and "summit reindex" in caplog.text
    with pytest.raises(IndexDamaged):
        office.library()
    office.build("third")
    assert "third talks" in first_quote(library).text


def test_a_quote_stands_while_index_and_file_say_it(office: Office, library: Library) -> None:
    quote = first_quote(library)
    assert library.stands(quote)
    path = office.articles / quote.article.path
    text = path.read_text()
    path.write_text(text + "\n\nA paragraph was added at the end.\n")
    assert library.stands(quote)
    path.write_text(text.replace("subject2x1", "subject2x9"))
    assert not library.stands(quote)
    path.unlink()
    assert not library.stands(quote)


def test_a_file_that_is_no_article_any_more_must_still_hold_the_words(office: Office, library: Library) -> None:
    quote = first_quote(library)
    path = office.articles / quote.article.path
    raw = path.read_bytes()
    path.write_bytes(b"---\ntitle: [half a header\n---\n" + raw)
    assert library.stands(quote)
    path.write_bytes(raw.replace(b"Nobody", b"\xff\xfe") + b"\0")
    assert library.stands(quote) == ("Nobody" not in quote.text)
    path.write_bytes(b"\x00\xff broken")
    assert not library.stands(quote)
    path.unlink()
    path.symlink_to("/etc/hostname")
    assert not library.stands(quote)


@pytest.mark.parametrize(("error", "stands"), [(errno.EACCES, True), (errno.EIO, True), (errno.ENOENT, False)])
def test_a_file_that_cannot_be_opened_does_not_speak_against_a_quote(
    office: Office, library: Library, monkeypatch: pytest.MonkeyPatch, error: int, stands: bool
) -> None:
    quote, really_open = first_quote(library), os.open

    def refuse(path: str, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if str(path).endswith(".txt"):
            raise OSError(error, os.strerror(error))
        return really_open(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refuse)
    assert library.stands(quote) is stands


def test_a_folder_that_is_not_mounted_does_not_speak_against_a_quote(office: Office, library: Library) -> None:
    quote = first_quote(library)
    office.articles.rename(office.articles.with_name("unmounted"))
    assert library.stands(quote)


def test_a_quote_of_what_was_indexed_before_no_longer_stands(office: Office, library: Library) -> None:
    quote = first_quote(library)
    office.build("second")
    assert not library.stands(quote)


def test_a_closed_library_lets_go_and_says_so(office: Office) -> None:
    library = office.library()
    first_quote(library)
    library.close()
    library.close()
    assert not office.is_read("gen-1")
    with pytest.raises(StoreUnavailable):
        library.ask(QUESTION)


def test_no_question_fails_while_generations_change(office: Office, library: Library) -> None:
    stop = threading.Event()
    heard: list[set[str]] = [set() for _ in range(4)]
    failed: list[Exception] = []

    def ask(mine: set[str]) -> None:
        while not stop.is_set():
            try:
                quote = first_quote(library)
                mine.add(next(word for word in ("first", "second", "third", "fourth") if word in quote.text))
            except Exception as exc:  # noqa: BLE001 - whatever it is, it fails the test
                failed.append(exc)
                return

    askers = [threading.Thread(target=ask, args=(mine,)) for mine in heard]
    for asker in askers:
        asker.start()
    for edition in ("second", "third", "fourth"):
        office.build(edition)
    while not all("fourth" in mine for mine in heard) and not failed:
        stop.wait(0.05)
    stop.set()
    for asker in askers:
        asker.join(20)
    assert not failed
    assert not office.is_read("gen-3")


def test_following_leaks_no_file_handles(office: Office, library: Library) -> None:
    first_quote(library)
    open_before = len(open_files())
    for edition in ("second", "third", "fourth", "fifth"):
        office.build(edition)
        first_quote(library)
    assert len(open_files()) <= open_before + 2
    assert {name for path in open_files() for name in re.findall(r"/(gen-\d+)/", path)} == {"gen-5"}
