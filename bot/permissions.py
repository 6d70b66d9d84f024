"""Who may do what: pure decisions over ids, taken anew at every use. What Discord's menus hide is never relied on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum, auto


class Verdict(Enum):
    ALLOWED = auto()
    GUILD_ONLY = auto()
    NOT_ALLOWED = auto()


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who used a command or a button, as Discord tells it with each use."""

    user: int
    guild: int | None  # None in direct messages
    manages_guild: bool  # Manage Server, or Administrator
    manages_messages: bool


def may_reindex(actor: Actor, owners: Collection[int], home_guilds: Collection[int]) -> Verdict:
    """The application's owner or team anywhere in a server, and whoever manages a server on the home list."""
    if actor.guild is None:
        return Verdict.GUILD_ONLY
    if actor.user in owners or (actor.manages_guild and actor.guild in home_guilds):
        return Verdict.ALLOWED
    return Verdict.NOT_ALLOWED


def may_delete(actor: Actor, asker: int) -> bool:
    """Who asked, and moderators of the server."""
    return actor.user == asker or (actor.guild is not None and actor.manages_messages)
