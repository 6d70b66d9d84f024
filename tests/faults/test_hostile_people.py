"""Questions made to break, and more of them at once than can be answered: everybody hears something, nothing grows."""

from __future__ import annotations

import asyncio
import re
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import index.query
from bot.ask import Asked, compose
from bot.desk import ASKING, MAX_WAITING, Desk
from bot.layout import Button, Layout, Text
from bot.messages import Speaker, speaker
from bot.records import Records
from bot.reindexer import Reindexer
from bot.render import asked_heading, asked_question
from bot.services import Services
from bot.settings import Settings
from index.answer import MAX_QUESTION_CHARS, Outcome
from index.answering import Answerer
from index.article import Article
from index.errors import QuestionError
from index.library import Library
from index.receipt import Receipt
from tests.bot.discord_markdown import alive
from tests.fakes import FakeEmbedder, never_silent, numbered_articles
from tests.faults.conftest import Record, Site
from tests.hostile import HOSTILE_PIECES, assert_linear
from tests.memory import index_articles

SAY = speaker("en")
MAX_PEAK_BYTES = 32 * 1024 * 1024
HARMLESS = {"quote", "strong", "subtext", "timestamp"}
# A question from right to left is kept apart, so that it reorders nothing around it; nothing within may end that.
OUR_ISOLATE = re.compile("\u2068([^\u202a-\u202e\u2066-\u2069]*)\u2069")
PIECES = [
    *HOSTILE_PIECES,
    *("\u0301", "\u200b", "\u202e", "\u200d👩", "ﷺ", "\U0001f1f0\U0001f1f7", "\ud800", "\0", "ß", "İ", "ﬀ", "々"),
    *("no ", "not not ", "2025-08-23 ", "1,000,000 ", "U.S. ", "Lee Jae-myung ", "who what when ", "and on ", "'s "),
]


def shortly(question: str) -> str:
    return ascii(question[:24])


QUESTIONS = [
    "(a+)+$" + "a" * 400 + "!",
    "^(([a-z])+.)+[A-Z]([a-z])+$" + "a" * 300,
    "a" + "\u0301" * 499,
    "\u202e" + "what did minister 4 say" + "\u2066" * 50,
    "\u200b" * 250 + "minister" + "\u200d" * 200,
    "@everyone @here <@1> <@&2> <#3> </ask:4> <t:0:R> <:x:5> <id:guide>",
    "[label](https://evil.example) https://evil.example discord.gg/evil <https://evil.example>",
    "# big\n> quote\n>>> all\n- list\n1. list\n-# small\n```py\ncode\n``` ||spoiler|| ~~gone~~ __under__ ***bold***",
    "\\" * 250 + "`" * 200,
    "\u2068" * 200 + "Asked: " + "\u2069" * 200,
    "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07\x1b[2J",
    '{"custom_id": "dAAAA", "type": 2}; DROP TABLE collections; -- ${jndi:ldap://evil} {{7*7}} %s %n {0.__class__}',
    "\ud83d minister 4 \udc00",
    "ﷺ" * 500,
]


@dataclass
class Place:
    """The desk with a real library behind it, and what the bot needs around it."""

    services: Services
    scheduled: list[str] = field(default_factory=list)

    async def ask(self, question: str, asker: int = 1, say: Speaker = SAY) -> Layout:
        """As a command does it: refused at once, or answered."""
        refusal = self.services.refusal(question, asker, 2, say)
        if refusal:
            return refusal.layout
        return await compose(self.services, Asked(question, asker, 2, "command", "", asked_heading(question, say)), say)


def no_build(**_: object) -> Receipt:
    raise AssertionError("nobody asked for a reindex")


def place_over(library: Library, tmp_path: Path, **settings: Any) -> Place:
    return Place(Services(Settings(**settings), Desk(library), Records(tmp_path / "records"), Reindexer(no_build)))


@pytest.fixture
def library(site: Site) -> Iterator[Library]:
    with closing(Library(site.articles, site.data, site.embedder, never_silent())) as library:
        yield library


@pytest.fixture(scope="module")
def answerer() -> Answerer:
    articles = [Article(path, text.partition("---\n")[2]) for path, text in numbered_articles(12).items()]
    embedder = FakeEmbedder()
    return Answerer(index_articles(articles, embedder), embedder, never_silent())


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_the_whole_way_to_an_answer_takes_linear_time(
    answerer: Answerer, monkeypatch: pytest.MonkeyPatch, piece: str
) -> None:
    """Questions are short, so this lifts the limit: what is linear beyond it has no trap below."""
    monkeypatch.setattr(index.query, "MAX_QUESTION_CHARS", 1_000_000)
    assert_linear(lambda text: answerer.ask(f"minister 4 {text}?"), piece, chars=1000)
    assert_linear(lambda text: answerer.ask("and on that?", previous=text), piece, chars=1000)


@pytest.mark.parametrize("question", [*QUESTIONS, *(piece * MAX_QUESTION_CHARS for piece in PIECES[-12:])], ids=shortly)
def test_no_question_holds_anybody_up_or_comes_alive(question: str, library: Library, tmp_path: Path) -> None:
    place = place_over(library, tmp_path)
    question = question[:MAX_QUESTION_CHARS]
    begun = time.process_time()
    layout = asyncio.run(place.ask(question))
    assert time.process_time() - begun < 2
    ours = {button.custom_id for row in layout.rows for button in row.buttons if isinstance(button, Button)}
    assert all(place.services.sealer.open(custom_id) for custom_id in ours)
    for part in layout.parts:
        if isinstance(part, Text):
            shown = OUR_ISOLATE.sub(r"\1", part.content)
            assert set().union(*(alive(line) for line in shown.split("\n"))) <= HARMLESS, ascii(part.content)


