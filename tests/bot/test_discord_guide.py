"""What docs/discord.md says is what the bot does."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import discord
import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "discord.md").read_text(encoding="utf-8")
NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    read_message_history=True,
    attach_files=True,
)


def test_the_invite_link_asks_for_exactly_the_permissions_that_are_needed() -> None:
    match = re.search(r"permissions=(\d+)", GUIDE)
    assert match is not None
    assert int(match[1]) == NEEDED.value
    assert "scope=bot+applications.commands" in GUIDE


def test_the_lines_that_troubleshooting_explains_are_lines_that_the_bot_logs() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py"))
    for line in (
        "Discord does not accept DISCORD_TOKEN",
        "Discord cannot be reached",
        "another bot is running on",
        "no permission to write in channel",
        "the index from before serves",
    ):
        assert line in GUIDE
        assert line in code


def test_the_systemd_unit_is_valid() -> None:
    """Only the programs that it starts are missing here."""
    verify = ["systemd-analyze", "verify", str(ROOT / "deploy" / "summit-quotes.service")]
    try:
        done = subprocess.run(verify, capture_output=True, text=True, timeout=60)
    except FileNotFoundError:
        pytest.skip("systemd-analyze is not here")
    complaints = [line for line in done.stderr.splitlines() if "summit-quotes.service" in line]
    assert [line for line in complaints if "is not executable" not in line] == []
