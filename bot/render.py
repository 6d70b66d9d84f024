"""Answers -> messages: pure functions from quotes to layouts. Discord only ever shows what is put together here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache

from bot.escape import one_line, plain_line, quote_block, unescape, unquote
from bot.layout import Button, Layout, Link, Row, Style, Text, Tone, link_or_none
from bot.messages import LANGUAGES, Speaker, sentences
from bot.seal import Pages, QuoteRef, Sealer, article_ref, pack
from index.answer import Answer, NoAnswer, Quote, Related, Silence
from index.article import Article, Span

MAX_BLOCK_CHARS = 2600  # of a quote once escaped; the rest of a message takes at most 1,300
MAX_ASKED_CHARS = 200
MAX_TITLE_CHARS = 120
MAX_NAME_CHARS = 60
MAX_ALSO = 3
MAX_TOPIC_CHARS = 80


class Action:
    """The first letter of a custom id: what a button does."""

    BACK = "b"
    MORE = "m"
    CONTEXT = "c"
    SHARE = "x"
    DELETE = "d"
    HELPFUL = "y"
    NOT_HELPFUL = "n"
    TOPIC = "t"
    SOURCES = "l"
    SOURCES_BACK = "k"
    FORCE = "f"


class Misquoted(Exception):
    """What would have been shown is not the quote. Nothing is sent then."""


@dataclass(frozen=True, slots=True)
class Card:
    """An answer as one message shows it: one of its quotes, with what stands around it."""

    pages: Pages
    quote: Quote
    private: bool  # only the asker sees it
    shareable: bool = False
    heading: str = ""  # finished markdown above the quote: the question, or who shared it


def pages_of(outcome: Answer | Related, asker: int) -> Pages:
    """The state of a new answer. Raises ValueError when an article is too long for a button to point into."""
    refs = tuple(
        QuoteRef(article_ref(quote.article), quote.span, quote.highlight, _also(quote)) for quote in outcome.quotes[:5]
    )
    pages = Pages(asker, isinstance(outcome, Answer), refs)
    pack(pages)
    return pages


def asked_heading(question: str, say: Speaker) -> str:
    return f"-# {say('answer.asked', question=one_line(question, MAX_ASKED_CHARS))}"


def shared_heading(heading: str, name: str, say: Speaker) -> str:
    shared = f"-# {say('answer.shared_by', name=one_line(name, MAX_NAME_CHARS))}"
    return f"{shared}\n{heading}" if heading else shared


def question_line(heading: str) -> str:
    """The line of a heading that tells what was asked, in whichever language it was written; or ""."""
    for line in heading.split("\n"):
        for before, after in _question_frames():
            if line.startswith(before) and line.endswith(after):
                return line
    return ""


def asked_question(heading: str) -> str:
    """The question that a heading repeats, or "". A long one was shortened."""
    line = question_line(heading)
    for before, after in _question_frames():
        if before != after and line.startswith(before) and line.endswith(after):
            return unescape(line.removeprefix(before).removesuffix(after)).strip("\u2068\u2069")
    return ""


def answer_layout(card: Card, say: Speaker, sealer: Sealer) -> Layout:
    """One quote with its source. Raises Misquoted if the message would not show it word for word."""
    pages, quote = card.pages, card.quote
    numbers = {"position": pages.position + 1, "total": len(pages.refs)}
    footer = say("answer.quote_position" if pages.answers else "answer.passage_position", **numbers)
    parts = [
        *([Text(card.heading)] if card.heading else []),
        *([] if pages.answers else [Text(say("answer.related"))]),
        Text(_checked_block(quote)),
        Text("\n".join([source_line(quote.article, also=quote_also(quote), say=say), *_remarks(quote, say)])),
        Text(f"-# {footer}"),
    ]
    tone = Tone.ANSWER if pages.answers else Tone.CAUTION
    return Layout(tuple(parts), tone, _answer_rows(card, say, sealer))


def none_layout(
    outcome: NoAnswer, topics: Sequence[str], asker: int, say: Speaker, sealer: Sealer, *, heading: str, private: bool
) -> Layout:
    """An honest nothing, and what could be asked instead."""
    small_talk = outcome.reason is Silence.SMALL_TALK
    words = say("answer.small_talk" if small_talk else "answer.none")
    buttons = [topic_button(topic, sealer) for topic in topics]
    offer = say("answer.no_topics")
    if buttons:
        # In words as well: a notification shows no buttons.
        named = " · ".join(one_line(button.label, MAX_TOPIC_CHARS) for button in buttons)
        offer = say("answer.small_talk_topics" if small_talk else "answer.topics", topics=named)
    shown = Text(f"{words}\n{offer}")
    rows = [Row(tuple(buttons))] if buttons else []
    if not private:
        rows.append(Row((_delete_button(asker, say, sealer),)))
    return Layout((*([Text(heading)] if heading else []), shown), Tone.NEUTRAL, tuple(rows))


def notice_layout(words: str, tone: Tone = Tone.NEUTRAL) -> Layout:
    return Layout((Text(words),), tone)


def context_layout(article: Article, shown: Span, highlight: Span, say: Speaker) -> Layout:
    """The sentences around a quote, with what is bold in the quote in bold here too."""
    text = shown.slice(article.text)
    block = quote_block(text, Span(highlight.start - shown.start, highlight.end - shown.start))
    if unquote(block) != text:
        raise Misquoted(f"{article.path} {shown}")
    parts = [Text(say("context.heading")), Text(block), Text(source_line(article, say=say))]
    if len(shown) < len(article.text.strip()):
        parts.append(Text(f"-# {say('context.cut')}"))
    return Layout(tuple(parts), Tone.NEUTRAL, _link_rows(article, say))


def topic_button(topic: str, sealer: Sealer) -> Button:
    """Asks its own label. The id vouches for the label, which comes back to us from the message."""
    label = plain_line(topic, MAX_TOPIC_CHARS)
    label = label[:1].upper() + label[1:]
    return Button(label, sealer.seal(Action.TOPIC, topic_mark(label)), Style.PRIMARY)


def topic_mark(label: str) -> bytes:
    return hashlib.sha256(label.encode()).digest()[:8]


def source_line(article: Article, *, facts: Sequence[str] = (), also: Iterable[str] = (), say: Speaker) -> str:
    """Title, publisher, date, more such facts, and who else carries it, on two or three short lines."""
    where = [one_line(article.publisher, MAX_NAME_CHARS)] if article.publisher.strip() else []
    if article.published:
        where.append(date_mark(article.published))
    where += facts
    name = one_line(article.name, MAX_TITLE_CHARS) or one_line(article.path, MAX_TITLE_CHARS)
    lines = [f"**{name}**", " · ".join(where)]
    others = [one_line(name, MAX_NAME_CHARS) for name in also]
    if others:
        lines.append(f"-# {say('answer.also', sources=', '.join(others))}")
    return "\n".join(line for line in lines if line)


def date_mark(day: date) -> str:
    """A date that each reader sees in the form of their language.

    Discord shows it in the reader's time zone; 10:00 UTC is the same day from Honolulu to Auckland.
    """
    return f"<t:{int(datetime.combine(day, time(10), UTC).timestamp())}:D>"


def quote_also(quote: Quote) -> list[str]:
    """Other outlets that carry the same statement, by publisher, or by title where there is none."""
    names = [place.article.publisher.strip() or place.article.name for place in quote.also]
    return [name for name in dict.fromkeys(names) if name != quote.article.publisher.strip()][:MAX_ALSO]


def _remarks(quote: Quote, say: Speaker) -> list[str]:
    """What the answer's other quotes say of this one."""
    remarks = [say("answer.newer", date=date_mark(quote.newer))] if quote.newer else []
    if quote.differs:
        remarks.append(say("answer.differs"))
    return [f"-# {remark}" for remark in remarks]


