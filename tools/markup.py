"""The part of Discord's markdown that the bot writes, as HTML. Whatever else comes alive in a text is an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape

from tests.bot.discord_markdown import alive

WRITTEN = {"quote", "subtext", "list", "strong", "code", "timestamp", "escape"}

_INLINE = re.compile(
    r"\\([^0-9A-Za-z\s])|\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)|`([^`]+)`|<t:(\d+):([DR])>|([\u2066-\u2069])|([\s\S])"
)
_BLOCK = re.compile(r"(?P<quote>(?:^> .*\n?)+)|(?P<list>(?:^- .*\n?)+)|^-# (?P<subtext>.*)\n?|^(?P<plain>.*)\n?", re.M)


def to_html(markdown: str, language: str, now: datetime) -> str:
    """Dates are told in `language`, and "ago" from `now`."""
    unexpected = alive(markdown) - WRITTEN - {"reordering"}
    if unexpected:
        raise ValueError(f"{sorted(unexpected)} came alive in {markdown!r}")

    def inline(text: str) -> str:
        def piece(match: re.Match[str]) -> str:
            escaped, strong, code, moment, form, isolate, plain = match.groups()
            if strong:
                return f"<strong>{inline(strong)}</strong>"
            if code:
                return f"<code>{escape(code)}</code>"
            if moment:
                return f"<time>{_told(datetime.fromtimestamp(int(moment), UTC), form, language, now)}</time>"
            return escape(escaped or isolate or plain)

        return _INLINE.sub(piece, text)

    blocks: list[str] = []
    for match in _BLOCK.finditer(markdown):
        quote, listed = match["quote"], match["list"]
        if quote:
            lines = (line.removeprefix("> ") for line in quote.removesuffix("\n").split("\n"))
            text = inline("\n".join(lines))
            blocks.append(f"<blockquote>{text}</blockquote>")
        elif listed:
            items = "".join(f"<li>{inline(line[2:])}</li>" for line in listed.splitlines())
            blocks.append(f"<ul>{items}</ul>")
        elif match["subtext"] is not None:
            blocks.append(f"<small>{inline(match['subtext'])}</small>")
        elif match["plain"] or match.end() < len(markdown):
            blocks.append(f"<p>{inline(match['plain'])}</p>")
    return "".join(blocks)


def _told(moment: datetime, form: str, language: str, now: datetime) -> str:
    if form == "D":
        dates: dict[str, Callable[[datetime], str]] = {
            "en": lambda day: f"{day:%B} {day.day}, {day.year}",
            "ko": lambda day: f"{day.year}년 {day.month}월 {day.day}일",
            "ja": lambda day: f"{day.year}年{day.month}月{day.day}日",
        }
        return dates[language](moment)
    seconds = max(int((now - moment).total_seconds()), 1)
    minutes = seconds // 60
    units = {"en": ("seconds", "minutes", " ago"), "ko": ("초", "분", " 전"), "ja": ("秒", "分", "前")}
    second, minute, ago = units[language]
    count, unit = (minutes, minute) if minutes else (seconds, second)
    word = unit.removesuffix("s") if count == 1 else unit
    return f"{count} {word}{ago}" if language == "en" else f"{count}{word}{ago}"
