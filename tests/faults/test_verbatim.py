"""Whatever becomes of a stored byte or of an article's file, no quote is shown that the file does not hold."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot import serving
from bot.desk import Desk
from bot.standing import standing
from bot.talk import Talk
from index.answer import NoAnswer, Outcome
from index.generation import CORPUS, CURRENT, read_pointer
from index.library import Library
from index.manifest import MANIFEST, mark_files, read_manifest, write_manifest
from tests.fakes import never_silent
from tests.faults.conftest import HERE, Record, Site

QUESTION = "What did minister 4 say about subject4x1 in the talks?"
ARTICLE = "article-004.txt"
SOAK = bool(os.environ.get("SOAK"))
often = settings(
    max_examples=400 if SOAK else 60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
any_character = st.characters(exclude_categories=["Cs"]) | st.sampled_from("\0\x07\r\n\x85\u200b\u202e\ufeff\u0301-:.")


@pytest.fixture
def library(site: Site) -> Iterator[Library]:
    with closing(Library(site.articles, site.data, site.embedder, never_silent())) as library:
        yield library


def shown(library: Library) -> Outcome:
    """What is left of an answer when it is about to be shown."""
    return standing(library.ask(QUESTION), library.stands)[0]


def assert_held(outcome: Outcome, articles: Path) -> None:
    """Each quote is in its file as anybody's editor would open it: all that is not shown is left out of both."""
    for quote in outcome.quotes:
        raw = (articles / quote.article.path).read_bytes()
        assert visible(quote.text) in visible(raw.decode("utf-8", "replace")), quote.text


def visible(text: str) -> str:
    return "".join(character for character in text if character.isprintable() and not character.isspace())


@often
@given(data=st.data())
def test_a_change_of_any_character_of_the_file_leaves_only_quotes_that_it_holds(
    site: Site, library: Library, data: st.DataObject
) -> None:
    path = site.articles / ARTICLE
    original = path.read_text(encoding="utf-8")
    (first, *_) = library.ask(QUESTION).quotes
    assert first.article.path == ARTICLE
    body = original.index("---\n") + len("---\n")
    at = data.draw(st.integers(0, len(original) - 1) | st.integers(body, body + first.span.end - 1))
    removed, put = data.draw(st.integers(0, 2)), data.draw(st.text(any_character, max_size=2))
    changed = original[:at] + put + original[at + removed :]
    path.write_text(changed, encoding="utf-8", newline="")
    try:
        outcome = shown(library)
        assert_held(outcome, site.articles)
        if changed == original:
            assert first in outcome.quotes
    finally:
        path.write_text(original, encoding="utf-8")


@often
@given(data=st.data())
def test_a_change_of_any_byte_of_the_file_leaves_only_quotes_that_it_holds(
    site: Site, library: Library, data: st.DataObject
) -> None:
    """Bytes that are no UTF-8 any more, half a header, NULs: files that are no articles."""
    path = site.articles / ARTICLE
    original = path.read_bytes()
    at, size = data.draw(st.integers(0, len(original) - 1)), data.draw(st.sampled_from([0, 1, 1, 1, 40]))
    path.write_bytes(original[:at] + data.draw(st.binary(max_size=3)) + original[at + size :])
    try:
        assert_held(shown(library), site.articles)
    finally:
        path.write_bytes(original)


@settings(often, max_examples=400 if SOAK else 15)
@given(at=st.integers(0, 399), put=any_character)
@example(at=0, put="\u0301")
def test_stored_words_that_every_hash_vouches_for_are_still_compared_with_the_file(
    site: Site, at: int, put: str
) -> None:
    """Whoever can write one stored byte can write the hashes as well; the article's file is another matter."""
    with forged(site, ARTICLE, lambda text: text[: at % len(text)] + put + text[at % len(text) + 1 :]):
        try:
            library = Library(site.articles, site.data, site.embedder, never_silent())
        except ValueError:
            return  # what was put there is no article: refused by its own type
        with closing(library):
            assert_held(shown(library), site.articles)


class forged:
    """The serving generation with another text for one article, and a manifest and CURRENT that fit it."""

    def __init__(self, site: Site, article: str, change: Callable[[str], str]) -> None:
        self._folder, self._data = site.current, site.data
        self._article, self._change = article, change
        self._before = {path: path.read_bytes() for path in (self._folder / CORPUS, self._folder / MANIFEST)}
        self._before[self._data / CURRENT] = (self._data / CURRENT).read_bytes()

    def __enter__(self) -> None:
        rows = [json.loads(line) for line in self._before[self._folder / CORPUS].splitlines()]
        for row in rows:
            if row["path"] == self._article:
                row["text"] = self._change(row["text"])
        (self._folder / CORPUS).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="ascii")
        manifest = replace(read_manifest(self._folder), files=mark_files(self._folder))
        (self._data / CURRENT).write_text(f"{self._folder.name} {write_manifest(manifest, self._folder)}\n")

    def __exit__(self, *exc_info: object) -> None:
        for path, content in self._before.items():
            path.write_bytes(content)


def test_the_forgery_of_these_tests_would_be_believed(site: Site) -> None:
    """Else the test above could not fail."""
    with (
        forged(site, ARTICLE, lambda text: text.replace("Minister 4", "Minister X")),
        closing(Library(site.articles, site.data, site.embedder, never_silent())) as library,
    ):
        assert any("Minister X" in quote.text for quote in library.ask(QUESTION).quotes)
        assert not any("Minister X" in quote.text for quote in shown(library).quotes)
        manifest = (site.current / MANIFEST).read_bytes()
        assert read_pointer(site.data).manifest_sha256 == sha256(manifest).hexdigest()


def test_bytes_that_change_under_a_serving_process_lead_to_no_wrong_quote(
    site: Site, times: Callable[[int, int], int], record_property: Record
) -> None:
    """In a process of its own, which a damaged file must not end either; it says what came of each question."""
    script = [sys.executable, "-P", str(HERE / "live_damage.py"), str(site.articles), str(site.data)]
    env = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
    seed, count = str(random.Random("live damage").random()), str(times(40, 1000))
    done = subprocess.run([*script, count, seed], capture_output=True, text=True, check=False, env=env, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout)
    for name, value in said.items():
        record_property(name, value)
    assert said["wrong"] == 0
    assert said["asked"] == said["quoted"] + said["silent"] + said["refused"] == int(count)


def test_on_discord_a_mismatch_sends_no_quote_is_logged_and_asks_for_a_reindex(
    site: Site, library: Library, caplog: pytest.LogCaptureFixture
) -> None:
    rewrite_everything(site)
    desk, scheduled = Desk(library), []
    desk.on_change = lambda: scheduled.append(1)
    with caplog.at_level(logging.WARNING):
        reply = asyncio.run(desk.ask(QUESTION))
    assert isinstance(reply.outcome, NoAnswer) and reply.withheld
    assert "withheld" in caplog.text and "Minister" not in caplog.text
    assert scheduled == [1]


def test_in_the_terminal_a_mismatch_shows_no_quote_and_says_what_to_do(
    site: Site, library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    rewrite_everything(site)
    assert serving.ask(library, Talk(), QUESTION).quotes == ()
    said = capsys.readouterr().err
    assert f"{ARTICLE} has changed since it was indexed" in said and "summit reindex" in said


def rewrite_everything(site: Site) -> None:
    for path in site.articles.iterdir():
        path.write_text(path.read_text().replace("spoke of", "kept silent on").replace("Nobody", "Everybody"))
