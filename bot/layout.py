"""What a message is made of, as plain values: text, a thin line, rows of buttons. No discord in here.

Discord refuses a message that breaks one of its limits as a whole, so every value checks its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import quote, urlsplit

MAX_TEXT_CHARS = 4000  # of all text parts of a message together
MAX_COMPONENTS = 40  # nested ones included
MAX_BUTTONS_A_ROW = 5
MAX_LABEL_CHARS = 80
MAX_CUSTOM_ID_CHARS = 100
MAX_LINK_CHARS = 512


class Tone(Enum):
    """The colour of the bar beside a message. It repeats what the words say, and never says more."""

    ANSWER = 0x2E7D5B
    CAUTION = 0xB58900
    NEUTRAL = 0x5B6B8C
    PROBLEM = 0xB0413E


class Style(Enum):
    """As Discord numbers them."""

    PRIMARY = 1
    SECONDARY = 2
    DANGER = 4


@dataclass(frozen=True, slots=True)
class Text:
    content: str

    def __post_init__(self) -> None:
        if not self.content.strip():
            raise ValueError("Discord refuses text that is empty")


@dataclass(frozen=True, slots=True)
class Line:
    """A thin line between what is above and below."""


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    custom_id: str
    style: Style = Style.SECONDARY
    disabled: bool = False

    def __post_init__(self) -> None:
        _check("a label", self.label, MAX_LABEL_CHARS)
        _check("a custom id", self.custom_id, MAX_CUSTOM_ID_CHARS)


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str

    def __post_init__(self) -> None:
        _check("a label", self.label, MAX_LABEL_CHARS)
        _check("a link", self.url, MAX_LINK_CHARS)


@dataclass(frozen=True, slots=True)
class Row:
    buttons: tuple[Button | Link, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.buttons) <= MAX_BUTTONS_A_ROW:
            raise ValueError(f"a row has 1 to {MAX_BUTTONS_A_ROW} buttons, not {len(self.buttons)}")


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    content: str


@dataclass(frozen=True, slots=True)
class Layout:
    """One message: a box of parts with a coloured bar, and rows of buttons below it."""

    parts: tuple[Text | Line, ...]
    tone: Tone = Tone.NEUTRAL
    rows: tuple[Row, ...] = ()
    attachment: Attachment | None = field(default=None)

    def __post_init__(self) -> None:
        if self.text_chars > MAX_TEXT_CHARS:
            raise ValueError(f"{self.text_chars} characters of text, and {MAX_TEXT_CHARS} are allowed")
        components = 1 + len(self.parts) + sum(1 + len(row.buttons) for row in self.rows)
        if components + (self.attachment is not None) > MAX_COMPONENTS:
            raise ValueError(f"{components} components, and {MAX_COMPONENTS} are allowed")

    @property
    def text_chars(self) -> int:
        return sum(len(part.content) for part in self.parts if isinstance(part, Text))


def link_or_none(label: str, url: str) -> Link | None:
    """A link button, if the address from an article's header is one that Discord takes and a browser should open."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and "." in (parts.hostname or "") and parts.username is None
    except ValueError:
        return None
    safe = quote(url, safe="/:?#[]@!$&'()*+,;=%~-._")
    if not valid or any(char.isspace() for char in url) or len(safe) > MAX_LINK_CHARS:
        return None
    host = parts.hostname or ""
    return Link(label, safe) if host.isascii() else None


def _check(what: str, text: str, max_chars: int) -> None:
    if not 1 <= len(text) <= max_chars:
        raise ValueError(f"{what} has 1 to {max_chars} characters, not {len(text)}")
