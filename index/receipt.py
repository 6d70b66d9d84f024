"""What a build tells those who wait for it: how far it is, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from index.load import Skipped


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` in this stage: "read", "embed" or "check"."""

    stage: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A finished build. The articles are counted against the generation that served before."""

    generation: str
    added: int
    changed: int
    removed: int
    unchanged: int
    passages: int
    embedded: int  # passages whose vectors were computed now, the others' having been taken over
    seconds: float
    skipped: tuple[Skipped, ...]
    rebuilt: str = ""  # why nothing of the last generation could be used, when that was not asked for

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Receipt:
        """The inverse of `dataclasses.asdict`."""
        return cls(**{**fields, "skipped": tuple(Skipped(**one) for one in fields["skipped"])})
