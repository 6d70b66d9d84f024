"""Kinds of request, what is kept of each, and the faults a test may put in their way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    CALLBACK = "callback"
    EDIT_ORIGINAL = "edit_original"
    GET_ORIGINAL = "get_original"
    DELETE_ORIGINAL = "delete_original"
    FOLLOWUP = "followup"
    EDIT_FOLLOWUP = "edit_followup"
    GET_FOLLOWUP = "get_followup"
    DELETE_FOLLOWUP = "delete_followup"
    SEND = "send"
    EDIT = "edit"
    DELETE = "delete"
    GET_MESSAGE = "get_message"
    TYPING = "typing"
    OPEN_DM = "open_dm"
    COMMANDS = "commands"
    GATEWAY = "gateway"
    LOGIN = "login"
    OTHER = "other"


@dataclass(slots=True)
class Request:
    method: str
    path: str
    kind: Kind
    body: Any  # the JSON; of a multipart body its payload_json
    at: float  # seconds on the double's clock
    files: dict[str, bytes] = field(default_factory=dict, repr=False)
    status: int = 0  # 0: no reply was sent
    code: int = 0  # Discord's error code
    message: str = ""
    injected: bool = False


@dataclass(frozen=True, slots=True)
class Status:
    """Refuse with this status, and do nothing."""

    status: int
    code: int = 0
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Disconnect:
    """Cut the connection: before anything is done, or after it is done but before the reply."""

    after: bool = False


@dataclass(frozen=True, slots=True)
class Delay:
    """Wait before doing what is asked."""

    seconds: float


Fault = Status | Disconnect | Delay
Matches = Callable[[Request], bool]


@dataclass
class Injection:
    matches: Matches
    fault: Fault
    left: int
    hits: list[Request] = field(default_factory=list)


class Faults:
    def __init__(self) -> None:
        self._injections: list[Injection] = []

    def inject(self, match: Kind | str | Matches, fault: Fault, times: int) -> Injection:
        if isinstance(match, str):
            kind = Kind(match)
            made = Injection(lambda request: request.kind is kind, fault, times)
        else:
            made = Injection(match, fault, times)
        self._injections.append(made)
        return made

    async def strike(self, request: Request) -> Fault | None:
        """The fault this request meets; a delay is served here and then over."""
        for injection in self._injections:
            if injection.left > 0 and injection.matches(request):
                injection.left -= 1
                injection.hits.append(request)
                if isinstance(injection.fault, Delay):
                    await asyncio.sleep(injection.fault.seconds)
                    return None
                request.injected = True
                return injection.fault
        return None

    def clear(self) -> None:
        self._injections.clear()
