"""The gateway: identify, heartbeats, events by intent and shard, resuming with what was missed."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterable

from aiohttp import WSMsgType, web

from tests.discord_double.messages import Message
from tests.discord_double.sessions import PRIVILEGED, Close, Connection, Intent, Op, Session
from tests.discord_double.state import State
from tests.discord_double.world import Payload

SENDS_A_MINUTE = 120


class Gateway:
    def __init__(self, state: State, *, heartbeat_interval_s: float, identify_window_s: float) -> None:
        self._state = state
        self._heartbeat_s = heartbeat_interval_s
        self._identify_window_s = identify_window_s
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.identifies: list[tuple[int, float]] = []  # shard, at
        self.resumes: list[tuple[int, float]] = []
        self.zombies = 0  # connections closed for want of a heartbeat
        self.allowed_intents = ~PRIVILEGED

    # -- events out

    def current(self) -> list[Session]:
        """The newest session of each shard."""
        return list({session.shard: session for session in self.sessions.values()}.values())

    def connected_shards(self) -> set[int]:
        return {session.shard for session in self.current() if session.connection is not None}

    def shard_of(self, guild_id: int | None) -> int:
        return 0 if guild_id is None else (guild_id >> 22) % self._state.shards

    def _sessions_for(self, guild_id: int | None) -> Iterable[Session]:
        shard = self.shard_of(guild_id)
        return (session for session in self.current() if session.shard == shard)

    def emit(self, event: str, payload: Payload, guild_id: int | None) -> None:
        needed = _needed(event, guild_id)
        for session in self._sessions_for(guild_id):
            if not needed or session.intents & needed:
                session.dispatch(event, payload)

    def emit_message(self, event: str, message: Message) -> None:
        guild = message.channel.guild
        if not message.channel.seen_by(self._state.bot) or (guild and not guild.installed):
            return
        for session in self._sessions_for(guild.id if guild else None):
            if session.intents & (Intent.GUILD_MESSAGES if guild else Intent.DIRECT_MESSAGES):
                session.dispatch(event, self.message_payload(message, session.intents))

    def message_payload(self, message: Message, intents: int) -> Payload:
        guild = message.channel.guild
        payload = message.shown(hidden=self._hidden(message, intents))
        if guild is not None:
            payload["guild_id"] = str(guild.id)
            if message.author.id in guild.members:
                member = guild.member_payload(message.author)
                payload["member"] = {key: value for key, value in member.items() if key != "user"}
        if (quoted := message.reply_to) is not None:
            hidden = self._hidden(quoted, intents)
            payload["referenced_message"] = None if quoted.deleted else quoted.shown(hidden=hidden)
        return payload

    def _hidden(self, message: Message, intents: int) -> bool:
        bot = self._state.bot
        if intents & Intent.MESSAGE_CONTENT or message.channel.guild is None:
            return False
        return message.author is not bot and bot not in message.mentioned

    # -- one connection

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False, max_msg_size=0)
        await socket.prepare(request)
        compress = request.query.get("compress")
        if compress not in (None, "zlib-stream") or request.query.get("encoding", "json") != "json":
            await socket.close(code=Close.DECODE_ERROR, message=b"only JSON, plain or zlib-stream, is spoken here")
            return socket
        connection = Connection(socket, request.transport)
        self.connections.add(connection)
        pump = asyncio.create_task(connection.pump(compressed=compress is not None))
        try:
            await self._listen(connection)
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
            self.connections.discard(connection)
            if connection.session is not None and connection.session.connection is connection:
                connection.session.connection = None
            self._state.changed()
        return socket

    async def _listen(self, connection: Connection) -> None:
        socket = connection.socket
        connection.send(
            {"op": Op.HELLO, "d": {"heartbeat_interval": int(self._heartbeat_s * 1000)}, "s": None, "t": None}
        )
        loop = asyncio.get_running_loop()
        beat_due = loop.time() + self._heartbeat_s * 1.5 + 1
        received = [loop.time()]
        while True:
            try:
                message = await socket.receive(timeout=max(beat_due - loop.time(), 0.01))
            except TimeoutError:
                self.zombies += 1
                await socket.close(code=Close.SESSION_TIMED_OUT, message=b"no heartbeat")
                return
            if message.type is not WSMsgType.TEXT:
                return
            received = [at for at in received if loop.time() - at < 60] + [loop.time()]
            if len(received) > SENDS_A_MINUTE:
                await socket.close(code=Close.RATE_LIMITED)
                return
            frame = json.loads(message.data)
            if frame.get("op") == Op.HEARTBEAT:
                beat_due = loop.time() + self._heartbeat_s * 1.5 + 1
            if (close := self._receive(connection, frame)) is not None:
                await socket.close(code=close, message=close.name.lower().encode())
                return

    def _receive(self, connection: Connection, frame: Payload) -> Close | None:
        """Act on one frame; the code to close with when it is wrong."""
        data = frame.get("d")
        match frame.get("op"):
            case Op.HEARTBEAT:
                if data is not None and connection.session and data > connection.session.seq:
                    return Close.INVALID_SEQ
                connection.send({"op": Op.HEARTBEAT_ACK, "d": None, "s": None, "t": None})
            case Op.IDENTIFY:
                return self._identify(connection, data or {})
            case Op.RESUME:
                return self._resume(connection, data or {})
            case Op.PRESENCE | Op.VOICE_STATE | Op.REQUEST_MEMBERS:
                return None if connection.session else Close.NOT_AUTHENTICATED
            case _:
                return Close.UNKNOWN_OP
        return None

    def _identify(self, connection: Connection, data: Payload) -> Close | None:
        if connection.session is not None:
            return Close.ALREADY_AUTHENTICATED
        if data.get("token") != self._state.token:
            return Close.AUTHENTICATION_FAILED
        shard, shards = data.get("shard") or [0, 1]
        if shards != self._state.shards or not 0 <= shard < shards:
            return Close.INVALID_SHARD
        intents = data.get("intents")
        if not isinstance(intents, int):
            return Close.INVALID_INTENTS
        if intents & ~self.allowed_intents:
            return Close.DISALLOWED_INTENTS
        now = self._state.clock.now()
        too_soon = any(other != shard and now - at < self._identify_window_s for other, at in self.identifies)
        self.identifies.append((shard, now))
        if too_soon:  # max_concurrency is 1; the same shard may come again at once, so that tests can restart a bot
            self._invalidate(connection, resumable=False)
            return None
        session = Session(secrets.token_hex(16), shard, intents, connection=connection)
        connection.session = session
        self.sessions = {i: s for i, s in self.sessions.items() if s.shard != shard} | {session.id: session}
        guilds = [g for g in self._state.guilds.values() if g.installed and self.shard_of(g.id) == shard]
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": self._state.bot.payload(),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": self.url,
                "shard": [shard, shards],
                "application": {"id": str(self._state.application.id), "flags": self._state.application.flags},
            },
        )
        if intents & Intent.GUILDS:
            for guild in guilds:
                session.dispatch("GUILD_CREATE", guild.payload())
        self._state.changed()
        return None

    def _resume(self, connection: Connection, data: Payload) -> Close | None:
        if data.get("token") != self._state.token:
            return Close.AUTHENTICATION_FAILED
        session = self.sessions.get(str(data.get("session_id")))
        seq = data.get("seq") or 0
        if session is None or seq < session.seq - len(session.kept):
            self._invalidate(connection, resumable=False)
            return None
        if seq > session.seq:
            return Close.INVALID_SEQ
        connection.session, session.connection = session, connection
        for missed in [kept for kept in session.kept if kept["s"] > seq]:
            connection.send(missed)
        self.resumes.append((session.shard, self._state.clock.now()))
        session.dispatch("RESUMED", {})
        self._state.changed()
        return None

    def _invalidate(self, connection: Connection, *, resumable: bool) -> None:
        if connection.session is not None and not resumable:
            self.sessions.pop(connection.session.id, None)
        connection.send({"op": Op.INVALID_SESSION, "d": resumable, "s": None, "t": None})

    @property
    def url(self) -> str:
        return self._state.base_url.replace("http", "ws", 1) + "/gateway"

    # -- for tests

    def _of_shard(self, shard: int | None) -> list[Connection]:
        return [c for c in self.connections if shard is None or (c.session and c.session.shard == shard)]

    async def drop(self, shard: int | None, code: int | None) -> None:
        for connection in self._of_shard(shard):
            if code is None:
                connection.cut()
            else:
                await connection.socket.close(code=code)

    def ask_reconnect(self, shard: int | None) -> None:
        for connection in self._of_shard(shard):
            connection.send({"op": Op.RECONNECT, "d": None, "s": None, "t": None})

    def invalidate(self, shard: int | None, *, resumable: bool) -> None:
        for connection in self._of_shard(shard):
            self._invalidate(connection, resumable=resumable)


def _needed(event: str, guild_id: int | None) -> Intent | None:
    if event.startswith("MESSAGE_"):
        return Intent.DIRECT_MESSAGES if guild_id is None else Intent.GUILD_MESSAGES
    if event.startswith(("GUILD_", "CHANNEL_", "THREAD_")):
        return Intent.GUILDS
    return None
