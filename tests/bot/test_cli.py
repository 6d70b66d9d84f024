from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main
from bot.serving import DEFAULT_LIMIT
from index import answering as index_answering
from index.errors import ArticlesError
from tests.bot.answering import HYDROGEN
from tests.bot.desk import QUESTION, Desk

ROOT = Path(__file__).parents[2]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    desk = Desk()
    desk.install(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return desk


def test_ask_prints_the_answer_on_stdout_alone(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", QUESTION]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("1 │ The leaders met on Saturday.")
    assert err == ""


def test_ask_as_json(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", QUESTION, "--json", "--limit", "3"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert (row["verdict"], row["question"], row["id"]) == ("answer", QUESTION, None)
    assert desk.answering.asked == [(QUESTION, 3, "")]


def test_a_quote_whose_file_has_changed_is_not_shown(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.answering.changed.add(HYDROGEN.path)
    assert main(["ask", QUESTION, "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["quotes"] == []
    assert "tokyo.txt has changed since it was indexed" in err


def test_an_honest_no_is_done(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "How deep is the sea?"]) == 0
    assert "hydrogen; shuttle diplomacy; dinner" in capsys.readouterr().out


def test_a_question_that_cannot_be_asked_is_wrong_usage_told_in_one_sentence(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ask", "  "]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "summit: the question is empty: type one\n")


def test_a_batch_answers_every_line_and_fails_if_one_could_not_be_asked(
    desk: Desk, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "q.jsonl").write_text(f'{{"id": 1, "question": "{QUESTION}"}}\nbroken\n', encoding="utf-8")
    assert main(["ask", "--batch", "q.jsonl", "--json"]) == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["verdict"] for row in rows] == ["answer", "none"]


def test_a_batch_from_stdin(desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(f'{{"id": "a", "question": "{QUESTION}"}}'.encode()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["ask", "--batch", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "a"


@pytest.mark.parametrize(
    "argv",
    [
        ["ask"],
        ["ask", QUESTION, "--batch", "q.jsonl", "--json"],
        ["ask", "--batch", "q.jsonl"],
        ["ask", QUESTION, "--limit", "0"],
        ["ask", QUESTION, "--limit", "21"],
        ["ask", QUESTION, "--limit", "some"],
        ["answer", QUESTION],
        ["sources", "--long"],
    ],
)
def test_wrong_usage_is_2_and_says_what_is_wrong(
    argv: list[str], desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "summit: error: " in err or "summit ask: error: " in err
    assert desk.settings == []


def test_help_ends_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    assert "examples:" in capsys.readouterr().out


@pytest.mark.parametrize(
    "argv", [["--articles", "news", "--data", "d", "reindex"], ["reindex", "--articles", "news", "--data", "d"]]
)
def test_folders_may_be_named_before_or_after_the_subcommand(argv: list[str], desk: Desk) -> None:
    assert main(argv) == 0
    assert (desk.settings[0].articles, desk.settings[0].data) == (Path("news"), Path("d"))


def test_options_beat_the_environment_which_beats_the_env_file(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("SUMMIT_ARTICLES=file\nSUMMIT_DATA=file\nSUMMIT_HOME_GUILDS=5\n", encoding="utf-8")
    monkeypatch.setenv("SUMMIT_ARTICLES", "environment")
    monkeypatch.setenv("SUMMIT_DATA", "environment")
    main(["reindex", "--data", "option"])
    (settings,) = desk.settings
    assert (settings.articles, settings.data) == (Path("environment"), Path("option"))
    assert settings.home_guilds == (5,)
    assert "SUMMIT_HOME_GUILDS" not in os.environ


def test_reindex_prints_the_receipt_and_passes_its_flags(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reindex", "--full", "--force"]) == 0
    assert desk.refreshed == [(True, True)]
    assert capsys.readouterr().out == (
        "added 1, changed 0, removed 0, unchanged 2; 30 passages, 4 embedded; 0.5 s\n"
        "left out: bad.txt: is empty; fill it\n"
    )
    assert main(["reindex", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["skipped"] == [{"article": "bad.txt", "reason": "is empty; fill it"}]


def test_a_failure_is_one_sentence_and_1(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.refusal = ArticlesError("no .txt or .md file in docs: put articles there")
    assert main(["reindex"]) == 1
    assert capsys.readouterr().err == "summit: no .txt or .md file in docs: put articles there\n"


def test_an_interruption_leaves_without_a_traceback(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.refusal = KeyboardInterrupt()  # type: ignore[assignment]  # raised like any other
    assert main(["reindex"]) == 1
    assert "what was indexed before still serves" in capsys.readouterr().err


def test_sources(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sources"]) == 0
    assert HYDROGEN.path in capsys.readouterr().out
    assert main(["sources", "--json"]) == 0
    assert [row["article"] for row in json.loads(capsys.readouterr().out)] == ["tokyo.txt", "ko.txt"]


def test_without_a_token_run_says_so_refreshes_and_answers_what_is_piped_in(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{QUESTION}\n"))
    assert main([]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("1 │ The leaders met on Saturday.")
    assert "No DISCORD_TOKEN is set" in err
    assert desk.caught_up


def test_bytes_that_are_no_text_do_not_stop_the_lines_after_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"\xff\xfe?\n" + QUESTION.encode()), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["chat"]) == 0
    assert [question for question, _, _ in desk.answering.asked] == ["\ufffd\ufffd?", QUESTION]


def test_a_closed_stdin_is_an_empty_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["chat"]) == 0
    assert desk.answering.asked == []


def test_sync_needs_a_token(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sync"]) == 1
    assert "DISCORD_TOKEN is not set" in capsys.readouterr().err


def test_wrong_settings_are_named_together_without_the_token(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUMMIT_HOME_GUILDS", "here")
    monkeypatch.setenv("DISCORD_TOKEN", "se cret")
    assert main(["ask", QUESTION]) == 1
    err = capsys.readouterr().err
    assert "SUMMIT_HOME_GUILDS" in err and "DISCORD_TOKEN" in err
    assert "cret" not in err


def test_the_default_limit_is_the_library_s() -> None:
    assert DEFAULT_LIMIT == index_answering.DEFAULT_LIMIT


def _summit(*argv: str, cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Not in the project's own folder, whose `.env` may hold a real token."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bot", *argv]
    return subprocess.run(command, input=stdin, capture_output=True, cwd=cwd, env=env, timeout=120, check=False)


def test_help_loads_neither_model_nor_store_nor_discord() -> None:
    code = "import sys; from bot.cli import main; main(['--help']); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=60, check=True)
    loaded = done.stdout.decode().splitlines()[-1].split()
    assert "bot.cli" in loaded
    assert not {"torch", "chromadb", "discord", "sentence_transformers"} & {*loaded}


def test_a_reader_that_leaves_early_is_no_error(tmp_path: Path) -> None:
    code = (
        "import os, sys\n"
        "from bot import commands\n"
        "from bot.cli import main\n"
        "from tests.bot.answering import Answering\n"
        "commands.indexed_sources = lambda settings: Answering().sources() * 20000\n"
        "sys.exit(main(['sources']))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ}
    )
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert errors == b""


@pytest.mark.model
def test_ask_builds_the_index_first_and_a_changed_model_rebuilds_it(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    text = "\n\n".join(["The two leaders agreed to cooperate on hydrogen.", "A dinner with noodles followed."])
    (articles / "tokyo.txt").write_text(f"title: Tokyo\npublisher: The Sample\n---\n{text}\n", encoding="utf-8")
    folders = ("--articles", str(articles), "--data", str(tmp_path / "data"))

    asked = _summit("ask", "What will they cooperate on?", *folders, cwd=tmp_path)
    assert asked.returncode == 0
    assert b"hydrogen" in asked.stdout
    assert b"added 1" in asked.stderr and b"added" not in asked.stdout

    piped = _summit("run", *folders, cwd=tmp_path, stdin=b"What will they cooperate on?\n")
    assert piped.returncode == 0
    assert b"hydrogen" in piped.stdout
    assert b"unchanged 1" in piped.stderr
    assert _summit("check", *folders, cwd=tmp_path).stdout == b"All is well.\n"
