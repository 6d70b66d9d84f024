"""What Discord shows of an escaped text is exactly that text, and nothing in it is alive."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.escape import escape, one_line, plain_line, quote_block, unescape, unquote
from index.article import Span
from tests.bot.discord_markdown import Node, alive, read, shown

LIVE = [
    "@everyone", "@here", "<@80351110224678912>", "<@!1>", "<@&165511591545143296>", "<#103735883630395392>",
    "<id:customize>", "<t:1618953630:R>", "</ask:1234567890>", "</ask sub:12>", "<:mmLol:216154654256398347>",
    "<a:b:1>", ":smile:", ":+1::skin-tone-2:", "https://evil.example/x?y=(1)", "<https://evil.example>",
    "steam://run/1", "discord://-/a", "[good](https://evil.example)", "[a](<https://evil.example> 't')",
    "discord.gg/abc", "discordapp.com/invite/abc", "<mailto:a@b.example>", "<a@b.example>", "<tel:+123>",
    "**bold**", "*em*", "_em_", "__under__", "~~gone~~", "||spoiler||", "`code`", "``co`de``", "```py\nx\n```",
    "# h", "## h", "### h", "-# small", "> quote", ">>> quote", "- item", "* item", "+ item", "1. item",
    "12) item", "  - item", "¯\\_(ツ)_/¯", "\u202e", "\u2066", "\u200f",
]  # fmt: skip
DEAD = [
    "\u200b# h", "\\", "\\*", "\\\\", "\\n", "***", "____", "⟨U+202E⟩", "\\⟨U+202E⟩", "\u2028", "\x00",
    "\x1b[31m", "\ud800", "\t", "\n", "\n\n", " ", ":", "(", ")", "/", "10:30", "He said: ", "한국과 일본",
    "首脳会談「未来」", "שלום", "🇰🇷", "👩\u200d👧", "a", "1", ".", ",", "http", "://", "é", "—",
]  # fmt: skip
HOSTILE = LIVE + DEAD

texts = st.one_of(
    st.text(max_size=120),
    st.text(alphabet="\\*_~|`<>[]@#-+.():/ \n1a\u202e⟨U⟩", max_size=60),
    st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=4)), max_size=12).map("".join),
)


def fuzzed(examples: int) -> settings:
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))


def spell_out(text: str) -> str:
    """What a reader should see: the text, with characters that would reorder or hide it named instead."""
    controls = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
    return re.sub(f"[{controls}]", lambda match: f"⟨U+{ord(match[0]):04X}⟩", text)


@fuzzed(10_000)
@given(texts)
@example("".join(HOSTILE))
@example("\n".join(HOSTILE))
def test_discord_shows_an_escaped_text_as_it_is_and_nothing_in_it_is_alive(text: str) -> None:
    markdown = escape(text)
    assert unescape(markdown) == text
    assert shown(markdown) == spell_out(text)
    assert alive(markdown) == set()


@fuzzed(3_000)
@given(texts, st.data())
def test_a_block_quote_shows_exactly_the_text_with_the_highlight_and_nothing_else_in_bold(
    text: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(text)))
    highlight = Span(start, data.draw(st.integers(start, len(text))))
    block = quote_block(text, highlight)
    assert unquote(block) == text
    assert alive(block) <= {"quote", "strong"}
    assert shown(block) == spell_out(text)
    bold = "".join(node.text for node in read(block) if node.kind == "strong")
    in_bold = "".join(line.strip() for line in highlight.slice(text).split("\n"))
    assert bold == spell_out(in_bold)


@fuzzed(1_000)
@given(st.lists(texts, min_size=1, max_size=3))
def test_texts_set_side_by_side_bring_nothing_to_life_together(parts: list[str]) -> None:
    line = " · ".join(one_line(part, 80) for part in parts)
    assert alive(line) - {"reordering"} == set()
    assert all(len(one_line(part, 80)) <= 162 for part in parts)
    isolates = line.count("\u2068"), line.count("\u2069")
    assert isolates[0] == isolates[1]
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\n") & set(line)


@pytest.mark.parametrize("hostile", LIVE)
def test_the_model_of_discord_sees_what_the_escaper_has_to_stop(hostile: str) -> None:
    """Guards the tests above: a model that finds nothing alive anywhere would let everything pass."""
    assert alive(hostile)
    in_a_quote = "> text\n> " + hostile.replace("\n", "\n> ")
    if "reordering" not in alive(hostile):
        assert read(in_a_quote) != [Node("quote", ""), Node("text", f"text\n{hostile}")]


def test_hard_wrapped_lines_stay_as_they_are_in_a_block_quote() -> None:
    text = "The two leaders\nagreed on 23 August.\n\n- hydrogen\n1. AI"
    assert quote_block(text, Span(4, 35)) == (
        "> The **two leaders**\n> **agreed on 23 August**.\n> \n> \\- hydrogen\n> 1\\. AI"
    )


def test_ordinary_prose_is_left_alone() -> None:
    text = 'Mr. Lee (left) said: "We met at 10, and it\'s a start" — 17 years on; 50% & more!'
    assert escape(text) == text


def test_a_title_is_one_short_line_and_cannot_reorder_what_follows() -> None:
    assert one_line("A  long\ntitle", 8) == "A long…"
    assert one_line("שלום *x*", 40) == "\u2068שלום \\*x\\*\u2069"
    assert one_line("a\u202eb", 40) == "ab"


def test_a_plain_line_has_no_controls_and_fits() -> None:
    assert plain_line("a\u202e b\x00\n c*", 40) == "a b c*"
    assert len(plain_line("x" * 300, 100)) == 100
