from __future__ import annotations

import itertools
import os
import socket
from pathlib import Path

import pytest

from index.errors import ArticlesError, UnreadableArticle
from index.files import MAX_BYTES, MAX_DEPTH, list_articles, read_bytes


def refusals(folder: Path) -> dict[str, str]:
    return {one.article: one.reason for one in list_articles(folder).refused}


def test_articles_are_found_at_any_depth_and_hidden_or_other_files_are_not(tmp_path: Path) -> None:
    articles = ("b.txt", "a/deep/c.MD", "a/d.md")
    for path in (*articles, ".hidden.txt", ".git/e.txt", "f.html", "README", "a/ReadMe.md", "README.txt"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("text")
    assert list_articles(tmp_path).paths == ("a/d.md", "a/deep/c.MD", "b.txt")
    assert list_articles(tmp_path).refused == ()


@pytest.mark.parametrize("what", ["missing", "file"])
def test_a_folder_that_is_none_is_named_with_the_next_step(tmp_path: Path, what: str) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ArticlesError, match=f"{what}.*--articles"):
        list_articles(tmp_path / what)


def test_a_link_out_of_the_folder_is_named_and_never_read(tmp_path: Path) -> None:
    folder, secret = tmp_path / "articles", tmp_path / "secret.txt"
    folder.mkdir()
    (tmp_path / "articles-too").mkdir()
    (tmp_path / "articles-too" / "near.txt").write_text("near")
    secret.write_text("secret")
    (folder / "absolute.txt").symlink_to(secret)
    (folder / "relative.txt").symlink_to("../secret.txt")
    (folder / "near.txt").symlink_to("../articles-too/near.txt")
    (folder / "outside").symlink_to(tmp_path)
    assert list_articles(folder).paths == ()
    assert set(refusals(folder)) == {"absolute.txt", "relative.txt", "near.txt", "outside"}
    for path in ("absolute.txt", "relative.txt", "near.txt", "outside/secret.txt"):
        with pytest.raises(UnreadableArticle, match="out of the articles folder"):
            read_bytes(folder, path)


def test_a_link_that_stays_inside_is_followed_once(tmp_path: Path) -> None:
    (tmp_path / "..version").mkdir()
    (tmp_path / "..version" / "a.txt").write_text("mounted")
    (tmp_path / "..now").symlink_to("..version")
    (tmp_path / "a.txt").symlink_to("..now/a.txt")  # how a Kubernetes config map looks
    (tmp_path / "again.txt").symlink_to("..version/a.txt")
    (tmp_path / "plain.txt").write_text("plain")
    (tmp_path / "twice.txt").symlink_to("plain.txt")
    assert list_articles(tmp_path).paths == ("a.txt", "plain.txt")
    assert read_bytes(tmp_path, "a.txt") == b"mounted"
    assert set(refusals(tmp_path)) == {"again.txt", "twice.txt"}
    assert "read already" in refusals(tmp_path)["twice.txt"]


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    (tmp_path / "round.txt").symlink_to("round.txt")
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "up").symlink_to("..")
    (tmp_path / "gone.txt").symlink_to("nowhere")
    (tmp_path / "good.txt").write_text("good")
    assert list_articles(tmp_path).paths == ("good.txt",)
    assert set(refusals(tmp_path)) == {"round.txt", "gone.txt", "sub/up"}


def test_pipes_sockets_and_devices_are_named_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.md"))
        assert list_articles(tmp_path).paths == ()
        assert set(refusals(tmp_path)) == {"pipe.txt", "socket.md", "zero.txt"}
        for path in ("pipe.txt", "socket.md"):
            with pytest.raises(UnreadableArticle, match="not a regular file"):
                read_bytes(tmp_path, path)


def test_a_pipe_that_takes_a_files_place_does_not_hang_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("text")
    regular = (tmp_path / "a.txt").stat()
    (tmp_path / "a.txt").unlink()
    os.mkfifo(tmp_path / "a.txt")
    monkeypatch.setattr(os, "stat", lambda *_, **__: regular)
    with pytest.raises(UnreadableArticle, match="not a regular file"):
        read_bytes(tmp_path, "a.txt")


@pytest.mark.parametrize("swap", ["before the last look", "after it"])
def test_a_link_that_takes_a_files_place_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: str
) -> None:
    folder, secret = tmp_path / "articles", tmp_path / "secret.txt"
    folder.mkdir()
    secret.write_text("secret")
    (folder / "a.txt").symlink_to("../secret.txt")
    (folder / "way").symlink_to("..")
    regular = secret.stat()
    monkeypatch.setattr("index.files._inside", lambda _, path: tuple(path.split("/")))  # all was well a moment ago
    if swap == "after it":
        monkeypatch.setattr(os, "stat", lambda *_, **__: regular)
    for path in ("a.txt", "way/secret.txt"):
        with pytest.raises(UnreadableArticle):
            read_bytes(folder, path)


