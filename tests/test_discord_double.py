"""The local Discord behaves as Discord does towards the real discord.py client."""

from __future__ import annotations

import asyncio
import functools
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from discord import app_commands, ui

from tests.discord_double.faults import Delay, Disconnect, Kind, Status
from tests.discord_double.interactions import ResponseKind
from tests.discord_double.rates import Rate
from tests.discord_double.server import DiscordDouble
from tests.discord_double.world import MEMBER, Channel, Permission


def on_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(asyncio.wait_for(test(*args, **kwargs), 60))

    return run


Interaction = discord.Interaction[Any]
Answer = Callable[[Interaction], Awaitable[None]]


def panel(text: str, *buttons: ui.Button[Any]) -> ui.LayoutView:
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.Container(ui.TextDisplay(text), ui.ActionRow(*buttons) if buttons else ui.Separator()))
    return view


class Bot(discord.AutoShardedClient):
    """A small bot: `/ask`, `/find` with autocomplete, a menu, buttons by custom id, mentions and DMs."""

    def __init__(self, answer: Answer | None = None) -> None:
        intents = discord.Intents.none()
        intents.guilds = intents.guild_messages = intents.dm_messages = True
        super().__init__(intents=intents, allowed_mentions=discord.AllowedMentions.none())
        self.tree = app_commands.CommandTree(self)
        self.answer = answer
        self.heard: list[str] = []
        self._add_commands()

    def _add_commands(self) -> None:
        @self.tree.command(name="ask", description="Ask")
        @app_commands.allowed_installs(guilds=True, users=True)
        @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
        async def ask(interaction: Interaction, question: str, private: bool = False) -> None:
            if self.answer is not None:
                await self.answer(interaction)
                return
            await interaction.response.defer(ephemeral=private, thinking=True)
            button: ui.Button[Any] = ui.Button(label="More", custom_id=f"more:{question}")
            await interaction.edit_original_response(view=panel(f"You asked: {question}", button))

        @self.tree.command(name="admin", description="Guild only")
        @app_commands.guild_only()
        @app_commands.default_permissions(manage_guild=True)
        async def admin(interaction: Interaction) -> None:
            await interaction.response.send_message("done")

        @self.tree.command(name="find", description="Find")
        async def find(interaction: Interaction, name: str) -> None:
            await interaction.response.send_message(f"found {name}")

        @find.autocomplete("name")
        async def complete(_: Interaction, typed: str) -> list[app_commands.Choice[str]]:
            return [app_commands.Choice(name=f"{typed}de", value="trade")]

        @self.tree.context_menu(name="Quote")
        async def quote(interaction: Interaction, message: discord.Message) -> None:
            await interaction.response.send_message(f"quoted: {message.content}", ephemeral=True)

    async def setup_hook(self) -> None:
        _, url, _ = await self.http.get_bot_gateway()
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(url)
        await self.tree.sync()

    async def on_message(self, message: discord.Message) -> None:
        if message.author == self.user:
            return
        self.heard.append(message.content)
        if message.guild is None or self.user in message.mentions:
            await message.reply(f"heard {len(self.heard)}")

    async def on_interaction(self, interaction: Interaction) -> None:
        if interaction.type is discord.InteractionType.component and interaction.data is not None:
            custom_id = str(interaction.data["custom_id"])  # type: ignore[typeddict-item]  # components have one
            await interaction.response.edit_message(view=panel(f"pressed {custom_id}"))


class Stage:
    def __init__(self, double: DiscordDouble) -> None:
        self.double = double
        self.guild = double.guild("Watchers", locale="ko", shard=double.state.shards - 1)
        self.channel = self.guild.channel("general")
        self.hana = double.user("hana", locale="ja")
        self.guild.join(self.hana)


@asynccontextmanager
async def connected(
    monkeypatch: pytest.MonkeyPatch, answer: Answer | None = None, **options: Any
) -> AsyncIterator[tuple[Stage, Bot]]:
    async with DiscordDouble(**options) as double:
        stage = Stage(double)
        monkeypatch.setattr(discord.http.Route, "BASE", double.api_url)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(double.gateway_url))
        async with Bot(answer) as bot:
            running = asyncio.create_task(bot.start(double.token))
            await double.ready(timeout_s=20)
            yield stage, bot
            await bot.close()
            await running


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[tuple[DiscordDouble, aiohttp.ClientWebSocketResponse]]:
    """A bare websocket to the gateway."""
    async with (
        DiscordDouble(**options) as double,
        aiohttp.ClientSession() as session,
        session.ws_connect(double.gateway_url) as socket,
    ):
        yield double, socket


