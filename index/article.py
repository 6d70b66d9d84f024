"""The value types that everything else refers to: spans of code points, and articles.

"The article's text" is what every offset in this project counts in: the body of the file after its header, decoded,
with line ends as `\\n`, without the characters that `load.py` refuses. Nothing else is changed, ever.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range [start, end) of code points in an article's text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def __len__(self) -> int:
        return self.end - self.start

    def slice(self, text: str) -> str:
        return text[self.start : self.end]

    def covers(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Article:
    """One article as loaded: its text, and what its header says. A field the header leaves out stays empty."""

    path: str  # relative to the articles folder, with forward slashes
    text: str
    title: str = ""
    publisher: str = ""
    author: str = ""
    url: str = ""
    language: str = ""
    published: date | None = None

    @property
    def name(self) -> str:
        """What the article goes by: its title, or its file name without one."""
        return self.title or PurePosixPath(self.path).stem

    @property
    def digest(self) -> str:
        """SHA-256 over text and header fields: two articles with one digest are indexed alike."""
        published = self.published.isoformat() if self.published else None
        fields = [self.text, self.title, self.publisher, self.author, self.url, self.language, published]
        return hashlib.sha256(json.dumps(fields).encode()).hexdigest()
