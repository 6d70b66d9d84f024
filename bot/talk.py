"""What is said beside the results: one line of talk, a bar for long work. All of it goes to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.control import Control
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.segment import ControlType

from bot.printable import printable
from bot.terminal import Screen
from bot.wrap import wrap

if TYPE_CHECKING:
    from index.receipt import Progress

STAGES = {
    "read": "Reading articles",
    "embed": "Embedding passages",
    "check": "Checking the new index",
    "answer": "Answering questions",
}


class Talk:
    def __init__(self) -> None:
        self._screen = Screen(sys.stderr)

    def say(self, words: str, *, style: str = "dim") -> None:
        """Control characters in the words (of a file name, of a question) are made visible."""
        words = printable(words)
        for line in wrap(words, self._screen.columns):
            self._screen.print(line.slice(words), style=style)

    def warn(self, words: str) -> None:
        self.say(words, style="yellow")

    @contextmanager
    def waiting(self, words: str) -> Iterator[None]:
        """Words that stand on a terminal until it is over; nothing elsewhere. No spinner: its thread would slow us."""
        if not self._screen.is_terminal:
            yield
            return
        self._screen.print(words, style="dim", end="\r")
        try:
            yield
        finally:
            self._screen.control(Control((ControlType.ERASE_IN_LINE, 2)))

    @contextmanager
    def bar(self, words: str) -> Iterator[Callable[[Progress], None]]:
        """A bar on a terminal, one task a stage; elsewhere `words`, once, so that logs stay readable."""
        if not self._screen.is_terminal:
            self.say(words)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Bar(*columns, console=self._screen, transient=True, disable=not self._screen.is_terminal) as bar:
            tasks = {}

            def show(progress: Progress) -> None:
                total = progress.total or None
                if progress.stage not in tasks:
                    tasks[progress.stage] = bar.add_task(STAGES.get(progress.stage, progress.stage), total=total)
                bar.update(tasks[progress.stage], completed=progress.done, total=total)

            yield show
