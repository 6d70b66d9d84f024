"""The messages besides answers: the list of articles, one article, what the bot is, help, and a reindex."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.escape import one_line, plain_line, quote_block, unquote
from bot.layout import Attachment, Button, Layout, Line, Row, Style, Text, Tone, link_or_none
from bot.messages import LANGUAGES, Speaker
from bot.render import MAX_NAME_CHARS, MAX_TITLE_CHARS, Action, Misquoted, source_line
from bot.seal import Sealer
from index.article import Article
from index.passage import Passage
from index.receipt import Progress, Receipt

if TYPE_CHECKING:
    from index.library import About, Source

SOURCES_A_PAGE = 7
MAX_BEGINNING_CHARS = 2600
MAX_BEGINNING_PASSAGES = 3
MAX_LEFT_OUT_SHOWN = 5
MAX_REASON_CHARS = 160
RECEIPT_FILE = "left-out.txt"


@dataclass(frozen=True, slots=True)
class Votes:
    """How often answers were found helpful, by everybody together."""

    helpful: int = 0
    not_helpful: int = 0


def sources_layout(sources: Sequence[Source], page: int, say: Speaker, sealer: Sealer) -> Layout:
    """One page of the list; a page past the end is the last one."""
    if not sources:
        return Layout((Text(say("sources.none")),))
    pages = -(-len(sources) // SOURCES_A_PAGE)
    page = min(max(page, 0), pages - 1)
    shown = sources[page * SOURCES_A_PAGE : (page + 1) * SOURCES_A_PAGE]
    parts: list[Text | Line] = [Text(say("sources.heading", count=len(sources))), Line()]
    for source in shown:
        passages = say("sources.passages", count=source.passages)
        parts.append(Text(source_line(source.article, facts=(passages,), say=say)))
    if pages == 1:
        return Layout(tuple(parts))
    parts.append(Text(f"-# {say('sources.page', page=page + 1, pages=pages)}"))

    def turn(key: str, to: int) -> Button:
        payload = (to % pages).to_bytes(4)
        # A seal covers where the button leads, so the two must differ even with two pages.
        letter = Action.SOURCES if key == "next_page" else Action.SOURCES_BACK
        return Button(say(f"button.{key}"), sealer.seal(letter, payload), disabled=not 0 <= to < pages)

    return Layout(tuple(parts), rows=(Row((turn("previous_page", page - 1), turn("next_page", page + 1))),))


def article_layout(article: Article, passages: Sequence[Passage], say: Speaker) -> Layout:
    """What an article is, and its first passages word for word."""
    facts = [say("article.by", author=one_line(article.author, MAX_NAME_CHARS))] if article.author.strip() else []
    if article.language.strip():
        code = article.language.strip().lower().partition("-")[0]
        facts.append(say(f"language.{code}") if code in LANGUAGES else one_line(article.language, MAX_NAME_CHARS))
    facts.append(say("sources.passages", count=len(passages)))
    parts: list[Text | Line] = [Text(f"{source_line(article, say=say)}\n-# {' · '.join(facts)}")]
    blocks: list[str] = []
    for passage in passages[:MAX_BEGINNING_PASSAGES]:
        block = quote_block(passage.text.strip())
        if unquote(block) != passage.text.strip():
            raise Misquoted(passage.id)
        if sum(map(len, blocks)) + len(block) > MAX_BEGINNING_CHARS:
            break
        blocks.append(block)
    if blocks:
        parts += [Line(), Text(say("article.beginning")), *map(Text, blocks)]
    link = link_or_none(say("button.open"), article.url)
    return Layout(tuple(parts), rows=(Row((link,)),) if link else ())


def about_layout(about: About, votes: Votes, name: str, say: Speaker) -> Layout:
    when = relative_mark(about.built_at)  # and of the model its name; the rest of its identity is for the manifest
    lines = [
        say("about.corpus", articles=about.articles, passages=about.passages),
        say("about.generation", generation=one_line(about.generation, MAX_NAME_CHARS), when=when),
        say("about.model", model=one_line(about.model.split()[0], MAX_TITLE_CHARS)),
        say("about.version", version=one_line(about.version, MAX_NAME_CHARS)),
        say("about.helpful", helpful=votes.helpful, not_helpful=votes.not_helpful),
    ]
    heading = say("about.heading", name=one_line(name, MAX_NAME_CHARS))
    return Layout(
        (
            Text(f"{heading}\n{say('about.promise')}"),
            Line(),
            Text("\n".join(f"- {line}" for line in lines)),
            Line(),
            Text(say("about.privacy")),
        )
    )


def help_layout(say: Speaker) -> Layout:
    ways = ["ask", "mention", "menu", "follow_up", "browse"]
    lines = [say(f"help.{way}", **({"menu": say("command.menu.name")} if way == "menu" else {})) for way in ways]
    return Layout(
        (
            Text(say("help.heading") + "\n" + "\n".join(f"- {line}" for line in lines)),
            Line(),
            Text(f"{say('help.quotes')}\n{say('help.buttons')}"),
        )
    )


def progress_layout(progress: Progress, say: Speaker) -> Layout:
    stage = say(f"reindex.stage_{progress.stage}", **_numbers(progress))
    return Layout((Text(f"{stage}\n-# {say('reindex.meanwhile')}"),))


def receipt_layout(receipt: Receipt, say: Speaker) -> Layout:
    """What a reindex did. Articles that were left out are listed, or attached as a file when there are many."""
    changes = {key: getattr(receipt, key) for key in ("added", "changed", "removed", "unchanged")}
    seconds = f"{receipt.seconds:.1f}"
    lines = [
        say("reindex.done"),
        say("reindex.changes", **changes),
        say("reindex.work", passages=receipt.passages, embedded=receipt.embedded, seconds=seconds),
        say("reindex.generation", generation=one_line(receipt.generation, MAX_NAME_CHARS)),
    ]
    parts: list[Text | Line] = [Text("\n".join(lines))]
    count, attachment = len(receipt.skipped), None
    if count > MAX_LEFT_OUT_SHOWN:
        parts += [Line(), Text(say("reindex.left_out_file", count=count))]
        full = (f"{plain_line(s.article, 400)}: {plain_line(s.reason, 1000)}\n" for s in receipt.skipped)
        attachment = Attachment(RECEIPT_FILE, "".join(full))
    elif count:
        listed = (
            f"- {one_line(s.article, MAX_TITLE_CHARS)}: {one_line(s.reason, MAX_REASON_CHARS)}" for s in receipt.skipped
        )
        parts += [Line(), Text("\n".join([say("reindex.left_out", count=count), *listed]))]
    return Layout(tuple(parts), Tone.CAUTION if count else Tone.ANSWER, attachment=attachment)


def articles_missing_layout(say: Speaker, sealer: Sealer) -> Layout:
    """A reindex that refused to publish, and the way to have it publish all the same."""
    force = Button(say("button.publish_anyway"), sealer.seal(Action.FORCE), Style.DANGER)
    return Layout((Text(say("reindex.articles_missing")),), Tone.PROBLEM, (Row((force,)),))


def relative_mark(moment: datetime) -> str:
    """A moment as Discord's "3 hours ago", in the reader's language."""
    return f"<t:{int(moment.timestamp())}:R>"


def _numbers(progress: Progress) -> Mapping[str, int]:
    return {"done": progress.done, "total": progress.total} if progress.stage == "embed" else {}
