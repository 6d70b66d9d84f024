"""Every way to ask: the command, the message menu, a mention, a direct message. One path leads from all of them."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass

import discord
from discord import app_commands

from bot import language, sending
from bot.desk import Reply
from bot.failures import failure_layout
from bot.layout import Layout
from bot.logs import new_request, request_id
from bot.messages import Speaker, speaker
from bot.names import Command, command, everywhere, named
from bot.render import Card, answer_layout, asked_heading, asked_question, none_layout, notice_layout, pages_of
from bot.sending import Interaction
from bot.services import Services
from bot.views import texts
from index.answer import MAX_QUESTION_CHARS, NoAnswer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and how its answer is to be shown."""

    question: str
    asker: int
    guild: int | None
    way: str  # for the log
    previous: str = ""  # the question before, if this may follow it up
    heading: str = ""
    private: bool = False
    shareable: bool = False


def commands(services: Services) -> list[Command | app_commands.ContextMenu]:
    @app_commands.rename(question=named("command.ask.question"), private=named("command.ask.private"))
    @app_commands.describe(
        question=named("command.ask.question_description"), private=named("command.ask.private_description")
    )
    async def ask(
        interaction: Interaction,
        question: app_commands.Range[str, 1, MAX_QUESTION_CHARS],
        private: bool = False,
    ) -> None:
        say = services.speaker_for(interaction)
        heading = asked_heading(question, say)
        await answer_interaction(services, interaction, question, heading=heading, private=private, way="command")

    async def find_quotes(interaction: Interaction, message: discord.Message) -> None:
        say = services.speaker_for(interaction)
        text = " ".join(message.clean_content.split())
        if not text:
            await sending.respond(interaction, notice_layout(say("notice.no_text")))
            return
        heading = f"-# {say('answer.about_message')}"
        await answer_interaction(services, interaction, shortened(text), heading=heading, private=True, way="menu")

    menu = app_commands.ContextMenu(name=named("command.menu.name"), callback=find_quotes)
    return [everywhere(command("ask", ask)), everywhere(menu)]


async def answer_interaction(
    services: Services, interaction: Interaction, question: str, *, heading: str, private: bool, way: str
) -> None:
    """Answer a command or a button in its own message."""
    new_request()
    say = services.speaker_for(interaction)
    refusal = services.refusal(question, interaction.user.id, interaction.guild_id, say)
    if refusal:
        await sending.respond(interaction, refusal.layout)
        return
    await sending.defer(interaction, private=private)
    direct = in_direct_messages(interaction)
    channel = interaction.channel_id or 0
    # A topic or somebody's message is a question of its own; what a person types may follow up the one before.
    conversing = way == "command" and (direct or _in_thread(interaction))
    previous = services.conversations.last(channel, interaction.user.id) if conversing else ""
    asked = Asked(
        question,
        interaction.user.id,
        interaction.guild_id,
        way,
        previous,
        heading,
        private=private,
        shareable=private and not direct,
    )
    with services.at_work():
        layout = await compose(services, asked, say)
        shown = await sending.finish(interaction, layout)
    services.conversations.remember(question, answer=shown.id, channel=channel, user=interaction.user.id)


async def answer_message(services: Services, message: discord.Message, me: discord.abc.User) -> None:
    """Answer a mention or a direct message, where it was asked."""
    direct = message.guild is None
    if message.author.bot or message.webhook_id or message.type not in _ASKING_TYPES:
        return
    if not direct and me not in message.mentions:
        return
    new_request()
    question = re.sub(rf"<@!?{me.id}>", " ", message.content)
    question = " ".join(question.split())
    say = _speaker_for_message(services, message, question)
    guild = message.guild.id if message.guild else None
    refusal = services.refusal(question, message.author.id, guild, say)
    if refusal:
        # A word about haste belongs to one person; what is wrong with a question is told where it was asked.
        if refusal.personal and not direct:
            await sending.write_privately(message.author, refusal.layout)
        else:
            await _reply(services, message, refusal.layout, say)
        return
    with services.at_work():
        way, previous = "direct-message" if direct else "mention", await _question_before(services, message)
        layout = await compose(services, Asked(question, message.author.id, guild, way, previous), say)
        sent = await _reply(services, message, layout, say)
    if sent:
        services.conversations.remember(question, answer=sent.id, channel=message.channel.id, user=message.author.id)


