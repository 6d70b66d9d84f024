from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import ArticlesError
from index.names import FILE, Names, is_thing, names_for, parse, shipped
from index.terms import terms

HARBOUR = {"Harbour Pact": ("Harbour Pact", "the Pact of the Harbour", "항구협정", "港湾協定"), "Harbour": ("Harbour",)}


def folder(root: Path, names: str | bytes) -> Path:
    articles = root / "articles"
    articles.mkdir()
    (articles / FILE).write_bytes(names.encode() if isinstance(names, str) else names)
    return articles


def things(names: Names, text: str) -> list[str]:
    return names.things(terms(text))


@pytest.mark.parametrize("text", ["The harbour pacts hold", "항구협정이 맺어졌다", "港湾協定を結んだ"])
def test_a_thing_is_met_under_each_of_its_names(text: str) -> None:
    assert things(Names(HARBOUR), text) == ["=Harbour Pact"]


def test_the_longest_name_wins_and_uses_its_words_up() -> None:
    names = Names(HARBOUR)
    assert things(names, "the harbour") == ["=Harbour"]
    assert things(names, "the Pact of the Harbour and the harbour") == ["=Harbour Pact", "=Harbour"]


def test_north_korea_does_not_name_the_south() -> None:
    north = things(shipped(), "North Korea")
    assert north == things(shipped(), "북한") == things(shipped(), "北朝鮮")
    assert things(shipped(), "Korea") not in ([], north)


def test_people_meet_across_languages_and_spellings() -> None:
    spellings = ["Lee Jae-myung", "Lee Jae Myung", "이재명 대통령", "李在明"]
    assert {tuple(things(shipped(), spelling)) for spelling in spellings} == {("=Lee Jae-myung",)}


def test_a_name_under_two_things_means_the_first() -> None:
    assert things(Names({"one": ("harbour",), "two": ("harbour", "pier")}), "harbour pier") == ["=one", "=two"]


@given(found=st.lists(st.sampled_from([*terms("the harbour pact of north korea"), "ship", "항구", "구협", "협정"])))
def test_folding_accounts_for_every_term(found: list[str]) -> None:
    names = Names(HARBOUR)
    folded = list(names.fold(found))
    assert sum(count for _, count in folded) == len(found)
    at = 0
    for term, count in folded:
        assert is_thing(term) or [term] == found[at : at + count]
        at += count


@given(text=st.text(max_size=60))
def test_no_term_of_a_text_looks_like_a_thing(text: str) -> None:
    assert not any(is_thing(term) for term in terms(text))


def test_own_names_come_before_ours(tmp_path: Path) -> None:
    names = names_for(folder(tmp_path, '[places]\n"Tokyo Tower" = "Tokyo"\n'))
    assert things(names, "Tokyo") == ["=Tokyo Tower"]
    assert things(names, "이재명") == things(shipped(), "이재명")


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


def test_empty_names_are_left_out() -> None:
    assert parse('[own]\n"Pact" = "| 협정 ||"\n', where=FILE) == {"own": {"Pact": ("Pact", "협정")}}
