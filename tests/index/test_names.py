from __future__ import annotations

import os
from pathlib import Path

import pytest

from index.errors import ArticlesError
from index.names import FILE, Names, names_for, shipped
from index.terms import terms


def folder(root: Path, names: str | bytes) -> Path:
    articles = root / "articles"
    articles.mkdir()
    (articles / FILE).write_bytes(names.encode() if isinstance(names, str) else names)
    return articles


def things(names: Names, text: str) -> list[str]:
    return names.things(terms(text))


def test_without_a_file_the_shipped_names_hold(tmp_path: Path) -> None:
    assert names_for(tmp_path) is shipped()


def test_an_operators_names_join_the_shipped_ones(tmp_path: Path) -> None:
    names = names_for(folder(tmp_path, '[people]\n"Lee Jae-myung" = "Brother Lee"\n"Jo Example" = "조예시"\n'))
    assert things(names, "Brother Lee and 이재명") == ["=Lee Jae-myung", "=Lee Jae-myung"]
    assert things(names, "조예시") == ["=Jo Example"]


def test_an_operators_events_and_topics_can_be_offered_and_people_cannot(tmp_path: Path) -> None:
    names = names_for(folder(tmp_path, '[topics]\n"tulip prices" = "튤립값"\n[people]\n"Jo Example" = "조예시"\n'))
    assert "tulip prices" in names.topics and "tariff" in names.topics
    assert "Jo Example" not in names.topics and "Lee Jae-myung" not in names.topics


def test_a_byte_order_mark_is_no_part_of_the_names(tmp_path: Path) -> None:
    assert things(names_for(folder(tmp_path, '\ufeff[people]\n"Jo Example" = "조예시"\n')), "조예시") == ["=Jo Example"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[people", "is not valid TOML"),
        ('"Jo" = "조"', "stands outside a section"),
        ('[people]\n"Jo" = 1', "needs its names as one text"),
        (b'[people]\n"Jo" = "\xff"', "is not valid UTF-8"),
        (b"x" * (2 * 1024 * 1024 + 1), "MB"),
        ("a = " + "[" * 100_000, "is not valid TOML"),
    ],
)
def test_a_file_that_makes_no_sense_is_named(tmp_path: Path, content: str | bytes, said: str) -> None:
    articles = folder(tmp_path, content)
    with pytest.raises(ArticlesError, match=said) as raised:
        names_for(articles)
    assert FILE in str(raised.value)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.toml").write_text('[people]\n"Jo Example" = "조예시"\n', encoding="utf-8")
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / FILE).symlink_to(tmp_path / "elsewhere.toml")
    with pytest.raises(ArticlesError, match="is a link out of the articles folder"):
        names_for(articles)


def test_a_link_to_nothing_is_an_error_and_not_an_absent_file(tmp_path: Path) -> None:
    (tmp_path / FILE).symlink_to(tmp_path / "nowhere")
    with pytest.raises(ArticlesError, match="link to nothing"):
        names_for(tmp_path)


def test_a_pipe_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE)
    with pytest.raises(ArticlesError, match="not a regular file"):
        names_for(tmp_path)
