"""What an answer looks like, in every language, and that it always fits and always quotes word for word."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.context import context_span
from bot.escape import escape, unquote
from bot.layout import MAX_TEXT_CHARS, Button, Layout, Link, Text, Tone, link_or_none
from bot.messages import LANGUAGES, speaker
from bot.render import (
    Action,
    Card,
    Misquoted,
    answer_layout,
    asked_heading,
    asked_question,
    context_layout,
    date_mark,
    none_layout,
    pages_of,
    question_line,
    quote_also,
    shared_heading,
    topic_mark,
)
from bot.seal import Sealer, unpack
from index.answer import NoAnswer, Quote, Silence
from index.article import Article, Span
from tests.bot.discord_markdown import alive, read
from tests.bot.quoted import TEXT, answer, article, quote, related

SEALER = Sealer(b"k" * 32)
SAY = speaker("en")
ASKER = 123456789012345678


def texts(layout: Layout) -> list[str]:
    return [part.content for part in layout.parts if isinstance(part, Text)]


def buttons(layout: Layout) -> dict[str, Button | Link]:
    return {button.label: button for row in layout.rows for button in row.buttons}


def card(*quotes: Quote, private: bool = False, shareable: bool = False, position: int = 0) -> Card:
    pages = pages_of(answer(*quotes), ASKER).turned(position)
    return Card(pages, quotes[position], private, shareable)


def test_an_answer_is_the_quote_its_source_and_its_place_among_the_quotes() -> None:
    one = article(1)
    first = quote(
        one,
        "The two leaders agreed on hydrogen. They spoke of *trade* for 10 minutes.",
        highlight="They spoke of *trade* for 10 minutes.",
    )
    layout = answer_layout(card(first, quote(one, "Beijing watched closely.")), SAY, SEALER)
    assert texts(layout) == [
        "> The two leaders agreed on hydrogen. **They spoke of \\*trade\\* for 10 minutes.**",
        f"**Talks 1**\nThe Daily · {date_mark(date(2025, 8, 23))}",
        "-# Quote 1 of 2, word for word",
    ]
    assert layout.tone is Tone.ANSWER
    assert list(buttons(layout)) == [
        "Back",
        "More quotes",
        "Context",
        "Open article",
        "Helpful",
        "Not helpful",
        "Delete",
    ]
    back, more = buttons(layout)["Back"], buttons(layout)["More quotes"]
    assert isinstance(back, Button) and isinstance(more, Button)
    assert back.disabled and not more.disabled


def test_related_passages_say_first_that_they_are_no_answer() -> None:
    shown = quote(article(), "Beijing watched closely.")
    layout = answer_layout(Card(pages_of(related(shown), ASKER), shown, private=False), SAY, SEALER)
    assert texts(layout)[0] == "**No article answers this directly.** Closest passages:"
    assert texts(layout)[-1] == "-# Passage 1 of 1, word for word"
    assert layout.tone is Tone.CAUTION
    assert "Back" not in buttons(layout)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_found_offers_topics_that_ask_themselves(language: str) -> None:
    say = speaker(language)
    outcome = NoAnswer("weather on Mars?", Silence.NOTHING_NEAR)
    layout = none_layout(outcome, ("hydrogen", "Trade *talks*"), ASKER, say, SEALER, heading="", private=False)
    offer = say("answer.topics", topics="Hydrogen · Trade \\*talks\\*")
    assert texts(layout) == [f"{say('answer.none')}\n{offer}"]
    first = buttons(layout)["Hydrogen"]
    assert isinstance(first, Button)
    assert SEALER.open(first.custom_id) == (Action.TOPIC, topic_mark("Hydrogen"))
    assert say("button.delete") in buttons(layout)


def test_a_greeting_is_greeted_and_not_searched_for() -> None:
    layout = none_layout(NoAnswer("hi", Silence.SMALL_TALK), (), ASKER, SAY, SEALER, heading="", private=True)
    assert texts(layout)[0].startswith("Hello!")
    assert layout.rows == ()


def test_a_private_answer_can_be_shared_and_needs_no_delete() -> None:
    labels = buttons(
        answer_layout(card(quote(article(), "Seoul said little."), private=True, shareable=True), SAY, SEALER)
    )
    assert "Share" in labels
    assert "Delete" not in labels


def test_every_button_of_an_answer_carries_the_whole_answer() -> None:
    quotes = [quote(article(1), "Seoul said little."), quote(article(2), "No treaty was signed.")]
    layout = answer_layout(card(*quotes, position=1), SAY, SEALER)
    for label in ("Back", "More quotes", "Context", "Helpful"):
        button = buttons(layout)[label]
        assert isinstance(button, Button)
        pages = unpack(SEALER.open(button.custom_id)[1])
        assert pages.asker == ASKER
        assert pages.position == 1
        assert [ref.span for ref in pages.refs] == [one.span for one in quotes]


def test_other_outlets_are_named_once_and_never_the_quoted_one() -> None:
    others = (
        article(2, publisher="The Herald"),
        article(3, publisher="The Herald"),
        article(4, publisher=""),
        article(5),
    )
    shown = quote(article(1), "Seoul said little.", also=others)
    assert quote_also(shown) == ["The Herald", "Talks 4"]
    assert "-# Also in The Herald, Talks 4" in texts(answer_layout(card(shown), SAY, SEALER))[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_other_quotes_say_of_one_stands_under_its_source(language: str) -> None:
    say = speaker(language)
    shown = quote(article(1), "Seoul said little.")
    marked = replace(shown, differs=True, newer=date(2025, 9, 2))
    lines = texts(answer_layout(card(marked), say, SEALER))[1].splitlines()
    assert lines[-2:] == [f"-# {say('answer.newer', date=date_mark(date(2025, 9, 2)))}", f"-# {say('answer.differs')}"]
    assert say("answer.differs") not in texts(answer_layout(card(shown), say, SEALER))[1]


def test_a_hostile_question_is_repeated_as_text_only_and_can_be_read_back() -> None:
    question = "@everyone [free](https://evil.example) <t:1:R>\n# now \u202e"
    heading = asked_heading(question, SAY)
    assert alive(heading) == {"subtext"}
    assert asked_question(heading) == "@everyone [free](https://evil.example) <t:1:R> # now"
    shared = shared_heading(question_line(heading), "*Hana*", SAY)
    assert alive(shared) == {"subtext"}
    assert asked_question(shared) == asked_question(heading)
    assert question_line("-# Shared by Hana") == ""


def test_the_date_is_the_same_day_from_honolulu_to_auckland() -> None:
    moment = datetime.fromtimestamp(int(date_mark(date(2025, 8, 23))[3:-3]), UTC)
    for hours in (-10, 0, 9, 13):
        assert (moment + timedelta(hours=hours)).date() == date(2025, 8, 23)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://a.example/x",
        "https://",
        "not an address",
        "https://user@a.example/",
        "https://a b.example",
        "https://localhost/",
        "https://[",
        "https://a.example/" + "x" * 600,
        "",
    ],
)
def test_an_address_that_no_reader_should_open_gets_no_button(url: str) -> None:
    assert link_or_none("Open", url) is None
    assert "Open article" not in buttons(
        answer_layout(card(quote(article(url=url), "Seoul said little.")), SAY, SEALER)
    )


def test_an_address_with_letters_beyond_ascii_is_made_fit_for_a_link() -> None:
    link = link_or_none("Open", "https://news.example/기사?q=a%20b")
    assert link is not None
    assert link.url == "https://news.example/%EA%B8%B0%EC%82%AC?q=a%20b"


@settings(max_examples=200, deadline=None)
@given(
    text=st.text(min_size=1, max_size=600).filter(str.strip),
    title=st.text(max_size=300),
    publisher=st.text(max_size=300),
    question=st.text(max_size=500),
    language=st.sampled_from(LANGUAGES),
)
def test_any_answer_fits_the_limits_and_quotes_word_for_word(
    text: str, title: str, publisher: str, question: str, language: str
) -> None:
    one = Article("a.txt", text, title, publisher)
    whole = Span(0, len(text))
    shown = Quote(one, whole, whole, 0.5)
    say = speaker(language)
    heading = asked_heading(question, say)
    pages = pages_of(answer(shown), ASKER)
    try:
        layout = answer_layout(Card(pages, shown, False, heading=heading), say, SEALER)
    except Misquoted:
        assert len(escape(text)) > 2000  # nearly all of it has to be spelled out: then nothing is sent
        return
    assert layout.text_chars <= MAX_TEXT_CHARS
    block = next(part for part in texts(layout) if part.startswith("> "))
    assert unquote(block) == text
    others = [part for part in texts(layout) if part != block]
    assert set().union(*map(alive, others)) <= {"strong", "subtext", "timestamp", "reordering"}


def test_context_shows_the_paragraphs_around_with_the_best_sentence_in_bold() -> None:
    one = article()
    shown = quote(one, "Beijing watched closely.")
    sentences = [Span(TEXT.index(s), TEXT.index(s) + len(s)) for s in (
        "Lee and Ishiba met in Tokyo.", "The two leaders agreed on hydrogen.", "They spoke of *trade* for 10 minutes.",
        "No treaty was signed.", "Beijing watched closely.", "Seoul said little.", "A second visit is planned.",
    )]  # fmt: skip
    around = context_span(TEXT, sentences, shown.span, max_chars=2000)
    assert around.slice(TEXT) == TEXT[TEXT.index("The two leaders") :]
    layout = context_layout(one, around, shown.highlight, SAY)
    block = texts(layout)[1]
    assert unquote(block) == around.slice(TEXT)
    assert "".join(node.text for node in read(block) if node.kind == "strong") == "Beijing watched closely."
    narrow = context_span(TEXT, sentences, shown.span, max_chars=60)
    assert narrow.slice(TEXT) == "Beijing watched closely. Seoul said little."


def test_a_quote_that_fills_the_room_is_its_own_context() -> None:
    shown = quote(article(), "Beijing watched closely.")
    assert context_span(TEXT, [shown.span], shown.span, max_chars=5) == shown.span
