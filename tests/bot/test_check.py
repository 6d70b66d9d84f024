from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.check import Problem, find_problems
from bot.cli import main
from bot.settings import Settings
from index.builder import Model, build
from index.embed import embedder_identity
from tests.bot.answering import HYDROGEN, KOREAN, write_article
from tests.fakes import FakeEmbedder


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Two articles, indexed as the default model would have been asked to."""
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data")
    write_article(settings.articles, HYDROGEN)
    write_article(settings.articles, KOREAN)
    identity = embedder_identity(settings.model)
    model = Model(identity, lambda _: FakeEmbedder(identity=identity))
    build(settings.articles, settings.data, model, lambda progress: None, full=False, force=False)
    return settings


def only(problems: list[Problem]) -> Problem:
    (problem,) = problems
    assert problem.what and problem.where and problem.next
    return problem


def test_nothing_to_attend_to(settings: Settings) -> None:
    assert find_problems(settings) == []


def test_checking_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    find_problems(settings)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_nothing_indexed_yet(tmp_path: Path) -> None:
    write_article(tmp_path / "articles", HYDROGEN)
    problem = only(find_problems(Settings(articles=tmp_path / "articles", data=tmp_path / "data")))
    assert problem.next == "run `summit reindex`"
    assert not (tmp_path / "data").exists()


def test_a_misspelt_variable_is_named_with_the_one_that_was_meant(settings: Settings) -> None:
    env = {"SUMMIT_ARTICLES": str(settings.articles), "SUMMIT_DATA": str(settings.data)}
    assert find_problems(Settings.from_env(env)) == []
    problem = only(find_problems(Settings.from_env({**env, "SUMMIT_HOME_GUILD": "1234"})))
    assert problem.where == "SUMMIT_HOME_GUILD" and "SUMMIT_HOME_GUILDS" in problem.next
    assert "1234" not in f"{problem}"
    assert "take it away" in only(find_problems(Settings.from_env({**env, "SUMMIT_COLOUR": "red"}))).next


def test_no_articles_folder(settings: Settings) -> None:
    problem = only(find_problems(replace(settings, articles=settings.articles / "elsewhere")))
    assert "elsewhere" in problem.where


def test_a_file_that_cannot_be_read_is_named_with_the_next_step(settings: Settings) -> None:
    (settings.articles / "broken.txt").write_bytes(b"title: x\n---\n\xff\xfe\x00broken")
    (settings.articles / "empty.txt").write_text("", encoding="utf-8")
    problems = find_problems(settings)
    assert [problem.where for problem in problems] == ["broken.txt", "empty.txt"]
    assert all(problem.what and problem.next for problem in problems)


def test_an_indexed_article_that_cannot_be_read_any_more_is_not_called_gone(settings: Settings) -> None:
    (settings.articles / HYDROGEN.path).write_bytes(b"\0\0")
    assert only(find_problems(settings)).where == HYDROGEN.path


def test_articles_that_changed_came_or_went_since(settings: Settings) -> None:
    write_article(settings.articles, replace(HYDROGEN, text="Something else was said."))
    write_article(settings.articles, replace(KOREAN, path="new.txt", title="Another", text="새 글이다."))
    (settings.articles / KOREAN.path).unlink()
    words = [problem.what for problem in find_problems(settings)]
    assert words == [
        "1 of the articles is not indexed yet: new.txt",
        "1 of the articles has changed since it was indexed: tokyo.txt",
        "1 of the articles is gone: ko.txt",
    ]


def test_an_index_of_another_model(settings: Settings) -> None:
    problem = only(find_problems(replace(settings, query_prompt="ask: ")))
    assert "another" in problem.what or "model" in problem.what
    assert problem.next == "run `summit reindex`"


def test_a_model_that_is_not_here(settings: Settings, tmp_path: Path) -> None:
    problem = only(find_problems(replace(settings, embedding_model=str(tmp_path / "no-model"))))
    assert problem.where == "SUMMIT_EMBEDDING_MODEL"


@pytest.mark.parametrize("damaged", ["articles.jsonl", "manifest.json"])
def test_a_damaged_index(settings: Settings, damaged: str) -> None:
    (path,) = settings.data.glob(f"gen-*/{damaged}")
    path.write_bytes(path.read_bytes() + b" ")
    problem = only(find_problems(settings))
    assert damaged in problem.what
    assert problem.next == "run `summit reindex`"


def test_a_damaged_calibration(settings: Settings) -> None:
    (settings.data / "calibration.json").write_text("{}", encoding="utf-8")
    problem = only(find_problems(settings))
    assert "calibration.json is not a calibration" in problem.what
    assert "delete it" in problem.next


def test_a_data_folder_that_is_a_file(settings: Settings, tmp_path: Path) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_text("here first", encoding="utf-8")
    assert find_problems(replace(settings, data=occupied / "index"))[0].what == "is not a folder"


def test_check_exits_1_with_findings_and_0_without(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    folders = ["--articles", str(settings.articles), "--data", str(settings.data)]
    assert main(["check", "--json", *folders]) == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "problems": []}
    (settings.articles / "empty.txt").write_text("", encoding="utf-8")
    assert main(["check", "--json", *folders]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert problem["where"] == "empty.txt"
    assert main(["check", *folders]) == 1
    assert "! empty.txt: " in capsys.readouterr().out


def test_wrong_settings_are_findings_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUMMIT_HOME_GUILDS", "here")
    assert main(["check", "--json"]) == 1
    (problem,) = json.loads(capsys.readouterr().out)["problems"]
    assert problem["where"] == "SUMMIT_HOME_GUILDS"
