"""Every shape of damage is noticed before Chroma meets it, said in one line, and healed by a rebuild or refused."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.errors import BuildFailed, IndexDamaged, IndexMissing
from index.generation import CURRENT, read_pointer
from index.manifest import MANIFEST
from index.receipt import Receipt
from tests.faults.conftest import HERE, Site

Damage = Callable[[Path], object]
TERABYTES = 4 << 40


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x10
    path.write_bytes(content)


DAMAGES: dict[str, Damage] = {
    "removed": Path.unlink,
    "emptied": lambda path: path.write_bytes(b""),
    "truncated": lambda path: os.truncate(path, path.stat().st_size // 2),
    "bit-flipped": _flip,
    "sparse and huge": lambda path: os.truncate(path, TERABYTES),
}
# The graphs of passages and of sentences have files of the same names; the larger one is that of the sentences.
FILES = [
    "chroma.sqlite3",
    "data_level0.bin",
    "header.bin",
    "length.bin",
    "index_metadata.pickle",
    "articles.jsonl",
    "lexical.npz",
    "lexical.json",
    MANIFEST,
]


def _file(site: Site, name: str) -> Path:
    return max(site.current.rglob(name), key=lambda path: path.stat().st_size)


def _refused_in_one_line(site: Site, error: type[Exception]) -> None:
    started = time.monotonic()
    with pytest.raises(error, match="summit reindex") as caught:
        site.open()
    assert "\n" not in str(caught.value)
    assert time.monotonic() - started < 5, "damage must be seen without reading terabytes"


def _healed(site: Site) -> Receipt:
    receipt = site.reindex()
    assert (receipt.added, receipt.changed, receipt.removed, receipt.unchanged) in {(12, 0, 0, 0), (0, 0, 0, 12)}
    current = site.open()
    assert len(current.articles) == 12
    current.close()
    site.check()
    return receipt


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", FILES)
def test_no_damaged_file_is_ever_opened(site: Site, name: str, damage: str) -> None:
    DAMAGES[damage](_file(site, name))
    _refused_in_one_line(site, IndexDamaged)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("name", ["chroma.sqlite3", "data_level0.bin"])
def test_a_rebuild_heals_a_damaged_store(site: Site, name: str, damage: str) -> None:
    DAMAGES[damage](_file(site, name))
    assert _healed(site).rebuilt


def test_a_rebuild_heals_damaged_articles_and_words(site: Site) -> None:
    for name in ("articles.jsonl", "lexical.npz", MANIFEST):
        _flip(_file(site, name))
        _refused_in_one_line(site, IndexDamaged)
        _healed(site)


def test_a_file_that_should_not_be_there_is_damage(site: Site) -> None:
    """SQLite would play back a journal that somebody left beside its file."""
    (site.current / "chroma" / "chroma.sqlite3-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" * 64)
    _refused_in_one_line(site, IndexDamaged)
    _healed(site)


def test_a_store_file_that_is_a_link_or_a_pipe_is_damage(site: Site) -> None:
    path = _file(site, "header.bin")
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))
    _refused_in_one_line(site, IndexDamaged)
    path.unlink()
    os.mkfifo(path)
    _refused_in_one_line(site, IndexDamaged)
    _healed(site)


CURRENT_DAMAGES: dict[str, tuple[Damage, type[Exception]]] = {
    "missing": (Path.unlink, IndexMissing),
    "empty": (lambda path: path.write_bytes(b""), IndexDamaged),
    "pointing nowhere": (lambda path: path.write_text(f"gen-999 {'0' * 64}\n"), IndexDamaged),
    "pointing outside": (lambda path: path.write_text(f"../../etc {'0' * 64}\n"), IndexDamaged),
    "of another generation": (lambda path: path.write_text(f"gen-1 {'0' * 64}\n"), IndexDamaged),
    "not text": (lambda path: path.write_bytes(b"\xff\x00" * 40), IndexDamaged),
}


@pytest.mark.parametrize("damage", CURRENT_DAMAGES)
def test_a_damaged_pointer_is_refused_and_healed(site: Site, damage: str) -> None:
    hurt, error = CURRENT_DAMAGES[damage]
    hurt(site.data / CURRENT)
    _refused_in_one_line(site, error)
    _healed(site)


def test_a_manifest_of_another_version_is_refused_and_healed(site: Site) -> None:
    path = site.current / MANIFEST
    fields = json.loads(path.read_text())
    path.write_text(json.dumps({**fields, "format": 99, "something": "new"}))
    _refused_in_one_line(site, IndexDamaged)
    _healed(site)


def test_a_generation_folder_that_is_gone_is_refused_and_healed(site: Site) -> None:
    shutil.rmtree(site.current)
    _refused_in_one_line(site, IndexDamaged)
    _healed(site)


def test_the_articles_of_a_damaged_store_still_stand_in_for_unreadable_files(site: Site) -> None:
    _flip(_file(site, "data_level0.bin"))
    (site.articles / "article-003.txt").write_bytes(b"\x00\xff\x80")
    receipt = site.reindex()
    assert receipt.rebuilt and [one.article for one in receipt.skipped] == ["article-003.txt"]
    current = site.open()
    assert "subject3x0" in current.articles["article-003.txt"].text
    current.close()


# A file may grow to so many bytes: the build meets its limit in the lexical index, in SQLite, and in the graph.
@pytest.mark.parametrize("limit", [1_000, 20_000, 60_000, 120_000, 180_000])
def test_a_full_disk_ends_a_build_and_not_the_index(site: Site, limit: int) -> None:
    site.write("second")
    before = read_pointer(site.data)
    code = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "from index.child import serve; from tests.fakes import fake_model\n"
        "sys.exit(serve(sys.argv[1], fake_model))"
    )
    with pytest.raises(BuildFailed) as caught:
        site.reindex(child=(sys.executable, "-P", "-c", code))
    assert "\n" not in str(caught.value)
    assert read_pointer(site.data) == before
    assert [path.name for path in site.data.glob("gen-*")] == [before.name]
    site.check()
    assert site.reindex().changed == 12


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "summit-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk takes more rights than these")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills_up_is_named_and_left_clean(site: Site, small_disk: Path) -> None:
    data = small_disk / "data"
    cramped = Site(site.articles, data, site.embedder)
    with pytest.raises(BuildFailed):
        cramped.reindex()
    assert list(data.glob("gen-*")) == []


def test_a_read_only_folder_is_refused_with_the_next_step(site: Site) -> None:
    """Reading as well, because Chroma wants to write there; in a process that is not root, to whom all is writable."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(site.data, Path(folder, "data"))
        shutil.copytree(site.articles, Path(folder, "articles"))
        Path(folder).chmod(0o755)
        script = [sys.executable, "-P", str(HERE / "read_only.py"), folder]
        env = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}
        done = subprocess.run(script, capture_output=True, text=True, check=False, env=env, timeout=60)
    assert done.returncode == 0, done.stderr
    reading, building = done.stdout.splitlines()
    assert reading.startswith("StoreUnavailable") and "write access" in reading
    assert building.startswith("BuildFailed") and "access" in building


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_change_of_any_stored_byte_is_caught(site: Site, data: st.DataObject) -> None:
    files = sorted(path for path in [*site.current.rglob("*"), site.data / CURRENT] if path.is_file())
    path = data.draw(st.sampled_from([path for path in files if path.stat().st_size]))
    content = path.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    changed = bytearray(content)
    changed[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(changed)
    try:
        with pytest.raises(IndexDamaged):
            site.open()
    finally:
        path.write_bytes(content)


def test_what_a_segfault_in_a_build_leaves_is_a_clear_line(site: Site) -> None:
    code = f"import os; os.kill(os.getpid(), {signal.SIGSEGV.value})"
    with pytest.raises(BuildFailed, match="signal 11"):
        site.reindex(full=True, child=(sys.executable, "-c", code))
    site.check()
