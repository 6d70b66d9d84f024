"""The pictures in docs/images: `make pictures`.

The bot runs as a process of its own, with the real model and the sample articles, against the local Discord of
`tests/discord_double`; people ask it, and what it sends is drawn by a browser. Needs Chromium, pngquant, and fonts for
Korean and Japanese: on Debian, `apt-get install chromium pngquant fonts-noto-cjk fonts-inter`.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.messages import speaker
from tests.discord_double.messages import Message
from tests.discord_double.server import DiscordDouble
from tests.discord_double.users import Player
from tests.discord_double.world import Channel
from tools.browser import Browser, browser
from tools.drawn import Said, Shown, page, shown

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
WIDE, PHONE = 720, 390
MAX_BYTES = 200_000
BOT = "Summit Quotes"

ANSWERED = "What did they agree on hydrogen?"
ELSEWHERE = "Which songs were played at the dinner?"
NOTHING = "How do I bake sourdough bread?"
SEVERAL = "Why did Lee visit Japan before the United States?"
KOREAN = "셔틀 외교를 다시 시작하기로 했나요?"
JAPANESE = "ワーキングホリデーは何回まで参加できますか？"
CARRIED, OTHER_OUTLET = "why-lee-went-to-tokyo-first.txt", "Example Daily"
TALK = ("Which ministers visited Yasukuni?", "and Koizumi?")


class Studio:
    """People who ask, and pictures of what they get."""

    def __init__(self, double: DiscordDouble, painter: Browser) -> None:
        self._painter = painter
        self.guild = double.guild("Summit watchers")
        self.channel: Channel = self.guild.channel("summit")
        self.people: dict[str, Player] = {}
        for name, locale in (("reader", "en-US"), ("독자", "ko"), ("読者", "ja")):
            self.people[locale] = double.user(name, locale=locale)
            self.guild.join(self.people[locale])
        self.guild.join(double.owner)

    async def ask(self, question: str, locale: str = "en-US", *, private: bool = False) -> Message:
        asked = await self.people[locale].slash(self.channel, "ask", question=question, private=private)
        return await asked.answer(timeout_s=60)

    async def take(
        self, name: str, *items: Said | Shown, language: str = "en", theme: str = "dark", width: int = WIDE
    ) -> None:
        drawn = page(items, theme=theme, language=language, now=datetime.now(UTC))
        picture = await slim(await self._painter.photograph(drawn, width))
        if len(picture) > MAX_BYTES:
            raise ValueError(f"{name}: {len(picture)} bytes, and {MAX_BYTES} are allowed")
        (IMAGES / f"{name}.png").write_bytes(picture)


async def slim(png: bytes) -> bytes:
    """The same picture with a palette: a quarter of the size, and no difference that an eye sees."""
    process = await asyncio.create_subprocess_exec(
        "pngquant", "128", "--strip", "--speed", "1", "-", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    slimmed, _ = await process.communicate(png)
    if process.returncode != 0:
        raise RuntimeError(f"pngquant ended with {process.returncode}")
    return slimmed


async def answers(studio: Studio) -> None:
    message = await studio.ask(ANSWERED)
    by_command = shown(message, used=("reader", "/ask"))
    await studio.take("answer-dark", by_command)
    await studio.take("answer-light", by_command, theme="light")
    await studio.take("answer-phone", by_command, width=PHONE)
    reader = studio.people["en-US"]
    context = await (await reader.press(message, label="Context")).answer()
    await studio.take("context", shown(context))
    for name, question in (("related", ELSEWHERE), ("none", NOTHING), ("also", SEVERAL)):
        await studio.take(name, shown(await studio.ask(question), used=("reader", "/ask")))
    private = await studio.ask(SEVERAL, private=True)
    await studio.take("private", shown(private, used=("reader", "/ask")))
    for language, locale, question in (("ko", "ko", KOREAN), ("ja", "ja", JAPANESE)):
        used = (studio.people[locale].name, f"/{speaker(language)('command.ask.name')}")
        message = await studio.ask(question, locale)
        await studio.take(f"answer-{language}", shown(message, used=used), language=language)


async def conversation(studio: Studio) -> None:
    """A mention in a thread, and a short question after it."""
    reader, thread = studio.people["en-US"], studio.channel.thread("after the summit")
    items: list[Said | Shown] = []
    for question in TALK:
        said = Said("reader", f"@{BOT}\u2003{question}")
        posted = await reader.say(thread, question, mention_bot=True)
        items += [said, shown(await posted.reply(timeout_s=60), reply_to=said)]
    await studio.take("conversation", *items)


async def looking_around(studio: Studio) -> None:
    reader = studio.people["en-US"]
    for name in ("sources", "about", "help"):
        message = await (await reader.slash(studio.channel, name)).answer()
        await studio.take(name, shown(message))
    choices = await (await reader.autocomplete(studio.channel, "article", name="what lee and")).choices()
    message = await (await reader.slash(studio.channel, "article", name=choices[0]["value"])).answer()
    await studio.take("article", shown(message))


async def reindexing(studio: Studio, owner: Player, articles: Path) -> None:
    """With one article that is empty, so that the receipt has something to say."""
    (articles / "notes-from-the-press-room.txt").write_bytes(b"title: Notes\n---\n\n")
    asked = await owner.slash(studio.channel, "reindex", full=True)
    done = await asked.answer()
    async with asyncio.timeout(300):
        while speaker("en")("reindex.done") not in done.text:  # noqa: ASYNC110 - an edit is no event of ours
            await asyncio.sleep(0.2)
    stages = [version.payload["components"] for version in done.versions if version.payload["components"]]
    under_way = replace(shown(done), components=stages[len(stages) // 2], attachments=())
    await studio.take("reindex", under_way)
    await studio.take("receipt", shown(done))


def collect(articles: Path) -> None:
    """The sample articles, one of them a second time as another outlet would carry it: the sample has one publisher."""
    shutil.copytree(ROOT / "docs" / "articles", articles)
    carried = (articles / CARRIED).read_text(encoding="utf-8")
    again = re.sub(r"^publisher: .*$", f"publisher: {OTHER_OUTLET}", carried, count=1, flags=re.M)
    (articles / f"example-daily-{CARRIED}").write_text(again, encoding="utf-8")


async def take_all(folder: Path) -> None:
    articles = folder / "articles"
    await asyncio.to_thread(collect, articles)
    async with DiscordDouble(identify_window_s=0, bot_name=BOT) as double, browser(folder / "profile") as painter:
        studio = Studio(double, painter)
        settings = {"SUMMIT_ARTICLES": str(articles), "SUMMIT_DATA": str(folder / "data")}
        env = os.environ | double.environment() | settings
        bot = await asyncio.create_subprocess_exec(sys.executable, "-m", "bot", "run", cwd=ROOT, env=env)
        try:
            await double.ready(timeout_s=300)
            for scene in (answers(studio), conversation(studio), looking_around(studio)):
                await scene
            await reindexing(studio, double.owner, articles)
        finally:
            bot.terminate()
            await bot.wait()
        if double.violations or double.refused:
            raise AssertionError(f"Discord would refuse: {[*double.violations, *double.refused]}")


def main(argv: Sequence[str] = ()) -> int:
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(take_all(Path(scratch)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
