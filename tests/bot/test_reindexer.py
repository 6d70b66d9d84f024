"""One reindex at a time; it can be stopped, and one that starts by itself does not start again soon."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from bot import reindexer as module
from bot.reindexer import Busy, Reindexer, Stopped
from index.build import Progress, Receipt
from index.errors import BuildFailed

RECEIPT = Receipt("gen-2", 1, 0, 0, 2, 30, 4, 0.5, ())


class Build:
    def __init__(self) -> None:
        self.go = threading.Event()
        self.began = threading.Event()
        self.started: list[tuple[bool, bool]] = []

    def __call__(self, *, full: bool, force: bool, progress: Callable[[Progress], None]) -> Receipt:
        self.started.append((full, force))
        self.began.set()
        progress(Progress("embed", 1, 2))
        assert self.go.wait(5)
        progress(Progress("check", 1, 1))
        return RECEIPT


def test_a_second_reindex_is_refused_while_one_runs_and_it_is_known_whose() -> None:
    async def run() -> None:
        build = Build()
        reindexer = Reindexer(build)
        first = asyncio.create_task(reindexer.run("Hana", full=True))
        assert await asyncio.to_thread(build.began.wait, 5)
        assert reindexer.running is not None and reindexer.running.starter == "Hana"
        with pytest.raises(Busy):
            await reindexer.run("Bob")
        build.go.set()
        assert await first == RECEIPT
        assert reindexer.running is None
        assert build.started == [(True, False)]

    asyncio.run(run())


def test_stopping_tells_whoever_waits_at_once() -> None:
    async def run() -> None:
        build = Build()
        reindexer = Reindexer(build)
        first = asyncio.create_task(reindexer.run("Hana"))
        assert await asyncio.to_thread(build.began.wait, 5)
        reindexer.stop()
        with pytest.raises(Stopped):
            await asyncio.wait_for(first, 1)
        build.go.set()

    asyncio.run(run())


@pytest.mark.parametrize("error", [BuildFailed("the disk is full: make room"), MemoryError("none left")])
def test_what_ends_a_reindex_that_started_by_itself_is_logged(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "SCHEDULED_AFTER_S", 0.0)

    def fail(**_: object) -> Receipt:
        raise error

    async def run() -> None:
        reindexer = Reindexer(fail)
        reindexer.schedule()
        await asyncio.sleep(0.3)
        assert reindexer.running is None

    asyncio.run(run())
    assert str(error) in caplog.text


def test_changed_articles_start_one_reindex_and_not_another_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SCHEDULED_AFTER_S", 0.0)

    async def run() -> None:
        build = Build()
        build.go.set()
        reindexer = Reindexer(build)
        for _ in range(3):
            reindexer.schedule()
        await asyncio.sleep(0.3)
        reindexer.schedule()
        await asyncio.sleep(0.3)
        assert len(build.started) == 1

    asyncio.run(run())
