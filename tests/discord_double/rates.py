"""Rate limits: fixed windows per route and major parameter, and one for the whole bot."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from tests.discord_double.clock import Clock
from tests.discord_double.faults import Kind

_BY_TOKEN = frozenset({Kind.EDIT_ORIGINAL, Kind.FOLLOWUP, Kind.EDIT_FOLLOWUP, Kind.DELETE_FOLLOWUP})


@dataclass(frozen=True, slots=True)
class Rate:
    limit: int
    window_s: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one request cost; `retry_after_s` above 0 refuses it."""

    headers: dict[str, str]
    retry_after_s: float = 0.0
    is_global: bool = False


@dataclass
class Rates:
    """Change `by_kind` or `everything` to make it stricter or laxer; a kind that is absent has no bucket of its own.

    The first response to an interaction counts nowhere, and requests by interaction token not towards `everything`.
    """

    clock: Clock
    everything: Rate = Rate(50, 1.0)
    by_kind: dict[Kind, Rate] = field(
        default_factory=lambda: (
            {
                Kind.SEND: Rate(5, 5.0),
                Kind.EDIT: Rate(5, 5.0),
                Kind.DELETE: Rate(5, 1.0),
                Kind.TYPING: Rate(5, 5.0),
                Kind.GET_MESSAGE: Rate(10, 5.0),
                Kind.COMMANDS: Rate(5, 20.0),
                Kind.OPEN_DM: Rate(10, 10.0),
            }
            | dict.fromkeys(_BY_TOKEN, Rate(5, 2.0))
        )
    )
    refusals: list[tuple[Kind, str]] = field(default_factory=list)  # kind, major parameter
    _windows: dict[tuple[str, str], tuple[float, int]] = field(default_factory=dict)

    def take(self, kind: Kind, major: str) -> Verdict:
        if kind is Kind.CALLBACK:
            return Verdict({})
        if kind not in _BY_TOKEN:
            left, reset_s = self._count("everything", "", self.everything)
            if left < 0:
                self.refusals.append((kind, major))
                return Verdict({"X-RateLimit-Global": "true", "X-RateLimit-Scope": "global"}, reset_s, True)
        if (rate := self.by_kind.get(kind)) is None:
            return Verdict({})
        bucket = "webhook" if kind in _BY_TOKEN else kind.value
        left, reset_s = self._count(bucket, major, rate)
        headers = {
            "X-RateLimit-Limit": str(rate.limit),
            "X-RateLimit-Remaining": str(max(left, 0)),
            "X-RateLimit-Reset": f"{self.clock.wall().timestamp() + reset_s:.3f}",
            "X-RateLimit-Reset-After": f"{reset_s:.3f}",
            "X-RateLimit-Bucket": hashlib.sha256(bucket.encode()).hexdigest()[:32],
        }
        if left >= 0:
            return Verdict(headers)
        self.refusals.append((kind, major))
        return Verdict(headers | {"X-RateLimit-Scope": "user"}, reset_s)

    def _count(self, bucket: str, major: str, rate: Rate) -> tuple[int, float]:
        """What is left (below 0: too much), and seconds until the window ends."""
        now = self.clock.now()
        began, used = self._windows.get((bucket, major), (now, 0))
        if now - began >= rate.window_s:
            began, used = now, 0
        self._windows[bucket, major] = (began, min(used + 1, rate.limit + 1))
        return rate.limit - used - 1, max(began + rate.window_s - now, 0.001)
