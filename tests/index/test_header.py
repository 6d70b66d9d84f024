from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from index.errors import UnreadableArticle
from index.header import MAX_HEADER_CHARS, split_header


def test_both_forms_give_the_same_fields_and_leave_the_body_untouched() -> None:
    lines = "title: Two hours in Tokyo\nurl: https://example.org/a?b=c:d\npublished: 2025-08-23\nauthor:\n"
    body = "\n  The text.  \n\n---\nmore\n"
    plain, front = split_header("a.txt", f"{lines}---\n{body}"), split_header("a.md", f"---\n{lines}---\n{body}")
    assert plain == front
    assert plain.body == body
    assert plain.fields == {
        "title": "Two hours in Tokyo",
        "url": "https://example.org/a?b=c:d",
        "published": "2025-08-23",
        "author": "",
    }


@pytest.mark.parametrize(
    "text",
    [
        "Just prose.\nAnd more.\n",
        "Just prose.\n\n---\n\nAfter a rule.\n",
        "title: Tokyo\nThen a line of prose.\n---\nMore\n",
        "Seoul: the president spoke.\n---\nMore\n",
        "https://example.org\n---\nMore\n",
        "---\nA paragraph between two rules.\n---\nMore\n",
        "---\n# A heading\n---\nMore\n",
        "---\nA rule at the top, and no other.\n",
        "----\ntitle: four dashes\n----\nMore\n",
        "title: x\n --- \nindented rule\n",
        "title: no end of it\n",
    ],
)
def test_what_is_no_header_stays_text(text: str) -> None:
    assert split_header("a.txt", text).body == text
    assert split_header("a.txt", text).fields == {}


def test_a_rule_far_down_ends_no_header_even_after_nothing_but_fields() -> None:
    text = "".join(f"note-{number}: {'x' * 60}\n" for number in range(MAX_HEADER_CHARS // 60)) + "---\ntext\n"
    assert split_header("a.txt", f"title: t\n{text}").fields == {}


@pytest.mark.parametrize("text", ["---\n---\nText\n", "---\n\n---\nText\n", "\n\n---  \ntitle: t\n---\t\nText\n"])
def test_an_empty_header_and_blanks_round_the_rules_are_fine(text: str) -> None:
    assert split_header("a.md", text).body == "Text\n"


def test_yaml_values_are_taken_as_written() -> None:
    header = split_header(
        "a.md",
        "---\ntitle: 1973\nlanguage: no\npublisher: null\npublished: 2025-08-23T10:00:00Z\nauthor: [Kim, Lee]\n"
        "URL: 'https://example.org'\ntags: {a: [b]}\n---\nText\n",
    )
    assert header.fields == {
        "title": "1973",
        "language": "no",
        "publisher": "",
        "published": "2025-08-23T10:00:00Z",
        "author": "Kim, Lee",
        "url": "https://example.org",
    }


@pytest.mark.parametrize(
    ("block", "why"),
    [
        ("title: [unclosed", "line 3"),
        ("title: Lee: yes: no", "line 2: mapping values are not allowed"),
        ("\ttitle: x\n- y", "cannot start any token"),
        ("- a\n- b", "it is a list"),
        ("title: a\ntitle: b", "line 3: 'title' is given twice"),
        ("a: &a [x, x]\nb: [*a, *a]", "anchors and aliases"),
        ("a: *nowhere", "anchors and aliases"),
        ("[" * 30_000, "nested more than 8 deep"),
        ("a: " + "{b: " * 5_000, "nested more than 8 deep"),
        ("- " * 15_000, "nested more than 8 deep"),
        ("? [a]\n: b", "unhashable"),
        ('title: "\\UFFFFFFFF"', "an escape that is no character"),
        ("title: !<%ff> x", "line 2"),
        ("%YAML 9.9", "line 2"),
    ],
)
def test_a_header_that_is_not_plain_yaml_is_refused_with_its_line(block: str, why: str) -> None:
    begun = time.monotonic()
    with pytest.raises(UnreadableArticle) as refusal:
        split_header("a.md", f"---\n{block}\n---\nText\n")
    assert time.monotonic() - begun < 5
    assert why in refusal.value.reason
    assert "mend the lines between the two ---" in refusal.value.reason
    assert "\n" not in refusal.value.reason


def test_a_header_that_never_ends_is_refused_and_not_quoted() -> None:
    with pytest.raises(UnreadableArticle, match="without an end"):
        split_header("a.md", "---\ntitle: Tokyo\n\nThe text.\n")


def test_a_yaml_tag_builds_nothing() -> None:
    header = split_header("a.md", "---\ntitle: !!python/object/apply:os.system [id]\n---\nText\n")
    assert header.fields == {"title": "id"}


def test_a_field_given_twice_keeps_its_first_value_and_says_so() -> None:
    header = split_header("a.txt", "title: one\ntitle: two\n---\nText\n")
    assert header.fields["title"] == "one"
    assert "title twice" in header.problems[0]


def test_a_nested_field_is_left_empty_and_said() -> None:
    header = split_header("a.md", "---\ntitle: {a: b}\nurl: https://example.org\n---\nText\n")
    assert "title" not in header.fields
    assert "has a title that is neither" in header.problems[0]


def test_a_header_that_names_no_known_field_is_said() -> None:
    assert "nothing in it is used" in split_header("a.md", "---\nSeoul: he spoke\n---\nText\n").problems[0]


def test_a_refused_character_in_a_header_leaves_its_mark() -> None:
    for text in ("url: java\x01script:x\n---\nText\n", "---\nurl: java\x01script:x\n---\nText\n"):
        assert split_header("a.txt", text).fields["url"] == "java\ufffdscript:x"


lines = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\x0b\x0c\x85"), max_size=30)


@given(st.lists(lines | st.sampled_from(["---", "title: x", "", "- a", "a: b"]), max_size=12).map("\n".join))
def test_whatever_the_text_the_body_is_its_end_and_nothing_but_a_header_is_missing(text: str) -> None:
    try:
        header = split_header("a.txt", text)
    except UnreadableArticle:
        return
    assert text.endswith(header.body)
    missing = text[: len(text) - len(header.body)]
    assert missing == "" or missing.rstrip("\n \t").endswith("---")


@given(body=st.text(), title=st.text(st.characters(categories=["L", "N", "P"]), min_size=1))
def test_the_body_under_a_header_comes_back_as_it_was(body: str, title: str) -> None:
    assume("\r" not in body)
    assert split_header("a.txt", f"title: {title}\n---\n{body}").body == body
    quoted = title.replace("'", "''")
    header = split_header("a.md", f"---\ntitle: '{quoted}'\n---\n{body}")
    assert header.body == body
    assert header.fields == {"title": title}
