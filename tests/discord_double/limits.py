"""What Discord refuses by size or shape: each check gives a list of complaints, empty when all is well.

Lengths count code points. Sizes are those Discord documents; the description (`openapi.json`) states only some of them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from tests.discord_double import messages
from tests.discord_double.messages import walk
from tests.discord_double.world import Payload

CONTENT = 2000
EMBEDS, EMBEDS_TEXT = 10, 6000
V2_COMPONENTS, V2_TEXT = 40, 4000
FILE_BYTES = 10 * 1024 * 1024

_EMBED_TEXTS = {"title": 256, "description": 4096}
_V1_TOP = {messages.ACTION_ROW}
_V2_TOP = {1, 9, 10, 12, 13, 14, 17}
_IN_CONTAINER = {1, 9, 10, 12, 13, 14}
_SELECTS = {3, 5, 6, 7, 8}


def check_length(where: str, text: Any, most: int, least: int = 0) -> Iterator[str]:
    if not isinstance(text, str):
        yield f"{where}: a string is wanted, not {text!r:.40}"
    elif not least <= len(text) <= most:
        yield f"{where}: {len(text)} characters, allowed are {least} to {most}"


def check_message(body: Payload, *, flags_allowed: int, was_v2: bool = False, editing: bool = False) -> list[str]:
    """`body` is a create or edit request; `was_v2`: the edited message already uses Components V2."""
    return list(_message(body, flags_allowed, was_v2, editing))


def _message(body: Payload, flags_allowed: int, was_v2: bool, editing: bool) -> Iterator[str]:
    flags = body.get("flags") or 0
    if flags & ~flags_allowed:
        yield f"flags: {flags & ~flags_allowed:#x} may not be set here"
    is_v2 = was_v2 or bool(flags & messages.COMPONENTS_V2)
    content, embeds = body.get("content"), body.get("embeds") or []
    components = body.get("components") or []
    if content:
        yield from check_length("content", content, CONTENT)
    yield from _embeds(embeds)
    yield from _components(components, is_v2)
    if is_v2:
        for key in ("content", "embeds", "poll", "sticker_ids"):
            if body.get(key):
                yield f"{key}: not together with Components V2"
    if is_v2 and not editing and not components:
        yield "components: a Components V2 message needs at least one"
    yield from _mention_rules(body.get("allowed_mentions") or {})
    if len(str(body.get("nonce") or "")) > 25:
        yield "nonce: more than 25 characters"
    if len(body.get("attachments") or []) > 10:
        yield "attachments: more than 10"


def is_empty(body: Payload, files: int) -> bool:
    return not files and not any(body.get(key) for key in ("content", "embeds", "components", "sticker_ids", "poll"))


def _mention_rules(rules: Payload) -> Iterator[str]:
    for key in ("users", "roles"):
        if rules.get(key) and key in (rules.get("parse") or []):
            yield f"allowed_mentions: {key} both in parse and as a list"
        if len(rules.get(key) or []) > 100:
            yield f"allowed_mentions.{key}: more than 100"


def _embeds(embeds: list[Payload]) -> Iterator[str]:
    if len(embeds) > EMBEDS:
        yield f"embeds: {len(embeds)}, allowed are {EMBEDS}"
    total = 0
    for place, embed in enumerate(embeds):
        where = f"embeds[{place}]"
        texts = [(key, embed.get(key), most) for key, most in _EMBED_TEXTS.items()]
        texts.append(("footer.text", (embed.get("footer") or {}).get("text"), 2048))
        texts.append(("author.name", (embed.get("author") or {}).get("name"), 256))
        fields = embed.get("fields") or []
        if len(fields) > 25:
            yield f"{where}.fields: {len(fields)}, allowed are 25"
        for number, one in enumerate(fields):
            texts += [
                (f"fields[{number}].name", one.get("name"), 256),
                (f"fields[{number}].value", one.get("value"), 1024),
            ]
        for key, text, most in texts:
            if text is not None:
                yield from check_length(f"{where}.{key}", text, most)
                total += len(text)
    if total > EMBEDS_TEXT:
        yield f"embeds: {total} characters in all, allowed are {EMBEDS_TEXT}"


def _components(components: list[Payload], is_v2: bool) -> Iterator[str]:
    top = _V2_TOP if is_v2 else _V1_TOP
    if not is_v2 and len(components) > 5:
        yield f"components: {len(components)} rows, allowed are 5"
    for place, component in enumerate(components):
        if component.get("type") not in top:
            yield f"components[{place}]: type {component.get('type')} not at the top of a message {is_v2=}"
        yield from _component(f"components[{place}]", component)
    every = list(walk(components))
    if is_v2:
        if len(every) > V2_COMPONENTS:
            yield f"components: {len(every)} with nested ones, allowed are {V2_COMPONENTS}"
        length = sum(len(one.get("content", "")) for one in every if one.get("type") == messages.TEXT_DISPLAY)
        if length > V2_TEXT:
            yield f"components: {length} characters of text in all, allowed are {V2_TEXT}"
    for key in ("custom_id", "id"):
        counted = Counter(one[key] for one in every if one.get(key))
        yield from (f"components: {key} {value!r} is used {n} times" for value, n in counted.items() if n > 1)


def _component(where: str, component: Payload) -> Iterator[str]:
    kind, children = component.get("type"), component.get("components") or []
    if kind == messages.ACTION_ROW:
        yield from _row(where, children)
    elif kind == messages.SECTION:
        if not 1 <= len(children) <= 3 or any(child.get("type") != messages.TEXT_DISPLAY for child in children):
            yield f"{where}.components: a section holds 1 to 3 texts"
        accessory = component.get("accessory") or {}
        if accessory.get("type") not in (messages.BUTTON, 11):
            yield f"{where}.accessory: a section needs a button or a thumbnail"
        else:
            yield from _component(f"{where}.accessory", accessory)
    elif kind == messages.CONTAINER:
        if not children:
            yield f"{where}.components: a container may not be empty"
        for place, child in enumerate(children):
            if child.get("type") not in _IN_CONTAINER:
                yield f"{where}.components[{place}]: type {child.get('type')} not in a container"
    elif kind == messages.TEXT_DISPLAY:
        yield from check_length(f"{where}.content", component.get("content"), V2_TEXT, 1)
    elif kind == messages.BUTTON:
        yield from _button(where, component)
    elif kind in _SELECTS:
        yield from _select(where, component)
    if kind in (messages.SECTION, messages.CONTAINER):
        for place, child in enumerate(children):
            yield from _component(f"{where}.components[{place}]", child)


def _row(where: str, children: list[Payload]) -> Iterator[str]:
    kinds = {child.get("type") for child in children}
    if not children:
        yield f"{where}.components: a row may not be empty"
    if len(children) > 5:
        yield f"{where}.components: {len(children)} buttons, allowed are 5"
    if kinds & _SELECTS and len(children) > 1:
        yield f"{where}.components: a select stands alone in its row"
    if kinds - _SELECTS - {messages.BUTTON}:
        yield f"{where}.components: a row holds buttons or one select, not {kinds}"
    for place, child in enumerate(children):
        yield from _component(f"{where}.components[{place}]", child)


def _button(where: str, button: Payload) -> Iterator[str]:
    if button.get("label") is not None:
        yield from check_length(f"{where}.label", button["label"], 80)
    if not button.get("label") and not button.get("emoji"):
        yield f"{where}: a button needs a label or an emoji"
    if button.get("style") == messages.LINK_STYLE:
        yield from check_length(f"{where}.url", button.get("url"), 512, 1)
        if not re.match(r"(https?|discord)://.", str(button.get("url"))):
            yield f"{where}.url: neither http, https nor discord: {button.get('url')!r:.60}"
        if button.get("custom_id"):
            yield f"{where}: a link button has no custom_id"
    else:
        yield from check_length(f"{where}.custom_id", button.get("custom_id"), 100, 1)
        if button.get("url"):
            yield f"{where}: only a link button has a url"


def _select(where: str, select: Payload) -> Iterator[str]:
    yield from check_length(f"{where}.custom_id", select.get("custom_id"), 100, 1)
    yield from check_length(f"{where}.placeholder", select.get("placeholder") or "", 150)
    options = select.get("options") or []
    if select["type"] == 3 and not 1 <= len(options) <= 25:
        yield f"{where}.options: {len(options)}, allowed are 1 to 25"
    for place, option in enumerate(options):
        for key in ("label", "value"):
            yield from check_length(f"{where}.options[{place}].{key}", option.get(key), 100, 1)
        yield from check_length(f"{where}.options[{place}].description", option.get("description") or "", 100)


def check_choices(choices: list[Payload], where: str = "choices") -> list[str]:
    complaints = [f"{where}: {len(choices)}, allowed are 25"] if len(choices) > 25 else []
    for place, choice in enumerate(choices):
        complaints += check_length(f"{where}[{place}].name", choice.get("name"), 100, 1)
        if isinstance(choice.get("value"), str):
            complaints += check_length(f"{where}[{place}].value", choice["value"], 100)
    return complaints


def check_modal(modal: Payload) -> list[str]:
    complaints = [
        *check_length("title", modal.get("title"), 45, 1),
        *check_length("custom_id", modal.get("custom_id"), 100, 1),
    ]
    components = modal.get("components") or []
    if not 1 <= len(components) <= 5:
        complaints.append(f"components: {len(components)}, allowed are 1 to 5")
    for part in walk(components):
        if part.get("type") == 18:
            complaints += check_length("label", part.get("label"), 45, 1)
        if part.get("type") == 4:
            complaints += check_length("custom_id", part.get("custom_id"), 100, 1)
            complaints += check_length("placeholder", part.get("placeholder") or "", 100)
    return complaints


def check_files(files: dict[str, bytes], components: list[Payload], kept: Iterable[str] = ()) -> list[str]:
    """`kept`: names of files the edited message already has."""
    complaints = [f"files: {len(files)}, allowed are 10"] if len(files) > 10 else []
    too_big = (name for name, content in files.items() if len(content) > FILE_BYTES)
    complaints += [f"files: {name} is over {FILE_BYTES} bytes" for name in too_big]
    missing = attached_names(components) - files.keys() - set(kept)
    return complaints + [f"components: attachment://{name} is not attached" for name in sorted(missing)]


def attached_names(components: list[Payload]) -> set[str]:
    """Files that components show; with Components V2 any other attached file stays out of sight."""
    items = [one for part in walk(components) for one in (part, *(part.get("items") or []))]
    urls = [str((item.get(key) or {}).get("url", "")) for item in items for key in ("file", "media")]
    return {url.removeprefix("attachment://") for url in urls if url.startswith("attachment://")}
