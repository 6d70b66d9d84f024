from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.build import child_environment, reindex
from index.errors import ArticlesError, BuilderBusy, BuildFailed, ModelError
from index.generation import open_current, read_pointer
from index.lock import builders_lock
from index.model_choice import ModelChoice
from index.receipt import Progress, Receipt
from tests.fakes import numbered_articles, write_articles

FAKE_CHILD = (sys.executable, "-P", str(Path(__file__).parent.parent / "faults" / "fake_child.py"))
CANARY = "MTA0canary.token-that_must-not-leak"


def build(articles: Path, data: Path) -> Receipt:
    return reindex(articles, data, ModelChoice("fake"), child=FAKE_CHILD)


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    return write_articles(tmp_path / "articles", numbered_articles(4))


def test_a_child_process_builds_and_its_receipt_comes_back(articles: Path, tmp_path: Path) -> None:
    seen: list[Progress] = []
    receipt = reindex(articles, tmp_path / "data", ModelChoice("fake"), progress=seen.append, child=FAKE_CHILD)
    assert (receipt.added, receipt.generation) == (4, "gen-1")
    assert receipt.embedded == receipt.passages > 0
    assert [progress.stage for progress in seen if progress.done == progress.total] == ["read", "embed", "check"]
    open_current(tmp_path / "data", "fake 1").close()


def test_relative_folders_are_meant_from_where_we_are(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert build(Path("articles"), Path("data")).added == 4
    assert (tmp_path / "data" / "CURRENT").is_file()


def test_known_errors_keep_their_class_and_text(articles: Path, tmp_path: Path) -> None:
    with pytest.raises(ArticlesError, match="nowhere"):
        build(tmp_path / "nowhere", tmp_path / "data")
    with builders_lock(tmp_path / "data"), pytest.raises(BuilderBusy, match="another process"):
        build(articles, tmp_path / "data")
    with pytest.raises(ModelError, match="no-such-model"):
        reindex(articles, tmp_path / "data", ModelChoice("no-such-model"))


def test_a_data_folder_that_cannot_be_made_is_one_clear_line(articles: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BuildFailed, match="another folder"):
        build(articles, tmp_path / "file" / "data")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "signal 11"),
        ("raise SystemExit(7)", "exit code 7"),
        ('print(\'{"receipt": {"gen\')', "exit code 0"),
    ],
)
def test_a_child_that_dies_is_a_failed_build(articles: Path, tmp_path: Path, code: str, said: str) -> None:
    build(articles, tmp_path / "data")
    before = read_pointer(tmp_path / "data")
    with pytest.raises(BuildFailed, match=said):
        reindex(articles, tmp_path / "data", ModelChoice("fake"), child=(sys.executable, "-c", code))
    assert read_pointer(tmp_path / "data") == before


def test_what_a_dying_child_said_is_logged(articles: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    code = "import sys; sys.exit('the last words')"
    with pytest.raises(BuildFailed):
        reindex(articles, tmp_path / "data", ModelChoice("fake"), child=(sys.executable, "-c", code))
    assert "the last words" in caplog.text


def test_no_secret_of_ours_reaches_the_build() -> None:
    ours = {
        "DISCORD_TOKEN": CANARY,
        "HF_TOKEN": CANARY,
        "AWS_SECRET_ACCESS_KEY": CANARY,
        "SUMMIT_ANYTHING": CANARY,
        "PYTHONPATH": CANARY,
        "PATH": "/usr/bin",
        "LC_ALL": "ko_KR.UTF-8",
    }
    passed = child_environment(ours)
    assert passed["PATH"] == "/usr/bin" and passed["LC_ALL"] == "ko_KR.UTF-8"
    assert not [name for name, value in passed.items() if CANARY in value]


def test_the_child_sees_neither_the_token_nor_the_file_it_stands_in(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A child that says all it can see, in place of a receipt."""
    monkeypatch.setenv("DISCORD_TOKEN", CANARY)
    (tmp_path / ".env").write_text(f"DISCORD_TOKEN={CANARY}\n")
    monkeypatch.chdir(tmp_path)
    code = (
        "import json, os, pathlib, sys\n"
        "seen = repr(dict(os.environ)) + repr(sys.argv) + repr([p.read_text() for p in pathlib.Path().glob('.env')])\n"
        "print(json.dumps({'error': 'BuildFailed', 'text': seen}), flush=True)"
    )
    with pytest.raises(BuildFailed) as caught:
        reindex(articles, tmp_path / "data", ModelChoice("fake"), child=(sys.executable, "-c", code))
    assert "PATH" in str(caught.value)
    assert CANARY not in str(caught.value)


def test_a_failure_while_waiting_ends_the_child(articles: Path, tmp_path: Path) -> None:
    """What Ctrl-C does: the exception comes up in the waiting thread."""

    def interrupt(progress: Progress) -> None:
        if progress.stage == "embed":
            raise KeyboardInterrupt

    build(articles, tmp_path / "data")
    before = read_pointer(tmp_path / "data")
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        reindex(articles, tmp_path / "data", ModelChoice("fake 10"), full=True, progress=interrupt, child=FAKE_CHILD)
    assert time.monotonic() - started < 8
    assert read_pointer(tmp_path / "data") == before
    with builders_lock(tmp_path / "data"):
        pass
    assert build(articles, tmp_path / "data").rebuilt == ""


def test_the_child_dies_with_its_parent(articles: Path, tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib\n"
            "from index.build import reindex\n"
            "from index.model_choice import ModelChoice\n"
            "articles, data, *child = sys.argv[1:]\n"
            "reindex(pathlib.Path(articles), pathlib.Path(data), ModelChoice('fake 10'), child=child,\n"
            "        progress=lambda progress: print(progress.stage, flush=True))\n",
            str(articles),
            str(tmp_path / "data"),
            *FAKE_CHILD,
        ],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent)},
    )
    assert parent.stdout is not None
    with parent, parent.stdout as said:
        assert any("embed" in line for line in said)
        with pytest.raises(BuilderBusy):
            build(articles, tmp_path / "data")
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while True:
        try:
            with builders_lock(tmp_path / "data"):
                break
        except BuilderBusy:
            assert time.monotonic() < deadline, "the child builds on without its parent"
            time.sleep(0.05)
