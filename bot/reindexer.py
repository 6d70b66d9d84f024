"""One reindex at a time, in a thread: who started it, how far it is, and stopping it when the bot ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from index.build import Progress, Receipt
from index.errors import BuilderBusy, SummitError

log = logging.getLogger(__name__)

SCHEDULED_AFTER_S = 2.0  # files are often changed several at a time
NOT_AGAIN_FOR_S = 600.0


class Build(Protocol):
    """`index.build.reindex` with its folders and its model filled in."""

    def __call__(self, *, full: bool, force: bool, progress: Callable[[Progress], None]) -> Receipt: ...


class Stopped(Exception):
    """The bot is shutting down, and the build with it."""


class Busy(Exception):
    """A reindex of ours is running already."""


@dataclass(frozen=True, slots=True)
class Run:
    """A reindex under way. `starter`: a name, or "" when it started by itself."""

    starter: str
    since: datetime


class Reindexer:
    def __init__(self, build: Build) -> None:
        self._build = build
        self._stopping = asyncio.Event()
        self._scheduled: asyncio.Task[None] | None = None
        self._last_scheduled = -NOT_AGAIN_FOR_S
        self.running: Run | None = None
        self.progress = Progress("read", 0, 0)

    async def run(self, starter: str, *, full: bool = False, force: bool = False) -> Receipt:
        """Raises Busy, Stopped, or what `index.build.reindex` raises."""
        if self.running:
            raise Busy
        self.running = Run(starter, datetime.now(UTC))
        self.progress = Progress("read", 0, 0)
        log.info("reindex started full=%s force=%s", full, force)
        try:
            receipt = await self._unless_stopped(partial(self._build, full=full, force=force, progress=self._note))
        finally:
            self.running = None
        log.info(
            "reindexed generation=%s added=%d changed=%d removed=%d unchanged=%d passages=%d embedded=%d skipped=%d "
            "s=%.1f",
            receipt.generation,
            receipt.added,
            receipt.changed,
            receipt.removed,
            receipt.unchanged,
            receipt.passages,
            receipt.embedded,
            len(receipt.skipped),
            receipt.seconds,
        )
        return receipt

    def schedule(self) -> None:
        """Reindex soon, because an article has changed; at most once in ten minutes. Called in the event loop."""
        now = time.monotonic()
        if self.running or self._stopping.is_set() or now - self._last_scheduled < NOT_AGAIN_FOR_S:
            return
        self._last_scheduled = now
        self._scheduled = asyncio.get_running_loop().create_task(self._run_scheduled())

    def stop(self) -> None:
        """Have a running build end, and whoever waits for it told."""
        self._stopping.set()
        if self._scheduled:
            self._scheduled.cancel()

    async def _run_scheduled(self) -> None:
        await asyncio.sleep(SCHEDULED_AFTER_S)
        try:
            await self.run("")
        except (Busy, BuilderBusy):
            log.info("no reindex by itself: one is running")
        except Stopped:
            log.info("the reindex was stopped")
        except SummitError as exc:
            log.error("the reindex by itself failed: %s", exc)
        except Exception as exc:  # nobody waits for this: the log is the one who is told
            log.error("the reindex by itself failed", exc_info=exc)

    def _note(self, progress: Progress) -> None:
        """Called in the build's thread."""
        if self._stopping.is_set():
            raise Stopped
        self.progress = progress

    async def _unless_stopped(self, build: Callable[[], Receipt]) -> Receipt:
        """Build in a thread that does not keep the process alive: the child that builds ends with us in any case."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Receipt] = loop.create_future()

        def settle(settle_with: Callable[[], None]) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is gone, and nobody waits any more
                loop.call_soon_threadsafe(lambda: None if done.done() else settle_with())

        def work() -> None:
            try:
                receipt = build()
            except BaseException as exc:  # noqa: BLE001 - raised again where it is waited for
                error = exc
                settle(lambda: done.set_exception(error))
            else:
                settle(lambda: done.set_result(receipt))

        threading.Thread(target=work, name="reindex", daemon=True).start()
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait((done, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        if not done.done():
            done.cancel()
            raise Stopped
        return done.result()
