"""What a button carries: everything needed to act on it after a restart, sealed so that nobody else can write one.

A custom id has 100 characters. The first says what the button does, the rest is base64 of a seal and packed bits. The
state of an answer is the asker, the verdict, and each quote as a place in an article; no question, and no text. An
article is known by the beginning of its digest, so that a button works as long as that very article is indexed, and
nothing has to be kept on disk for it.

The seal is a keyed hash. Who alters an id, or makes one up, has one chance in 2**48 that it is taken.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from bot.layout import MAX_CUSTOM_ID_CHARS
from index.article import Article, Span

MAX_QUOTES = 5
MAX_TOPIC_CHARS = 64

_SEAL_BYTES = 6
_PREFIX_BYTES = 3
_START_BITS = 22  # articles of up to four million characters
_LENGTH_BITS = 10  # a quote has at most 600 characters
_ASKER_BITS = 64
_COUNT_BITS = 3
_ALSO_BITS = 2
_PAYLOAD_BITS = ((MAX_CUSTOM_ID_CHARS - 1) * 6 // 8 - _SEAL_BYTES) * 8


@dataclass(frozen=True, slots=True)
class QuoteRef:
    """A quote as a place in an article that its digest names."""

    article: bytes
    span: Span
    highlight: Span
    also: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Pages:
    """An answer's quotes, and which of them is shown."""

    asker: int  # the user's id
    answers: bool  # whether the verdict was "answer"; else the quotes are related passages
    refs: tuple[QuoteRef, ...]
    position: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.position < len(self.refs) <= MAX_QUOTES:
            raise ValueError(f"position {self.position} of {len(self.refs)} quotes")

    def turned(self, step: int) -> Pages:
        return Pages(self.asker, self.answers, self.refs, min(max(self.position + step, 0), len(self.refs) - 1))


class Forged(Exception):
    """A custom id that we have not sealed, or have under another key."""


def article_ref(article: Article) -> bytes:
    return bytes.fromhex(article.digest[: 2 * _PREFIX_BYTES])


class Sealer:
    """Writes and reads custom ids."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def seal(self, action: str, payload: bytes = b"") -> str:
        """`action` is one letter, and is under the seal as well."""
        return action + base64.urlsafe_b64encode(self._seal(action, payload) + payload).decode().rstrip("=")

    def open(self, custom_id: str) -> tuple[str, bytes]:
        """The action and its payload. Raises Forged."""
        action, text = custom_id[:1], custom_id[1:]
        if not custom_id.isascii():
            raise Forged(custom_id)
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as exc:
            raise Forged(custom_id) from exc
        seal, payload = sealed[:_SEAL_BYTES], sealed[_SEAL_BYTES:]
        if not hmac.compare_digest(seal, self._seal(action, payload)) or self.seal(action, payload) != custom_id:
            raise Forged(custom_id)
        return action, payload

    def _seal(self, action: str, payload: bytes) -> bytes:
        return hmac.digest(self._key, action.encode() + b"\0" + payload, hashlib.sha256)[:_SEAL_BYTES]


def pack(pages: Pages) -> bytes:
    """As many "also in" places as there is room for, the first quotes' first.

    Raises ValueError for a place that the bits cannot hold.
    """
    spare = _PAYLOAD_BITS - _bits(pages.refs)
    bits = _Bits()
    bits.add(pages.asker, _ASKER_BITS)
    bits.add(int(pages.answers), 1)
    bits.add(len(pages.refs), _COUNT_BITS)
    bits.add(pages.position, _COUNT_BITS)
    for ref in pages.refs:
        also = ref.also[: min(2**_ALSO_BITS - 1, spare // (8 * _PREFIX_BYTES))]
        spare -= len(also) * 8 * _PREFIX_BYTES
        bits.add(int.from_bytes(ref.article), 8 * _PREFIX_BYTES)
        bits.add(ref.span.start, _START_BITS)
        bits.add(len(ref.span), _LENGTH_BITS)
        bits.add(ref.highlight.start - ref.span.start, _LENGTH_BITS)
        bits.add(len(ref.highlight), _LENGTH_BITS)
        bits.add(len(also), _ALSO_BITS)
        for article in also:
            bits.add(int.from_bytes(article), 8 * _PREFIX_BYTES)
    return bits.to_bytes()


def unpack(payload: bytes) -> Pages:
    """The inverse of `pack`, for payloads whose seal was whole."""
    bits = _Bits.from_bytes(payload)
    asker, answers = bits.take(_ASKER_BITS), bool(bits.take(1))
    count, position = bits.take(_COUNT_BITS), bits.take(_COUNT_BITS)
    refs = []
    for _ in range(count):
        article = bits.take(8 * _PREFIX_BYTES).to_bytes(_PREFIX_BYTES)
        start = bits.take(_START_BITS)
        span = Span(start, start + bits.take(_LENGTH_BITS))
        bold = start + bits.take(_LENGTH_BITS)
        highlight = Span(bold, bold + bits.take(_LENGTH_BITS))
        also = tuple(bits.take(8 * _PREFIX_BYTES).to_bytes(_PREFIX_BYTES) for _ in range(bits.take(_ALSO_BITS)))
        refs.append(QuoteRef(article, span, highlight, also))
    return Pages(asker, answers, tuple(refs), position)


def _bits(refs: Sequence[QuoteRef]) -> int:
    fixed = _ASKER_BITS + 1 + 2 * _COUNT_BITS
    return fixed + len(refs) * (8 * _PREFIX_BYTES + _START_BITS + 3 * _LENGTH_BITS + _ALSO_BITS)


class _Bits:
    """Unsigned numbers of given widths, one after the other, the first one lowest."""

    def __init__(self) -> None:
        self._value = 0
        self._width = 0

    @classmethod
    def from_bytes(cls, content: bytes) -> _Bits:
        bits = cls()
        bits._value = int.from_bytes(content, "little")
        return bits

    def add(self, number: int, width: int) -> None:
        if not 0 <= number < 1 << width:
            raise ValueError(f"{number} does not fit into {width} bits")
        self._value |= number << self._width
        self._width += width

    def take(self, width: int) -> int:
        number = self._value & ((1 << width) - 1)
        self._value >>= width
        return number

    def to_bytes(self) -> bytes:
        return self._value.to_bytes((self._width + 7) // 8, "little")
