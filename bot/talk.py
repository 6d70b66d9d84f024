"""What is said beside the results: one line of talk, a bar for long work. All of it goes to stderr."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from bot.printable import one_line
from bot.terminal import Screen

if TYPE_CHECKING:
    from index.receipt import Progress


class Talk:
    def __init__(self) -> None:
        self._screen = Screen(sys.stderr)

    def say(self, words: str, *, style: str = "dim") -> None:
        """One line; control characters in it (a file name, a question) are made visible."""
        self._screen.print(one_line(words), style=style)

    def warn(self, words: str) -> None:
        self.say(words, style="yellow")

    @contextmanager
    def waiting(self, words: str) -> Iterator[None]:
        """Shows that something is going on, on a terminal; elsewhere says nothing, since it is over in seconds."""
        if self._screen.is_terminal:
            with self._screen.status(words):
                yield
        else:
            yield

    @contextmanager
    def bar(self) -> Iterator[Callable[[Progress], None]]:
        """A bar on a terminal, one task a stage; elsewhere nothing, so that logs stay readable."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Bar(*columns, console=self._screen, transient=True, disable=not self._screen.is_terminal) as bar:
            tasks = {}

            def show(progress: Progress) -> None:
                if progress.stage not in tasks:
                    tasks[progress.stage] = bar.add_task(progress.stage)
                bar.update(tasks[progress.stage], completed=progress.done, total=progress.total or None)

            yield show