# -- asking


@on_loop
async def test_a_deferred_answer_keeps_the_visibility_of_the_defer(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, _):
        asked = await stage.hana.slash(stage.channel, "ask", question="trade?", private=True)
        first = await asked.first()
        message = await asked.answer()
        assert (first.kind, first.deferred, first.ephemeral) == (ResponseKind.DEFER, True, True)
        assert 0 < first.latency_s < 1
        assert message.text == "You asked: trade?" and message.ephemeral and message.is_v2
        assert message.versions[0].payload["flags"] & 1 << 7, "it began as 'thinking'"
        assert message.visible_to(stage.hana)
        assert not message.visible_to(stage.guild.owner)
        assert stage.double.violations == [] and stage.double.refused == []


@on_loop
async def test_the_first_follow_up_after_a_defer_takes_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(interaction: Interaction) -> None:
        await interaction.response.defer()
        await interaction.followup.send("one", ephemeral=True)
        await interaction.followup.send("two", ephemeral=True)

    async with connected(monkeypatch, answer) as (stage, _):
        asked = await stage.hana.slash(stage.channel, "ask", question="?")
        second = await asked.followup()
        assert [(m.text, m.ephemeral) for m in asked.messages] == [("one", False), ("two", True)]
        assert second.versions[-1].payload["interaction_metadata"]["id"] == str(asked.id)


@on_loop
async def test_an_interaction_tells_where_and_by_whom_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Interaction] = []

    async def answer(interaction: Interaction) -> None:
        seen.append(interaction)
        await interaction.response.send_message("ok")

    async with connected(monkeypatch, answer) as (stage, _):
        double, hana = stage.double, stage.hana
        stage.guild.join(hana, permissions=Permission.MANAGE_GUILD)
        stage.channel.deny_bot(Permission.EMBED_LINKS)
        hana.installed = True
        elsewhere = double.guild("Elsewhere", installed=False)
        elsewhere.join(hana)
        places: list[Channel] = [stage.channel, hana.dm, elsewhere.channel("hall")]
        places.append(double.private_channel(hana, double.user("mina")))
        for place in places:
            await (await hana.slash(place, "ask", question="?")).answer()
        here, dm, there, private = seen
        assert str(here.locale) == "ja" and str(here.guild_locale) == "ko"
        assert here.permissions.manage_guild and not here.app_permissions.embed_links
        assert here.app_permissions.send_messages and here.channel_id == stage.channel.id
        assert here.is_guild_integration() and here.is_user_integration()
        assert dm.context.dm_channel and dm.guild is None and dm.user.id == hana.id
        assert there.is_user_integration() and not there.is_guild_integration() and there.guild_id == elsewhere.id
        assert private.context.private_channel and private.user.id == hana.id


@on_loop
async def test_commands_are_offered_only_where_they_are_registered_for(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, _):
        hana = stage.hana
        with pytest.raises(AssertionError, match="not offered in BOT_DM"):
            await hana.slash(hana.dm, "admin")
        with pytest.raises(AssertionError, match="needs 'question'"):
            await hana.slash(stage.channel, "ask")
        with pytest.raises(AssertionError, match="no option 'quesion'"):
            await hana.slash(stage.channel, "ask", question="?", quesion="?")
        with pytest.raises(AssertionError, match="no command 'other'"):
            await hana.slash(stage.channel, "other")
        hinted = await hana.slash(stage.channel, "admin")
        assert (await hinted.answer()).text == "done", "default permissions are only a hint"
        stage.double.state.enforce_default_permissions = True
        with pytest.raises(AssertionError, match="hidden from hana"):
            await hana.slash(stage.channel, "admin")


@on_loop
async def test_autocomplete_and_the_message_menu_reach_the_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, _):
        typed = await stage.hana.autocomplete(stage.channel, "find", name="tra")
        assert await typed.choices() == [{"name": "trade", "value": "trade"}]
        posted = await stage.hana.say(stage.channel, "what of trade?")
        chosen = await stage.hana.menu(stage.channel, "Quote", posted.message)
        assert (await chosen.answer()).text == "quoted: what of trade?"
        assert stage.double.violations == []