async def compose(services: Services, asked: Asked, say: Speaker) -> Layout:
    """The message for a question, whatever comes of it. One line in the log for each."""
    try:
        reply = await services.desk.ask(asked.question, asked.previous, say.language)
        layout = _layout(services, asked, reply, say)
    except Exception as exc:  # noqa: BLE001 - the one handler: whatever happens, the asker is told
        return failure_layout(exc, say, request_id.get())
    log.info(
        "answered way=%s guild=%s verdict=%s quotes=%d withheld=%d waited_ms=%.0f ms=%.0f",
        asked.way,
        asked.guild or "-",
        reply.outcome.verdict,
        len(reply.outcome.quotes),
        reply.withheld,
        reply.waited_ms,
        reply.ms,
    )
    log.debug("question: %r", asked.question)
    return layout


def _layout(services: Services, asked: Asked, reply: Reply, say: Speaker) -> Layout:
    outcome, sealer = reply.outcome, services.sealer
    if reply.withheld and not outcome.quotes:
        return notice_layout(say("answer.changed"))
    if isinstance(outcome, NoAnswer):
        return none_layout(
            outcome, reply.topics, asked.asker, say, sealer, heading=asked.heading, private=asked.private
        )
    pages = pages_of(outcome, asked.asker)
    card = Card(pages, outcome.quotes[0], asked.private, asked.shareable, asked.heading)
    return answer_layout(card, say, sealer)


def in_direct_messages(interaction: Interaction) -> bool:
    """In the direct messages with us, where nobody else reads along."""
    return interaction.guild_id is None and not interaction.context.private_channel


def shortened(text: str) -> str:
    """A message's text as a question: as much as a question may have, cut at a space where there is one."""
    if len(text) <= MAX_QUESTION_CHARS:
        return text
    return text[: MAX_QUESTION_CHARS + 1].rpartition(" ")[0] or text[:MAX_QUESTION_CHARS]


_ASKING_TYPES = (discord.MessageType.default, discord.MessageType.reply)


def _in_thread(interaction: Interaction) -> bool:
    return isinstance(interaction.channel, discord.Thread)


def _speaker_for_message(services: Services, message: discord.Message, question: str) -> Speaker:
    """A message has no locale: its letters tell, or what the author's Discord spoke before, or the server's."""
    seen = language.of_text(question) or services.seen_languages.of(message.author.id)
    if seen is None and message.guild is not None:
        seen = language.of_locale(str(message.guild.preferred_locale))
    return speaker(seen or language.of_locale(""))


async def _reply(services: Services, message: discord.Message, layout: Layout, say: Speaker) -> discord.Message | None:
    try:
        return await sending.reply(message, layout)
    except discord.Forbidden:
        log.warning("no permission to write in channel %s: give Send Messages there", message.channel.id)
    if message.guild is not None and services.may_complain(message.channel.id):
        words = say("notice.cannot_write", channel=f"<#{message.channel.id}>")
        await sending.write_privately(message.author, notice_layout(words))
    return None


async def _question_before(services: Services, message: discord.Message) -> str:
    """The question that this one follows up: that of the answer it replies to, or the one before in a conversation."""
    if message.reference is not None and message.reference.message_id is not None:
        known = services.conversations.answered_by(message.reference.message_id)
        answer = message.reference.resolved
        if known or not isinstance(answer, discord.Message):
            return known
        return asked_question("\n".join(texts(answer)[:1])) or await _question_that_got(answer)
    if message.guild is None or isinstance(message.channel, discord.Thread):
        return services.conversations.last(message.channel.id, message.author.id)
    return ""


async def _question_that_got(answer: discord.Message) -> str:
    """An answer to a mention replies to it, and that message is still there to be read."""
    if answer.reference is None or answer.reference.message_id is None:
        return ""
    try:
        asked = await answer.channel.fetch_message(answer.reference.message_id)
    except discord.HTTPException:
        return ""  # deleted, or not ours to read: the follow-up is then asked alone
    return shortened(" ".join(re.sub(r"<@!?[0-9]+>", " ", asked.content).split()))
