from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.article import Article
from index.decode import REFUSED, clean
from index.errors import ArticlesError, UnreadableArticle
from index.files import MAX_BYTES, Listing, list_articles
from index.load import Loaded, load_article, load_articles

SHARED = Path(__file__).parents[2] / ".." / "shared"
GOOD = "title: Good news\npublished: 2025-08-23\n---\nThey agreed on hydrogen.\n"

one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def reasons(loaded: Loaded) -> dict[str, str]:
    return {one.article: one.reason for one in loaded.skipped}


def doubts(loaded: Loaded) -> dict[str, str]:
    return {one.article: one.reason for one in loaded.problems}


def test_an_article_is_its_text_and_what_its_header_says(tmp_path: Path) -> None:
    (tmp_path / "ja").mkdir()
    (tmp_path / "ja" / "a.md").write_text(
        "---\ntitle: 首脳会談\npublisher: Our Paper\nauthor: [A. Writer, B. Writer]\nurl: https://example.org/1\n"
        "published: 2025-08-23\nlanguage: JA\n---\n\n両首脳は会談した。\n"
    )
    assert load_articles(tmp_path).articles == (
        Article(
            path="ja/a.md",
            text="\n両首脳は会談した。\n",
            title="首脳会談",
            publisher="Our Paper",
            author="A. Writer, B. Writer",
            url="https://example.org/1",
            language="ja",
            published=date(2025, 8, 23),
        ),
    )


def test_one_article_loads_as_it_does_among_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(GOOD)
    assert (load_article(tmp_path, "a.txt"),) == load_articles(tmp_path).articles


