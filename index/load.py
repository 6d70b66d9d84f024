"""Files -> Articles: the only reader of raw input. One file that cannot be read never stops the others."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from index.article import Article
from index.decode import clean, decode, shown, unseen_share
from index.errors import ArticlesError, UnreadableArticle
from index.fields import read_fields
from index.files import list_articles, read_bytes
from index.header import DAMAGED, split_header

VERSION = "text/1"  # changes whenever the same file would give another text

MAX_UNSEEN_SHARE = 0.1


@dataclass(frozen=True, slots=True, order=True)
class Skipped:
    """A file or folder that gave no article. `reason` says what is wrong and the next step; both can be printed."""

    article: str
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something about an article that is loaded all the same. `reason` says what, and the next step."""

    article: str
    reason: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """All that the folder gave, each in the order of paths."""

    articles: tuple[Article, ...]
    skipped: tuple[Skipped, ...]
    problems: tuple[Problem, ...] = ()


def load_articles(folder: Path) -> Loaded:
    """Read every article of the folder. Raises ArticlesError if there is no folder, or no .txt or .md file in it."""
    listing = list_articles(folder)
    skipped = [Skipped(one.article, one.reason) for one in listing.refused]
    if not listing.paths and not skipped:
        raise ArticlesError(f"no .txt or .md file in {shown(str(folder))}: put articles there, or name another folder")
    articles: list[Article] = []
    problems: list[Problem] = []
    for path in listing.paths:
        try:
            article, doubts = _read(folder, path)
        except UnreadableArticle as exc:
            skipped.append(Skipped(exc.article, exc.reason))
        else:
            articles.append(article)
            problems += [Problem(path, doubt) for doubt in doubts]
    problems += _twins(articles)
    problems += _of_tomorrow(articles, datetime.now(UTC).date())
    return Loaded(tuple(articles), tuple(sorted(skipped)), tuple(sorted(problems)))


def load_article(folder: Path, path: str) -> Article:
    """Read one article as it is now. Raises UnreadableArticle, or ArticlesError if the folder itself is gone."""
    return _read(folder, path)[0]


def _read(folder: Path, path: str) -> tuple[Article, tuple[str, ...]]:
    header = split_header(path, decode(path, read_bytes(folder, path)))
    fields = read_fields(header.fields)
    body = clean(header.body)
    if not body.text.strip():
        raise UnreadableArticle(path, "has no text; put the article under its header, or remove the file")
    problems = [*header.problems, *fields.problems]
    if body.dropped:
        problems.append(
            f"lost {body.dropped} characters of its text that are refused; take them out (docs/articles.md lists them)"
        )
    if body.text.count(DAMAGED):
        problems.append(
            f"holds {body.text.count(DAMAGED)} replacement characters (\ufffd), so it was damaged before; mend them"
        )
    if unseen_share(body.text) > MAX_UNSEEN_SHARE:
        problems.append("is more than a tenth invisible characters, which hide words from a search; take them out")
    article = Article(
        path=path,
        text=body.text,
        title=fields.title,
        publisher=fields.publisher,
        author=fields.author,
        url=fields.url,
        language=fields.language,
        published=fields.published,
    )
    return article, tuple(problems)


def _of_tomorrow(articles: Iterable[Article], today: date) -> list[Problem]:
    latest = today + timedelta(days=1)  # it may be tomorrow already where the article comes from
    return [
        Problem(one.path, f"is dated {one.published}, which is still to come; check the date")
        for one in articles
        if one.published and one.published > latest
    ]


def _twins(articles: Iterable[Article]) -> list[Problem]:
    """Articles that cannot be told apart by text, by name, or on a disk that ignores case; the first one is right."""
    kinds: list[tuple[Callable[[Article], str], str]] = [
        (lambda one: one.text, "has the same text as {}; remove one of them"),
        (lambda one: one.name, "goes by the same title as {}; give it a title of its own"),
        (lambda one: unicodedata.normalize("NFC", one.path).casefold(), "differs from {} only by case; rename one"),
    ]
    problems = []
    for key, reason in kinds:
        first: dict[str, str] = {}
        for article in articles:
            other = first.setdefault(key(article), article.path)
            if other != article.path:
                problems.append(Problem(article.path, reason.format(other)))
    return problems
