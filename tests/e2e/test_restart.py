"""The bot's life: restarts, a second instance, ending, and articles that change under it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from bot.messages import speaker
from tests.discord_double.faults import Delay, Disconnect, Kind, Status
from tests.e2e.harness import HYDROGEN, ROOT, Summit, running_summit, summit
from tests.e2e.test_asking import QUESTIONS, quoted
from tests.e2e.test_buttons import ask, press

SAY = speaker("en")


def test_buttons_of_old_answers_work_after_a_restart(tmp_path: Path) -> None:
    with running_summit(tmp_path) as running:
        asker = running.member("asker")
        public, private = ask(running, asker), ask(running, asker, private=True)
        creates = running.double.command_creates
        assert running.stop() == 0
        running.start_and_wait()
        assert HYDROGEN not in quoted(press(running, asker, public, "More quotes"))
        assert HYDROGEN in quoted(press(running, asker, public, "Back"))
        assert HYDROGEN in quoted(press(running, asker, public, "Context"))
        assert quoted(press(running, asker, private, "Share")) == quoted(private)
        assert press(running, asker, public, "Helpful").text == SAY("notice.thanks")
        running.call(running.call(asker.press(public, label="Delete")).first())
        running.wait(lambda: public.deleted, "the delete")
        assert running.double.command_creates == creates, "unchanged commands are not registered again"
        assert running.double.violations == []


def test_a_button_whose_article_has_changed_says_so_kindly(tmp_path: Path) -> None:
    with running_summit(tmp_path) as running:
        asker = running.member("asker")
        message = ask(running, asker)
        before = message.text
        path = running.articles / "hydrogen.txt"
        path.write_text(path.read_text(encoding="utf-8").replace("hydrogen pipeline", "water main"), encoding="utf-8")
        told = press(running, asker, message, "Context")
        assert told.text == SAY("notice.stale")
        assert message.text == before
        press(running, asker, message, "More quotes")
        unchanged = message.text
        # The reply to our sending it is lost, or it is refused for a moment: the word arrives once either way.
        for fault in (Disconnect(after=True), Status(503)):
            injection = running.double.inject(Kind.FOLLOWUP, fault)
            back = running.call(asker.press(message, label="Back"))
            assert running.call(back.followup()).text == SAY("notice.stale")
            assert len(injection.hits) == 1
        assert message.text == unchanged
        assert running.double.duplicates == []
        running.wait(lambda: "reindexed generation=gen-2" in running.logged, "a reindex by itself", 30)
        back = running.call(asker.press(message, label="Back"))
        assert running.call(back.followup()).text == SAY("notice.stale")


def test_an_answer_never_quotes_what_the_file_no_longer_says(tmp_path: Path) -> None:
    with running_summit(tmp_path) as running:
        asker = running.member("asker")
        path = running.articles / "hydrogen.txt"
        path.write_text(path.read_text(encoding="utf-8").replace("hydrogen pipeline", "water main"), encoding="utf-8")
        message = ask(running, asker)
        assert "hydrogen pipeline" not in quoted(message)
        assert SAY("answer.related") in message.text or message.text == SAY("answer.changed")


def test_a_second_instance_on_the_same_data_is_told(summit: Summit) -> None:
    second = another(summit.environment())
    assert second.returncode == 1
    assert b"another bot is running on" in second.stderr
    assert b"Traceback" not in second.stderr


def test_the_commands_can_be_registered_by_hand_while_the_bot_runs(summit: Summit) -> None:
    done = another(summit.environment(), "sync")
    assert done.stdout == b"7 commands registered\n"
    assert done.returncode == 0


def another(env: dict[str, str], *words: str) -> subprocess.CompletedProcess[bytes]:
    """A second process with these settings, after it has ended."""
    command = [sys.executable, "-m", "tests.e2e.bot_process", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, timeout=60)


def test_commands_that_cannot_be_registered_do_not_keep_the_bot_from_answering(tmp_path: Path) -> None:
    with summit(tmp_path) as running:
        running.double.inject(Kind.COMMANDS, Status(403, code=50001))
        running.start()
        running.wait(lambda: "ready as" in running.logged, "the bot to be ready", 60)
        assert "`summit sync` tries it again" in running.logged
        asker = running.member("asker")
        message = running.call(running.call(asker.say(asker.dm, QUESTIONS["en"][0])).reply())
        assert HYDROGEN in quoted(message)


def test_a_wrong_token_is_one_clear_line_and_exit_1(tmp_path: Path) -> None:
    with summit(tmp_path) as prepared:
        prepared.start(DISCORD_TOKEN="wrong.token.here")
        assert prepared.process is not None
        assert prepared.process.wait(60) == 1
        assert "Discord does not accept DISCORD_TOKEN" in prepared.logged
        assert "Traceback" not in prepared.logged
        assert "wrong.token.here" not in prepared.logged
        prepared.process = None
        refused = another(prepared.environment() | {"DISCORD_TOKEN": "wrong.token.here"}, "sync")
        assert refused.returncode == 1
        assert b"Discord does not accept DISCORD_TOKEN" in refused.stderr


def test_without_a_network_the_bot_waits_and_comes_up_later(tmp_path: Path) -> None:
    with summit(tmp_path) as prepared:
        prepared.call(prepared.double.begin_outage())
        prepared.start()
        prepared.wait(lambda: "Discord cannot be reached" in prepared.logged, "the first try", 60)
        prepared.call(prepared.double.end_outage())
        prepared.call(prepared.double.ready(timeout_s=60))
        assert "Traceback" not in prepared.logged


def test_ending_finishes_the_answers_in_flight(tmp_path: Path) -> None:
    with running_summit(tmp_path) as running:
        asker = running.member("asker")
        running.double.inject(Kind.EDIT_ORIGINAL, Delay(1.5))
        asked = running.call(asker.slash(running.general, "ask", question=QUESTIONS["en"][0]))
        running.call(asked.first())
        started = time.monotonic()
        assert running.stop() == 0
        assert time.monotonic() - started < 10
        assert HYDROGEN in quoted(running.call(asked.answer()))


def test_ending_stops_a_reindex_and_the_index_before_still_serves(tmp_path: Path) -> None:
    with summit(tmp_path) as running:
        running.start_and_wait()
        owner = running.double.owner
        running.home.join(owner)
        asked = running.call(owner.slash(running.general, "reindex", full=True))
        running.call(asked.first())
        started = time.monotonic()
        assert running.stop() in (0, 1)
        assert time.monotonic() - started < 11
        running.wait(lambda: not processes_on(running.data), "the builder to end with the bot")
        running.start_and_wait()
        assert HYDROGEN in quoted(ask(running, running.member("asker")))


def processes_on(data: Path) -> list[Path]:
    return [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(data).encode() in _read(path)]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
