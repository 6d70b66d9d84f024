"""Messages as the local Discord keeps them -> a page that looks as Discord shows them. The frame is ours, the content
is the bot's payload, component by component."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from tests.discord_double.messages import ACTION_ROW, BUTTON, CONTAINER, LINK_STYLE, TEXT_DISPLAY, Message
from tests.discord_double.world import Payload
from tools.markup import to_html

SEPARATOR, FILE = 14, 13
STYLES = {1: "primary", 2: "secondary", 4: "danger", LINK_STYLE: "secondary"}
CSS = Path(__file__).with_name("discord.css")

WORDS = {
    "en": ("used", "Only you can see this · Dismiss message", "Today at 9:41 AM"),
    "ko": ("님이 사용함:", "나만 볼 수 있는 메시지예요 · 메시지 닫기", "오늘 오전 9:41"),
    "ja": ("さんが使用：", "これらはあなただけに表示されています · メッセージを閉じる", "今日 9:41"),
}


@dataclass(frozen=True, slots=True)
class Said:
    """What a person wrote."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of the bot, in the state that `components` and `attachments` are of."""

    bot: str
    components: Sequence[Payload]
    ephemeral: bool
    used: tuple[str, str] = ("", "")  # who used which command
    reply_to: Said | None = None
    attachments: Sequence[tuple[str, int]] = ()  # name and bytes


def shown(message: Message, *, used: tuple[str, str] = ("", ""), reply_to: Said | None = None) -> Shown:
    files = [(file.filename, len(file.content)) for file in message.attachments]
    return Shown(message.author.name, message.components, message.ephemeral, used, reply_to, files)


def page(items: Sequence[Said | Shown], *, theme: str, language: str, now: datetime) -> str:
    drawn = "".join(_said(one, language) if isinstance(one, Said) else _shown(one, language, now) for one in items)
    return (
        f'<!doctype html><html lang="{language}" class="{theme}"><meta charset="utf-8">'
        f"<style>{CSS.read_text(encoding='utf-8')}</style><main>{drawn}</main></html>"
    )


def _said(said: Said, language: str) -> str:
    head = f'<header><b>{escape(said.name)}</b> <span class="when">{WORDS[language][2]}</span></header>'
    return f"<article>{_avatar(said.name, 'person')}<div>{head}<p>{_mentions(said.text)}</p></div></article>"


def _shown(message: Shown, language: str, now: datetime) -> str:
    used, dismiss, when = WORDS[language]
    above = ""
    who, command = message.used
    if who:
        above = f'<div class="above">{_avatar(who, "small")}<b>{escape(who)}</b> {used} <i>{escape(command)}</i></div>'
    elif message.reply_to:
        told = message.reply_to
        above = (
            f'<div class="above">{_avatar(told.name, "small")}<b>@{escape(told.name)}</b> {_mentions(told.text)}</div>'
        )
    head = (
        f'<header><b>{escape(message.bot)}</b> <span class="app">APP</span> <span class="when">{when}</span></header>'
    )
    body = "".join(_component(part, message, language, now) for part in message.components)
    below = f"<footer>{dismiss}</footer>" if message.ephemeral else ""
    kind = "private" if message.ephemeral else "public"
    return f'<article class="{kind}">{above}{_avatar("S", "bot")}<div>{head}{body}{below}</div></article>'


def _component(part: Payload, message: Shown, language: str, now: datetime) -> str:
    match part["type"]:
        case kind if kind == CONTAINER:
            inner = "".join(_component(child, message, language, now) for child in part["components"])
            return f'<section style="border-left-color:#{part["accent_color"]:06x}">{inner}</section>'
        case kind if kind == TEXT_DISPLAY:
            return f'<div class="text">{to_html(part["content"], language, now)}</div>'
        case kind if kind == SEPARATOR:
            return "<hr>"
        case kind if kind == FILE:
            name, size = message.attachments[0]
            return f'<div class="file"><a>{escape(name)}</a><small>{size / 1024:.1f} KB</small></div>'
        case kind if kind == ACTION_ROW:
            return f"<nav>{''.join(_component(child, message, language, now) for child in part['components'])}</nav>"
        case kind if kind == BUTTON:
            arrow = " <span>↗</span>" if part["style"] == LINK_STYLE else ""
            off = " disabled" if part.get("disabled") else ""
            return f'<button class="{STYLES[part["style"]]}"{off}>{escape(part["label"])}{arrow}</button>'
    raise ValueError(f"a component of type {part['type']} has no picture yet")


def _avatar(name: str, kind: str) -> str:
    return f'<span class="avatar {kind}">{escape(name[:1].upper())}</span>'


def _mentions(text: str) -> str:
    """`@Name` at the start stands for a mention."""
    first, _, rest = text.partition("\u2003")
    return f'<span class="mention">{escape(first)}</span> {escape(rest)}' if rest else escape(text)
