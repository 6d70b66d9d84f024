"""A message as the double keeps it, with every state it had, and what a reader would see and hear of it."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.discord_double.world import Channel, Payload, User

SUPPRESS_EMBEDS = 1 << 2
EPHEMERAL = 1 << 6
LOADING = 1 << 7
SUPPRESS_NOTIFICATIONS = 1 << 12
COMPONENTS_V2 = 1 << 15

ACTION_ROW, BUTTON, SECTION, TEXT_DISPLAY, CONTAINER = 1, 2, 9, 10, 17
LINK_STYLE = 5


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    custom_id: str | None
    url: str | None
    style: int
    disabled: bool
    emoji: str | None


@dataclass(frozen=True, slots=True)
class Attachment:
    id: int
    filename: str
    content: bytes = field(repr=False)
    url: str

    def payload(self) -> Payload:
        return {
            "id": str(self.id),
            "filename": self.filename,
            "size": len(self.content),
            "url": self.url,
            "proxy_url": self.url,
            "content_type": "application/octet-stream",
        }


@dataclass(frozen=True, slots=True)
class Version:
    at: float  # seconds on the double's clock
    payload: Payload


def walk(components: list[Payload]) -> Iterator[Payload]:
    """Every component, nested ones and accessories included, in reading order."""
    for component in components:
        yield component
        yield from walk(component.get("components") or [])
        for key in ("accessory", "component"):
            if component.get(key):
                yield from walk([component[key]])


def numbered(components: list[Payload]) -> list[Payload]:
    """A copy in which each component has an `id`, as Discord fills them in."""
    copied = copy.deepcopy(components)
    taken = {component["id"] for component in walk(copied) if component.get("id")}
    free = (number for number in range(1, 1000) if number not in taken)
    for component in walk(copied):
        if not component.get("id"):
            component["id"] = next(free)
    return copied


@dataclass(eq=False)
class Message:
    id: int
    channel: Channel
    author: User
    created_at: str
    content: str = ""
    embeds: list[Payload] = field(default_factory=list)
    components: list[Payload] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    reply_to: Message | None = None
    asker: User | None = None  # who may see it when it is ephemeral
    interaction: Payload | None = None  # its metadata, when the message answers one
    application_id: int | None = None
    nonce: str | None = None
    allowed_mentions: Payload | None = None
    mentioned: list[User] = field(default_factory=list)
    pinged: set[User | int | str] = field(default_factory=set)
    deleted: bool = False
    edited_at: str | None = None
    versions: list[Version] = field(default_factory=list)
    on_delete: Callable[[Message], None] = lambda _: None

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)

    @property
    def deferred(self) -> bool:
        """Still 'thinking'."""
        return bool(self.flags & LOADING)

    @property
    def is_v2(self) -> bool:
        return bool(self.flags & COMPONENTS_V2)

    @property
    def text(self) -> str:
        """All text a reader sees, one part a line: content, embeds, text components."""
        parts = [self.content]
        for embed in self.embeds:
            parts += [embed.get("author", {}).get("name", ""), embed.get("title", ""), embed.get("description", "")]
            for item in embed.get("fields", []):
                parts += [item["name"], item["value"]]
            parts.append(embed.get("footer", {}).get("text", ""))
        parts += [part["content"] for part in walk(self.components) if part["type"] == TEXT_DISPLAY]
        return "\n".join(part for part in parts if part)

    @property
    def buttons(self) -> list[Button]:
        return [
            Button(
                label=part.get("label") or "",
                custom_id=part.get("custom_id"),
                url=part.get("url"),
                style=part["style"],
                disabled=bool(part.get("disabled")),
                emoji=(part.get("emoji") or {}).get("name"),
            )
            for part in walk(self.components)
            if part["type"] == BUTTON
        ]

    def button(
        self,
        *,
        label: str | None = None,
        custom_id: str | None = None,
        custom_id_prefix: str | None = None,
        index: int | None = None,
    ) -> Button:
        """The one button that fits; AssertionError with what there is when none or several do."""
        fits = [
            button
            for place, button in enumerate(self.buttons)
            if (label is None or button.label == label)
            and (custom_id is None or button.custom_id == custom_id)
            and (custom_id_prefix is None or (button.custom_id or "").startswith(custom_id_prefix))
            and (index is None or place == index)
        ]
        asked = {"label": label, "custom_id": custom_id, "custom_id_prefix": custom_id_prefix, "index": index}
        assert len(fits) == 1, f"{len(fits)} buttons fit {asked}; the message has {self.buttons}"
        return fits[0]

    def visible_to(self, user: User) -> bool:
        if self.deleted:
            return False
        if self.ephemeral:
            return user is self.asker
        return self.channel.seen_by(user)

    def delete_by_user(self) -> None:
        """A moderator or the author removes it in their client."""
        self.on_delete(self)

    @property
    def payload(self) -> Payload:
        return self.shown(hidden=False)

    def shown(self, *, hidden: bool) -> Payload:
        """What the bot gets; `hidden` leaves out what needs the message content intent."""
        guild = self.channel.guild
        message: Payload = {
            "id": str(self.id),
            "type": 19 if self.reply_to else 20 if self.interaction else 0,
            "channel_id": str(self.channel.id),
            "author": self.author.payload(),
            "content": "" if hidden else self.content,
            "embeds": [] if hidden else copy.deepcopy(self.embeds),
            "components": [] if hidden else copy.deepcopy(self.components),
            "attachments": [] if hidden else [one.payload() for one in self.attachments],
            "flags": self.flags,
            "timestamp": self.created_at,
            "edited_timestamp": self.edited_at,
            "tts": False,
            "mention_everyone": "everyone" in self.pinged,
            "mentions": [user.payload() for user in self.mentioned],
            "mention_roles": [str(ping) for ping in self.pinged if isinstance(ping, int)],
            "pinned": False,
        }
        if self.nonce is not None:
            message["nonce"] = self.nonce
        if self.interaction is not None:
            message |= {"interaction_metadata": self.interaction, "application_id": str(self.application_id)}
        if self.reply_to is not None:
            message["message_reference"] = {
                "type": 0,
                "message_id": str(self.reply_to.id),
                "channel_id": str(self.reply_to.channel.id),
            } | ({"guild_id": str(guild.id)} if guild else {})
        return message

    def keep_version(self, at: float) -> None:
        self.versions.append(Version(at, self.payload))


_USER, _ROLE, _EVERYONE = re.compile(r"<@!?(\d+)>"), re.compile(r"<@&(\d+)>"), re.compile(r"@(everyone|here)\b")


def mentions(message: Message, users: dict[int, User], allowed: Payload | None) -> set[User | int | str]:
    """Whom a new message pings: users, role ids, "everyone"; what `allowed_mentions` shuts out is left out.

    Only content and text components count; text in embeds never pings.
    """
    text = "\n".join([message.content, *(c["content"] for c in walk(message.components) if c["type"] == TEXT_DISPLAY)])
    rules: dict[str, Any] = allowed if allowed is not None else {"parse": ["users", "roles", "everyone"]}
    parse = rules.get("parse") or []
    only_users = {int(one) for one in rules.get("users") or []}
    only_roles = {int(one) for one in rules.get("roles") or []}
    pinged: set[User | int | str] = set()
    for found in map(int, _USER.findall(text)):
        if found in users and ("users" in parse or found in only_users):
            pinged.add(users[found])
    pinged |= {role for role in map(int, _ROLE.findall(text)) if "roles" in parse or role in only_roles}
    if "everyone" in parse and _EVERYONE.search(text):
        pinged.add("everyone")
    if message.reply_to is not None and (rules.get("replied_user", allowed is None)):
        pinged.add(message.reply_to.author)
    return pinged
