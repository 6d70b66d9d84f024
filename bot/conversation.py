"""What was asked before, so that "and on trade?" can be understood: in memory only, and only for a while."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

REMEMBERED_S = 15 * 60
MAX_REMEMBERED = 5_000


class Conversations:
    """Questions by the message that answered them, and by who asked where."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._questions: OrderedDict[Hashable, tuple[str, float]] = OrderedDict()

    def remember(self, question: str, *, answer: int, channel: int, user: int) -> None:
        for key in (answer, (channel, user)):
            self._questions.pop(key, None)
            self._questions[key] = (question, self._clock())
        while len(self._questions) > MAX_REMEMBERED:
            self._questions.popitem(last=False)

    def answered_by(self, message: int) -> str:
        """The question that this message of ours answers, or ""."""
        return self._recall(message)

    def last(self, channel: int, user: int) -> str:
        """What this user asked last in this channel, or ""."""
        return self._recall((channel, user))

    def _recall(self, key: Hashable) -> str:
        question, asked_at = self._questions.get(key, ("", 0.0))
        return question if self._clock() - asked_at <= REMEMBERED_S else ""


class SeenLanguages:
    """The language each user's Discord was last seen in; messages, unlike commands, do not tell it."""

    def __init__(self) -> None:
        self._languages: OrderedDict[int, str] = OrderedDict()

    def note(self, user: int, language: str) -> None:
        self._languages.pop(user, None)
        self._languages[user] = language
        if len(self._languages) > MAX_REMEMBERED:
            self._languages.popitem(last=False)

    def of(self, user: int) -> str | None:
        return self._languages.get(user)
