"""Reindexing from Discord: who may is decided here at every use, whatever Discord's menus showed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time

import discord
from discord import app_commands

from bot import sending
from bot.escape import one_line
from bot.failures import failure_layout
from bot.layout import Layout, Tone
from bot.logs import new_request, request_id
from bot.messages import Speaker
from bot.names import Command, command, in_servers_only, named
from bot.pages import articles_missing_layout, progress_layout, receipt_layout, relative_mark
from bot.permissions import Actor, Verdict, may_reindex
from bot.reindexer import Busy, Run, Stopped
from bot.render import MAX_NAME_CHARS, notice_layout
from bot.sending import Interaction, Unreachable
from bot.services import Services
from index.build import Receipt
from index.errors import ArticlesError, BuilderBusy, BuildFailed, ModelError

log = logging.getLogger(__name__)

EDIT_EVERY_S = 2.0
TOKEN_LASTS_S = 14 * 60.0  # Discord's token for editing a response ends after 15 minutes


def commands(services: Services) -> list[Command]:
    @app_commands.rename(full=named("command.reindex.full"))
    @app_commands.describe(full=named("command.reindex.full_description"))
    async def reindex(interaction: Interaction, full: bool = False) -> None:
        await run_reindex(services, interaction, full=full)

    made = in_servers_only(command("reindex", reindex))
    made.default_permissions = discord.Permissions(manage_guild=True)  # a hint for Discord's menus, no more
    return [made]


async def run_reindex(services: Services, interaction: Interaction, *, full: bool = False, force: bool = False) -> None:
    """Check, build, and keep the message up to date until the receipt is in it."""
    new_request()
    say = services.speaker_for(interaction)
    started = time.monotonic()
    await sending.defer(interaction, private=True)
    verdict = may_reindex(actor_of(interaction), await _owners(interaction), services.settings.home_guilds)
    if verdict is not Verdict.ALLOWED:
        log.warning("reindex refused guild=%s verdict=%s", interaction.guild_id, verdict.name.lower())
        key = "reindex.guild_only" if verdict is Verdict.GUILD_ONLY else "reindex.not_allowed"
        await sending.finish(interaction, notice_layout(say(key), Tone.PROBLEM))
        return
    with services.at_work():
        layout = await _build(services, interaction, say, full=full, force=force)
        if time.monotonic() - started < TOKEN_LASTS_S:
            await sending.finish(interaction, layout)
        else:
            await sending.write_privately(interaction.user, layout)


def actor_of(interaction: Interaction) -> Actor:
    permissions = interaction.permissions
    return Actor(
        user=interaction.user.id,
        guild=interaction.guild_id,
        manages_guild=permissions.manage_guild or permissions.administrator,
        manages_messages=permissions.manage_messages or permissions.administrator,
    )


async def _build(services: Services, interaction: Interaction, say: Speaker, *, full: bool, force: bool) -> Layout:
    reindexer = services.reindexer
    if reindexer.running:
        return _busy_layout(reindexer.running, say)
    showing = asyncio.create_task(_show_progress(services, interaction, say))
    try:
        receipt: Receipt = await reindexer.run(interaction.user.display_name, full=full, force=force)
        return receipt_layout(receipt, say)
    except Busy:
        return _busy_layout(reindexer.running, say)
    except BuilderBusy:
        return notice_layout(say("reindex.busy_elsewhere"))
    except ArticlesError as exc:
        log.error("reindex refused: %s", exc)
        return articles_missing_layout(say, services.sealer)
    except Stopped:
        return notice_layout(say("reindex.stopped"))
    except (BuildFailed, ModelError) as exc:
        log.error("reindex failed: %s", exc)
        return notice_layout(say("reindex.failed"), Tone.PROBLEM)
    except Exception as exc:  # noqa: BLE001 - the one handler: whatever happens, the asker is told
        return failure_layout(exc, say, request_id.get())
    finally:
        showing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await showing


def _busy_layout(run: Run | None, say: Speaker) -> Layout:
    if run is None:
        return notice_layout(say("reindex.busy_elsewhere"))
    when = relative_mark(run.since)
    if not run.starter:
        return notice_layout(say("reindex.busy_automatic", when=when))
    return notice_layout(say("reindex.busy", who=one_line(run.starter, MAX_NAME_CHARS), when=when))


async def _show_progress(services: Services, interaction: Interaction, say: Speaker) -> None:
    """Edit the message when there is something new, and never more often than every two seconds."""
    shown: Layout | None = None
    until = time.monotonic() + TOKEN_LASTS_S
    while time.monotonic() < until:
        layout = progress_layout(services.reindexer.progress, say)
        if layout != shown:
            try:
                await sending.finish(interaction, layout)
            except Unreachable as exc:
                log.info("progress could not be shown: %s", exc)
            shown = layout
        await asyncio.sleep(EDIT_EVERY_S)


async def _owners(interaction: Interaction) -> set[int]:
    """The owner, or the team's admins and developers, as they are now, or were at the start if Discord does not say."""
    client = interaction.client
    try:
        application = await client.application_info()
    except discord.HTTPException as exc:
        log.warning("owners as of the start are used: %s", exc)
        application = client.application
    if application is None:
        return set()
    if application.team is None:
        return {application.owner.id}
    roles = (discord.TeamMemberRole.admin, discord.TeamMemberRole.developer)
    joined = discord.TeamMembershipState.accepted
    members = {m.id for m in application.team.members if m.role in roles and m.membership_state is joined}
    return members | ({application.team.owner_id} if application.team.owner_id else set())
