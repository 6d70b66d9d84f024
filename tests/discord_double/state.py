"""Everything the double knows, shared by its REST side, its gateway and its users."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeVar

from tests.discord_double.application import Application
from tests.discord_double.clock import Clock, Snowflakes
from tests.discord_double.command_limits import CREATES_A_DAY
from tests.discord_double.faults import Faults, Request
from tests.discord_double.messages import LOADING, Message, mentions
from tests.discord_double.rates import Rates
from tests.discord_double.schema import description
from tests.discord_double.world import Channel, ChannelKind, Guild, Payload, User

if TYPE_CHECKING:
    from tests.discord_double.interactions import Act

T = TypeVar("T")


class Outlet(Protocol):
    """The way events leave: the gateway."""

    def emit(self, event: str, payload: Payload, guild_id: int | None) -> None: ...

    def emit_message(self, event: str, message: Message) -> None: ...


@dataclass
class State:
    clock: Clock
    flakes: Snowflakes
    application: Application
    token: str
    shards: int = 1
    enforce_default_permissions: bool = False
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    acts: dict[str, Act] = field(default_factory=dict)  # by token
    commands: dict[str, Payload] = field(default_factory=dict)
    commands_registered: bool = False
    command_creates: int = 0
    requests: list[Request] = field(default_factory=list)
    duplicates: list[Message] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    base_url: str = ""
    _violations: list[str] = field(default_factory=list)
    _described: int = 0
    _causes: set[str] = field(default_factory=set)
    _pulse: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.rates = Rates(self.clock)
        self.outlet: Outlet | None = None

    @property
    def bot(self) -> User:
        return self.application.bot

    # -- waiting

    def changed(self) -> None:
        self._pulse.set()
        self._pulse = asyncio.Event()

    async def until(self, look: Callable[[], T | None], *, timeout_s: float, what: Callable[[], str]) -> T:
        """The first value of `look` that is not None (and not False); AssertionError, with `what`, after the time."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + timeout_s
        while True:
            pulse = self._pulse
            seen = look()
            if seen is not None and seen is not False:
                return seen
            left = give_up - loop.time()
            if left <= 0:
                raise AssertionError(f"not within {timeout_s} s: {what()}")
            try:
                # Not longer than 0.2 s: what `look` sees may also depend on the clock alone.
                await asyncio.wait_for(pulse.wait(), min(left, 0.2))
            except TimeoutError:
                continue

    async def settled(self, count: Callable[[], int], quiet_s: float) -> None:
        """Return once `count` has kept its value for so many real seconds."""
        while True:
            before = count()
            await asyncio.sleep(quiet_s)
            if count() == before:
                return

    # -- what is refused

    def complain(self, where: str, complaints: list[str]) -> None:
        self._violations += [f"{where}: {complaint}" for complaint in complaints]

    @property
    def violations(self) -> list[str]:
        """Checked when asked for, so that the description costs the bot's requests no time."""
        check = description()
        while self._described < len(self.requests):
            request = self.requests[self._described]
            self._described += 1
            if check is not None:
                self.complain(f"{request.method} {request.path}", check(request.method, request.path, request.body))
        return self._violations

    # -- messages

    def emit(self, event: str, payload: Payload, guild_id: int | None) -> None:
        if self.outlet is not None:
            self.outlet.emit(event, payload, guild_id)

    def add_message(self, message: Message, *, cause: str | None = None) -> Message:
        """Keep a new message, work out its pings, tell the gateway; `cause`: what the bot sent it for."""
        if not message.ephemeral and not message.deferred:
            message.pinged = mentions(message, self.users, message.allowed_mentions)
        message.mentioned = [ping for ping in message.pinged if isinstance(ping, User)]
        message.on_delete = self.delete_message
        self.messages[message.id] = message
        message.channel.last_message_id = message.id
        message.keep_version(self.clock.now())
        if cause is not None and not message.deferred:
            self._note_cause(message, cause)
        if not message.ephemeral:
            self._tell("MESSAGE_CREATE", message)
        self.changed()
        return message

    def _note_cause(self, message: Message, cause: str) -> None:
        shape = json.dumps([cause, message.content, message.embeds, message.components], sort_keys=True)
        if shape in self._causes:
            self.duplicates.append(message)
        self._causes.add(shape)

    def update_message(self, message: Message, *, cause: str | None = None) -> None:
        """After its fields were changed: keep the state, clear 'thinking', tell the gateway."""
        message.flags &= ~LOADING
        message.edited_at = self.clock.wall().isoformat()
        message.keep_version(self.clock.now())
        if cause is not None:
            self._note_cause(message, cause)
        if not message.ephemeral:
            self._tell("MESSAGE_UPDATE", message)
        self.changed()

    def delete_message(self, message: Message) -> None:
        message.deleted = True
        guild = message.channel.guild
        if not message.ephemeral:
            gone: Payload = {"id": str(message.id), "channel_id": str(message.channel.id)}
            self.emit(
                "MESSAGE_DELETE", gone | ({"guild_id": str(guild.id)} if guild else {}), guild.id if guild else None
            )
        self.changed()

    def _tell(self, event: str, message: Message) -> None:
        if self.outlet is not None:
            self.outlet.emit_message(event, message)

    def dm_with(self, user: User) -> Channel:
        for channel in self.channels.values():
            if channel.kind is ChannelKind.DM and channel.recipients == [user, self.bot]:
                return channel
        made = Channel(self.flakes.next(), f"dm-{user.name}", ChannelKind.DM, recipients=[user, self.bot])
        self.channels[made.id] = made
        return made

    def last_user_message(self, channel: Channel) -> Message | None:
        heard = [m for m in self.messages.values() if m.channel is channel and not m.author.is_bot]
        return heard[-1] if heard else None

    def register_commands(self, commands: list[Payload]) -> bool:
        """Take the place of all commands; False when the day's creates are used up."""
        created = sum(1 for command in commands if command_key(command) not in self.commands)
        if self.command_creates + created > CREATES_A_DAY:
            return False
        self.command_creates += created
        kept: dict[str, Payload] = {}
        for command in commands:
            old = self.commands.get(command_key(command))
            number = old["id"] if old else str(self.flakes.next())
            kept[command_key(command)] = filled_in(command, number, str(self.flakes.next()), self.application.id)
        self.commands = kept
        self.commands_registered = True
        self.changed()
        return True


def command_key(command: Payload) -> str:
    return f"{command.get('type', 1)}:{command['name']}"


def filled_in(command: Payload, number: str, version: str, application_id: int) -> Payload:
    """A command as Discord gives it back, its defaults filled in."""
    defaults: Payload = {
        "type": 1,
        "description": "",
        "options": [],
        "default_member_permissions": None,
        "nsfw": False,
        "contexts": None,
        "integration_types": [0],
        "name_localizations": None,
        "description_localizations": None,
        "dm_permission": True,
    }
    given = {key: value for key, value in command.items() if value is not None or key not in defaults}
    return defaults | given | {"id": number, "version": version, "application_id": str(application_id)}
