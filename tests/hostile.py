"""Texts made to be hard to read, and a way to see that reading them takes linear time."""

from __future__ import annotations

import time
from collections.abc import Callable

from hypothesis import strategies as st

# One of these, over and over, has taken some pattern or parser quadratic time somewhere.
HOSTILE_PIECES = [
    "“",
    "「",
    '"',
    "a. ",
    "A.",
    "((",
    "![](",
    "![](x ",
    "|",
    "a",
    "한",
    "。",
    "ok ",
    "1 ",
    "1/",
    "* ",
    "**a",
    "\n",
    "a\n",
    "\\#",
    "x / ",
    "[기자",
    "사진 ",
    "a@a.",
    "by A ",
    "\u00a0",
    "Mr. ",
    "...",
    "(left)",
    "the us ",
]

SCRAPS = [
    "![]() |\n",
    "12\n",
    "\\###\n",
    "**<u>",
    "</u>**",
    "사진 확대 ",
    " / Source: Yonhap News |\n",
    "The two leaders met in Tokyo on Saturday. ",
    "They agreed to meet\nagain in spring. ",
    "“It is done.” ",
    "정상회담이 열렸다. ",
    "首脳は「合意した。」と述べた。",
    "- ",
    "1. ",
    "Mr. Kim Y. S. ",
    "\n\n",
    "\t",
    "\u00a0",
    "\u3000",
    "[Tokyo Reporter A]",
    "...",
    "🤝",
    "e\u0301",
]

# Any text that can be an article's: no surrogates, in every script, wrapped, and littered as scraped pages are.
ANY_TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=400),
    st.lists(st.one_of(st.sampled_from(SCRAPS), st.text("aB. \n“”「」。다한", max_size=8)), max_size=40).map("".join),
    st.integers(1, 3000).flatmap(lambda size: st.sampled_from(["a", "a ", "。", "한 ", "a. "]).map(lambda s: s * size)),
)


def assert_linear(read: Callable[[str], object], piece: str, *, chars: int = 8000) -> None:
    """Four times the text may take ten times as long, not sixteen: what is quadratic takes that."""
    small = max(1, chars // len(piece))
    read(piece)  # whatever is loaded on first use does not count
    for _ in range(3):  # a busy machine may disturb one measurement, hardly three
        once, fourfold = (_seconds(read, piece * count) for count in (small, 4 * small))
        if fourfold < 10 * max(once, 0.002):
            return
    raise AssertionError(f"{piece!r}: {small} of them take {once:.3f} s, four times as many {fourfold:.3f} s")


def _seconds(read: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    read(text)
    return time.process_time() - began
