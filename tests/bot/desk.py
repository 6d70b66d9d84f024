"""The commands' surroundings without an index: a laid-out library, and a record of what was asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from bot import commands
from bot.settings import Settings
from bot.talk import Talk
from index.load import Skipped
from index.receipt import Receipt
from tests.bot.answering import Answering, answer, related

QUESTION = "What about hydrogen?"
RECEIPT = Receipt("gen-2", 1, 0, 0, 2, 30, 4, 0.5, (Skipped("bad.txt", "is empty; fill it"),))


class Desk:
    """What the commands work with in place of a real index, and what they were given."""

    def __init__(self) -> None:
        self.answering = Answering({QUESTION: answer(), "nearly": related("nearly")})
        self.settings: list[Settings] = []
        self.refreshed: list[tuple[bool, bool]] = []
        self.caught_up = False
        self.refusal: Exception | None = None

    @contextmanager
    def open_library(
        self, settings: Settings, talk: Talk, *, catch_up: bool = False, few: bool = False
    ) -> Iterator[Answering]:
        self.settings.append(settings)
        self.caught_up = catch_up
        yield self.answering

    def refresh(self, settings: Settings, talk: Talk, *, full: bool = False, force: bool = False) -> Receipt:
        self.settings.append(settings)
        self.refreshed.append((full, force))
        if self.refusal:
            raise self.refusal
        return RECEIPT

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(commands, "open_library", self.open_library)
        monkeypatch.setattr(commands, "refresh", self.refresh)
        monkeypatch.setattr(commands, "indexed_sources", lambda settings: self.answering.sources())
