"""Fifty users ask the bot at once while a full reindex runs: `python -m bench.discord_load`.

The bot is a process of its own with the real model, against the local Discord of `tests/discord_double`. Reported are
the times to the first response and to the answer, and the longest stall of the bot's event loop.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from unittest.mock import patch

from bot import client
from bot.cli import main
from bot.desk import Shelves
from bot.settings import Settings
from tests.discord_double.server import DiscordDouble
from tests.discord_double.users import Player
from tests.discord_double.world import Channel

ROOT = Path(__file__).resolve().parents[1]
USERS = 50
ROUNDS = 4
PAUSE_S = 3.0  # between rounds: everybody has read the answer before
BEAT_S = 0.01
QUESTIONS = (
    "What did they agree on hydrogen?",
    "Why did Lee visit Japan before the United States?",
    "What happened to the seafood import limits?",
    "셔틀 외교를 다시 시작하기로 했나요?",
    "石破首相は何に合意しましたか？",
)


async def ask_once(user: Player, channel: Channel, number: int) -> tuple[float, float]:
    """Seconds to the first response, and to the answer."""
    asked_at = time.perf_counter()
    asked = await user.slash(channel, "ask", question=QUESTIONS[number % len(QUESTIONS)])
    first = await asked.first()
    await asked.answer(timeout_s=60)
    return first.latency_s, time.perf_counter() - asked_at


async def measure(folder: Path) -> dict[str, float]:
    async with DiscordDouble(identify_window_s=0) as double:
        guild = double.guild("Bench")
        channel = guild.channel("questions")
        users = [double.user(f"user{number}") for number in range(USERS)]
        for user in (*users, double.owner):
            guild.join(user)
        stalls = folder / "stall.json"
        env = (
            os.environ
            | double.environment()
            | {
                "SUMMIT_DATA": str(folder / "data"),
                "SUMMIT_ARTICLES": str(ROOT / "docs" / "articles"),
                "SUMMIT_SERVER_QUESTIONS": "100000",
                "SUMMIT_BENCH_STALLS": str(stalls),
            }
        )
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.discord_load", "--bot", cwd=ROOT, env=env
        )
        try:
            await double.ready(timeout_s=180)
            await ask_once(users[0], channel, 0)
            building = await double.owner.slash(channel, "reindex", full=True)
            await building.first()
            times = []
            for _ in range(ROUNDS):
                asked = (ask_once(user, channel, number) for number, user in enumerate(users))
                times += await asyncio.gather(*asked)
                await asyncio.sleep(PAUSE_S)
        finally:
            bot.terminate()
            await bot.wait()
        assert double.violations == [] and double.duplicates == []
        first, answered = zip(*times, strict=True)
        return {
            "questions": len(times),
            "first_p50_s": statistics.median(first),
            "first_p99_s": percentile(first, 99),
            "answer_p50_s": statistics.median(answered),
            "answer_p99_s": percentile(answered, 99),
            "longest_stall_s": json.loads(stalls.read_text(encoding="utf-8")),
        }


def percentile(values: tuple[float, ...], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


async def serve_and_watch(
    serve: Callable[[Settings, Shelves], Awaitable[None]], settings: Settings, library: Shelves
) -> None:
    """The bot's own loop, with a heartbeat in it that notices how long it was kept from beating."""
    longest = 0.0

    async def beat() -> None:
        nonlocal longest
        await asyncio.sleep(5)  # connecting and registering commands are over
        while True:
            before = time.perf_counter()
            await asyncio.sleep(BEAT_S)
            longest = max(longest, time.perf_counter() - before - BEAT_S)

    beating = asyncio.create_task(beat())
    try:
        await serve(settings, library)
    finally:
        beating.cancel()
        await asyncio.to_thread(
            Path(os.environ["SUMMIT_BENCH_STALLS"]).write_text, json.dumps(longest), encoding="utf-8"
        )


def run_bot() -> int:
    with patch.object(client, "_serve", partial(serve_and_watch, client._serve)):
        return main(["run"])


if __name__ == "__main__":
    if "--bot" in sys.argv:
        sys.exit(run_bot())
    with tempfile.TemporaryDirectory() as scratch:
        for name, value in asyncio.run(measure(Path(scratch))).items():
            print(f"{name:>16}: {value:.3f}")  # noqa: T201 - a result
