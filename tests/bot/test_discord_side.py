"""What is decided and what is shown is plain code; only the outermost modules know discord.py."""

from __future__ import annotations

import ast
from pathlib import Path

import bot

FACING_DISCORD = {"admin", "ask", "browse", "buttons", "client", "names", "reception", "sending", "views"}


def names_discord(path: Path) -> bool:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return any(name.partition(".")[0] == "discord" for name in names)


def test_only_the_modules_that_face_discord_name_it() -> None:
    found = {path.stem for path in Path(bot.__file__).parent.glob("*.py") if names_discord(path)}
    assert found == FACING_DISCORD
