"""A local Discord and the bot beside it as a process of its own, for tests that play the users."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.discord_double.server import DiscordDouble
from tests.discord_double.users import Player
from tests.discord_double.world import Channel, Guild, Permission

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
START_S = 90.0
NOTHING_MORE = Permission(0)
LOCALES = {"en": "en-US", "ko": "ko", "ja": "ja"}

HYDROGEN = "The ministers agreed to build a hydrogen pipeline between Busan and Fukuoka."
TRADE = "Both governments promised to lower tariffs on steel before the winter."
HOSTILE = "@everyone <@1> should see [this](https://evil.example) at <t:1:R>, said *Envoy Quill*."

ARTICLES = {
    "hydrogen.txt": f"""title: A pipeline for hydrogen
publisher: The Daily Tide
url: https://tide.example/hydrogen
published: 2025-08-23
language: en
---
Delegations met in the old customs house for two days.

{HYDROGEN} Engineers will survey the seabed next spring. The cost has not been made public.

Fishermen in both ports asked for guarantees. Their unions will be heard in October.

{HOSTILE} Nobody in the hall laughed about it.
""",
    "trade.txt": f"""title: Steel tariffs to fall
publisher: Harbour Herald
published: 2025-08-24
language: en
---
{TRADE} Carmakers welcomed the news within the hour. Unions asked for details about jobs.

A joint committee on steel tariffs will meet every month. Its first report is due in December.
""",
    "shuttle-ko.txt": """title: 셔틀 외교가 다시 시작됐다
publisher: 바다일보
url: https://bada.example/shuttle
published: 2025-08-25
language: ko
---
두 정상은 셔틀 외교를 다시 시작하기로 합의했다. 다음 회담은 부산에서 열린다.

수산물 수입 문제는 다루지 않았다.
""",
    "shuttle-ja.txt": """title: シャトル外交が再開
publisher: 港新聞
url: https://minato.example/shuttle
published: 2025-08-25
language: ja
---
両首脳はシャトル外交を再開することで合意した。次の会談は釜山で開かれる。

水産物の輸入については議題にならなかった。
""",
}
ARTICLES |= {
    f"note-{number}.txt": f"title: Note {number}\npublisher: Pier Notes\n---\nRain fell on pier number {number}.\n"
    for number in range(5)
}


class Summit:
    """The double, its people and places, and the bot's process."""

    def __init__(self, folder: Path, call: Callable[[Coroutine[Any, Any, Any]], Any], double: DiscordDouble) -> None:
        self._call = call
        self.double = double
        self.articles = folder / "articles"
        self.data = folder / "data"
        self.log = folder / "log"
        self.articles.mkdir(parents=True, exist_ok=True)
        for name, text in ARTICLES.items():
            (self.articles / name).write_text(text, encoding="utf-8")
        self.home: Guild = double.guild("Home")
        self.away: Guild = double.guild("Away")
        self.general: Channel = self.home.channel("general")
        self.abroad: Channel = self.away.channel("abroad")
        self.process: subprocess.Popen[bytes] | None = None
        self.program = "tests.e2e.bot_process"
        self.home_folder = ROOT  # where the bot runs, and looks for `.env`
        self.settings = {
            "SUMMIT_ARTICLES": str(self.articles),
            "SUMMIT_DATA": str(self.data),
            "SUMMIT_EMBEDDING_MODEL": "fake",
            "SUMMIT_HOME_GUILDS": str(self.home.id),
        }

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        result: T = self._call(coroutine)
        return result

    def environment(self) -> dict[str, str]:
        """What a bot process gets: ours, without the settings of whoever runs the tests."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("SUMMIT_")}
        return env | self.double.environment() | self.settings

    def wait(self, seen: Callable[[], object], what: str, timeout_s: float = 10.0) -> None:
        give_up = time.monotonic() + timeout_s
        while not seen():
            assert time.monotonic() < give_up, f"waited {timeout_s} s for {what}"
            time.sleep(0.02)

    def start(self, **settings: str) -> None:
        env = self.environment() | settings
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.program], cwd=self.home_folder, env=env, stderr=log, stdout=log
            )

    def start_and_wait(self, **settings: str) -> None:
        self.start(**settings)
        give_up = time.monotonic() + START_S
        while time.monotonic() < give_up:
            assert self.process is not None
            assert self.process.poll() is None, f"the bot ended: {self.logged[-2000:]}"
            with contextlib.suppress(AssertionError):
                self.call(self.double.ready(timeout_s=0.5))
                return
        raise AssertionError(f"the bot was not ready within {START_S} s: {self.logged[-2000:]}")

    def stop(self, number: signal.Signals = signal.SIGTERM, timeout_s: float = 15.0) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(timeout_s)
        self.process = None
        return code

    @property
    def logged(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def member(self, name: str, *, locale: str = "en-US", permissions: Permission = NOTHING_MORE) -> Player:
        """Somebody in both servers, with these permissions besides the usual ones in each."""
        user = self.double.user(name, locale=locale)
        self.home.join(user, permissions=permissions)
        self.away.join(user, permissions=permissions)
        return user


@contextmanager
def summit(folder: Path, **double: Any) -> Iterator[Summit]:
    """A local Discord without the bot: call `start_and_wait`."""
    server = DiscordDouble(identify_window_s=0, **double)
    with server.in_thread() as call:
        summit = Summit(folder, call, server)
        try:
            yield summit
        finally:
            if summit.process is not None and summit.process.poll() is None:
                summit.process.kill()
                summit.process.wait()


@contextmanager
def running_summit(folder: Path, **double: Any) -> Iterator[Summit]:
    with summit(folder, **double) as running:
        running.start_and_wait()
        yield running
