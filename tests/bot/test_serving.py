from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot import serving
from bot.serving import indexed_sources, open_library
from bot.settings import Settings
from bot.talk import Talk
from index import embed
from index.builder import Model, build
from index.errors import ArticlesError, BuildFailed, IndexMissing, SummitError
from index.model_choice import ModelChoice
from index.receipt import Receipt
from tests.bot.answering import HYDROGEN, KOREAN, write_article
from tests.fakes import FakeEmbedder


class Workshop:
    """Builds with an embedder that counts words, in this process."""

    def __init__(self) -> None:
        self.identity = "fake 1"
        self.built = 0
        self.refusal: SummitError | None = None

    def load(self, choice: ModelChoice, *, few: bool = False) -> FakeEmbedder:
        return FakeEmbedder(identity=self.identity)

    def refresh(self, settings: Settings, talk: Talk, *, full: bool = False, force: bool = False) -> Receipt:
        if self.refusal:
            raise self.refusal
        self.built += 1
        model = Model(self.identity, lambda _: FakeEmbedder(identity=self.identity))
        return build(settings.articles, settings.data, model, lambda progress: None, full=full, force=force)


@pytest.fixture
def workshop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    workshop = Workshop()
    monkeypatch.setattr(embed, "load_embedder", workshop.load)
    monkeypatch.setattr(serving, "refresh", workshop.refresh)
    yield workshop


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write_article(tmp_path / "articles", HYDROGEN)
    write_article(tmp_path / "articles", KOREAN)
    return Settings(articles=tmp_path / "articles", data=tmp_path / "data")


def test_the_first_opening_builds_the_index_and_says_so(
    workshop: Workshop, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_library(settings, Talk()) as answers:
        assert answers.ask("Was cooperation on hydrogen pledged?").quotes
    out, err = capsys.readouterr()
    assert out == ""
    assert "nothing is indexed" in err and "added 2" in err


def test_the_summit_is_on_the_day_that_the_settings_name(workshop: Workshop, settings: Settings) -> None:
    for number, day in enumerate((date(2024, 5, 26), date(2025, 8, 29))):
        text = f"The ministry said that group {number} of exporters asked for lower tariffs."
        write_article(settings.articles, replace(HYDROGEN, path=f"{number}.txt", text=text, published=day))
    question = "Which group of exporters asked for lower tariffs before the summit?"
    for summit, first in ((date(2024, 5, 27), "0.txt"), (date(2025, 8, 23), "0.txt"), (date(2025, 9, 1), "")):
        with open_library(replace(settings, summit_date=summit), Talk()) as answers:
            found = answers.ask(question).quotes
            assert {quote.article.path for quote in found} >= {"0.txt", "1.txt"}
            assert not first or found[0].article.path == first
    with open_library(settings, Talk()) as answers:
        assert answers.ask(question.replace("before", "after")).quotes[0].article.path == "1.txt"


def test_the_next_opening_builds_nothing_and_says_nothing(
    workshop: Workshop, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.refresh(settings, Talk())
    with open_library(settings, Talk()):
        assert workshop.built == 1
    assert capsys.readouterr().err == ""


def test_an_index_of_another_model_is_rebuilt_and_that_is_said(
    workshop: Workshop, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.refresh(settings, Talk())
    workshop.identity = "fake 2"
    with open_library(settings, Talk()):
        assert workshop.built == 2
    assert "'fake 1'" in capsys.readouterr().err


def test_a_damaged_index_is_rebuilt(workshop: Workshop, settings: Settings) -> None:
    workshop.refresh(settings, Talk())
    (corpus,) = settings.data.glob("gen-*/articles.jsonl")
    corpus.write_bytes(b"")
    with open_library(settings, Talk()) as answers:
        assert len(answers.sources()) == 2


def test_catching_up_takes_in_what_changed(workshop: Workshop, settings: Settings) -> None:
    workshop.refresh(settings, Talk())
    (settings.articles / KOREAN.path).unlink()
    with open_library(settings, Talk(), catch_up=True) as answers:
        assert [source.article.path for source in answers.sources()] == [HYDROGEN.path]


def test_a_single_short_article_can_be_indexed_and_opened_again_and_again(
    workshop: Workshop, settings: Settings
) -> None:
    (settings.articles / KOREAN.path).unlink()
    for text in ("One sentence.", "Another sentence.", "A third one."):
        write_article(settings.articles, replace(HYDROGEN, text=text))
        workshop.refresh(settings, Talk())
        with open_library(settings, Talk()), open_library(settings, Talk()):
            pass
    assert workshop.built == 3


def test_when_catching_up_fails_the_index_from_before_serves(
    workshop: Workshop, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    workshop.refresh(settings, Talk())
    workshop.refusal = BuildFailed("the disk is full: free some space")
    with open_library(settings, Talk(), catch_up=True) as answers:
        assert len(answers.sources()) == 2
    assert "the disk is full: free some space" in capsys.readouterr().err


def test_without_articles_and_without_an_index_there_is_nothing_to_open(workshop: Workshop, settings: Settings) -> None:
    workshop.refusal = ArticlesError("no articles: put some there")
    with pytest.raises(ArticlesError), open_library(settings, Talk(), catch_up=True):
        pass


def test_sources_are_read_without_the_model(workshop: Workshop, settings: Settings) -> None:
    with pytest.raises(IndexMissing):
        indexed_sources(settings)
    workshop.refresh(settings, Talk())
    sources = indexed_sources(settings)
    assert [source.article for source in sources] == [KOREAN, HYDROGEN]
    with open_library(settings, Talk()) as answers:
        assert answers.sources() == sources
