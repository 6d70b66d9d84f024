"""Where everything that happens on Discord arrives, and is handed to those who deal with it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys

import aiohttp
import discord
import yarl
from discord import app_commands

from bot import admin, ask, browse, sending
from bot.buttons import Buttons
from bot.failures import failure_layout
from bot.language import of_locale
from bot.logs import request_id
from bot.messages import speaker
from bot.names import Translations, commands_digest
from bot.sending import Interaction, Unreachable
from bot.services import Services
from bot.settings import DISCORD_API

log = logging.getLogger(__name__)


class SummitClient(discord.AutoShardedClient):
    """Hands what happens on Discord to those who deal with it. It has no privileged intents, and no state."""

    def __init__(self, services: Services) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, dm_messages=True)
        super().__init__(
            intents=intents,
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
        )
        discord.http.Route.BASE = services.settings.discord_api
        self._services = services
        self._buttons = Buttons(services)
        self.tree = Tree(self)
        for module in (ask, browse, admin):
            for command in module.commands(services):
                self.tree.add_command(command)

    async def setup_hook(self) -> None:
        if self._services.settings.discord_api != DISCORD_API:
            # Shards that connect from scratch go back to this address.
            _, url, _ = await self.http.get_bot_gateway()
            discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)
        try:
            await self.sync_commands()
        except discord.HTTPException as exc:
            # Those that Discord knows from before still work.
            log.error("the commands could not be registered (HTTP %d): `summit sync` tries it again", exc.status)

    async def sync_commands(self, *, always: bool = False) -> int:
        """Register the commands if they are not what Discord was last given. Returns how many were sent."""
        translations = Translations()
        await self.tree.set_translator(translations)
        digest = await commands_digest(self.tree, translations)
        records = self._services.records
        if digest == await asyncio.to_thread(records.synced_commands) and not always:
            return 0
        synced = await self.tree.sync()
        await asyncio.to_thread(records.note_synced_commands, digest)
        log.info("%d commands registered", len(synced))
        return len(synced)

    async def on_ready(self) -> None:
        log.info("ready as %s in %d servers on %d shards", self.user, len(self.guilds), len(self.shards))

    async def on_message(self, message: discord.Message) -> None:
        if self.user is not None:
            try:
                await ask.answer_message(self._services, message, self.user)
            except (discord.HTTPException, OSError, aiohttp.ClientError) as exc:
                log.error("an answer could not be sent to channel %s: %r", message.channel.id, exc)

    async def on_interaction(self, interaction: Interaction) -> None:
        if interaction.type is discord.InteractionType.component:
            try:
                await self._buttons.pressed(interaction)
            except Unreachable as exc:
                log.error("a button's answer could not be sent: %s", exc)

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        log.error("%s failed", event_method, exc_info=sys.exc_info())


class Tree(app_commands.CommandTree[SummitClient]):
    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
        if isinstance(cause, Unreachable):
            log.error("an answer could not be sent: %s", cause)
            return
        layout = failure_layout(cause, speaker(of_locale(interaction.locale.value)), request_id.get())
        with contextlib.suppress(Unreachable):
            answer = sending.finish if interaction.response.is_done() else sending.respond
            await answer(interaction, layout)