@on_loop
async def test_buttons_change_their_message_and_forged_ones_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, _):
        message = await (await stage.hana.slash(stage.channel, "ask", question="a", private=True)).answer()
        with pytest.raises(AssertionError, match="meant for another"):
            await stage.double.owner.press(message, label="More")
        with pytest.raises(AssertionError, match="0 buttons fit"):
            await stage.hana.press(message, label="Less")
        pressed = await stage.hana.press(message, label="More")
        assert (await pressed.first()).kind is ResponseKind.UPDATE
        assert (await pressed.answer()) is message
        assert message.text == "pressed more:a" and len(message.versions) == 3
        await (await stage.hana.press_forged(message, "forged")).answer()
        assert message.text == "pressed forged"


@on_loop
async def test_a_modal_can_be_opened_filled_in_and_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    class Form(ui.Modal, title="Tell us"):
        why: ui.TextInput[Any] = ui.TextInput(label="Why", custom_id="why")

        async def on_submit(self, interaction: Interaction) -> None:
            await interaction.response.send_message(f"because {self.why.value}")

    async def answer(interaction: Interaction) -> None:
        await interaction.response.send_modal(Form())

    async with connected(monkeypatch, answer) as (stage, _):
        asked = await stage.hana.slash(stage.channel, "ask", question="?")
        assert (await asked.first()).kind is ResponseKind.MODAL
        sent = await stage.hana.submit(asked, {"why": "rain"})
        assert (await sent.answer()).text == "because rain"
        assert stage.double.violations == []


# -- messages


@on_loop
async def test_only_dms_mentions_and_replies_carry_content(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        hana, channel = stage.hana, stage.channel
        mention = await hana.say(channel, "hello", mention_bot=True)
        reply = await mention.reply()
        assert reply.reply_to is mention.message and reply.pinged == set()
        await (await hana.say(channel, "overheard")).no_reply(0.2)
        await (await hana.say(channel.thread("aside"), "and then?", reply_to=None, mention_bot=True)).reply()
        await (await hana.say(channel, "more", reply_to=reply)).reply()
        await (await hana.say(hana.dm, "psst")).reply()
        me = stage.double.bot.mention
        assert bot.heard == [f"{me} hello", "", f"{me} and then?", "more", "psst"]
        assert stage.double.violations == []


@on_loop
async def test_what_a_message_pings_is_what_allowed_mentions_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        where = await stage.double.until(lambda: bot.get_channel(stage.channel.id))
        assert isinstance(where, discord.TextChannel)
        text = f"@everyone {stage.hana.mention}"
        await where.send(text)
        await where.send(text, allowed_mentions=discord.AllowedMentions(users=True))
        await where.send(text, allowed_mentions=discord.AllowedMentions.all())
        pinged = [message.pinged for message in stage.double.messages]
        assert pinged == [set(), {stage.hana}, {stage.hana, "everyone"}]


@on_loop
async def test_a_nonce_makes_a_repeated_send_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        where = bot.get_partial_messageable(stage.channel.id, guild_id=stage.guild.id)
        first, again = await where.send("once", nonce="n1"), await where.send("once", nonce="n1")
        assert first.id == again.id and len(stage.double.messages) == 1
        assert stage.double.duplicates == []
        await where.send("once")
        assert len(stage.double.duplicates) == 1


@on_loop
async def test_files_are_kept_and_can_be_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answer(interaction: Interaction) -> None:
        await interaction.response.defer()
        receipt = discord.File(io.BytesIO(b"long"), "receipt.txt")
        await interaction.edit_original_response(content="the receipt", attachments=[receipt])

    async with connected(monkeypatch, answer) as (stage, _):
        message = await (await stage.hana.slash(stage.channel, "ask", question="?")).answer()
        assert [(file.filename, file.content) for file in message.attachments] == [("receipt.txt", b"long")]
        async with aiohttp.ClientSession() as session, session.get(message.attachments[0].url) as response:
            assert await response.read() == b"long"
        assert stage.double.violations == []


# -- deadlines


@on_loop
async def test_a_first_response_after_three_seconds_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []

    async def answer(interaction: Interaction) -> None:
        stage.double.advance(3.1)
        try:
            await interaction.response.send_message("late")
        except discord.NotFound as error:
            codes.append(error.code)

    async with connected(monkeypatch, answer) as (stage, _):
        asked = await stage.hana.slash(stage.channel, "ask", question="?")
        await stage.double.until(lambda: bool(codes))
        assert codes == [10062] and asked.unanswered and stage.double.messages == []
        assert [request.code for request in stage.double.refused] == [10062]


@on_loop
async def test_a_second_first_response_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, _):
        asked = await stage.hana.slash(stage.channel, "ask", question="?")
        await asked.answer()
        url = f"{stage.double.api_url}/interactions/{asked.id}/{asked.token}/callback"
        async with aiohttp.ClientSession() as session, session.post(url, json={"type": 5}) as response:
            assert response.status == 400 and (await response.json())["code"] == 40060


