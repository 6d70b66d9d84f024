"""Talking to Discord when it does not go smoothly: what may be tried again, for how long, and what never is.

A first response may be repeated: Discord answers the second one with "already acknowledged". An edit may be repeated,
since it only sets what is there. A new message may be repeated under the same nonce, which Discord enforces. A
follow-up has no such mark, so it is tried once.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp
import discord

from bot.layout import Layout
from bot.views import to_files, to_view

log = logging.getLogger(__name__)

FIRST_RESPONSE_S = 2.5  # Discord allows 3 s
PATIENCE_S = 90.0  # an asker does not wait much longer, and a token lasts 15 minutes
ALREADY_ACKNOWLEDGED = 40060
UNKNOWN_MESSAGE = 10008
UNKNOWN_INTERACTION = 10062

T = TypeVar("T")
Interaction = discord.Interaction[Any]


class Unreachable(Exception):
    """Discord did not take it: too late, gone, or not allowed. Nobody can be told."""


async def defer(interaction: Interaction, *, private: bool = False, update: bool = False) -> None:
    """Acknowledge at once. `update`: the answer will change the message that the button is on."""

    async def acknowledge() -> None:
        await interaction.response.defer(ephemeral=private, thinking=not update)

    await _first_response(acknowledge)


async def respond(interaction: Interaction, layout: Layout, *, private: bool = True) -> None:
    """Answer at once, where no work is needed before."""

    async def send() -> None:
        await interaction.response.send_message(view=to_view(layout), ephemeral=private)

    await _first_response(send)


async def finish(interaction: Interaction, layout: Layout) -> discord.InteractionMessage:
    """Show the answer in place of "thinking", or on the message that the button is on."""

    async def edit() -> discord.InteractionMessage:
        return await interaction.edit_original_response(
            content=None, embeds=[], view=to_view(layout), attachments=to_files(layout)
        )

    return await _reached(_patiently(edit, PATIENCE_S))


async def follow_up(interaction: Interaction, layout: Layout) -> None:
    """A private word after a button was acknowledged."""

    async def send() -> None:
        await interaction.followup.send(view=to_view(layout), ephemeral=True)

    await _reached(send())


async def delete(interaction: Interaction) -> None:
    """Delete the message that the button is on; one that is gone already is as good."""
    try:
        await _patiently(interaction.delete_original_response, PATIENCE_S)
    except discord.NotFound as exc:
        log.info("nothing to delete: %s", exc.code)
    except discord.HTTPException as exc:
        raise Unreachable(f"{exc.status} {exc.code}") from exc


async def reply(message: discord.Message, layout: Layout) -> discord.Message:
    """Answer a message in its channel. Raises discord.Forbidden where we may not write."""
    nonce = secrets.randbits(63)
    reference = message.to_reference(fail_if_not_exists=False)

    async def send() -> discord.Message:
        return await message.channel.send(view=to_view(layout), reference=reference, mention_author=False, nonce=nonce)

    return await _patiently(send, PATIENCE_S)


async def write_privately(user: discord.User | discord.Member, layout: Layout) -> None:
    """A direct message; whoever does not take any from us is left alone."""
    nonce = secrets.randbits(63)

    async def send() -> None:
        await user.send(view=to_view(layout), nonce=nonce)

    try:
        await _patiently(send, PATIENCE_S)
    except discord.Forbidden:
        log.info("a user does not take direct messages")


async def _first_response(send: Callable[[], Awaitable[None]]) -> None:
    try:
        async with asyncio.timeout(FIRST_RESPONSE_S):
            await _patiently(send, FIRST_RESPONSE_S, pause_s=0.1)
    except discord.HTTPException as exc:
        if exc.code != ALREADY_ACKNOWLEDGED:
            raise Unreachable(f"{exc.status} {exc.code}") from exc
    except (TimeoutError, OSError, aiohttp.ClientError) as exc:
        raise Unreachable(f"no first response got through: {exc!r}") from exc


async def _reached(sending: Awaitable[T]) -> T:
    try:
        return await sending
    except (discord.HTTPException, TimeoutError, OSError, aiohttp.ClientError) as exc:
        raise Unreachable(repr(exc)) from exc


async def _patiently(send: Callable[[], Awaitable[T]], patience_s: float, *, pause_s: float = 0.5) -> T:
    """Try again while the network or Discord fails, with growing pauses. Refusals are raised at once."""
    give_up = time.monotonic() + patience_s
    while True:
        try:
            return await send()
        except (discord.DiscordServerError, OSError, aiohttp.ClientError) as exc:
            if time.monotonic() + pause_s > give_up:
                raise
            log.info("trying again in %.1f s: %r", pause_s, exc)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, 5.0)
