"""docs/articles.md promises exact lists and limits: here they are held against the code."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from index import decode, fields, files, header
from index.fields import read_fields
from index.header import split_header
from index.names import parse

GUIDE = (Path(__file__).parents[2] / "docs" / "articles.md").read_text(encoding="utf-8")
TABLE = GUIDE.partition("### Refused characters")[2].partition("\n## ")[0].partition("What languages")[0]


def test_the_guide_lists_exactly_the_refused_characters() -> None:
    listed = {code for start, end in re.findall(r"U\+([0-9A-F]+)–U\+([0-9A-F]+)", TABLE) for code in span(start, end)}
    last_two = {plane + low for plane in range(0, 0x110000, 0x10000) for low in (0xFFFE, 0xFFFF)}
    refused = {code for code in range(1, 0x110000) if decode.REFUSED.match(chr(code))}
    assert refused == listed | last_two


def span(start: str, end: str) -> range:
    return range(int(start, 16), int(end, 16) + 1)


def test_the_guide_names_the_limits_of_the_code() -> None:
    assert f"{files.MAX_BYTES // 1024**2} MB a file" in GUIDE
    assert f"up to {files.MAX_DEPTH} folders" in GUIDE
    assert f"at most {fields.MAX_CHARS} characters" in GUIDE
    assert f"from {fields.FIRST_YEAR} to {fields.LAST_YEAR}" in GUIDE
    assert f"first {header.MAX_HEADER_CHARS:,} characters" in " ".join(GUIDE.split())
    assert f"no more than {header.MAX_DEPTH} levels" in GUIDE
    assert f"the {decode.MAX_RUN + 1}st and later" in GUIDE


def test_the_guides_examples_are_read_as_it_says() -> None:
    examples = [re.sub("^    ", "", block, flags=re.M) for block in re.findall(r"(?:^    .*\n)+", GUIDE, flags=re.M)]
    *headers, table = examples
    assert len(headers) == 2
    for example in headers:
        found = split_header("a.md", example)
        values = read_fields(found.fields)
        assert found.body.startswith("The leaders")
        assert "residence" in values.title
        assert values.published == date(2025, 8, 23)
        assert (found.problems, values.problems) == ((), ())
    assert parse(table, where="the guide")["people"]["Hanna Berg"][:2] == ("Hanna Berg", "Dr Berg")
