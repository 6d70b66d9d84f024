"""What the header's values mean: each one checked, and left empty with a reason where it cannot be believed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from urllib.parse import urlsplit

from index.decode import REFUSED, clean, shown
from index.header import DAMAGED

MAX_CHARS = 300
MAX_URL_CHARS = 2000
FIRST_YEAR, LAST_YEAR = 1800, 2100  # a fixed range: what is loaded must not depend on the day it is loaded

_T = TypeVar("_T")

_BLANKS = re.compile("[ \t\n\u2028\u2029]+")
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[Tt \t]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]*)?)?[ \t]*(?:[Zz]|[+-][0-9]{1,2}(?::?[0-9]{2})?)?)?"
)
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8})*")
_NOT_IN_URL = re.compile(f'[\\s<>"\\\\{DAMAGED}]|{REFUSED.pattern}')


@dataclass(frozen=True, slots=True)
class Fields:
    title: str
    publisher: str
    author: str
    url: str
    language: str
    published: date | None
    problems: tuple[str, ...]


class _Doubt(Exception):
    """A value cannot stand as it is; the text says why, as the end of a sentence."""


def read_fields(raw: Mapping[str, str]) -> Fields:
    """Check each value on its own: one that cannot be believed costs only itself."""
    problems: list[str] = []

    def field(name: str, parse: Callable[[str], _T], empty: _T) -> _T:
        value = raw.get(name, "").strip()
        if not value:
            return empty
        try:
            return parse(value)
        except _Doubt as doubt:
            problems.append(f"{name} “{shown(value[:80])}” {doubt}")
            return empty

    def line(name: str) -> str:
        text = _BLANKS.sub(" ", clean(raw.get(name, "").replace(DAMAGED, "")).text).strip()
        if len(text) > MAX_CHARS:
            problems.append(f"{name} has {len(text)} characters: it is cut at {MAX_CHARS}; shorten it")
        return text[:MAX_CHARS]

    return Fields(
        title=line("title"),
        publisher=line("publisher"),
        author=line("author"),
        url=field("url", _url, ""),
        language=field("language", _language, ""),
        published=field("published", _published, None),
        problems=tuple(problems),
    )


def _published(value: str) -> date | None:
    found = _DATE.fullmatch(value)
    if found is None:
        raise _Doubt("is not a date, so it is left empty; write YYYY-MM-DD")
    year, month, day = (int(number) for number in found.groups())
    try:
        published = date(year, month, day)
    except ValueError as exc:
        raise _Doubt("is no day of the calendar, so it is left empty; write YYYY-MM-DD") from exc
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _Doubt(f"is not between {FIRST_YEAR} and {LAST_YEAR}, so it is left empty; correct it")
    return published


def _language(value: str) -> str:
    found = _LANGUAGE.fullmatch(value)
    if found is None:
        raise _Doubt("is not a language code, so it is left empty; write one such as en, ko or ja")
    return found[1].lower()


def _url(value: str) -> str:
    unsafe = _NOT_IN_URL.search(value)
    if unsafe:
        raise _Doubt("holds a character that no address has, so it is left empty; write it with %-codes")
    if len(value) > MAX_URL_CHARS:
        raise _Doubt(f"has more than {MAX_URL_CHARS} characters, so it is left empty; shorten it")
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname, parts.port
    except ValueError as exc:
        raise _Doubt("is not an address, so it is left empty; correct it") from exc
    if parts.scheme not in ("http", "https") or not host:
        raise _Doubt("is not an http or https address, so it is left empty; write https://...")
    if not host.isascii():
        raise _Doubt("has a host that could be a look-alike of another, so it is left empty; write its xn-- form")
    if "@" in parts.netloc:
        raise _Doubt("hides its host behind a user name, so it is left empty; write the address without it")
    return value