@cache
def _question_frames() -> tuple[tuple[str, str], ...]:
    """What stands before and after a question in our headings; a fixed heading is its own frame."""
    frames: list[tuple[str, str]] = []
    for language in LANGUAGES:
        known = sentences(language)
        before, _, after = str(known["answer.asked"]).partition("{question}")
        fixed = f"-# {known['answer.about_message']}"
        frames += [(f"-# {before}", after), (fixed, fixed)]
    return tuple(frames)


def _also(quote: Quote) -> tuple[bytes, ...]:
    by_name = {place.article.publisher.strip() or place.article.name: place.article for place in reversed(quote.also)}
    return tuple(article_ref(by_name[name]) for name in quote_also(quote))


def _checked_block(quote: Quote) -> str:
    """The quote as a block. One full of characters that have to be spelled out gives way to its best sentence."""
    highlight = Span(quote.highlight.start - quote.span.start, quote.highlight.end - quote.span.start)
    text, block = quote.text, quote_block(quote.text, highlight)
    if len(block) > MAX_BLOCK_CHARS:
        text = quote.highlight.slice(quote.article.text)
        block = quote_block(text, Span(0, len(text)))
    if unquote(block) != text or len(block) > MAX_BLOCK_CHARS or not text.strip():
        raise Misquoted(f"{quote.article.path} {quote.span}")
    return block


def _answer_rows(card: Card, say: Speaker, sealer: Sealer) -> tuple[Row, ...]:
    state = pack(card.pages)
    last = len(card.pages.refs) - 1

    def button(key: str, action: str, *, style: Style = Style.SECONDARY, disabled: bool = False) -> Button:
        return Button(say(f"button.{key}"), sealer.seal(action, state), style, disabled)

    reading: list[Button | Link] = []
    if last:
        more = "more" if card.pages.answers else "more_passages"
        reading.append(button("back", Action.BACK, disabled=card.pages.position == 0))
        reading.append(button(more, Action.MORE, style=Style.PRIMARY, disabled=card.pages.position == last))
    reading.append(button("context", Action.CONTEXT))
    link = link_or_none(say("button.open"), card.quote.article.url)
    if link:
        reading.append(link)
    manners: list[Button | Link] = [button("helpful", Action.HELPFUL), button("not_helpful", Action.NOT_HELPFUL)]
    if card.shareable:
        manners.insert(0, button("share", Action.SHARE))
    if not card.private:
        manners.append(_delete_button(card.pages.asker, say, sealer))
    return Row(tuple(reading)), Row(tuple(manners))


def _delete_button(asker: int, say: Speaker, sealer: Sealer) -> Button:
    return Button(say("button.delete"), sealer.seal(Action.DELETE, asker.to_bytes(8)))


def _link_rows(article: Article, say: Speaker) -> tuple[Row, ...]:
    link = link_or_none(say("button.open"), article.url)
    return (Row((link,)),) if link else ()
