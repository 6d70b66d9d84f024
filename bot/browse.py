"""Looking around: the articles, one article, what the bot is, and help."""

from __future__ import annotations

import asyncio

from discord import app_commands

from bot import sending
from bot.escape import one_line, plain_line
from bot.failures import failure_layout
from bot.layout import Layout
from bot.logs import new_request, request_id
from bot.messages import Speaker
from bot.names import Command, command, everywhere, named
from bot.pages import about_layout, article_layout, help_layout, sources_layout
from bot.render import MAX_NAME_CHARS, notice_layout
from bot.sending import Interaction
from bot.services import Services
from index.article import Article
from index.library import Source

MAX_CHOICES = 25
MAX_CHOICE_CHARS = 100


def commands(services: Services) -> list[Command]:
    async def sources(interaction: Interaction) -> None:
        await show_sources(services, interaction, 0)

    @app_commands.rename(article=named("command.article.article"))
    @app_commands.describe(article=named("command.article.article_description"))
    async def article(interaction: Interaction, article: str) -> None:
        await _show_article(services, interaction, article)

    async def choices(interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return [_choice(one.article) for one in matching(await services.desk.sources(), current)[:MAX_CHOICES]]

    async def about(interaction: Interaction) -> None:
        await _show_about(services, interaction)

    async def help_(interaction: Interaction) -> None:
        new_request()
        await sending.respond(interaction, help_layout(services.speaker_for(interaction)))

    one_article = command("article", article)
    one_article.autocomplete("article")(choices)
    return [
        everywhere(command("sources", sources)),
        everywhere(one_article),
        everywhere(command("about", about)),
        everywhere(command("help", help_)),
    ]


async def show_sources(services: Services, interaction: Interaction, page: int, *, turned: bool = False) -> None:
    """`turned`: a button was pressed, and the list it is on changes."""
    new_request()
    say = services.speaker_for(interaction)
    await sending.defer(interaction, private=True, update=turned)
    try:
        layout = sources_layout(await services.desk.sources(), page, say, services.sealer)
    except Exception as exc:  # noqa: BLE001 - the one handler: whatever happens, the asker is told
        layout = failure_layout(exc, say, request_id.get())
    await sending.finish(interaction, layout)


def matching(sources: tuple[Source, ...], words: str) -> list[Source]:
    """Sources whose title, publisher or file name holds all the words; those whose title begins with them first."""
    wanted = words.casefold().split()

    def text(article: Article) -> str:
        return f"{article.name} {article.publisher} {article.path}".casefold()

    found = [source for source in sources if all(word in text(source.article) for word in wanted)]
    return sorted(found, key=lambda source: not source.article.name.casefold().startswith(words.casefold()))


def named_article(sources: tuple[Source, ...], name: str) -> Article | None:
    """The article that was chosen from the list, or the best match for what somebody typed instead."""
    for source in sources:
        if _value(source.article) == name:
            return source.article
    found = matching(sources, name)
    return found[0].article if name.strip() and found else None


async def _show_article(services: Services, interaction: Interaction, name: str) -> None:
    new_request()
    say = services.speaker_for(interaction)
    await sending.defer(interaction, private=True)
    try:
        layout = await _article_page(services, name, say)
    except Exception as exc:  # noqa: BLE001 - the one handler: whatever happens, the asker is told
        layout = failure_layout(exc, say, request_id.get())
    await sending.finish(interaction, layout)


async def _article_page(services: Services, name: str, say: Speaker) -> Layout:
    article = named_article(await services.desk.sources(), name)
    if article is None:
        return notice_layout(say("notice.unknown_article", name=one_line(name, MAX_NAME_CHARS)))
    return article_layout(article, await services.desk.passages(article.path), say)


async def _show_about(services: Services, interaction: Interaction) -> None:
    new_request()
    say = services.speaker_for(interaction)
    await sending.defer(interaction, private=True)
    user = interaction.client.user
    try:
        about = await services.desk.about()
        votes = await asyncio.to_thread(services.records.votes)
        layout = about_layout(about, votes, user.display_name if user else "", say)
    except Exception as exc:  # noqa: BLE001 - the one handler: whatever happens, the asker is told
        layout = failure_layout(exc, say, request_id.get())
    await sending.finish(interaction, layout)


def _choice(article: Article) -> app_commands.Choice[str]:
    label = " — ".join(part for part in (article.name, article.publisher) if part)
    return app_commands.Choice(name=plain_line(label, MAX_CHOICE_CHARS) or article.path[:100], value=_value(article))


def _value(article: Article) -> str:
    """What a choice stands for: the path, or a digest where that is too long for Discord."""
    return article.path if len(article.path) <= MAX_CHOICE_CHARS else article.digest
