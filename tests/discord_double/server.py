"""`DiscordDouble`: the server itself, and the handles a test holds. See README.md beside this file."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self, TypeVar

from aiohttp import web

from tests.discord_double.application import Application
from tests.discord_double.clock import Clock, Snowflakes
from tests.discord_double.faults import Fault, Injection, Kind, Matches, Request
from tests.discord_double.gateway import Gateway
from tests.discord_double.messages import Message
from tests.discord_double.rates import Rates
from tests.discord_double.rest import Rest
from tests.discord_double.schema import description
from tests.discord_double.state import State
from tests.discord_double.users import Player
from tests.discord_double.world import (
    MEMBER,
    Channel,
    ChannelKind,
    Guild,
    Payload,
    Permission,
    User,
)

T = TypeVar("T")
HOST = "127.0.0.1"


class DiscordDouble:
    def __init__(
        self,
        *,
        shards: int = 1,
        heartbeat_interval_s: float = 41.25,
        identify_window_s: float = 4.5,
        enforce_default_permissions: bool = False,
        bot_name: str = "summit quotes",
    ) -> None:
        """`identify_window_s`: between two shards' identifies (discord.py waits 5 s); 0 allows any."""
        clock = Clock()
        flakes = Snowflakes(clock)
        bot = User(flakes.next(), bot_name, is_bot=True)
        # The application's id is the bot's, as with every application since 2016.
        application = Application(bot.id, bot, bot)
        self.state = State(clock, flakes, application, f"double.{flakes.next()}.token", shards)
        self.state.users[bot.id] = bot
        self.state.enforce_default_permissions = enforce_default_permissions
        self.owner = application.owner = self.user("owner")
        self.gateway = Gateway(
            self.state, heartbeat_interval_s=heartbeat_interval_s, identify_window_s=identify_window_s
        )
        self.state.outlet = self.gateway
        self._rest = Rest(self.state, self.gateway)
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None
        self._port = 0

    # -- running

    async def start(self) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/gateway", self.gateway.serve)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_route("*", "/api/{rest:.*}", self._rest.serve)
        app.router.add_get("/attachments/{channel}/{id}/{name}", self._attachment)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await self._listen()
        self.state.base_url = f"http://{HOST}:{self._port}"

    async def _listen(self) -> None:
        assert self._runner is not None and self._runner.server is not None, "start the double first"
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._runner.server, HOST, self._port, reuse_address=True)
        self._port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        await self.begin_outage()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    @contextmanager
    def in_thread(self) -> Iterator[Callable[[Coroutine[Any, Any, T]], T]]:
        """Run in a thread of its own; gives `call`, which runs a coroutine there and returns its value."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="discord-double", daemon=True)
        thread.start()

        def call(coroutine: Coroutine[Any, Any, T]) -> T:
            return asyncio.run_coroutine_threadsafe(coroutine, loop).result()

        try:
            asyncio.run_coroutine_threadsafe(self.start(), loop).result()
            yield call
        finally:
            asyncio.run_coroutine_threadsafe(self.stop(), loop).result()
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    @property
    def api_url(self) -> str:
        return f"{self.state.base_url}/api/v10"

    @property
    def gateway_url(self) -> str:
        return self.gateway.url

    @property
    def token(self) -> str:
        return self.state.token

    def environment(self) -> dict[str, str]:
        """What a bot process needs to come here."""
        return {"DISCORD_TOKEN": self.token, "SUMMIT_DISCORD_API": self.api_url}

    async def ready(self, *, timeout_s: float = 60.0, commands: bool = True) -> None:
        """Every shard is connected and has its guilds; with `commands`, also a command set is registered."""

        def is_ready() -> bool:
            connected = len(self.gateway.connected_shards()) == self.state.shards
            return connected and (self.state.commands_registered or not commands)

        def what() -> str:
            sent = [f"{request.kind} {request.status}" for request in self.requests]
            return f"shards {self.gateway.connected_shards()}, commands {sorted(self.commands)}, requests {sent}"

        await self.state.until(is_ready, timeout_s=timeout_s, what=what)

    async def until(self, look: Callable[[], T | None], *, timeout_s: float = 15.0, what: str = "it") -> T:
        """Wait for anything about the double: the first value of `look` that is neither None nor False."""
        return await self.state.until(look, timeout_s=timeout_s, what=lambda: what)

    # -- the world

    @property
    def application(self) -> Application:
        return self.state.application

    @property
    def bot(self) -> User:
        return self.state.bot

    def user(self, name: str, *, locale: str = "en-US", installed: bool = False, dms_open: bool = True) -> Player:
        made = Player(self.state.flakes.next(), name, locale, installed=installed, dms_open=dms_open, state=self.state)
        self.state.users[made.id] = made
        return made

    def guild(
        self,
        name: str,
        *,
        locale: str = "en-US",
        installed: bool = True,
        bot_permissions: Permission = MEMBER,
        shard: int | None = None,
        owner: User | None = None,
    ) -> Guild:
        """`shard`: make an id that falls to it. The owner is somebody of no importance unless given."""
        flakes = self.state.flakes
        number = flakes.next() if shard is None else flakes.next_for_shard(shard, self.state.shards)
        made = Guild(
            number,
            name,
            locale,
            installed,
            owner or self.user(f"{name} owner"),
            self.bot,
            bot_permissions,
            flakes,
            self.state.clock,
            self.state.emit,
            register=self._register,
        )
        self.state.guilds[made.id] = made
        if installed:
            self.state.emit("GUILD_CREATE", made.payload(), made.id)
        return made

    def private_channel(self, user: User, other: User) -> Channel:
        made = Channel(self.state.flakes.next(), "private", ChannelKind.DM, recipients=[user, other])
        self._register(made)
        return made

    def _register(self, channel: Channel) -> None:
        self.state.channels[channel.id] = channel

    # -- what is kept

    @property
    def requests(self) -> list[Request]:
        return self.state.requests

    def sent(self, kind: Kind | str) -> list[Request]:
        return [request for request in self.requests if request.kind == Kind(kind)]

    @property
    def refused(self) -> list[Request]:
        """Answered 4xx, and not by an injected fault."""
        return [request for request in self.requests if 400 <= request.status < 500 and not request.injected]

    @property
    def violations(self) -> list[str]:
        return self.state.violations

    @property
    def schema_checked(self) -> bool:
        return description() is not None

    @property
    def duplicates(self) -> list[Message]:
        return self.state.duplicates

    @property
    def messages(self) -> list[Message]:
        return list(self.state.messages.values())

    @property
    def commands(self) -> dict[str, Payload]:
        """By name; a menu command may not share its name with a slash command here."""
        return {command["name"]: command for command in self.state.commands.values()}

    @property
    def command_creates(self) -> int:
        return self.state.command_creates

    @property
    def rates(self) -> Rates:
        return self.state.rates

    @property
    def identifies(self) -> list[tuple[int, float]]:
        return self.gateway.identifies

    @property
    def resumes(self) -> list[tuple[int, float]]:
        return self.gateway.resumes

    # -- clock, faults, gateway

    def advance(self, seconds: float) -> None:
        self.state.clock.advance(seconds)
        self.state.changed()

    def inject(self, match: Kind | str | Matches, fault: Fault, *, times: int = 1) -> Injection:
        return self.state.faults.inject(match, fault, times)

    def clear_faults(self) -> None:
        self.state.faults.clear()

    async def begin_outage(self) -> None:
        """Refuse new connections, reset those that stand."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        if self._runner is not None and self._runner.server is not None:
            for connection in list(self._runner.server.connections):
                if connection.transport is not None:
                    connection.transport.abort()
        await asyncio.sleep(0)

    async def end_outage(self) -> None:
        await self._listen()

    async def outage(self, seconds: float) -> None:
        await self.begin_outage()
        await asyncio.sleep(seconds)
        await self.end_outage()

    async def drop_gateway(self, *, shard: int | None = None, code: int | None = None) -> None:
        await self.gateway.drop(shard, code)

    async def ask_reconnect(self, *, shard: int | None = None) -> None:
        self.gateway.ask_reconnect(shard)

    async def invalidate_session(self, *, shard: int | None = None, resumable: bool = False) -> None:
        self.gateway.invalidate(shard, resumable=resumable)

    async def _attachment(self, request: web.Request) -> web.Response:
        for message in self.state.messages.values():
            for attachment in message.attachments:
                if str(attachment.id) == request.match_info["id"] and not message.deleted:
                    return web.Response(body=attachment.content)
        return web.Response(status=404)
