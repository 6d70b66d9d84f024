"""The whole matrix of who may reindex and delete."""

from __future__ import annotations

from itertools import product

import pytest

from bot.permissions import Actor, Verdict, may_delete, may_reindex

OWNER, MEMBER, HOME, AWAY = 1, 2, 10, 20


@pytest.mark.parametrize(
    ("user", "guild", "manages"), list(product((OWNER, MEMBER), (None, HOME, AWAY), (False, True)))
)
def test_who_may_reindex(user: int, guild: int | None, manages: bool) -> None:
    actor = Actor(user, guild, manages_guild=manages, manages_messages=True)
    allowed = guild is not None and (user == OWNER or (manages and guild == HOME))
    expected = Verdict.ALLOWED if allowed else Verdict.GUILD_ONLY if guild is None else Verdict.NOT_ALLOWED
    assert may_reindex(actor, {OWNER}, (HOME,)) is expected


def test_without_a_home_list_only_the_owner_may_reindex() -> None:
    manager = Actor(MEMBER, HOME, manages_guild=True, manages_messages=True)
    assert may_reindex(manager, {OWNER}, ()) is Verdict.NOT_ALLOWED
    assert may_reindex(Actor(OWNER, AWAY, False, False), {OWNER}, ()) is Verdict.ALLOWED


@pytest.mark.parametrize(("user", "guild", "moderates"), list(product((OWNER, MEMBER), (None, HOME), (False, True))))
def test_who_may_delete(user: int, guild: int | None, moderates: bool) -> None:
    actor = Actor(user, guild, manages_guild=False, manages_messages=moderates)
    assert may_delete(actor, asker=OWNER) is (user == OWNER or (guild is not None and moderates))
