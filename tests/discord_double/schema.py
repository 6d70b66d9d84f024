"""Discord's own description of its requests, from `../shared/discord` where it is there."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, cast

VALIDATOR = Path(__file__).parents[3] / "shared" / "discord" / "validate.py"

Check = Callable[[str, str, Any], list[str]]


@cache
def description() -> Check | None:
    """`check(method, path, body)` -> violations; None without `../shared`."""
    if not VALIDATOR.exists():
        return None
    spec = importlib.util.spec_from_file_location("discord_description", VALIDATOR)
    if spec is None or spec.loader is None:
        raise ImportError(f"{VALIDATOR} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast(Check, module.check)
