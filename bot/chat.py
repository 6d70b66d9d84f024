"""The terminal chat: a line in, an answer out; from a terminal with history, from a pipe line by line."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from bot.printable import one_line
from bot.serving import DEFAULT_LIMIT, Answers, ask
from bot.talk import Talk
from bot.terminal import Screen, outcome_text, receipt_text, sources_text
from index.answer import NoAnswer, Silence
from index.errors import SummitError
from index.receipt import Receipt

HELP = """\
Type a question; the answer is what the articles say, word for word.
  /sources   the indexed articles
  /reindex   take in what changed in the articles folder
  /help      this
  /quit      leave (so does Ctrl-D)"""
SCREEN_LIMIT = 3  # more would push the best quote off the screen
COMMANDS = ("/sources", "/reindex", "/help", "/quit")


class Chat:
    def __init__(self, answers: Answers, screen: Screen, talk: Talk, *, reindex: Callable[[], Receipt]) -> None:
        self._answers = answers
        self._screen = screen
        self._talk = talk
        self._reindex = reindex
        self._previous = ""
        self._limit = DEFAULT_LIMIT

    def turn(self, line: str) -> bool:
        """Do what one line asks for. False once it asks to leave."""
        line = line.strip()
        if line == "/quit":
            return False
        try:
            if line.startswith("/"):
                self._command(line)
            elif line:
                self._answer(line)
        except SummitError as exc:
            self._talk.warn(str(exc))
        return True

    def piped(self, lines: Iterable[str]) -> None:
        """Answer each line by itself: what a script gets does not depend on the line before."""
        for line in lines:
            self._previous = ""
            if not self.turn(line):
                return

    def interactive(self, history: Path) -> None:
        """Read lines from the terminal until Ctrl-D or /quit; Ctrl-C drops the line, or stops the answer."""
        from bot.prompt import open_prompt

        self._limit = SCREEN_LIMIT
        read = open_prompt(history, COMMANDS)
        while True:
            try:
                if not self.turn(read()):
                    return
            except KeyboardInterrupt:
                self._talk.say("Stopped. Ctrl-D or /quit leaves.")
            except EOFError:
                return

    def _answer(self, question: str) -> None:
        outcome = ask(self._answers, self._talk, question, limit=self._limit, previous=self._previous)
        topics = () if outcome.quotes else self._answers.topics()
        self._screen.print(outcome_text(outcome, columns=self._screen.columns, topics=topics))
        self._screen.print()
        if not (isinstance(outcome, NoAnswer) and outcome.reason is Silence.SMALL_TALK):
            self._previous = question  # "and on trade?" leans on it

    def _command(self, line: str) -> None:
        match line:
            case "/sources":
                self._screen.print(sources_text(self._answers.sources(), columns=self._screen.columns))
            case "/reindex":
                self._screen.print(receipt_text(self._reindex()))
            case "/help":
                self._screen.print(HELP)
            case _:
                self._talk.warn(f"There is no {one_line(line)}; /help lists what there is.")
