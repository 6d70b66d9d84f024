"""People, guilds, channels and what each may do; what Discord would send a bot about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, IntEnum, IntFlag
from typing import Any

from tests.discord_double.clock import Clock, Snowflakes

Payload = dict[str, Any]  # JSON on the wire: the border, where types end
Emit = Callable[[str, Payload, int | None], None]


class Permission(IntFlag):
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    SEND_MESSAGES_IN_THREADS = 1 << 38
    USE_EXTERNAL_APPS = 1 << 50


NOTHING = Permission(0)
EVERYTHING = Permission((1 << 51) - 1)
MEMBER = (
    Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.SEND_MESSAGES_IN_THREADS
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.ADD_REACTIONS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.USE_EXTERNAL_APPS
)
DIRECT = MEMBER | Permission.USE_EXTERNAL_EMOJIS | Permission.MENTION_EVERYONE


class ChannelKind(IntEnum):
    TEXT = 0
    DM = 1
    GROUP = 3
    THREAD = 11


class Context(IntEnum):
    """Where a command is used, as `contexts` of a command counts it."""

    GUILD = 0
    BOT_DM = 1
    PRIVATE_CHANNEL = 2


class Install(Enum):
    GUILD = "0"
    USER = "1"


@dataclass(eq=False)
class User:
    id: int
    name: str
    locale: str = "en-US"
    installed: bool = False
    dms_open: bool = True
    is_bot: bool = False

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def payload(self) -> Payload:
        shown: Payload = {
            "id": str(self.id),
            "username": self.name,
            "discriminator": "0",
            "global_name": self.name.capitalize() if self.name.islower() else self.name,
            "avatar": None,
            "public_flags": 0,
        }
        return shown | {"bot": True} if self.is_bot else shown


@dataclass(eq=False)
class Guild:
    id: int
    name: str
    locale: str
    installed: bool
    owner: User
    bot: User
    bot_permissions: Permission
    flakes: Snowflakes
    clock: Clock
    emit: Emit
    channels: list[Channel] = field(default_factory=list)
    members: dict[int, Permission] = field(default_factory=dict)
    roles: dict[int, int] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    register: Callable[[Channel], None] = lambda _: None

    def __post_init__(self) -> None:
        self.join(self.owner)
        if self.installed:
            self.join(self.bot, permissions=self.bot_permissions)

    def channel(self, name: str, *, bot_denied: Permission = NOTHING, everyone_denied: Permission = NOTHING) -> Channel:
        made = Channel(
            self.flakes.next(), name, ChannelKind.TEXT, self, bot_denied=bot_denied, everyone_denied=everyone_denied
        )
        self.add(made, "CHANNEL_CREATE")
        return made

    def add(self, channel: Channel, event: str) -> None:
        self.channels.append(channel)
        self.register(channel)
        if self.installed:
            self.emit(event, channel.payload(), self.id)

    def join(self, user: User, *, permissions: Permission = NOTHING) -> None:
        """Make the user a member; calling again changes the permissions."""
        self.users[user.id] = user
        self.members[user.id] = permissions
        if permissions and user.id not in self.roles:
            self.roles[user.id] = self.flakes.next()

    def leave(self, user: User) -> None:
        del self.users[user.id], self.members[user.id]
        self.roles.pop(user.id, None)

    def permissions_of(self, user: User) -> Permission:
        if user is self.owner:
            return EVERYTHING
        if user.id not in self.members:
            return NOTHING
        held = MEMBER | self.members[user.id]
        return EVERYTHING if held & Permission.ADMINISTRATOR else held

    def member_payload(self, user: User) -> Payload:
        return {
            "user": user.payload(),
            "nick": None,
            "avatar": None,
            "roles": [str(self.roles[user.id])] if user.id in self.roles else [],
            "joined_at": self.clock.wall().isoformat(),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "pending": False,
            "flags": 0,
            "communication_disabled_until": None,
        }

    def _role_payloads(self) -> list[Payload]:
        held = {self.id: ("@everyone", MEMBER)}
        held |= {role: (self.users[user].name, self.members[user]) for user, role in self.roles.items()}
        return [
            {
                "id": str(role),
                "name": name,
                "color": 0,
                "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
                "hoist": False,
                "position": place,
                "permissions": str(int(permissions)),
                "managed": False,
                "mentionable": False,
                "flags": 0,
            }
            for place, (role, (name, permissions)) in enumerate(held.items())
        ]

    def payload(self) -> Payload:
        """What GUILD_CREATE carries; of the members only the bot, as without the members intent."""
        threads = [channel for channel in self.channels if channel.parent is not None]
        return {
            "id": str(self.id),
            "name": self.name,
            "icon": None,
            "splash": None,
            "discovery_splash": None,
            "owner_id": str(self.owner.id),
            "afk_channel_id": None,
            "afk_timeout": 300,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "roles": self._role_payloads(),
            "emojis": [],
            "stickers": [],
            "features": [],
            "mfa_level": 0,
            "application_id": None,
            "system_channel_id": None,
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "vanity_url_code": None,
            "description": None,
            "banner": None,
            "premium_tier": 0,
            "preferred_locale": self.locale,
            "public_updates_channel_id": None,
            "nsfw_level": 0,
            "incidents_data": None,
            "joined_at": self.clock.wall().isoformat(),
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
            "voice_states": [],
            "members": [self.member_payload(self.bot)],
            "channels": [channel.payload() for channel in self.channels if channel.parent is None],
            "threads": [thread.payload() for thread in threads],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }


@dataclass(eq=False)
class Channel:
    id: int
    name: str
    kind: ChannelKind
    guild: Guild | None = None
    parent: Channel | None = None
    recipients: list[User] = field(default_factory=list)
    bot_denied: Permission = NOTHING
    everyone_denied: Permission = NOTHING
    last_message_id: int | None = None

    def thread(self, name: str) -> Channel:
        if self.guild is None or self.parent is not None:
            raise ValueError(f"{self.name} cannot have a thread: only a guild's text channel can")
        made = Channel(self.guild.flakes.next(), name, ChannelKind.THREAD, self.guild, parent=self)
        self.guild.add(made, "THREAD_CREATE")
        return made

    def deny_bot(self, permissions: Permission) -> None:
        """Set (not add) what the bot lacks here."""
        self.bot_denied = permissions
        if self.guild is not None and self.guild.installed:
            self.guild.emit("CHANNEL_UPDATE", self.payload(), self.guild.id)

    def permissions_of(self, user: User) -> Permission:
        if self.guild is None:
            return DIRECT if user in self.recipients else NOTHING
        held = self.guild.permissions_of(user)
        if held == EVERYTHING:
            return held
        overwritten = self.parent or self
        held &= ~overwritten.everyone_denied
        if user is self.guild.bot:
            held &= ~overwritten.bot_denied
        return held if held & Permission.VIEW_CHANNEL else NOTHING

    def seen_by(self, user: User) -> bool:
        return bool(self.permissions_of(user) & Permission.VIEW_CHANNEL)

    def _overwrites(self) -> list[Payload]:
        if self.guild is None:
            return []
        pairs = [(self.guild.id, 0, self.everyone_denied), (self.guild.bot.id, 1, self.bot_denied)]
        return [
            {"id": str(target), "type": kind, "allow": "0", "deny": str(int(denied))}
            for target, kind, denied in pairs
            if denied
        ]

    def payload(self) -> Payload:
        shown: Payload = {"id": str(self.id), "type": int(self.kind), "flags": 0}
        shown["last_message_id"] = str(self.last_message_id) if self.last_message_id else None
        if self.guild is None:
            return shown | {"recipients": [user.payload() for user in self.recipients if not user.is_bot]}
        shown |= {"guild_id": str(self.guild.id), "name": self.name, "rate_limit_per_user": 0, "nsfw": False}
        if self.parent is None:
            return shown | {
                "position": self.guild.channels.index(self) if self in self.guild.channels else 0,
                "permission_overwrites": self._overwrites(),
                "parent_id": None,
                "topic": None,
            }
        return shown | {
            "parent_id": str(self.parent.id),
            "owner_id": str(self.guild.owner.id),
            "message_count": 0,
            "member_count": 2,
            "total_message_sent": 0,
            "thread_metadata": {
                "archived": False,
                "auto_archive_duration": 1440,
                "archive_timestamp": self.guild.clock.wall().isoformat(),
                "locked": False,
            },
        }