@pytest.mark.parametrize(
    "path", ["", "/etc/hostname", "../x.txt", "a/../../x.txt", "a\nb.txt", "a\0.txt", "\udcff.txt", "."]
)
def test_a_path_that_is_not_one_of_the_folders_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path.parent / "x.txt").write_text("outside")
    with pytest.raises(UnreadableArticle):
        read_bytes(tmp_path, path)


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "sparse.txt").open("wb") as file:
        file.truncate(3 * 1024**4)
    (tmp_path / "whole.txt").write_bytes(b"x" * MAX_BYTES)
    with pytest.raises(UnreadableArticle, match=r"has 3145728.0 MB.*at most 2.0 MB"):
        read_bytes(tmp_path, "sparse.txt")
    assert len(read_bytes(tmp_path, "whole.txt")) == MAX_BYTES


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"two\nlines.txt", "two\\nlines.txt"),
        (b"colour\x1b[31m.md", "colour\\x1b[31m.md"),
        (b"broken\xff.txt", "broken\\xff.txt"),
        ("over\u202eride.txt".encode(), "over\\u202eride.txt"),
    ],
)
def test_a_name_that_cannot_be_shown_is_refused_and_shown_escaped(tmp_path: Path, name: bytes, shown: str) -> None:
    (Path(os.fsdecode(bytes(tmp_path) + b"/" + name))).write_text("text")
    assert list_articles(tmp_path).paths == ()
    assert "rename it" in refusals(tmp_path)[shown]


def test_odd_but_honest_names_are_read(tmp_path: Path) -> None:
    names = {
        "한일 정상회담.txt",
        "首脳会談.md",
        "🤝.txt",
        "👨\u200d👩.txt",
        "a b 'c' \"d\" #1.txt",
        "-rf.txt",
        "back\\slash.txt",
    }
    for name in names:
        (tmp_path / name).write_text(name)
    assert set(list_articles(tmp_path).paths) == names
    assert all(read_bytes(tmp_path, name) == name.encode() for name in names)


def test_a_folder_with_an_articles_name_is_named_and_not_entered(tmp_path: Path) -> None:
    (tmp_path / "news.txt").mkdir()
    (tmp_path / "news.txt" / "a.txt").write_text("text")
    assert list_articles(tmp_path).paths == ()
    assert "is a folder" in refusals(tmp_path)["news.txt"]
    with pytest.raises(UnreadableArticle, match="is a folder"):
        read_bytes(tmp_path, "news.txt")


def test_nesting_is_bounded_and_said(tmp_path: Path) -> None:
    folder = tmp_path
    for _ in range(MAX_DEPTH + 2):
        folder = folder / "d"
        folder.mkdir()
    (folder / "deep.txt").write_text("text")
    (tmp_path / "top.txt").write_text("text")
    assert list_articles(tmp_path).paths == ("top.txt",)
    assert f"more than {MAX_DEPTH} folders deep" in next(iter(refusals(tmp_path).values()))


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("text")
    opened = os.open

    def refuse(path: str | Path, flags: int, *, dir_fd: int | None = None) -> int:
        if path == "a.txt":
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(UnreadableArticle, match="permission denied; allow"):
        read_bytes(tmp_path, "a.txt")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_entered_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "shut").mkdir(mode=0)
    assert list_articles(tmp_path).paths == ("a.txt",)
    assert "permission denied" in refusals(tmp_path)["shut"]


@pytest.mark.parametrize(
    ("growing_reads", "outcome"), [(0, b"old"), (1, b"old+"), (2, "changed while it was being read")]
)
def test_a_file_that_changes_while_it_is_read_gets_one_more_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, growing_reads: int, outcome: bytes | str
) -> None:
    article = tmp_path / "a.txt"
    article.write_bytes(b"old")
    fstat, calls = os.fstat, itertools.count()

    def grow(descriptor: int) -> os.stat_result:
        found = fstat(descriptor)
        read, is_after = divmod(next(calls), 2)
        if not is_after and read < growing_reads:
            article.write_bytes(article.read_bytes() + b"+")
        return found

    monkeypatch.setattr(os, "fstat", grow)
    if isinstance(outcome, bytes):
        assert read_bytes(tmp_path, "a.txt") == outcome
    else:
        with pytest.raises(UnreadableArticle, match=outcome):
            read_bytes(tmp_path, "a.txt")


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c.txt").write_text("text")
    (tmp_path / "out.txt").symlink_to("/etc/hostname")
    open_ones = Path("/proc/self/fd")
    if not open_ones.is_dir():
        pytest.skip("this system does not list a process's descriptors")
    before = len(list(open_ones.iterdir()))
    for _ in range(20):
        list_articles(tmp_path)
        read_bytes(tmp_path, "a/b/c.txt")
        with pytest.raises(UnreadableArticle):
            read_bytes(tmp_path, "out.txt")
    assert len(list(open_ones.iterdir())) == before
