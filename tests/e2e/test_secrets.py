"""A token that would be known again: wherever it could get to, in the loudest run there is, it is not there."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path
from stat import S_IMODE

import pytest

from bot.cli import main
from tests.discord_double.faults import Kind, Status
from tests.e2e.harness import ARTICLES, HYDROGEN, ROOT, Summit, summit
from tests.e2e.test_asking import NOTHING, QUESTIONS, RELATED, quoted
from tests.e2e.test_buttons import press

CANARY = "MTAwMDAwMDAwMDAwMDAwMDAw.canary.Tweets-at_dawn-And-never-in-a-log-0"
OTHER_CANARY = "chroma+canary/that=sings"
FORMS = [part.encode() for part in (CANARY, CANARY.rpartition(".")[2], OTHER_CANARY, "chroma%2Bcanary")]


def holds_a_canary(content: bytes) -> bool:
    return any(form in content for form in FORMS)


@pytest.fixture(params=["the environment", ".env"])
def loud(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Summit]:
    """The bot with both tokens from one place or the other, started under a umask that hides nothing."""
    with summit(tmp_path) as prepared:
        prepared.double.state.token = CANARY
        prepared.program, prepared.home_folder = "tests.e2e.loud_process", tmp_path / "home"
        prepared.home_folder.mkdir()
        prepared.settings |= {"PYTHONPATH": str(ROOT), "SUMMIT_CHROMA_TOKEN": OTHER_CANARY}
        if request.param == ".env":
            del prepared.settings["SUMMIT_CHROMA_TOKEN"]
            lines = f"DISCORD_TOKEN={CANARY}\nSUMMIT_CHROMA_TOKEN='{OTHER_CANARY}'\n"
            (prepared.home_folder / ".env").write_text(lines)
            api = prepared.double.environment()["SUMMIT_DISCORD_API"]
            prepared.double.environment = lambda: {"SUMMIT_DISCORD_API": api}  # type: ignore[method-assign]
        mask = os.umask(0)
        try:
            yield prepared
        finally:
            os.umask(mask)


def seen_of_children(process: int, seconds: float) -> dict[int, bytes]:
    """The environment and the arguments of every process that this one starts within so many seconds."""
    seen: dict[int, bytes] = {}
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(status.read_bytes().rpartition(b")")[2].split()[1])
                if parent == process:
                    told = (status.with_name("environ").read_bytes(), status.with_name("cmdline").read_bytes())
                    seen[int(status.parent.name)] = b"\0".join(told)
            except (OSError, ValueError):
                continue  # ended while we looked
        time.sleep(0.05)
    return seen


def test_a_token_is_in_no_log_reply_file_child_or_traceback(loud: Summit) -> None:
    for number in range(40):  # so that the build lasts long enough to be met
        (loud.articles / f"long-{number}.txt").write_text(f"title: Long {number}\n---\nWords about {number}.\n")
    loud.start(SUMMIT_EMBEDDING_MODEL="fake 0.05")
    assert loud.process is not None
    children = seen_of_children(loud.process.pid, 4)
    loud.call(loud.double.ready(timeout_s=60))
    asker = loud.member("asker")
    for question in (QUESTIONS["en"][0], RELATED, NOTHING, "", "x" * 400, f"Is it {CANARY[:20]}?"):
        answered = loud.call(loud.call(asker.slash(loud.general, "ask", question=question or " ")).answer())
        if question == QUESTIONS["en"][0]:
            assert HYDROGEN in quoted(answered)
            press(loud, asker, answered, "Context")
    loud.double.inject(Kind.EDIT_ORIGINAL, Status(404, code=10008))  # an error, with what discord.py makes of it
    loud.call(loud.call(asker.slash(loud.general, "ask", question=RELATED)).first())
    owner = loud.double.owner
    loud.home.join(owner)
    (loud.articles / "new.txt").write_text(next(iter(ARTICLES.values())).replace("hydrogen", "helium"))
    loud.call(loud.call(owner.slash(loud.general, "reindex")).answer(timeout_s=60))
    assert loud.stop() == 0

    assert any(b"fake_child" in told for told in children.values()), "no build was met"
    assert not [pid for pid, told in children.items() if holds_a_canary(told)]
    log = loud.log.read_bytes()
    assert b" DEBUG " in log and b"discord.gateway" in log, "the run was not loud"
    assert not holds_a_canary(log)
    assert not [token for token in loud.double.state.acts if token.encode() in log], "an interaction's token"
    assert not [one for one in loud.double.messages if holds_a_canary(repr(one.payload).encode())]
    kept = [path for path in loud.data.rglob("*") if path.is_file()]
    assert len(kept) > 10
    assert not [path for path in kept if holds_a_canary(path.read_bytes())]
    assert_private(loud.data)


def assert_private(data: Path) -> None:
    open_to_others = {
        str(path.relative_to(data)): oct(S_IMODE(path.stat().st_mode))
        for path in (data, *data.rglob("*"))
        if S_IMODE(path.stat().st_mode) != (0o700 if path.is_dir() else 0o600)
    }
    assert open_to_others == {}


@pytest.mark.parametrize("command", [["check", "--json"], ["run"], ["ask", "Who met?"], ["sync"], ["reindex"]])
@pytest.mark.parametrize(
    "line",
    [
        f"DISCORD_TOKEN='{CANARY} with a space'",
        f"DISCORD_TOKEN={CANARY}\N{NO-BREAK SPACE}",
        f"SUMMIT_CHROMA_TOKEN='{OTHER_CANARY} \x07'",
        f"SUMMIT_CHROMA_URL=http://user:{OTHER_CANARY}@127.0.0.1:8000",
        f"SUMMIT_DISCORD_API=https://{CANARY}@discord.example",
        f"SUMMIT_USER_QUESTIONS={CANARY}",
        f"SUMMIT_HOME_GUILDS={CANARY}",
        f"\xff{CANARY}",
    ],
    ids=lambda line: line.partition("=")[0],
)
def test_a_setting_that_cannot_be_used_is_named_and_not_shown(
    line: str,
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A token may have got into the wrong line of `.env`."""
    (tmp_path / ".env").write_bytes(line.encode("latin-1"))
    monkeypatch.chdir(tmp_path)
    with caplog.at_level(logging.DEBUG):
        assert main(command) == 1
    out, err = capfd.readouterr()
    assert (out + err).strip()
    assert not holds_a_canary((out + err + caplog.text).encode())
