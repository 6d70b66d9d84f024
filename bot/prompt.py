"""The line editor of the chat, with a history that only its owner can read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import WordCompleter
from prompt_toolkit.history import FileHistory, History, InMemoryHistory

PROMPT = "? "
_ONLY_THE_OWNER = 0o600


def open_prompt(history: Path, commands: Sequence[str]) -> Callable[[], str]:
    """A function that reads one line. It raises EOFError at Ctrl-D and KeyboardInterrupt at Ctrl-C."""
    completer = WordCompleter(list(commands), sentence=True)
    session: PromptSession[str] = PromptSession(
        PROMPT, history=open_history(history), completer=completer, complete_while_typing=False
    )
    return session.prompt


def open_history(path: Path) -> History:
    """The history in `path`, or one that ends with the chat where the folder cannot be written."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _ONLY_THE_OWNER))
        path.chmod(_ONLY_THE_OWNER)
    except OSError:
        return InMemoryHistory()
    return FileHistory(str(path))
