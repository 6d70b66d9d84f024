"""Many reindexes under one serving process: disk, memory and handles stay where they were."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.fakes import numbered_articles, write_articles
from tests.faults.conftest import HERE, Record, Site


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_disk_stays_bounded_over_many_reindexes(
    site: Site, times: Callable[[int, int], int], record_property: Record
) -> None:
    churn, shares = random.Random(7), []
    for number in range(times(5, 50)):
        texts = numbered_articles(12, edition="first")
        for name in churn.sample(sorted(texts), 3):
            texts[name] += f"\n\nPostscript {number} to what was said.\n"
        write_articles(site.articles, texts)
        site.reindex()
        shares.append(size_of(site.data) / size_of(site.current))
        assert shares[-1] <= 2.5
    record_property("reindexes", len(shares))
    record_property("most disk, in generations", round(max(shares), 2))
    site.check()


def test_a_serving_process_does_not_grow(site: Site, times: Callable[[int, int], int], record_property: Record) -> None:
    """In a process of its own, so that what other tests left behind is not counted; it prints its figures as JSON."""
    script = [sys.executable, "-P", str(HERE / "long_life.py"), str(site.articles), str(site.data)]
    counts = [str(times(13, 50)), str(times(400, 10_000))]
    # With an arena for each of the threads that Chroma starts anew on each opening, glibc's own use of memory wavers
    # by 10 MB, which would hide a leak. One arena shows what is really held; docs/reliability.md tells operators so.
    env = {**os.environ, "PYTHONPATH": str(HERE.parent.parent), "MALLOC_ARENA_MAX": "1"}
    done = subprocess.run([*script, *counts], capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    for name, value in figures.items():
        record_property(name, f"{value / 1e6:.1f} MB" if name.startswith("rss") else value)
    assert figures["rss_end"] <= 1.05 * figures["rss_10th"], figures
    assert figures["rss_asked"] <= 1.05 * figures["rss_end"], figures
    assert figures["handles_end"] <= figures["handles_10th"] + 2, figures
