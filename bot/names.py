"""Commands as Discord registers them: names and descriptions in three languages, and where they may be used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import discord
from discord import app_commands

from bot.language import of_locale
from bot.messages import DEFAULT_LANGUAGE, sentences

Command = app_commands.Command[Any, ..., None]
C = TypeVar("C", Command, app_commands.ContextMenu)


def named(key: str) -> app_commands.locale_str:
    """English where Discord knows no better, and the key for the other languages."""
    return app_commands.locale_str(str(sentences(DEFAULT_LANGUAGE)[key]), key=key)


def command(name: str, callback: Callable[..., Coroutine[Any, Any, None]]) -> Command:
    """A slash command with its words from `command.NAME.*`."""
    return app_commands.Command(
        name=named(f"command.{name}.name"), description=named(f"command.{name}.description"), callback=callback
    )


def everywhere(command: C) -> C:
    """In servers, in direct messages with the bot, and wherever somebody has it on their own account."""
    command.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
    command.allowed_installs = app_commands.AppInstallationType(guild=True, user=True)
    return command


def in_servers_only(command: C) -> C:
    command.allowed_contexts = app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)
    command.allowed_installs = app_commands.AppInstallationType(guild=True, user=False)
    return command


class Translations(app_commands.Translator):
    """Korean and Japanese words for Discord's own menus; every other locale gets the English default."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        language = of_locale(locale.value)
        if language == DEFAULT_LANGUAGE:
            return None
        return str(sentences(language)[string.extras["key"]])


async def commands_digest(tree: app_commands.CommandTree[Any], translations: Translations) -> str:
    """SHA-256 over all that Discord would be told of the commands of this application."""
    payload = [await one.get_translated_payload(tree, translations) for one in tree.get_commands()]
    everything = [tree.client.application_id, sorted(payload, key=lambda one: str(one["name"]))]
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()