@pytest.mark.parametrize("question", ["a" * 2000, "\u0301" * 2000, "minister " * 222, "😀" * 501], ids=shortly)
def test_a_question_that_is_too_long_is_refused_before_it_is_read(
    question: str, library: Library, tmp_path: Path
) -> None:
    with pytest.raises(QuestionError):
        library.ask(question)
    (said,) = asyncio.run(place_over(library, tmp_path).ask(question)).parts
    assert isinstance(said, Text) and f"{len(question):,}" in said.content and len(said.content) < 300


def test_a_question_that_looks_like_one_of_our_buttons_is_only_words(library: Library, tmp_path: Path) -> None:
    place = place_over(library, tmp_path)
    forged = place.services.sealer.seal("d", (7).to_bytes(8))
    question = f"minister 4 {forged}"
    layout = asyncio.run(place.ask(question))
    ids = [button.custom_id for row in layout.rows for button in row.buttons if isinstance(button, Button)]
    assert ids and forged not in ids
    heading = layout.parts[0]
    assert isinstance(heading, Text) and asked_question(heading.content) == question


class Slow:
    """A library that takes its time, so that a queue builds up on any machine."""

    def __init__(self, library: Library, seconds: float) -> None:
        self._library, self._seconds = library, seconds
        self.at_once = self.most_at_once = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._library, name)

    def ask(self, question: str, *, limit: int = 5, previous: str = "") -> Outcome:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self._seconds)
        try:
            return self._library.ask(question, limit=limit, previous=previous)
        finally:
            self.at_once -= 1


def kind_of(layout: Layout) -> str:
    said = "\n".join(part.content for part in layout.parts if isinstance(part, Text))
    if "\n> " in f"\n{said}":
        return "answered"
    refusals = {SAY("notice.queue_full"): "full", SAY("answer.none"): "answered"}
    known = next((kind for words, kind in refusals.items() if said.startswith(words)), "")
    return known or ("slow down" if len(layout.parts) == 1 and not layout.rows else f"? {said}")


async def while_the_loop_is_watched(work: Coroutine[Any, Any, list[Layout]]) -> tuple[list[Layout], float]:
    """The layouts, and the longest time for which the loop did nothing else."""
    longest, task = 0.0, asyncio.create_task(work)
    while not task.done():
        before = time.monotonic()
        await asyncio.sleep(0.01)
        longest = max(longest, time.monotonic() - before - 0.01)
    return task.result(), longest


def endure(work: Coroutine[Any, Any, list[Layout]], record_property: Record) -> Counter[str]:
    """How many were answered, and how; asserts that memory stays bounded and the loop alive meanwhile."""
    tracemalloc.start()
    try:
        layouts, longest = asyncio.run(while_the_loop_is_watched(work))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    kinds = Counter(map(kind_of, layouts))
    record_property("questions", dict(kinds))
    record_property("most memory", f"{peak / 1e6:.1f} MB")
    record_property("longest time for which the loop stood still, s", round(longest, 3))
    assert peak < MAX_PEAK_BYTES
    assert longest < 2, "the loop stood still"
    return kinds


def test_a_thousand_at_once_are_all_answered_or_kindly_refused(
    library: Library, tmp_path: Path, record_property: Record
) -> None:
    slow = Slow(library, 0.01)
    place = place_over(slow, tmp_path, server_questions=100_000)  # type: ignore[arg-type]  # it answers like one

    async def crowd() -> list[Layout]:
        return await asyncio.gather(*(place.ask(f"What did minister {n % 12} say?", asker=n) for n in range(1000)))

    kinds = endure(crowd(), record_property)
    assert kinds == {"answered": MAX_WAITING, "full": 1000 - MAX_WAITING}
    assert slow.most_at_once <= ASKING
    assert kind_of(asyncio.run(place.ask("What did minister 4 say?", asker=5000))) == "answered", "and life goes on"


def test_a_hundred_a_second_from_few_people_leave_the_others_served(
    library: Library, tmp_path: Path, times: Callable[[int, int], int], record_property: Record
) -> None:
    place = place_over(library, tmp_path)
    flooders, seconds = 3, times(2, 60)

    async def flood() -> list[Layout]:
        asked = []
        for number in range(100 * seconds):
            asked.append(asyncio.create_task(place.ask("What did minister 4 say?", asker=number % flooders)))
            await asyncio.sleep(0.01)
        others = [await place.ask("What did minister 5 say?", asker=100 + number) for number in range(5)]
        assert [kind_of(layout) for layout in others] == ["answered"] * 5
        return await asyncio.gather(*asked)

    kinds = endure(flood(), record_property)
    assert set(kinds) == {"answered", "slow down"}
    settings = Settings()
    minutes = 1 + seconds / 60 * 2  # the first burst, and what is refilled meanwhile, on a machine half as fast
    assert kinds["answered"] <= flooders * settings.user_questions * minutes
