"""Layouts -> what discord.py sends, and the little that is read back from a message of ours."""

from __future__ import annotations

import io
from collections.abc import Iterable

import discord
from discord import ui

from bot.layout import Button, Layout, Line, Link, Text

_STYLES = {style.value: style for style in discord.ButtonStyle}


def to_view(layout: Layout) -> ui.LayoutView:
    """Stopped from the start: presses come to `bot.buttons` by custom id, and nothing is kept for each message."""
    view = ui.LayoutView(timeout=None)
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=layout.tone.value)
    for part in layout.parts:
        match part:
            case Text(content):
                box.add_item(ui.TextDisplay(content))
            case Line():
                box.add_item(ui.Separator())
    if layout.attachment:
        box.add_item(ui.File(f"attachment://{layout.attachment.name}"))
    view.add_item(box)
    for row in layout.rows:
        view.add_item(ui.ActionRow(*map(_button, row.buttons)))
    view.stop()
    return view


def to_files(layout: Layout) -> list[discord.File]:
    if layout.attachment is None:
        return []
    return [discord.File(io.BytesIO(layout.attachment.content.encode()), filename=layout.attachment.name)]


def _button(button: Button | Link) -> ui.Button[ui.LayoutView]:
    if isinstance(button, Button):
        style = _STYLES[button.style.value]
        return ui.Button(label=button.label, custom_id=button.custom_id, style=style, disabled=button.disabled)
    return ui.Button(label=button.label, url=button.url)


def texts(message: discord.Message) -> list[str]:
    """The text parts of a message, in reading order."""
    return [item.content for item in _walk(message.components) if isinstance(item, discord.components.TextDisplay)]


def label_of(message: discord.Message, custom_id: str) -> str:
    """What stands on the button with this id, or ""."""
    for item in _walk(message.components):
        if isinstance(item, discord.components.Button) and item.custom_id == custom_id:
            return item.label or ""
    return ""


def _walk(components: Iterable[discord.components.Component]) -> Iterable[discord.components.Component]:
    for component in components:
        yield component
        yield from _walk(getattr(component, "children", ()))
