"""The guides cannot drift: their commands run, their help is the help, their links lead somewhere."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import main
from index.load import load_articles
from tests.bot.desk import Desk

ROOT = Path(__file__).parents[1]
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMAND = re.compile(r"^ {4}(?:\$ )?((?:echo .*\| )?(?:\S+/)?summit(?: .*)?)$", re.MULTILINE)
MAKE = re.compile(r"(?:`|^ {4}|\| )make(?: -s)? ([a-z]+)", re.MULTILINE)
HELP = re.compile(r"<!-- help: (.+?) -->\n\n```text\n(.*?)```\n", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")


def found(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    """Every match's first group, with the guide that it stands in."""
    return sorted({(guide.name, match[1]) for guide in GUIDES for match in pattern.finditer(guide.read_text("utf-8"))})


@pytest.mark.parametrize(("guide", "command"), found(COMMAND))
def test_every_command_in_the_guides_runs(
    guide: str, command: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Desk().install(monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bot.commands.find_problems", lambda settings: [])
    (tmp_path / "questions.jsonl").write_text('{"id": 1, "question": "Who met?", "answers": []}\n', encoding="utf-8")
    piped, _, command = command.rpartition("| ")
    monkeypatch.setattr(sys, "stdin", io.StringIO(" ".join(shlex.split(piped)[1:])))
    words = shlex.split(command.partition(" >")[0])
    assert main(words[1:]) == 0, capsys.readouterr().err


def test_the_guides_show_commands_at_all() -> None:
    assert len(found(COMMAND)) > 5


def test_every_make_target_in_the_guides_exists() -> None:
    targets = {match[1] for guide in GUIDES for match in MAKE.finditer(guide.read_text("utf-8"))}
    assert {"run", "test"} <= targets
    for target in targets:
        subprocess.run(["make", "--dry-run", target], cwd=ROOT, check=True, capture_output=True, timeout=60)


SAVED = [match.groups() for guide in GUIDES for match in HELP.finditer(guide.read_text("utf-8"))]


@pytest.mark.parametrize(("command", "saved"), SAVED)
def test_the_saved_help_is_the_help(command: str, saved: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split()[1:], "--help"]) == 0
    assert capsys.readouterr().out == saved


def test_every_subcommand_is_described(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--help"])
    commands = re.findall(r"^    ([a-z]+) {2,}", capsys.readouterr().out, re.MULTILINE)
    usage = (ROOT / "docs" / "usage.md").read_text("utf-8")
    assert len(commands) >= 6
    assert [command for command in commands if f"summit {command}" not in usage] == []
    assert {"summit", "summit ask", "summit reindex"} <= {command for command, _ in SAVED}


def _readme_example() -> tuple[list[str], str]:
    """The words of the command, and the quote that it is shown to give, as one line."""
    match = re.search(r"```console\n\$ summit ([^\n]*)\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert match
    behind_the_bar = re.findall(r"^[ \d]+│(.*)$", match[2], re.MULTILINE)
    return shlex.split(match[1]), " ".join(" ".join(behind_the_bar).split())


def test_the_quote_in_the_readme_stands_in_the_article_that_it_names() -> None:
    _, quote = _readme_example()
    readme = (ROOT / "README.md").read_text("utf-8")
    sources = [one for one in load_articles(ROOT / "docs" / "articles").articles if quote in " ".join(one.text.split())]
    assert quote
    assert [one.path for one in sources if f"    {one.title} · {one.publisher}" in readme]


@pytest.mark.model
def test_the_question_in_the_readme_is_answered_as_it_says(tmp_path: Path) -> None:
    words, quote = _readme_example()
    folders = ["--articles", str(ROOT / "docs" / "articles"), "--data", "data"]
    command = [sys.executable, "-m", "bot", *words, *folders, "--json"]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, timeout=300, check=True)
    shown = json.loads(done.stdout)
    assert shown["verdict"] == "answer"
    assert " ".join(shown["quotes"][0]["text"].split()) == quote


@pytest.mark.parametrize(("guide", "target"), found(LINK))
def test_every_link_leads_to_a_file(guide: str, target: str) -> None:
    folder = ROOT if guide == "README.md" else ROOT / "docs"
    assert (folder / target).exists()
