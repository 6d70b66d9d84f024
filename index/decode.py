"""Bytes -> text: which encodings are read, and which characters never become part of an article.

docs/articles.md lists both for whoever runs the bot; `REFUSED` and `MAX_RUN` are that list.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import regex

from index.errors import UnreadableArticle

MAX_RUN = 30  # the limit of Unicode's stream-safe text format (UAX 15); no language stacks more marks on one letter

_CONTROLS = "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"
_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
REFUSED = re.compile(
    f"[{_CONTROLS}"
    "\u202a-\u202e\u2066-\u2069"  # bidi embeddings, overrides, isolates: they show words in another order
    "\u206a-\u206f\ufff9-\ufffb"  # deprecated format controls; interlinear annotation, which hides a second text
    "\ud800-\udfff"
    f"{_NONCHARACTERS}"
    "\U000e0000-\U000e007f]"  # tags: a whole hidden sentence can be spelt in them
)
_CONTROL = re.compile(f"[{_CONTROLS}]")
_LINE_END = re.compile(
    "\r\n|[\r\x0b\x0c\x85]"
)  # what Unicode calls a new line function; U+2028 and U+2029 stay as they are
_ROOMLESS = r"[\p{M}\p{DI}]"  # combining marks and what is ignored when shown: zero-width spaces, joiners, fillers
_UNSEEN = regex.compile(r"\p{DI}")
_FLOOD = regex.compile(f"({_ROOMLESS}{{{MAX_RUN}}}){_ROOMLESS}+")
_MAX_CONTROL_SHARE = 0.1

_UTF32 = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE_AS_UTF8 = "save it as UTF-8"


@dataclass(frozen=True, slots=True)
class Cleaned:
    text: str
    dropped: int  # how many refused characters were taken out


def decode(path: str, raw: bytes) -> str:
    """The whole file as text, every line end as `\\n`; refused characters are still in it.

    UTF-8 with or without a byte order mark, UTF-16 with one. Raises UnreadableArticle for anything else.
    """
    if raw.startswith(_UTF32):
        raise UnreadableArticle(path, f"is UTF-32, which is not read; {_SAVE_AS_UTF8}")
    encoding = "utf-16" if raw.startswith(_UTF16) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as exc:
        raise UnreadableArticle(path, _not_decodable(raw, exc)) from exc
    nul = text.find("\0")
    if nul >= 0:
        raise UnreadableArticle(path, _holds_nul(raw, text, nul))
    if len(_CONTROL.findall(text)) > _MAX_CONTROL_SHARE * len(text):
        raise UnreadableArticle(path, "is mostly control characters: not a text; put the article's text in it")
    return _LINE_END.sub("\n", text).lstrip("\ufeff")  # a mark that was written twice


def salvage(raw: bytes) -> str:
    """What can still be made out of bytes that are no article any more, without refused characters."""
    encoding = "utf-16" if raw.startswith(_UTF16) else "utf-8-sig"
    return clean(_LINE_END.sub("\n", raw.decode(encoding, errors="replace"))).text


def clean(text: str) -> Cleaned:
    """`text` without refused characters, and with no run of marks or zero-width characters longer than `MAX_RUN`."""
    kept = _FLOOD.sub(r"\1", REFUSED.sub("", text))
    return Cleaned(kept, len(text) - len(kept))


def unseen_share(text: str) -> float:
    """How much of the text takes no room when shown: zero-width characters, soft hyphens, fillers, selectors."""
    return len(_UNSEEN.findall(text)) / max(1, len(text))


def shown(name: str) -> str:
    """A name as it can be printed: characters that are refused or end a line become escapes, bytes become `\\xNN`."""
    return "".join(_escaped(character) for character in name)


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # how Python carries a byte of a file name that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if REFUSED.match(character) or character in "\t\n\r\x0b\x0c\x85\u2028\u2029":
        return character.encode("unicode_escape").decode("ascii")
    return character


def _not_decodable(raw: bytes, exc: UnicodeDecodeError) -> str:
    where = f"at byte {exc.start}"
    if exc.encoding.startswith("utf-16"):
        return f"starts as UTF-16 but breaks {where} (half a surrogate pair, or cut short); {_SAVE_AS_UTF8}"
    if raw[exc.start] == 0xED and raw[exc.start + 1 : exc.start + 2] >= b"\xa0":
        return f"holds a lone surrogate {where}, which is not valid UTF-8; {_SAVE_AS_UTF8}"
    if b"\0" in raw:
        return (
            f"is not a text (byte 0x{raw[exc.start]:02x} {where}, and NUL bytes); put the article's text in its place"
        )
    return f"is not UTF-8 (byte 0x{raw[exc.start]:02x} {where}); {_SAVE_AS_UTF8}"


def _holds_nul(raw: bytes, text: str, nul: int) -> str:
    if not raw.startswith(_UTF16) and text.count("\0") >= 0.3 * len(text):
        return f"holds a NUL at every other place, as UTF-16 without a byte order mark does; {_SAVE_AS_UTF8}"
    return f"holds a NUL at character {nul}, so it is a binary file or a damaged one; replace it with the text"
