"""500 files that somebody made to hurt: every good article is loaded, every bad one named, nothing outside is opened.

Each kind of file below is a function that writes one and returns what must become of it.
"""

from __future__ import annotations

import os
import random
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.decode import REFUSED, shown
from index.load import Loaded, load_article, load_articles
from tests.faults.conftest import Record

FILES = 500
MAX_PEAK_BYTES = 64 * 1024 * 1024  # the folder holds far more than that
SECRET = "the secret of another folder"
BODY = "Both leaders agreed to work together on hydrogen.\n"


@dataclass(frozen=True, slots=True)
class Made:
    """`name` as it must be shown; exactly one of: loaded, loaded with a doubt, skipped."""

    name: str
    fate: str


Maker = Callable[[Path, str, random.Random], Made]


def write(folder: Path, name: str, raw: bytes, fate: str) -> Made:
    Path(folder / name).write_bytes(raw)
    return Made(shown(name), fate)


def headed(number: str, extra: str = "", body: str = BODY) -> bytes:
    return f"title: Article {number}\n{extra}---\n{number} {body}".encode()


def plain(folder: Path, number: str, rng: random.Random) -> Made:
    return write(folder, f"{number}.txt", headed(number), "loaded")


def front_matter(folder: Path, number: str, rng: random.Random) -> Made:
    return write(folder, f"{number}.md", b"---\n" + headed(number), "loaded")


def marked_encoding(folder: Path, number: str, rng: random.Random) -> Made:
    text = headed(number, body="수소 협력에 합의했다. 両首脳は合意した。 👨\u200d👩 نامه\u200cای\n").decode()
    return write(folder, f"{number}.txt", text.encode(rng.choice(["utf-8-sig", "utf-16"])), "loaded")


def foreign_encoding(folder: Path, number: str, rng: random.Random) -> Made:
    text = headed(number, body="수소 협력에 합의했다.\n").decode()
    return write(
        folder, f"{number}.txt", text.encode(rng.choice(["cp949", "utf-32", "utf-16-le", "utf-16-be"])), "skipped"
    )


