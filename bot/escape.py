"""Plain text -> Discord markdown that shows exactly that text, and the way back.

Everything quoted from an article or typed by a person goes through here, last. `discord.utils.escape_markdown` is not
enough: it leaves mentions, timestamps, command links, bare addresses, list markers and bidirectional controls alive.

Discord drops a backslash before any character that is neither a letter, a digit nor white space, and shows that
character as itself. So nothing is ever inserted that a reader would copy along (no zero-width characters): a character
that could begin markup gets a backslash, and the few that could reorder or hide text are spelled out as `⟨U+202E⟩`.
"""

from __future__ import annotations

import re
import unicodedata

from index.article import Span

# Characters that begin or close markup anywhere: emphasis, code, spoilers, masked links, and with `<` and `@` every
# mention, timestamp, command link, custom emoji and bracketed address.
_ALWAYS = frozenset("\\*_~|`<>[]@")

# What only works at the start of a line: headings, subtext, lists. Discord allows white space before; so do we, and
# invisible characters too, in case it strips them.
_LINE_START = re.compile(
    r"^[^\S\n]*[\u00ad\u180e\u200b-\u200d\u2060-\u2064\ufeff\s]*?(?:(#+|-#|[-+])|[0-9]+([.)]))", re.M
)

# Clients look for invitations without a scheme as well, in the raw text.
_INVITATION = re.compile(r"discord(?:app)?\.[a-z]+(/)", re.I)

# Spelled out because they change where or whether other characters are seen. Marks such as the zero-width joiner stay:
# emoji and several scripts need them, and they move nothing.
_REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LINE_BREAKS = frozenset("\u2028\u2029\x85")

_SPELLED = re.compile(r"⟨U\+([0-9A-F]{4,6})⟩")
_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])|" + _SPELLED.pattern)
_QUOTE_PREFIX = "> "
_BOLD = "**"
_NOTHING = Span(0, 0)
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})


def escape(text: str) -> str:
    """Markdown that Discord shows as `text`; `unescape` undoes it. At most 10 times as long."""
    return "".join(_escaped_characters(text))


def unescape(markdown: str) -> str:
    """The text that `escape` was given."""

    def plain(match: re.Match[str]) -> str:
        escaped, code_point = match.groups()
        return escaped or chr(int(code_point, 16))

    return _ESCAPED.sub(plain, markdown)


def quote_block(text: str, highlight: Span = _NOTHING) -> str:
    """A block quote of `text`, line by line as it stands, with `highlight` (counted in `text`) in bold.

    Bold is closed at the end of each line and opened again on the next, because not every client carries it over.
    """
    pieces = _escaped_characters(text)
    for line in re.finditer(r"[^\n]+", text):
        start, end = max(line.start(), highlight.start), min(line.end(), highlight.end)
        bold = Span(start, end).slice(text).strip() if start < end else ""
        if bold:
            start += text[start:end].index(bold)
            pieces[start] = _BOLD + pieces[start]
            pieces[start + len(bold) - 1] += _BOLD
    return "\n".join(_QUOTE_PREFIX + line for line in "".join(pieces).split("\n"))


def unquote(block: str) -> str:
    """The text that `quote_block` was given: what stands in a message can be held against the article once more."""
    lines = (line.removeprefix(_QUOTE_PREFIX) for line in block.split("\n"))
    # An asterisk of the text itself always stands behind a backslash, so a bare pair is ours.
    return unescape(re.sub(r"(\\.)|\*\*", lambda match: match[1] or "", "\n".join(lines), flags=re.S))


def one_line(text: str, max_chars: int) -> str:
    """A title or a name inside a sentence of ours: one line, shortened, escaped, and unable to reorder what follows.

    At most twice `max_chars` and two characters long.
    """
    line = plain_line(text, max_chars)
    if any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for char in line):
        return f"\u2068{escape(line)}\u2069"
    return escape(line)


def plain_line(text: str, max_chars: int) -> str:
    """The same for places that show no markdown, such as a choice while typing. A name may lose controls."""
    line = " ".join("".join(" " if char.isspace() else char for char in text if not _is_spelled(char)).split())
    return line if len(line) <= max_chars else line[: max_chars - 1].rstrip() + "…"


def _escaped_characters(text: str) -> list[str]:
    """One piece of markdown for each character, so that positions in `text` can still be found."""
    pieces = [_escaped(char, text[at + 1 : at + 2]) for at, char in enumerate(text)]
    for match in _LINE_START.finditer(text):
        start, end = match.span(1) if match[1] else match.span(2)
        pieces[start:end] = ["\\" + char for char in text[start:end]]
    for match in _INVITATION.finditer(text):
        pieces[match.start(1)] = "\\/"
    for match in _SPELLED.finditer(text):  # an article that itself says ⟨U+202E⟩
        pieces[match.start()] = "\\⟨"
    return pieces


def _escaped(char: str, following: str) -> str:
    # A colon opens an emoji name, or makes an address of what stands before it; before a space it does neither.
    if char in _ALWAYS or (char == ":" and following not in (" ", "\n")):
        return "\\" + char
    return f"⟨U+{ord(char):04X}⟩" if _is_spelled(char) else char


def _is_spelled(char: str) -> bool:
    if char in "\n\t":
        return False
    return char in _REORDERING or char in _LINE_BREAKS or unicodedata.category(char) in ("Cc", "Cs")
