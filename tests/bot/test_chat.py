from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from bot.chat import HELP, SCREEN_LIMIT, Chat
from bot.prompt import open_history
from bot.talk import Talk
from bot.terminal import Screen
from index.answer import NoAnswer, Silence
from index.errors import BuilderBusy
from index.receipt import Receipt
from tests.bot.answering import Answering, answer

RECEIPT = Receipt("gen-2", 1, 0, 0, 2, 30, 4, 0.5, ())


class Heard:
    """A chat with everything it wrote."""

    def __init__(self, answering: Answering) -> None:
        self.out = io.StringIO()
        self.reindexed = 0
        self.chat = Chat(answering, Screen(self.out), Talk(), reindex=self._reindex)

    def _reindex(self) -> Receipt:
        self.reindexed += 1
        return RECEIPT


@pytest.fixture
def answering() -> Answering:
    small_talk = NoAnswer("thanks", Silence.SMALL_TALK)
    return Answering({"What about hydrogen?": answer(), "and trade?": answer("and trade?"), "thanks": small_talk})


@pytest.fixture
def heard(answering: Answering) -> Heard:
    return Heard(answering)


def test_a_pipe_gets_an_answer_a_line_each_by_itself(heard: Heard, answering: Answering) -> None:
    heard.chat.piped(["What about hydrogen?\n", "\n", "and trade?\n"])
    assert [(question, previous) for question, _, previous in answering.asked] == [
        ("What about hydrogen?", ""),
        ("and trade?", ""),
    ]
    assert heard.out.getvalue().count("1 │ ") == 2


def test_a_follow_up_knows_the_question_before_but_not_the_small_talk(heard: Heard, answering: Answering) -> None:
    for line in ("What about hydrogen?", "thanks", "and trade?"):
        assert heard.chat.turn(line)
    assert answering.asked[-1] == ("and trade?", 5, "What about hydrogen?")


def test_quit_ends_the_chat(heard: Heard, answering: Answering) -> None:
    heard.chat.piped(["/quit\n", "What about hydrogen?\n"])
    assert answering.asked == []


def test_the_commands(heard: Heard) -> None:
    heard.chat.piped(["/help\n", "/sources\n", "/reindex\n"])
    shown = heard.out.getvalue()
    assert HELP in shown
    assert "tokyo.txt" in shown
    assert "added 1, changed 0, removed 0, unchanged 2; 30 passages, 4 embedded; 0.5 s" in shown
    assert heard.reindexed == 1


def test_an_unknown_command_is_named_and_nothing_is_asked(
    answering: Answering, capsys: pytest.CaptureFixture[str]
) -> None:
    assert Heard(answering).chat.turn("/qiut")
    assert "/qiut" in capsys.readouterr().err
    assert answering.asked == []


def test_a_failure_is_told_and_the_chat_goes_on(answering: Answering, capsys: pytest.CaptureFixture[str]) -> None:
    def busy() -> Receipt:
        raise BuilderBusy("another process is indexing: wait")

    chat = Chat(answering, Screen(io.StringIO()), Talk(), reindex=busy)
    chat.piped(["/reindex\n", "What about hydrogen?\n"])
    assert "another process is indexing: wait" in capsys.readouterr().err
    assert len(answering.asked) == 1


@pytest.fixture
def keyboard() -> Iterator[PipeInput]:
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        yield pipe


def test_typed_lines_are_answered_and_control_d_leaves(
    heard: Heard, answering: Answering, keyboard: PipeInput, tmp_path: Path
) -> None:
    keyboard.send_text("What about hydrogen?\r\x04")
    heard.chat.interactive(tmp_path / "history")
    assert answering.asked == [("What about hydrogen?", SCREEN_LIMIT, "")]


def test_control_c_drops_the_line_and_the_chat_goes_on(
    heard: Heard, answering: Answering, keyboard: PipeInput, tmp_path: Path
) -> None:
    keyboard.send_text("half a quest\x03/quit\r")
    heard.chat.interactive(tmp_path / "history")
    assert answering.asked == []


def test_the_history_is_for_its_owner_only(heard: Heard, keyboard: PipeInput, tmp_path: Path) -> None:
    history = tmp_path / "history"
    history.touch(mode=0o644)
    keyboard.send_text("What about hydrogen?\r\x04")
    heard.chat.interactive(history)
    assert history.stat().st_mode & 0o777 == 0o600
    assert "What about hydrogen?" in history.read_text(encoding="utf-8")


def test_a_folder_that_cannot_be_written_costs_only_the_history(tmp_path: Path) -> None:
    missing = tmp_path / "missing" / "history"
    open_history(missing).append_string("kept while the chat lasts")
    assert not missing.exists()
