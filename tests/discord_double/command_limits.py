"""What Discord refuses in a set of commands: each complaint names the command."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator

from tests.discord_double.limits import check_choices, check_length
from tests.discord_double.world import Payload

COMMANDS_TEXT = 8000
CREATES_A_DAY = 200
_LOCALES = frozenset(
    ("id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl", "pt-BR")
).union(("ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko"))


def check_commands(commands: list[Payload]) -> list[str]:
    return list(_commands(commands))


def _commands(commands: list[Payload]) -> Iterator[str]:
    kinds = Counter(command.get("type", 1) for command in commands)
    for kind, most in ((1, 100), (2, 15), (3, 15)):
        if kinds[kind] > most:
            yield f"commands: {kinds[kind]} of type {kind}, allowed are {most}"
    names = Counter((command.get("type", 1), command.get("name")) for command in commands)
    yield from (f"commands: {name!r} is there {n} times" for (_, name), n in names.items() if n > 1)
    for command in commands:
        where = f"commands.{command.get('name')}"
        is_slash = command.get("type", 1) == 1
        yield from _named(where, command, is_slash)
        if not is_slash and (command.get("description") or command.get("options")):
            yield f"{where}: a menu command has neither description nor options"
        yield from _options(where, command.get("options") or [])
        text = sum(map(len, _texts(command)))
        if text > COMMANDS_TEXT:
            yield f"{where}: {text} characters of names, descriptions and values, allowed are {COMMANDS_TEXT}"


def _named(where: str, named: Payload, is_slash: bool) -> Iterator[str]:
    for key, most in (("name", 32), ("description", 100)):
        if key == "description" and not is_slash:
            continue
        localised = named.get(f"{key}_localizations") or {}
        yield from (f"{where}.{key}_localizations: unknown locale {one}" for one in localised if one not in _LOCALES)
        for locale, text in [("", named.get(key)), *localised.items()]:
            yield from check_length(f"{where}.{key} {locale}", text, most, 1)
            if key == "name" and is_slash and isinstance(text, str) and not _is_slash_name(text):
                yield f"{where}.name {locale}: {text!r} is no slash command name"


def _is_slash_name(text: str) -> bool:
    marks = {"-", "_", "'"}
    fits = all(c in marks or unicodedata.category(c)[0] in "LN" or unicodedata.category(c)[0] == "M" for c in text)
    return fits and text == text.lower()


def _options(where: str, options: list[Payload]) -> Iterator[str]:
    if len(options) > 25:
        yield f"{where}.options: {len(options)}, allowed are 25"
    optional_seen = False
    for option in options:
        here = f"{where}.{option.get('name')}"
        yield from _named(here, option, True)
        if option.get("type") in (1, 2):
            yield from _options(here, option.get("options") or [])
            continue
        if option.get("required") and optional_seen:
            yield f"{here}: a required option after an optional one"
        optional_seen |= not option.get("required")
        choices = option.get("choices") or []
        yield from check_choices(choices, f"{here}.choices")
        if choices and option.get("autocomplete"):
            yield f"{here}: both choices and autocomplete"


def _texts(named: Payload) -> Iterator[str]:
    """What counts towards the 8,000: of the localised texts only the longest does."""
    for key in ("name", "description"):
        yield max([named.get(key) or "", *(named.get(f"{key}_localizations") or {}).values()], key=len)
    for choice in named.get("choices") or []:
        yield from (str(choice.get("name", "")), str(choice.get("value", "")))
    for option in named.get("options") or []:
        yield from _texts(option)
