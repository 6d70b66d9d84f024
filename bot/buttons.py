"""What buttons do. All that is needed stands in their sealed ids, so old messages' buttons work after a restart."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar, cast

import discord

from bot import sending
from bot.admin import actor_of, run_reindex
from bot.ask import answer_interaction, in_direct_messages
from bot.browse import show_sources
from bot.failures import failure_layout
from bot.layout import Layout
from bot.logs import new_request, request_id
from bot.messages import Speaker
from bot.pages import Votes
from bot.permissions import may_delete
from bot.render import (
    Action,
    Card,
    answer_layout,
    asked_heading,
    context_layout,
    notice_layout,
    question_line,
    shared_heading,
    topic_mark,
)
from bot.seal import Forged, Pages, unpack
from bot.sending import Interaction
from bot.services import Services
from bot.views import label_of, texts

log = logging.getLogger(__name__)

MAX_REMEMBERED = 5_000

K = TypeVar("K")
V = TypeVar("V")
Handler = Callable[[Interaction, bytes], Awaitable[None]]


class Buttons:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._votes: OrderedDict[tuple[int, int], bool] = OrderedDict()  # by message and user, in memory only
        self._shared: OrderedDict[int, None] = OrderedDict()
        self._handlers: dict[str, Handler] = {
            Action.BACK: lambda interaction, payload: self._turn(interaction, unpack(payload).turned(-1)),
            Action.MORE: lambda interaction, payload: self._turn(interaction, unpack(payload).turned(+1)),
            Action.CONTEXT: lambda interaction, payload: self._context(interaction, unpack(payload)),
            Action.SHARE: lambda interaction, payload: self._share(interaction, unpack(payload)),
            Action.DELETE: self._delete,
            Action.HELPFUL: lambda interaction, payload: self._vote(interaction, helpful=True),
            Action.NOT_HELPFUL: lambda interaction, payload: self._vote(interaction, helpful=False),
            Action.TOPIC: self._topic,
            Action.SOURCES: self._sources,
            Action.SOURCES_BACK: self._sources,
            Action.FORCE: self._force,
        }

    async def pressed(self, interaction: Interaction) -> None:
        """Act on a press of any button that is or looks like one of ours."""
        new_request()
        custom_id = _custom_id(interaction)
        try:
            action, payload = self._services.sealer.open(custom_id)
            handler = self._handlers[action]
        except (Forged, KeyError):
            log.warning("a button with an id that is not ours was pressed")
            say = self._services.speaker_for(interaction)
            await sending.respond(interaction, notice_layout(say("notice.invalid_button")))
            return
        with self._services.at_work():
            await handler(interaction, payload)

    async def _turn(self, interaction: Interaction, pages: Pages) -> None:
        """Whoever asked turns the pages of the message itself; anybody else gets a copy to turn."""
        say = self._services.speaker_for(interaction)
        own = interaction.user.id == pages.asker
        await sending.defer(interaction, private=not own, update=own)
        hidden = _is_private(interaction) or not own
        heading = _heading(interaction) if own else question_line(_heading(interaction))
        shown = pages if own else replace(pages, asker=interaction.user.id)
        shareable = hidden and not in_direct_messages(interaction)
        try:
            quote = await self._services.desk.quote(shown)
            card = Card(shown, quote, hidden, shareable, heading)
            layout = answer_layout(card, say, self._services.sealer)
        except Exception as exc:  # noqa: BLE001 - the one handler: whatever happens, the asker is told
            failure = failure_layout(exc, say, request_id.get())
            # The quote that stands there is still right, so the word about the other one comes beside it.
            await (sending.follow_up if own else sending.finish)(interaction, failure)
            return
        await sending.finish(interaction, layout)

    async def _context(self, interaction: Interaction, pages: Pages) -> None:
        say = self._services.speaker_for(interaction)
        await sending.defer(interaction, private=True)
        try:
            around = await self._services.desk.surroundings(pages)
            layout = context_layout(around.article, around.shown, around.highlight, say)
        except Exception as exc:  # noqa: BLE001 - the one handler: whatever happens, the asker is told
            layout = failure_layout(exc, say, request_id.get())
        await sending.finish(interaction, layout)

    async def _share(self, interaction: Interaction, pages: Pages) -> None:
        say = self._services.speaker_for(interaction)
        message = interaction.message.id if interaction.message else 0
        refusal = self._share_refusal(interaction, message, say)
        if refusal:
            await sending.respond(interaction, refusal)
            return
        _note(self._shared, message, None)
        await sending.defer(interaction, private=False)
        try:
            quote = await self._services.desk.quote(pages)
            heading = shared_heading(question_line(_heading(interaction)), interaction.user.display_name, say)
            own = replace(pages, asker=interaction.user.id)
            layout = answer_layout(Card(own, quote, private=False, heading=heading), say, self._services.sealer)
        except Exception as exc:  # noqa: BLE001 - the one handler: whatever happens, the asker is told
            layout = failure_layout(exc, say, request_id.get())
        await sending.finish(interaction, layout)

    def _share_refusal(self, interaction: Interaction, message: int, say: Speaker) -> Layout | None:
        if message in self._shared:
            return notice_layout(say("notice.shared_already"))
        permissions = interaction.permissions
        in_thread = isinstance(interaction.channel, discord.Thread)
        allowed = permissions.send_messages_in_threads if in_thread else permissions.send_messages
        if interaction.guild_id is not None and not allowed:
            return notice_layout(say("notice.no_share_here"))
        return None

    async def _delete(self, interaction: Interaction, payload: bytes) -> None:
        say = self._services.speaker_for(interaction)
        if not may_delete(actor_of(interaction), int.from_bytes(payload)):
            await sending.respond(interaction, notice_layout(say("notice.not_your_answer")))
            return
        await sending.defer(interaction, update=True)
        await sending.delete(interaction)

    async def _vote(self, interaction: Interaction, *, helpful: bool) -> None:
        say = self._services.speaker_for(interaction)
        key = (interaction.message.id if interaction.message else 0, interaction.user.id)
        before = self._votes.get(key)
        _note(self._votes, key, helpful)
        await sending.respond(
            interaction, notice_layout(say("notice.thanks_again" if before is helpful else "notice.thanks"))
        )
        if before is not helpful:
            undo = 0 if before is None else -1
            change = Votes(1, undo) if helpful else Votes(undo, 1)
            await asyncio.to_thread(self._services.records.count_vote, change)

    async def _topic(self, interaction: Interaction, payload: bytes) -> None:
        """Ask what stands on the button. The label comes back from the message, and the seal vouches for it."""
        custom_id = _custom_id(interaction)
        label = label_of(interaction.message, custom_id) if interaction.message else ""
        say = self._services.speaker_for(interaction)
        if not label or topic_mark(label) != payload:
            await sending.respond(interaction, notice_layout(say("notice.invalid_button")))
            return
        heading = asked_heading(label, say)
        private = not in_direct_messages(interaction)
        await answer_interaction(self._services, interaction, label, heading=heading, private=private, way="topic")

    async def _sources(self, interaction: Interaction, payload: bytes) -> None:
        await show_sources(self._services, interaction, int.from_bytes(payload), turned=True)

    async def _force(self, interaction: Interaction, payload: bytes) -> None:
        await run_reindex(self._services, interaction, force=True)


def _note(memory: OrderedDict[K, V], key: K, value: V) -> None:
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > MAX_REMEMBERED:
        memory.popitem(last=False)


def _custom_id(interaction: Interaction) -> str:
    return str(cast(dict[str, object], interaction.data or {}).get("custom_id", ""))


def _is_private(interaction: Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


def _heading(interaction: Interaction) -> str:
    """What stands above the quote of the pressed message. It was escaped when it was written."""
    first = texts(interaction.message)[:1] if interaction.message else []
    return next((text for text in first if text.startswith("-# ")), "")
