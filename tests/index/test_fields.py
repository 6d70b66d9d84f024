from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.decode import REFUSED
from index.fields import MAX_CHARS, read_fields


@pytest.mark.parametrize(
    "value",
    [
        "2025-08-23",
        "2025-8-23",
        "2025-08-23T10:00:00Z",
        "2025-08-23 10:00:00.5 +09:00",
        "2025-08-23T23:59+0900",
        " 2025-08-23 ",
    ],
)
def test_a_date_or_a_moment_is_the_day_as_written(value: str) -> None:
    fields = read_fields({"published": value})
    assert (fields.published, fields.problems) == (date(2025, 8, 23), ())


@pytest.mark.parametrize(
    "value",
    [
        "2025-02-30",
        "2025-13-01",
        "23 August 2025",
        "20250823",
        "2025",
        "٢٠٢٥-٠٨-٢٣",
        "0001-01-01",
        "9999-12-31",
        "99999-01-01",
    ],
)
def test_a_date_that_cannot_be_believed_is_left_empty_and_said(value: str) -> None:
    fields = read_fields({"published": value})
    assert fields.published is None
    assert len(fields.problems) == 1
    assert "published" in fields.problems[0]
    assert "left empty; " in fields.problems[0]


@pytest.mark.parametrize(
    "value",
    [
        "https://example.org/a?b=c#d",
        "http://example.org:8080/",
        "https://example.org/한국",
        "https://[::1]/a",
        "HTTPS://EXAMPLE.ORG/",
    ],
)
def test_a_web_address_stays_as_written(value: str) -> None:
    fields = read_fields({"url": value})
    assert (fields.url, fields.problems) == (value, ())


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "JaVaScRiPt://example.org/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org/a",
        "example.org/a",
        "https://",
        "https:///path",
        "https://example.org/a b",
        "https://example.org/\u202egpj.exe",
        "https://exa\ufffdmple.org",
        "https://example.org\n/",
        "https://example.org/<script>",
        "https://good.example@bad.example/",
        "https://еxample.org/",
        "https://[broken/",
        "https://example.org:99999/",
        "https://example.org/" + "a" * 3000,
    ],
)
def test_an_address_that_could_mislead_is_left_empty_and_said(value: str) -> None:
    fields = read_fields({"url": value, "title": "t"})
    assert (fields.url, fields.title) == ("", "t")
    assert len(fields.problems) == 1
    assert len(fields.problems[0]) < 400
    assert REFUSED.search(fields.problems[0]) is None
    assert "\n" not in fields.problems[0]


@pytest.mark.parametrize(("value", "code"), [("en", "en"), ("EN-us", "en"), ("ko_KR", "ko"), ("zh-Hant-TW", "zh")])
def test_a_language_is_its_primary_code_in_lower_case(value: str, code: str) -> None:
    assert read_fields({"language": value}).language == code


def test_a_language_in_words_is_left_empty_and_said() -> None:
    fields = read_fields({"language": "Korean"})
    assert fields.language == ""
    assert "en, ko or ja" in fields.problems[0]


def test_a_title_is_one_clean_line_of_bounded_length() -> None:
    assert read_fields({"title": " Two\n hours\ufffd\x07 \u202ein Tokyo "}).title == "Two hours in Tokyo"
    assert read_fields({"title": "日韓首脳\u3000会談"}).title == "日韓首脳\u3000会談"
    long = read_fields({"title": "x" * 1000})
    assert (len(long.title), len(long.problems)) == (MAX_CHARS, 1)


def test_what_the_header_leaves_out_stays_empty_without_a_word() -> None:
    fields = read_fields({"published": "", "url": "  ", "sources": "x"})
    assert (fields.title, fields.url, fields.language, fields.published, fields.problems) == ("", "", "", None, ())


@given(st.dictionaries(st.sampled_from(["title", "publisher", "author", "url", "language", "published"]), st.text()))
def test_any_values_give_clean_fields(raw: dict[str, str]) -> None:
    fields = read_fields(raw)
    for value in (fields.title, fields.publisher, fields.author, fields.url, *fields.problems):
        assert REFUSED.search(value) is None
        assert "\n" not in value
