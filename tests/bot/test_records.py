"""What the bot keeps on disk: private, whole, and nothing about anybody."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.pages import Votes
from bot.records import KEY_BYTES, AlreadyRunning, Records, claim
from index.errors import SummitError


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    key = Records(tmp_path).key
    assert len(key) == KEY_BYTES
    assert Records(tmp_path).key == key
    assert (tmp_path / "bot" / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "bot").stat().st_mode & 0o777 == 0o700


def test_a_damaged_key_is_replaced(tmp_path: Path) -> None:
    Records(tmp_path)
    (tmp_path / "bot" / "key").write_bytes(b"short")
    assert len(Records(tmp_path).key) == KEY_BYTES


def test_votes_add_up_and_never_go_below_nothing(tmp_path: Path) -> None:
    records = Records(tmp_path)
    records.count_vote(Votes(1, 0))
    records.count_vote(Votes(-1, 1))
    records.count_vote(Votes(-1, 1))
    assert Records(tmp_path).votes() == Votes(0, 2)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"helpful": "many"}'])
def test_damaged_counts_are_named_with_what_to_do(tmp_path: Path, content: str) -> None:
    records = Records(tmp_path)
    (tmp_path / "bot" / "counts.json").write_text(content, encoding="utf-8")
    with pytest.raises(SummitError, match="remove it"):
        records.votes()


def test_the_commands_that_discord_knows_are_remembered(tmp_path: Path) -> None:
    assert Records(tmp_path).synced_commands() == ""
    Records(tmp_path).note_synced_commands("abc123")
    assert Records(tmp_path).synced_commands() == "abc123"


def test_a_data_folder_is_for_one_bot_at_a_time(tmp_path: Path) -> None:
    with claim(tmp_path), pytest.raises(AlreadyRunning, match="another bot is running"), claim(tmp_path):
        pass
    with claim(tmp_path):
        pass
