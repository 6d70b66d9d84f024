"""SIGKILL at random moments: whatever dies, and whenever, the next to come finds a whole generation."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from index.errors import BuilderBusy
from index.generation import generations, read_pointer
from index.lock import builders_lock
from tests.faults.conftest import FAKE_CHILD, HERE, Record, Site

EDITIONS = ("first", "second")
ENV = {**os.environ, "PYTHONPATH": str(HERE.parent.parent)}


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is killed, if it still lives, when the test lets go of it."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=ENV
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def builder_of(site: Site) -> list[str]:
    """The building child with a life line of its own, as `index.build` starts it."""
    request = {
        "articles": str(site.articles),
        "data": str(site.data),
        "model": {"name": "fake 0.002"},
        "full": True,
        "force": False,
    }
    return [*FAKE_CHILD, json.dumps(request)]


def reader_of(site: Site) -> list[str]:
    return [sys.executable, "-P", str(HERE / "reader.py"), str(site.articles), str(site.data)]


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def lock_is_free(site: Site) -> bool:
    with suppress(BuilderBusy), builders_lock(site.data):
        return True
    return False


def test_a_builder_killed_at_any_moment_leaves_a_whole_generation(
    site: Site, times: Callable[[int, int], int], record_property: Record
) -> None:
    moments = random.Random(20250823)
    site.write("second")
    began = time.monotonic()
    with started(*builder_of(site)) as builder:
        first_line(builder)
        began = time.monotonic()
        assert builder.wait(60) == 0
    takes_s = time.monotonic() - began
    edition, published = "second", 0
    kills = times(8, 200)
    for number in range(kills):
        before = read_pointer(site.data)
        meant = EDITIONS[number % 2]
        site.write(meant)
        moment_s = moments.uniform(0, 1.1 * takes_s)
        with started(*builder_of(site)) as builder:
            assert first_line(builder), "the builder did not start"
            time.sleep(moment_s)
            builder.kill()
            builder.wait(60)
        after = read_pointer(site.data)
        found = site.check()
        if after == before:
            assert found == edition, f"kill {number} after {moment_s:.3f} s changed what {before.name} says"
        else:
            assert found == meant, f"kill {number} after {moment_s:.3f} s published half of {after.name}"
            assert (site.data / before.name).is_dir(), f"kill {number}: the generation before is gone"
            edition, published = meant, published + 1
        assert lock_is_free(site)
    record_property("kills of the builder", kills)
    record_property("of these after its generation was published", published)
    site.write("third")
    site.reindex()
    assert site.check() == "third"
    assert len(generations(site.data)) == 2, "leftovers of killed builds stay"


def test_killed_readers_hold_nothing_back(
    site: Site, times: Callable[[int, int], int], record_property: Record
) -> None:
    record_property("kills of a reader", times(2, 20))
    for number in range(times(2, 20)):
        with started(*reader_of(site)) as reader:
            assert json.loads(first_line(reader))["answered"]
            held = read_pointer(site.data).name
            for edition in ("second", "third"):
                site.write(f"{edition}{number}")
                site.reindex()
            reader.kill()
            reader.wait(10)
        site.reindex(full=True)
        assert held not in {path.name for path in generations(site.data)}
        site.check()


def test_builder_and_readers_killed_together_leave_a_whole_generation(
    site: Site, times: Callable[[int, int], int], record_property: Record
) -> None:
    record_property("kills of builder and reader", times(2, 40))
    moments = random.Random(20250824)
    for number in range(times(2, 40)):
        meant = EDITIONS[number % 2]
        site.write(meant)
        with started(*reader_of(site)) as reader, started(*builder_of(site)) as builder:
            assert first_line(builder) and json.loads(first_line(reader))["answered"]
            time.sleep(moments.uniform(0, 0.6))
            builder.kill()
            reader.kill()
        site.check()


@pytest.mark.parametrize("victim", ["builder", "parent"])
def test_the_lock_of_a_killed_builder_is_free_at_once(site: Site, victim: str, tmp_path: Path) -> None:
    with started(*builder_of(site)) as builder:
        first_line(builder)
        assert not lock_is_free(site)
        if victim == "builder":
            builder.kill()
        else:
            assert builder.stdin is not None
            builder.stdin.close()  # what the kernel does when the parent dies
        builder.wait(10)
    assert lock_is_free(site)