@pytest.mark.parametrize("make", [False, True])
def test_no_folder_or_nothing_in_it_stops_with_the_next_step(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "articles"
    if make:
        folder.mkdir()
        (folder / "notes.html").write_text("x")
    with pytest.raises(ArticlesError, match=r"articles.*put"):
        load_articles(folder)


BAD: dict[str, tuple[bytes, str]] = {
    "empty.txt": (b"", "has no text"),
    "header-only.txt": (b"title: x\n---\n \n\n", "has no text"),
    "unseen.txt": ("\u202a\u202c \x07\n".encode() * 3 + b" " * 99, "has no text"),
    "large.txt": (b"x" * (MAX_BYTES + 1), "at most 2.0 MB"),
    "line.txt": (b"word " * 2_000_000, "at most 2.0 MB"),
    "binary.txt": (bytes(range(256)) * 40, "not a text"),
    "broken.txt": ("title: 수소\n---\n합의".encode()[:-1], "not UTF-8"),
    "korean.txt": ("합의했다".encode("cp949"), "not UTF-8"),
    "nul.txt": (b"They agreed\0 on hydrogen.", "holds a NUL"),
    "surrogate.txt": (b"They agreed \xed\xb0\x80.", "lone surrogate"),
    "half.txt": ("words".encode("utf-16") + b"\x00\xd8", "surrogate pair"),
    "yaml.md": (b"---\ntitle: [Tokyo\n---\nText\n", "not valid YAML (line 3"),
    "bomb.md": (b"---\na: &a [x]\nb: &b [*a,*a]\n---\nText\n", "anchors"),
    "deep.md": (b"---\n" + b"[" * 20_000 + b"\n---\nText\n", "nested"),
}


def test_each_bad_file_is_named_once_with_a_next_step_and_the_others_are_loaded(tmp_path: Path) -> None:
    for name, (raw, _) in BAD.items():
        (tmp_path / name).write_bytes(raw)
    (tmp_path / "good.txt").write_text(GOOD)
    loaded = load_articles(tmp_path)
    assert [one.path for one in loaded.articles] == ["good.txt"]
    assert [one.article for one in loaded.skipped] == sorted(BAD)
    for name, reason in reasons(loaded).items():
        assert BAD[name][1] in reason
        assert "; " in reason
        assert "\n" not in reason
        with pytest.raises(UnreadableArticle):
            load_article(tmp_path, name)


def test_a_folder_of_nothing_but_bad_files_is_loaded_empty_with_every_reason(tmp_path: Path) -> None:
    (tmp_path / "nul.txt").write_bytes(b"\0")
    assert (load_articles(tmp_path).articles, set(reasons(load_articles(tmp_path)))) == ((), {"nul.txt"})


def test_a_file_that_vanishes_after_the_listing_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(GOOD)

    def list_then_lose(folder: Path) -> Listing:
        listing = list_articles(folder)
        (folder / "a.txt").unlink()
        return listing

    monkeypatch.setattr("index.load.list_articles", list_then_lose)
    loaded = load_articles(tmp_path)
    assert [one.path for one in loaded.articles] == ["b.txt"]
    assert "is not there (any more)" in reasons(loaded)["a.txt"]


def test_an_unreadable_file_stops_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(GOOD)
    opened = os.open

    def refuse(path: str | Path, flags: int, *, dir_fd: int | None = None) -> int:
        if path == "a.txt":
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refuse)
    loaded = load_articles(tmp_path)
    assert [one.path for one in loaded.articles] == ["b.txt"]
    assert "permission denied" in reasons(loaded)["a.txt"]


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("published: yesterday\n---\nText.\n", "published “yesterday” is not a date"),
        ("published: 2099-01-01\n---\nText.\n", "still to come"),
        ("url: javascript:alert(1)\n---\nText.\n", "not an http or https address"),
        ("url: https://exa\u202emple.org\n---\nText.\n", "holds a character that no address has"),
        ("title: a\ntitle: b\n---\nText.\n", "gives title twice"),
        ("title: a\n---\nTe\x07xt \u202eyes.\n", "lost 2 characters of its text that are refused"),
        ("They a\u200bg\u200br\u200be\u200be\u200bd.\n", "invisible characters"),
        ("They \ufffd\ufffd agreed.\n", "holds 2 replacement characters"),
        ("---\nA rule, not a header.\n---\n", "opens no header"),
    ],
)
def test_a_doubtful_article_is_loaded_and_the_doubt_is_told(tmp_path: Path, text: str, doubt: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    loaded = load_articles(tmp_path)
    assert len(loaded.articles) == 1
    assert loaded.skipped == ()
    assert doubt in doubts(loaded)["a.txt"]
    assert "; " in doubts(loaded)["a.txt"]


def test_a_clean_article_raises_no_doubt(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(GOOD)
    assert load_articles(tmp_path).problems == ()


def test_articles_that_cannot_be_told_apart_are_named_and_all_loaded(tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("title: Tokyo\n---\nOne.\n")
    (tmp_path / "2.txt").write_text("title: Tokyo\n---\nTwo.\n")
    (tmp_path / "3.txt").write_text("title: Three\n---\nOne.\n")
    (tmp_path / "case.txt").write_text("Four.\n")
    (tmp_path / "Case.txt").write_text("Five.\n")
    if len(list(tmp_path.iterdir())) < 5:
        pytest.skip("this disk ignores case")
    loaded = load_articles(tmp_path)
    assert len(loaded.articles) == 5
    assert doubts(loaded) == {
        "2.txt": "goes by the same title as 1.txt; give it a title of its own",
        "3.txt": "has the same text as 1.txt; remove one of them",
        "case.txt": "differs from Case.txt only by case; rename one",
    }


@pytest.mark.parametrize("folder", ["articles", "squad/articles"])
def test_offsets_in_real_articles_are_those_of_the_file_after_its_header(folder: str) -> None:
    if not (SHARED / folder).is_dir():
        pytest.skip(f"../shared/{folder} is not here")
    loaded = load_articles(SHARED / folder)
    assert len(loaded.articles) > 30
    assert loaded.skipped == ()
    for article in loaded.articles:
        raw = (SHARED / folder / article.path).read_bytes().decode()
        assert article.text == raw[raw.find("\n---\n") + 5 :] if "\n---\n" in raw else raw


def test_a_thousand_articles_and_a_flood_load_in_seconds(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"{number}.txt").write_text(f"title: {number}\n---\n{number} " + "word " * 800)
    (tmp_path / "flood.txt").write_text("a" + "\u0301" * 900_000)
    begun = time.monotonic()
    loaded = load_articles(tmp_path)
    assert len(loaded.articles) == 1001
    assert time.monotonic() - begun < 20


@one_folder
@given(
    raw=st.binary(max_size=400) | st.text(max_size=200).map(str.encode) | st.text().map(lambda t: t.encode("utf-16"))
)
def test_any_bytes_are_an_article_or_refused_and_never_stop_the_rest(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "any.txt").write_bytes(raw)
    (tmp_path / "good.txt").write_text(GOOD)
    loaded = load_articles(tmp_path)
    assert "good.txt" in [one.path for one in loaded.articles]
    try:
        article = load_article(tmp_path, "any.txt")
    except UnreadableArticle as refusal:
        assert reasons(loaded) == {"any.txt": refusal.reason}
    else:
        assert article in loaded.articles
        assert article.text.strip()
        assert REFUSED.search(article.text) is None
        article.text.encode()


accepted = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]) | st.sampled_from("\t\n"), min_size=1).filter(
    lambda text: clean(text).text == text and text.strip()
)


@one_folder
@given(text=accepted)
def test_accepted_text_comes_back_character_for_character_under_either_header(tmp_path: Path, text: str) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        (tmp_path / "a.txt").write_bytes(f"title: t\nlanguage: en\n---\n{text}".encode(encoding))
        (tmp_path / "b.md").write_bytes(f"---\ntitle: t\nlanguage: en\n---\n{text}".encode(encoding))
        for path in ("a.txt", "b.md"):
            article = load_article(tmp_path, path)
            assert (article.text, article.title) == (text, "t")
