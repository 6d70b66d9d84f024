"""One interaction: what the user did, what the bot answered, and the deadlines between."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from enum import IntEnum

from tests.discord_double.messages import LOADING, Message
from tests.discord_double.state import State
from tests.discord_double.world import Channel, Context, Payload, User

FIRST_RESPONSE_S = 3.0
TOKEN_S = 15 * 60.0


class InteractionKind(IntEnum):
    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL_SUBMIT = 5


class ResponseKind(IntEnum):
    MESSAGE = 4
    DEFER = 5
    DEFER_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(frozen=True, slots=True)
class First:
    kind: ResponseKind
    latency_s: float  # from the event's dispatch to the request's arrival
    deferred: bool
    ephemeral: bool


@dataclass(eq=False)
class Act:
    state: State
    id: int
    kind: InteractionKind
    user: User
    channel: Channel
    context: Context
    owners: dict[str, str]  # authorizing_integration_owners
    data: Payload
    pressed: Message | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    sent_at: float = 0.0
    response: First | None = None
    original: Message | None = None
    followups: list[Message] = field(default_factory=list)
    modal: Payload | None = None
    offered: list[Payload] | None = None
    _versions_before: int = 0

    @property
    def cause(self) -> str:
        return f"interaction {self.id}"

    @property
    def too_late(self) -> bool:
        """No first response may come any more."""
        return self.response is None and self.state.clock.now() - self.sent_at > FIRST_RESPONSE_S

    @property
    def unanswered(self) -> bool:
        """The user reads that the application did not respond."""
        return self.too_late

    @property
    def expired(self) -> bool:
        return self.state.clock.now() - self.sent_at > TOKEN_S

    @property
    def messages(self) -> list[Message]:
        return ([self.original] if self.original else []) + self.followups

    def metadata(self) -> Payload:
        return {
            "id": str(self.id),
            "type": int(self.kind),
            "user": self.user.payload(),
            "authorizing_integration_owners": self.owners,
        }

    def respond(self, kind: ResponseKind, at: float, *, ephemeral: bool) -> None:
        deferred = kind in (ResponseKind.DEFER, ResponseKind.DEFER_UPDATE)
        self.response = First(kind, at - self.sent_at, deferred, ephemeral)
        self._versions_before = len(self.pressed.versions) if self.pressed else 0
        self.state.changed()

    # -- for tests

    async def first(self, timeout_s: float = 3.5) -> First:
        return await self.state.until(lambda: self.response, timeout_s=timeout_s, what=self._so_far)

    async def answer(self, timeout_s: float = 15.0) -> Message:
        return await self.state.until(self._answered, timeout_s=timeout_s, what=self._so_far)

    @property
    def answer_latency_s(self) -> float:
        """From the event's dispatch to the first text in the original response."""
        assert self.original is not None, self._so_far()
        shown = [version.at for version in self.original.versions if not version.payload["flags"] & LOADING]
        assert shown, self._so_far()
        return shown[0] - self.sent_at

    async def followup(self, n: int = 0, timeout_s: float = 15.0) -> Message:
        return await self.state.until(
            lambda: self.followups[n] if len(self.followups) > n else None, timeout_s=timeout_s, what=self._so_far
        )

    async def choices(self, timeout_s: float = 3.5) -> list[Payload]:
        return await self.state.until(lambda: self.offered, timeout_s=timeout_s, what=self._so_far)

    async def settled(self, quiet_s: float = 0.5, timeout_s: float = 30.0) -> Message:
        """The answer, once none of this interaction's messages has changed for `quiet_s` of real time."""
        async with asyncio.timeout(timeout_s):
            message = await self.answer(timeout_s)
            await self.state.settled(self._changes, quiet_s)
            return message

    def _changes(self) -> int:
        touched = [*self.messages, *([self.pressed] if self.pressed else [])]
        return sum(len(message.versions) for message in touched) + sum(1 for message in touched if message.deleted)

    def _answered(self) -> Message | None:
        if self.response is None:
            return None
        match self.response.kind:
            case ResponseKind.MESSAGE | ResponseKind.DEFER:
                return self.original if self.original and not self.original.deferred else None
            case ResponseKind.UPDATE:
                return self.pressed
            case ResponseKind.DEFER_UPDATE if self.pressed and len(self.pressed.versions) > self._versions_before:
                return self.pressed
            case ResponseKind.DEFER_UPDATE:
                return self.followups[0] if self.followups else None
            case _:
                return None

    def _so_far(self) -> str:
        mine = [r for r in self.state.requests if self.token in r.path]
        told = [f"{r.method} {r.kind} -> {r.status} {r.message}" for r in mine]
        name = self.data.get("name") or self.data.get("custom_id")
        return f"{self.kind.name} {name!r} of {self.user.name}; requests: {told}"