@on_loop
async def test_a_token_is_good_for_fifteen_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Interaction] = []

    async def answer(interaction: Interaction) -> None:
        kept.append(interaction)
        await interaction.response.send_message("first")

    async with connected(monkeypatch, answer) as (stage, _):
        asked = await stage.hana.slash(stage.channel, "ask", question="?")
        await asked.answer()
        stage.double.advance(14 * 60)
        await kept[0].edit_original_response(content="still")
        stage.double.advance(2 * 60)
        with pytest.raises(discord.HTTPException) as caught:
            await kept[0].edit_original_response(content="gone")
        assert caught.value.code == 50027 and asked.messages[0].content == "still"


# -- limits


OVERSIZED: dict[str, Callable[[], dict[str, Any]]] = {
    "content: 2001": lambda: {"content": "x" * 2001},
    "characters of text in all": lambda: {"view": panel("x" * 4001)},
    "label: 81": lambda: {"view": panel("x", ui.Button(label="x" * 81, custom_id="a"))},
    "custom_id 'a' is used 2": lambda: {"view": panel("x", *[ui.Button(label="x", custom_id="a") for _ in "ab"])},
    "url: 513": lambda: {"view": panel("x", ui.Button(label="x", url="https://e.org/" + "x" * 499))},
    "embeds: 6001": lambda: {"embeds": [discord.Embed(description="x" * 3000), discord.Embed(description="x" * 3001)]},
    "title: 257": lambda: {"embed": discord.Embed(title="x" * 257)},
}


