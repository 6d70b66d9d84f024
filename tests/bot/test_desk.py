"""Questions leave the loop in a bounded queue, and no quote leaves the desk unchecked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from bot.desk import Desk, QueueFull, Stale
from bot.render import pages_of
from index.answer import Answer, NoAnswer, Outcome, Place, Quote, Related, Silence
from index.article import Article, Span
from index.library import About, Source
from index.passage import Passage
from tests.bot.quoted import TEXT, answer, article, quote

FIRST, SECOND = "Beijing watched closely.", "Seoul said little."


@dataclass
class FakeLibrary:
    outcome: Outcome
    articles: list[Article] = field(default_factory=lambda: [article(1), article(2)])
    changed: set[str] = field(default_factory=set)  # words whose quotes do not stand any more
    hold: Callable[[], None] = lambda: None
    generation: str = "gen-1"

    def ask(self, question: str, *, limit: int = 5, previous: str = "") -> Outcome:
        self.hold()
        return self.outcome

    def sources(self) -> tuple[Source, ...]:
        return tuple(Source(one, 1) for one in self.articles)

    def article(self, path: str) -> Article | None:
        return next((one for one in self.articles if one.path == path), None)

    def passages(self, path: str) -> tuple[Passage, ...]:
        return (Passage(path, Span(0, len(TEXT)), TEXT, (Span(0, len(TEXT)),)),)

    def topics(self, count: int = 3, language: str = "en") -> tuple[str, ...]:
        return {"en": ("Steel", "Trade", "Hydrogen"), "ko": ("철강", "무역", "수소")}[language][:count]

    def about(self) -> About:
        return About(self.generation, datetime.now(UTC), 2, 2, "fake", "0")

    def stands(self, quote: Quote | Place) -> bool:
        return quote.text not in self.changed

    def close(self) -> None: ...


def two_quotes() -> Answer:
    return answer(quote(article(1), FIRST), quote(article(2), SECOND))


def test_a_quote_that_does_not_stand_is_withheld_and_a_reindex_is_asked_for() -> None:
    async def ask() -> None:
        library = FakeLibrary(two_quotes(), changed={FIRST})
        desk, asked = Desk(library), []
        desk.on_change = lambda: asked.append(1)
        reply = await desk.ask("?")
        assert [one.text for one in reply.outcome.quotes] == [SECOND]
        assert (reply.withheld, asked) == (1, [1])

    asyncio.run(ask())


def test_a_later_quote_is_looked_at_when_somebody_turns_to_it() -> None:
    async def turn() -> None:
        desk = Desk(FakeLibrary(two_quotes(), changed={SECOND}))
        reply = await desk.ask("?")
        assert isinstance(reply.outcome, Answer) and reply.withheld == 0
        with pytest.raises(Stale):
            await desk.quote(pages_of(reply.outcome, asker=1).turned(+1))

    asyncio.run(turn())


def test_another_place_of_a_quote_is_named_only_while_it_stands() -> None:
    async def turn() -> None:
        first, second = (
            replace(quote(article(number), text), also=(Place(article(3), Span(0, len(TEXT))),))
            for number, text in ((1, FIRST), (2, SECOND))
        )
        library = FakeLibrary(answer(first, second), [article(1), article(2), article(3)], changed={TEXT})
        desk = Desk(library)
        reply = await desk.ask("?")
        assert isinstance(reply.outcome, Answer)
        assert (reply.outcome.quotes[0].also, reply.withheld) == ((), 1)
        later = await desk.quote(pages_of(reply.outcome, asker=1).turned(+1))
        assert (later.text, later.also) == (SECOND, ())

    asyncio.run(turn())


def test_without_its_first_quote_an_answer_is_none_any_more() -> None:
    async def ask() -> None:
        reply = await Desk(FakeLibrary(two_quotes(), changed={FIRST})).ask("?")
        assert isinstance(reply.outcome, Related)
        reply = await Desk(FakeLibrary(two_quotes(), changed={FIRST, SECOND})).ask("?")
        assert reply.outcome.quotes == ()

    asyncio.run(ask())


def test_nothing_found_comes_with_topics_in_the_askers_language() -> None:
    desk = Desk(FakeLibrary(NoAnswer("?", Silence.NOTHING_NEAR)))
    assert asyncio.run(desk.ask("?")).topics == ("Steel", "Trade", "Hydrogen")
    assert asyncio.run(desk.ask("?", language="ko")).topics == ("철강", "무역", "수소")


def test_more_than_the_queue_holds_are_refused_at_once_and_the_rest_are_answered() -> None:
    gate = threading.Event()

    async def ask() -> None:
        desk = Desk(FakeLibrary(two_quotes(), hold=lambda: assert_opened(gate)), max_waiting=3)
        asked = [asyncio.create_task(desk.ask(str(number))) for number in range(3)]
        await asyncio.sleep(0.05)
        assert desk.is_full
        with pytest.raises(QueueFull):
            await desk.ask("one too many")
        gate.set()
        assert len(await asyncio.gather(*asked)) == 3
        assert not desk.is_full

    asyncio.run(ask())


def assert_opened(gate: threading.Event) -> None:
    assert gate.wait(5)


def test_a_button_gets_its_quote_back_as_long_as_the_article_is_the_same() -> None:
    async def press() -> None:
        library = FakeLibrary(two_quotes())
        desk, pages = Desk(library), pages_of(two_quotes(), asker=1)
        assert (await desk.quote(pages)).text == FIRST
        assert (await desk.quote(pages.turned(+1))).text == SECOND
        library.generation, library.articles = "gen-2", [article(3), article(2), article(1)]
        assert (await desk.quote(pages)).text == FIRST
        library.generation, library.articles = "gen-3", [article(1, text="Something else."), article(2)]
        with pytest.raises(Stale):
            await desk.quote(pages)
        assert (await desk.quote(pages.turned(+1))).text == SECOND

    asyncio.run(press())


def test_a_button_still_knows_that_the_sources_differ() -> None:
    texts = [f"The two leaders talked for {minutes} minutes in the guest house in Tokyo." for minutes in (113, 95)]
    articles = [article(n, text=text, publisher=f"Outlet {n}") for n, text in enumerate(texts)]
    outcome = answer(*(quote(one, one.text) for one in articles))
    library = FakeLibrary(outcome, articles)

    async def press() -> None:
        pages = pages_of(outcome, asker=1)
        assert (await Desk(library).quote(pages)).differs
        assert (await Desk(library).quote(pages.turned(+1))).differs
        library.articles, library.generation = articles[1:], "gen-2"
        assert not (await Desk(library).quote(pages.turned(+1))).differs

    asyncio.run(press())


def test_a_button_whose_file_has_changed_is_stale_and_a_reindex_is_asked_for() -> None:
    async def press() -> None:
        desk, asked = Desk(FakeLibrary(two_quotes(), changed={FIRST})), []
        desk.on_change = lambda: asked.append(1)
        with pytest.raises(Stale):
            await desk.quote(pages_of(two_quotes(), asker=1))
        assert asked == [1]

    asyncio.run(press())


def test_the_context_comes_from_the_article_itself() -> None:
    around = asyncio.run(Desk(FakeLibrary(two_quotes())).surroundings(pages_of(two_quotes(), asker=1)))
    assert around.quote.slice(around.article.text) == FIRST
    assert around.shown.covers(around.quote)
    assert around.highlight.slice(around.article.text) == FIRST