def broken_utf8(folder: Path, number: str, rng: random.Random) -> Made:
    wound = rng.choice([b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xe2\x82", b"\xf5\x80\x80\x80", b"\0", b"\x80"])
    whole = headed(number)
    at = rng.randrange(len(whole))
    return write(folder, f"{number}.txt", whole[:at] + wound + whole[at:], "skipped")


def noise(folder: Path, number: str, rng: random.Random) -> Made:
    return write(folder, f"{number}.txt", b"\x89PNG\r\n\x1a\n" + rng.randbytes(4000), "skipped")


def nothing(folder: Path, number: str, rng: random.Random) -> Made:
    raw = rng.choice([b"", b"\n\n", b"title: x\n---\n", b"\xef\xbb\xbf", "\u202e\u2066 ".encode() * 9])
    return write(folder, f"{number}.txt", raw, "skipped")


def controls(folder: Path, number: str, rng: random.Random) -> Made:
    refused = rng.choice(["\x07", "\x1b[31m", "\x9b", "\u202e", "\u2067", "\ufffe", "\U000e0041\U000e007f", "\ufff9"])
    return write(folder, f"{number}.txt", headed(number, body=BODY.replace("on", f"o{refused}n")), "doubted")


def flood(folder: Path, number: str, rng: random.Random) -> Made:
    marks = rng.choice(["\u0301", "\u200b", "\u200d", "\u0489", "\u3164"]) * rng.randrange(40, 200_000)
    return write(folder, f"{number}.txt", headed(number, body=f"a{marks}b {BODY}"), "doubted")


def homoglyphs(folder: Path, number: str, rng: random.Random) -> Made:
    return write(folder, f"{number}.txt", headed(number, body="Тhе lеаdеrs аgrееd. " * 500), "loaded")


def large(folder: Path, number: str, rng: random.Random) -> Made:
    made = write(folder, f"{number}.txt", headed(number, body="x" * 100), "skipped")
    os.truncate(folder / f"{number}.txt", rng.choice([10, 50, 4_000_000]) * 1024 * 1024)
    return made


def long_line(folder: Path, number: str, rng: random.Random) -> Made:
    return write(folder, f"{number}.txt", headed(number, body="word " * rng.randrange(1_000, 200_000)), "loaded")


def yaml_trap(folder: Path, number: str, rng: random.Random) -> Made:
    laughs = "".join(f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n" for level in range(1, 9))
    block = rng.choice(
        [
            "a0: &a0 [lol]\n" + laughs,
            "a: &a [*a]",
            "[" * 20_000,
            "a: " + "{b: " * 6_000,
            "- " * 10_000,
            "title: [open",
            "title: 'open",
            'title: "\\UFFFFFFFF"',
            "title: a\ntitle: b",
            "!!python/object/apply:os.system ['true']",
        ]
    )
    return write(folder, f"{number}.md", f"---\n{block}\n---\n{BODY}".encode(), "skipped")


def odd_date(folder: Path, number: str, rng: random.Random) -> Made:
    value = rng.choice(["9999-12-31", "0001-01-01", "2025-02-30", "-2025-01-01", "2025", "soon", "1" * 5000])
    return write(folder, f"{number}.txt", headed(number, f"published: {value}\n"), "doubted")


def odd_url(folder: Path, number: str, rng: random.Random) -> Made:
    value = rng.choice(
        [
            "javascript:alert(1)",
            "java\x01script:x",
            "https://a.example/\u202egpj.exe",
            "https://a@b.example",
            "file:///etc",
        ]
    )
    return write(folder, f"{number}.txt", headed(number, f"url: {value}\n"), "doubted")


def odd_name(folder: Path, number: str, rng: random.Random) -> Made:
    name = rng.choice(["new\nline", "bell\x07", "over\u202eride", "broken\udcff\udcfe", "\u2028", "\x1b[2J"])
    return write(folder, f"{number}{name}.txt", headed(number), "skipped")


def honest_name(folder: Path, number: str, rng: random.Random) -> Made:
    name = rng.choice(
        ["🤝", "👨\u200d👩", "정상회담", "e\u0301", "..dots", " blank ", "'\"$(id)", "%2e%2e%2f", "x" * 200]
    )
    return write(folder, f"{number}{name}.txt", headed(number), "loaded")


def case_twin(folder: Path, number: str, rng: random.Random) -> Made:
    write(folder, f"Twin{number}.txt", headed(number, body="First.\n"), "loaded")
    return write(folder, f"twin{number}.txt", headed(number, body="Second.\n"), "doubted")


def way_out(folder: Path, number: str, rng: random.Random) -> Made:
    target = rng.choice(
        ["../outside/secret.txt", str(folder.parent / "outside" / "secret.txt"), "/etc/hostname", "/dev/zero"]
    )
    (folder / f"{number}.txt").symlink_to(target)
    return Made(f"{number}.txt", "skipped")


def folder_way_out(folder: Path, number: str, rng: random.Random) -> Made:
    (folder / number).symlink_to(rng.choice(["..", "../outside", "/", "."]))
    return Made(number, "skipped")


def circle(folder: Path, number: str, rng: random.Random) -> Made:
    (folder / f"{number}.txt").symlink_to(rng.choice([f"{number}.txt", "nowhere", f"{number}.txt/x"]))
    return Made(f"{number}.txt", "skipped")


def pipe(folder: Path, number: str, rng: random.Random) -> Made:
    os.mkfifo(folder / f"{number}.txt")
    return Made(f"{number}.txt", "skipped")


def folder_as_article(folder: Path, number: str, rng: random.Random) -> Made:
    (folder / f"{number}.txt").mkdir()
    return Made(f"{number}.txt", "skipped")


MAKERS: tuple[Maker, ...] = (
    *(plain, front_matter, marked_encoding, foreign_encoding, broken_utf8, noise, nothing, controls, flood, homoglyphs),
    *(large, long_line, yaml_trap, odd_date, odd_url, odd_name, honest_name, case_twin, way_out, folder_way_out),
    *(circle, pipe, folder_as_article),
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Made]]:
    base = tmp_path_factory.mktemp("hostile")
    folder, outside = base / "articles", base / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "secret.txt").write_text(f"title: secret\n---\n{SECRET}\n")
    rng = random.Random("hostile files")
    return folder, [MAKERS[number % len(MAKERS)](folder, f"{number:03}", rng) for number in range(FILES)]


@pytest.fixture(scope="module")
def loaded(hostile: tuple[Path, list[Made]]) -> Loaded:
    return load_articles(hostile[0])


def test_every_good_article_is_loaded_and_every_bad_one_is_named(
    hostile: tuple[Path, list[Made]], loaded: Loaded
) -> None:
    articles = {one.path for one in loaded.articles}
    skipped = {one.article for one in loaded.skipped}
    doubted = {one.article for one in loaded.problems}
    for made in hostile[1]:
        assert (made.name in articles) == (made.fate != "skipped"), made
        assert (made.name in skipped) == (made.fate == "skipped"), made
        assert (made.name in doubted) == (made.fate == "doubted"), made
    twins = {one.path for one in loaded.articles if one.path.startswith("Twin")}
    assert articles | skipped == {made.name for made in hostile[1]} | twins


def test_what_is_said_of_a_hostile_file_is_one_printable_line_with_a_next_step(loaded: Loaded) -> None:
    skipped = [f"{one.article}: {one.reason}" for one in loaded.skipped]
    doubted = [f"{one.article}: {one.reason}" for one in loaded.problems]
    for line in skipped + doubted:
        assert len(line.splitlines()) == 1
        assert "; " in line  # what is wrong; the next step
        assert REFUSED.search(line) is None
        assert len(line) < 700
        line.encode()


def test_loaded_articles_hold_no_refused_character_and_no_other_folders_text(loaded: Loaded) -> None:
    for article in loaded.articles:
        for value in (article.text, article.title, article.url, article.path):
            assert REFUSED.search(value) is None
        assert SECRET not in article.text
        assert article.url == ""


def test_nothing_outside_the_folder_is_opened(
    hostile: tuple[Path, list[Made]], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = hostile[0].resolve()
    opened, really_open = [], os.open

    def record(path: str | Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        descriptor = really_open(path, flags, mode, dir_fd=dir_fd)
        opened.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        return descriptor

    monkeypatch.setattr(os, "open", record)
    load_articles(hostile[0])
    for made in hostile[1]:
        if made.fate != "skipped":
            load_article(hostile[0], made.name)
    assert len(opened) > FILES
    assert [path for path in opened if path != folder and folder not in path.parents] == []


def test_memory_and_time_are_bounded(hostile: tuple[Path, list[Made]], record_property: Record) -> None:
    begun = time.monotonic()
    tracemalloc.start()
    try:
        load_articles(hostile[0])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    record_property("files", len(hostile[1]))
    record_property("of these refused by name", sum(made.fate == "skipped" for made in hostile[1]))
    record_property("most memory", f"{peak / 1e6:.1f} MB")
    assert peak < MAX_PEAK_BYTES
    assert time.monotonic() - begun < 60
