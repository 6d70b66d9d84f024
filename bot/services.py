"""What every command and button needs at hand, put together once at the start."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.conversation import Conversations, SeenLanguages
from bot.cooldown import Buckets, Rate
from bot.desk import Desk
from bot.failures import question_problem
from bot.language import of_locale
from bot.layout import Layout
from bot.messages import Speaker, speaker
from bot.records import Records
from bot.reindexer import Reindexer
from bot.render import notice_layout
from bot.seal import Sealer
from bot.sending import Interaction
from bot.settings import Settings

COMPLAIN_EVERY_S = 3600.0  # about a channel where we may not write


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a question is not asked. `personal`: it concerns nobody but the asker."""

    layout: Layout
    personal: bool = False


class Services:
    def __init__(self, settings: Settings, desk: Desk, records: Records, reindexer: Reindexer) -> None:
        self.settings = settings
        self.desk = desk
        self.records = records
        self.reindexer = reindexer
        self.sealer = Sealer(records.key)
        self.conversations = Conversations()
        self.seen_languages = SeenLanguages()
        self._users = Buckets(_rate(settings.user_questions))
        self._guilds = Buckets(_rate(settings.server_questions))
        self._complained: dict[int, float] = {}
        self._in_flight = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = False
        desk.on_change = reindexer.schedule

    def speaker_for(self, interaction: Interaction) -> Speaker:
        language = of_locale(interaction.locale.value)
        self.seen_languages.note(interaction.user.id, language)
        return speaker(language)

    def refusal(self, question: str, user: int, guild: int | None, say: Speaker) -> Refusal | None:
        """Decides without waiting, so that a refusal can be the first response. Counts a question that may be asked."""
        if self._closing:
            return Refusal(notice_layout(say("notice.restarting")))
        problem = question_problem(question, say)
        if problem:
            return Refusal(problem)
        if self.desk.is_full:
            return Refusal(notice_layout(say("notice.queue_full")))
        wait = self._users.take(user)
        if wait:
            return Refusal(notice_layout(say("notice.slow_down", count=wait)), personal=True)
        wait = self._guilds.take(guild) if guild else 0
        if wait:
            return Refusal(notice_layout(say("notice.busy_server", count=wait)), personal=True)
        return None

    def may_complain(self, channel: int) -> bool:
        """Whether it is time to tell somebody again that we cannot write there."""
        now = time.monotonic()
        self._complained = {where: at for where, at in self._complained.items() if now - at < COMPLAIN_EVERY_S}
        return self._complained.setdefault(channel, now) == now

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Around everything that should be finished before the process ends."""
        self._in_flight += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._idle.set()

    async def drain(self, timeout_s: float) -> int:
        """Take no more questions and finish those in flight. Returns how many were left when the time was up."""
        self._closing = True
        self.reindexer.stop()
        try:
            async with asyncio.timeout(timeout_s):
                await self._idle.wait()
        except TimeoutError:
            return self._in_flight
        return 0


def _rate(per_minute: int) -> Rate:
    return Rate(burst=max(per_minute // 2, 3), per_minute=per_minute)
