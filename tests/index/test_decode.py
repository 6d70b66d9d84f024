from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.decode import MAX_RUN, REFUSED, clean, decode, shown
from index.errors import UnreadableArticle

KOREAN = "수소 협력에 합의했다.\n"


@pytest.mark.parametrize(
    "raw",
    [
        KOREAN.encode(),
        KOREAN.encode("utf-8-sig"),
        codecs.BOM_UTF8 + KOREAN.encode("utf-8-sig"),
        KOREAN.encode("utf-16"),
        codecs.BOM_UTF16_BE + KOREAN.encode("utf-16-be"),
        codecs.BOM_UTF16_LE + KOREAN.encode("utf-16-le"),
    ],
)
def test_utf8_with_or_without_a_mark_and_utf16_with_one_give_the_same_text(raw: bytes) -> None:
    assert decode("a.txt", raw) == KOREAN


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        (KOREAN.encode("cp949"), "not UTF-8"),
        ("日本".encode("shift_jis"), "not UTF-8"),
        (KOREAN.encode("utf-32"), "UTF-32"),
        ("plain words".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (b"good \xe2\x82", "not UTF-8 (byte 0xe2 at byte 5)"),
        (b"a \xed\xa0\x80 b", "lone surrogate at byte 2"),
        (codecs.BOM_UTF16_LE + "ab".encode("utf-16-le") + b"\x00\xd8c\x00", "half a surrogate pair"),
        (codecs.BOM_UTF16_LE + b"a\x00b", "cut short"),
        (b"words\0words", "NUL at character 5"),
        (codecs.BOM_UTF16_LE + "a\0b".encode("utf-16-le"), "NUL at character 1"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text"),
        (b"\x7fELF\x01\x01\x01" + b"\0" * 40, "NUL"),
        (b"\x01\x02\x03\x04 words \x05\x06", "mostly control characters"),
    ],
)
def test_anything_else_is_refused_by_name_with_a_next_step(raw: bytes, named: str) -> None:
    with pytest.raises(UnreadableArticle) as refusal:
        decode("news/a.txt", raw)
    assert refusal.value.article == "news/a.txt"
    assert named in refusal.value.reason
    assert "; " in refusal.value.reason


def test_every_line_end_becomes_a_newline() -> None:
    assert decode("a.txt", "a\r\nb\rc\nd\x0be\x0cf\x85g".encode()) == "a\nb\nc\nd\ne\nf\ng"


@pytest.mark.parametrize(
    "refused",
    [
        *("\x07", "\x1b", "\x7f", "\x9b", "\u202e", "\u2066", "\u2069", "\u206a", "\ufff9"),
        *("\ufdd0", "\uffff", "\U0001fffe", "\U000e0041", "\ud800"),
    ],
)
def test_a_refused_character_is_left_out_and_counted(refused: str) -> None:
    cleaned = clean(f"hydro{refused}gen")
    assert (cleaned.text, cleaned.dropped) == ("hydrogen", 1)


@pytest.mark.parametrize(
    "kept",
    [
        "نامه\u200cای",  # Persian needs the non-joiner
        "क्\u200dष",  # Devanagari the joiner
        "👨\u200d👩\u200d👧",
        "soft\u00adhyphen",
        "zero\u200bwidth",
        "left\u200eright\u200fmark",
        "辻\U000e0100さん",
        "❤\ufe0f",
        "각",
        "line\u2028and\u2029paragraph",
        "tab\tand\u00a0no-break\u3000space",
        "in\ufeffside",
    ],
)
def test_what_languages_and_newsrooms_use_stays(kept: str) -> None:
    assert clean(kept).text == kept


@pytest.mark.parametrize("mark", ["\u0301", "\u200b", "\u200d", "\u3164"])
def test_a_flood_of_marks_on_one_letter_is_cut_short(mark: str) -> None:
    flooded = "a" + mark * 100_000 + "b"
    assert clean(flooded).text == "a" + mark * MAX_RUN + "b"


@given(st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode("utf-16", "surrogatepass")))
def test_any_bytes_become_text_without_surrogates_or_are_refused(raw: bytes) -> None:
    try:
        text = decode("a.txt", raw)
    except UnreadableArticle:
        return
    cleaned = clean(text).text
    assert REFUSED.search(cleaned) is None
    assert "\r" not in cleaned
    assert clean(cleaned).text == cleaned


def test_a_name_is_shown_without_anything_that_could_break_a_line_or_deceive() -> None:
    assert shown("a\nb\x1b[2J\udcff\u202e한글 👨\u200d👩.txt") == "a\\nb\\x1b[2J\\xff\\u202e한글 👨\u200d👩.txt"
