from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bot.printable import one_line, printable


@given(text=st.text(st.characters(codec=None)))
def test_nothing_a_terminal_obeys_comes_through_and_every_character_keeps_its_place(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in shown if char != "\n")
    assert [at for at, char in enumerate(shown) if char == "\n"] == [at for at, char in enumerate(text) if char == "\n"]
    shown.encode()


def test_an_escape_sequence_is_shown_instead_of_obeyed() -> None:
    assert printable("\x1b[2Jgone\x9b0m") == "␛[2Jgone\ufffd0m"


def test_a_direction_override_is_made_visible() -> None:
    assert printable("abc\u202edef") == "abc\ufffddef"


def test_a_title_is_one_line() -> None:
    assert one_line("Two\nlines\r\n and\ttabs") == "Two lines␍ and tabs"
