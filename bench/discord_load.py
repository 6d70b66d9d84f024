"""Fifty users ask the bot at once while a full reindex runs: `python -m bench.discord_load`.

The bot is a process of its own with the real model, against the local Discord of `tests/discord_double`. Reported are
the times to the first response and to the answer, and the longest stall of the event loop: in all, and the longest that
its own process was busy in one. On a machine with other work the first is partly the scheduler's.
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
from bot.messages import speaker
from bot.settings import Settings
from tests.discord_double.server import DiscordDouble
from tests.discord_double.users import Player
from tests.discord_double.world import Channel

ROOT = Path(__file__).resolve().parents[1]
USERS = 50
ROUNDS = 4, 12  # at least and at most: until the reindex has ended
PAUSE_S = 3.0  # between rounds: everybody has read the answer before
BEAT_S = 0.01
SAY = speaker("en")
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
            fewest, most = ROUNDS
            for rounds in range(most):
                asked = (ask_once(user, channel, number) for number, user in enumerate(users))
                times += await asyncio.gather(*asked)
                await asyncio.sleep(PAUSE_S)
                receipt = SAY("reindex.done") in (await building.answer()).text
                if receipt and rounds + 1 >= fewest:
                    break
        finally:
            bot.terminate()
            await bot.wait()
        assert double.violations == [] and double.duplicates == []
        first, answered = zip(*times, strict=True)
        return {
            "questions": len(times),
            "reindex_ended": receipt,
            "load_average": os.getloadavg()[0],
            "first_p50_s": statistics.median(first),
            "first_p99_s": percentile(first, 99),
            "answer_p50_s": statistics.median(answered),
            "answer_p99_s": percentile(answered, 99),
            **json.loads(stalls.read_text(encoding="utf-8")),
        }


def percentile(values: tuple[float, ...], share: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


async def serve_and_watch(
    serve: Callable[[Settings, Shelves], Awaitable[None]], settings: Settings, library: Shelves
) -> None:
    """The bot's own loop, with a heartbeat in it that notices how long it was kept from beating."""
    longest = {"longest_stall_s": 0.0, "busy_in_one_s": 0.0}

    async def beat() -> None:
        while True:
            before, busy = time.perf_counter(), time.process_time()
            await asyncio.sleep(BEAT_S)
            late = time.perf_counter() - before - BEAT_S
            longest["longest_stall_s"] = max(longest["longest_stall_s"], late)
            longest["busy_in_one_s"] = max(longest["busy_in_one_s"], min(late, time.process_time() - busy))

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
