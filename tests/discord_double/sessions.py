"""The gateway's words and numbers, its sessions and its connections."""

from __future__ import annotations

import asyncio
import json
import zlib
from dataclasses import dataclass, field
from enum import IntEnum, IntFlag
from typing import Any

from aiohttp import web

from tests.discord_double.world import Payload

KEPT_EVENTS = 5000


class Op(IntEnum):
    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    HEARTBEAT_ACK = 11


class Close(IntEnum):
    UNKNOWN_OP = 4001
    DECODE_ERROR = 4002
    NOT_AUTHENTICATED = 4003
    AUTHENTICATION_FAILED = 4004
    ALREADY_AUTHENTICATED = 4005
    INVALID_SEQ = 4007
    RATE_LIMITED = 4008
    SESSION_TIMED_OUT = 4009
    INVALID_SHARD = 4010
    INVALID_INTENTS = 4013
    DISALLOWED_INTENTS = 4014


class Intent(IntFlag):
    GUILDS = 1 << 0
    GUILD_MEMBERS = 1 << 1
    GUILD_PRESENCES = 1 << 8
    GUILD_MESSAGES = 1 << 9
    DIRECT_MESSAGES = 1 << 12
    MESSAGE_CONTENT = 1 << 15


PRIVILEGED = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES | Intent.MESSAGE_CONTENT


@dataclass(eq=False)
class Session:
    """One shard's stream of events; it outlives its connection, so that it can be resumed."""

    id: str
    shard: int
    intents: int
    seq: int = 0
    kept: list[Payload] = field(default_factory=list)
    connection: Connection | None = None

    def dispatch(self, event: str, payload: Any) -> None:
        self.seq += 1
        sent = {"op": Op.DISPATCH, "t": event, "s": self.seq, "d": payload}
        self.kept.append(sent)
        del self.kept[:-KEPT_EVENTS]
        if self.connection is not None:
            self.connection.send(sent)


class Connection:
    """One websocket: what goes out is queued, so that any code may send without waiting."""

    def __init__(self, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.socket = socket
        self.transport = transport
        self.session: Session | None = None
        self.loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Payload] = asyncio.Queue()
        self._deflate = zlib.compressobj()

    def send(self, payload: Payload) -> None:
        # Tests in another thread may change the world while the loop runs.
        self.loop.call_soon_threadsafe(self._queue.put_nowait, payload)

    async def pump(self, *, compressed: bool) -> None:
        while True:
            text = json.dumps(await self._queue.get(), separators=(",", ":"))
            if compressed:
                packed = self._deflate.compress(text.encode()) + self._deflate.flush(zlib.Z_SYNC_FLUSH)
                await self.socket.send_bytes(packed)
            else:
                await self.socket.send_str(text)

    def cut(self) -> None:
        if self.transport is not None:
            self.transport.abort()