@pytest.mark.parametrize("complaint", OVERSIZED)
@on_loop
async def test_what_is_too_large_is_refused_and_noted(complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        where = bot.get_partial_messageable(stage.channel.id, guild_id=stage.guild.id)
        with pytest.raises(discord.HTTPException) as caught:
            await where.send(**OVERSIZED[complaint]())
        assert caught.value.code == 50035 and stage.double.messages == []
        assert any(complaint in violation for violation in stage.double.violations), stage.double.violations


@on_loop
async def test_a_components_v2_message_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        where = bot.get_partial_messageable(stage.channel.id, guild_id=stage.guild.id)
        sent = await where.send(view=panel("text"))
        with pytest.raises(discord.HTTPException, match="50035"):
            await bot.http.edit_message(
                stage.channel.id,
                sent.id,
                params=discord.http.MultipartParameters({"content": "plain"}, None, None),
            )
        await sent.edit(view=panel("other text"))
        (message,) = stage.double.messages
        assert message.is_v2 and message.text == "other text"


@pytest.mark.skipif(not DiscordDouble().schema_checked, reason="../shared is absent")
@on_loop
async def test_bodies_are_held_against_the_description(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        assert stage.double.violations == []
        params = discord.http.MultipartParameters({"content": "x", "tts": "perhaps"}, None, None)
        await bot.http.send_message(stage.channel.id, params=params)
        assert any("tts" in violation for violation in stage.double.violations)


@on_loop
async def test_registering_commands_counts_only_new_names(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        assert stage.double.command_creates == 4
        before = {name: command["id"] for name, command in stage.double.commands.items()}
        await bot.tree.sync()
        assert stage.double.command_creates == 4
        assert {name: command["id"] for name, command in stage.double.commands.items()} == before
        assert [command.name for command in await bot.tree.fetch_commands()] == list(before)


# -- refusals and faults


@pytest.mark.parametrize(
    ("lacking", "code"),
    [(Permission.SEND_MESSAGES, 50013), (Permission.VIEW_CHANNEL, 50001), (Permission.EMBED_LINKS, 50013)],
)
@on_loop
async def test_what_the_bot_may_not_is_forbidden(
    lacking: Permission, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(monkeypatch) as (stage, bot):
        stage.channel.deny_bot(lacking)
        where = bot.get_partial_messageable(stage.channel.id, guild_id=stage.guild.id)
        with pytest.raises(discord.Forbidden) as caught:
            await where.send(embed=discord.Embed(title="x"))
        assert caught.value.code == code


@on_loop
async def test_threads_closed_dms_and_deleted_messages_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        thread = stage.channel.thread("aside")
        stage.channel.deny_bot(Permission.SEND_MESSAGES_IN_THREADS)
        codes = []
        for channel in (thread, stage.hana.dm):
            stage.hana.dms_open = False
            try:
                await bot.get_partial_messageable(channel.id).send("x")
            except discord.Forbidden as error:
                codes.append(error.code)
        sent = await bot.get_partial_messageable(stage.channel.id, guild_id=stage.guild.id).send("x")
        stage.double.messages[0].delete_by_user()
        try:
            await sent.edit(content="y")
        except discord.NotFound as error:
            codes.append(error.code)
        assert codes == [50013, 50007, 10008]


@on_loop
async def test_rate_limits_slow_the_client_without_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        stage.double.rates.by_kind[Kind.SEND] = Rate(2, 0.5)
        where = bot.get_partial_messageable(stage.channel.id, guild_id=stage.guild.id)
        began = time.monotonic()
        for number in range(5):
            await where.send(str(number))
        assert time.monotonic() - began > 0.9
        assert stage.double.rates.refusals == [] and len(stage.double.messages) == 5


@on_loop
async def test_past_the_limit_comes_429_with_the_time_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, _):
        stage.double.rates.by_kind[Kind.SEND] = Rate(1, 5.0)
        url = f"{stage.double.api_url}/channels/{stage.channel.id}/messages"
        headers = {"Authorization": f"Bot {stage.double.token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            async with session.post(url, json={"content": "1"}) as allowed:
                assert (allowed.status, allowed.headers["X-RateLimit-Remaining"]) == (200, "0")
            async with session.post(url, json={"content": "2"}) as refused:
                body = await refused.json()
        assert refused.status == 429 and 4 < body["retry_after"] <= 5 and body["global"] is False


@on_loop
async def test_injected_faults_strike_as_often_as_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        where = bot.get_partial_messageable(stage.channel.id, guild_id=stage.guild.id)
        limited = stage.double.inject("send", Status(429, retry_after_s=0.1), times=2)
        await where.send("after two 429s")
        assert len(limited.hits) == 2 and len(stage.double.messages) == 1
        stage.double.inject("send", Status(403, code=50013))
        with pytest.raises(discord.Forbidden):
            await where.send("no")
        stage.double.inject("send", Delay(0.3))
        began = time.monotonic()
        await where.send("slow")
        assert time.monotonic() - began > 0.3
        assert stage.double.refused == []


@pytest.mark.parametrize("after", [False, True])
@on_loop
async def test_a_cut_connection_may_come_before_or_after_the_deed(after: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        where = bot.get_partial_messageable(stage.channel.id, guild_id=stage.guild.id)
        cut = stage.double.inject("send", Disconnect(after=after))
        with pytest.raises((aiohttp.ClientError, OSError)):
            await where.send("x")
        assert len(cut.hits) == 1 and len(stage.double.messages) == after


# -- the gateway


@on_loop
async def test_a_drop_is_resumed_and_what_was_missed_comes_after(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        await stage.double.drop_gateway()
        posted = await stage.hana.say(stage.hana.dm, "while away")
        await posted.reply()
        assert bot.heard == ["while away"]
        assert len(stage.double.resumes) == 1 and len(stage.double.identifies) == 1


@on_loop
async def test_an_asked_reconnect_resumes_and_an_invalid_session_identifies(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, _):
        await stage.double.ask_reconnect()
        await stage.double.until(lambda: len(stage.double.resumes) == 1)
        await stage.double.invalidate_session()
        await stage.double.until(lambda: len(stage.double.identifies) == 2)
        await stage.double.ready()
        await (await stage.hana.say(stage.hana.dm, "back?")).reply()


@on_loop
async def test_an_outage_refuses_connections_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        await stage.double.begin_outage()
        with pytest.raises(aiohttp.ClientConnectorError):
            await bot.fetch_user(stage.hana.id)
        await stage.double.end_outage()
        assert (await bot.fetch_user(stage.hana.id)).name == "hana"
        await stage.double.ready()
        await (await stage.hana.say(stage.hana.dm, "back?")).reply()


@on_loop
async def test_a_client_that_stops_beating_is_let_go() -> None:
    async with opened(heartbeat_interval_s=0.05) as (double, socket):
        hello = await socket.receive_json()
        assert hello == {"op": 10, "d": {"heartbeat_interval": 50}, "s": None, "t": None}
        await socket.receive(timeout=5)
        assert socket.close_code == 4009 and double.gateway.zombies == 1


@on_loop
async def test_a_wrong_token_is_refused_by_both_sides() -> None:
    async with DiscordDouble() as double, aiohttp.ClientSession() as session:
        async with session.get(f"{double.api_url}/users/@me", headers={"Authorization": "Bot wrong"}) as response:
            assert response.status == 401
        async with session.ws_connect(double.gateway_url) as socket:
            await socket.receive_json()
            await socket.send_json({"op": 2, "d": {"token": "wrong", "intents": 0, "properties": {}}})
            await socket.receive()
            assert socket.close_code == 4004


@on_loop
async def test_privileged_intents_are_disallowed() -> None:
    async with opened() as (double, socket):
        await socket.receive_json()
        await socket.send_json({"op": 2, "d": {"token": double.token, "intents": 1 << 15, "properties": {}}})
        await socket.receive()
        assert socket.close_code == 4014


@on_loop
async def test_two_shards_share_the_guilds(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch, shards=2) as (stage, bot):
        near = stage.double.guild("Near", shard=0)
        near.join(stage.hana)
        hall = near.channel("hall")
        assert [shard for shard, _ in stage.double.identifies] == [0, 1]
        await stage.double.until(lambda: len(bot.guilds) == 2)
        assert {guild.shard_id for guild in bot.guilds} == {0, 1}
        for channel in (hall, stage.channel):
            asked = await stage.hana.slash(channel, "ask", question="?")
            assert (await asked.answer()).text == "You asked: ?"
        await stage.double.drop_gateway(shard=1)
        await (await stage.hana.slash(stage.channel, "ask", question="again")).answer()
        assert [shard for shard, _ in stage.double.resumes] == [1]


@on_loop
async def test_a_team_owns_the_application(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        assert (await bot.application_info()).owner.id == stage.double.application.owner.id
        stage.double.application.set_team([stage.hana])
        team = (await bot.application_info()).team
        assert team is not None and [member.id for member in team.members] == [stage.hana.id]


def test_the_double_runs_in_a_thread_too(monkeypatch: pytest.MonkeyPatch) -> None:
    double = DiscordDouble()
    stage = Stage(double)
    with double.in_thread() as call:
        monkeypatch.setattr(discord.http.Route, "BASE", double.api_url)
        posted = call(stage.hana.say(stage.channel, "anybody?"))
        call(posted.no_reply(0.05))
    assert [message.content for message in double.messages] == ["anybody?"]
    assert stage.channel.permissions_of(stage.hana) == MEMBER


@on_loop
async def test_two_shards_may_not_identify_at_once() -> None:
    async with (
        opened(shards=2) as (double, one),
        aiohttp.ClientSession() as session,
        session.ws_connect(double.gateway_url) as other,
    ):
        for shard, socket in enumerate((one, other)):
            await socket.receive_json()
            about = {"token": double.token, "intents": 0, "properties": {}, "shard": [shard, 2]}
            await socket.send_json({"op": 2, "d": about})
        assert (await one.receive_json())["t"] == "READY"
        assert (await other.receive_json())["op"] == 9


@on_loop
async def test_a_file_that_no_component_shows_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, bot):
        where = bot.get_partial_messageable(stage.channel.id, guild_id=stage.guild.id)
        view = panel("the receipt")
        await where.send(view=view, file=discord.File(io.BytesIO(b"long"), "hidden.txt"))
        assert any("no component shows hidden.txt" in violation for violation in stage.double.violations)
        stage.double.violations.clear()
        shown = panel("the receipt").add_item(ui.File("attachment://shown.txt"))
        await where.send(view=shown, file=discord.File(io.BytesIO(b"long"), "shown.txt"))
        assert stage.double.violations == []
        with pytest.raises(discord.HTTPException, match="50035"):
            await where.send(view=shown)


@on_loop
async def test_fifty_ask_at_once_and_each_has_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(monkeypatch) as (stage, _):
        people = [stage.double.user(f"user{number}") for number in range(50)]
        for person in people:
            stage.guild.join(person)
        acts = await asyncio.gather(*(one.slash(stage.channel, "ask", question=one.name) for one in people))
        answers = await asyncio.gather(*(act.answer() for act in acts))
        assert [answer.text for answer in answers] == [f"You asked: {one.name}" for one in people]
        assert all(0 < act.answer_latency_s < 5 for act in acts)
        assert stage.double.violations == [] and stage.double.duplicates == [] and stage.double.refused == []
