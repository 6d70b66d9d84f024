"""What a sentence is compared by: its tokens, each of a kind that says how much may hang on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class TokenKind(Enum):
    NUMBER = "number"
    DATE = "date"
    NEGATION = "negation"
    GUARD = "guard"  # changes what a sentence claims: will or may, at least or at most, former, all or some
    SAY = "say"
    WORD = "word"
    LIGHT = "light"  # may come and go between copies


@dataclass(frozen=True, slots=True)
class Token:
    """`value` is what is compared; `raw` the characters it was read from, folded; `role` a noun's case particle."""

    value: str
    kind: TokenKind
    raw: str
    role: str = ""
    listed: bool = False  # a comma stands before it
    quoted: bool = False
    name: bool = False  # has a capital

    @property
    def key(self) -> str:
        return f"{self.value}/{self.role}" if self.role else self.value


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())
