"""What needs attention: settings, the articles, the index, the disk. Each finding says where, what, and what next."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings
from index.article import Article
from index.errors import ArticlesError, IndexDamaged, IndexMissing, ModelError, SettingsError, StoreUnavailable
from index.load import Loaded, load_articles

REINDEX = "run `summit reindex`"
NAMED = 3  # paths in one message


@dataclass(frozen=True, slots=True)
class Problem:
    what: str
    where: str
    next: str


def settings_problems(exc: SettingsError) -> list[Problem]:
    return [Problem(what, name, "set it in the environment or in .env") for name, what in exc.problems.items()]


def find_problems(settings: Settings) -> list[Problem]:
    """Look at everything without changing anything."""
    found = [*_unknown(settings.unknown), *_disk(settings.data)]
    try:
        loaded = load_articles(settings.articles)
    except ArticlesError as exc:
        return [*found, _from_message(str(settings.articles), str(exc))]
    found += [_from_message(one.article, one.reason) for one in loaded.skipped]
    found += [_from_message(one.article, one.reason) for one in loaded.problems]
    return [*found, *_reranker(settings), *_index(settings, loaded)]


def _unknown(names: Mapping[str, str]) -> Iterator[Problem]:
    """A misspelt variable would otherwise be passed over in silence; one of another version does no harm."""
    for name, meant in names.items():
        yield Problem(
            "is no setting and has no effect",
            name,
            f"{f'write {meant}' if meant else 'take it away'}, or see docs/configuration.md",
        )


def _reranker(settings: Settings) -> Iterator[Problem]:
    if settings.reranker:
        from index.rerank import reranker_folder

        try:
            reranker_folder(settings.reranker)
        except ModelError as exc:
            yield _from_message("SUMMIT_RERANKER", str(exc))


def _index(settings: Settings, loaded: Loaded) -> Iterator[Problem]:
    """The published index: is it there, whole, of this model and version, and of the articles as they are now?"""
    from index.confidence import own_for
    from index.embed import embedder_identity
    from index.shelf import shelf_of

    where = settings.chroma_url or str(settings.data)
    try:
        with closing(shelf_of(settings.data, settings.server)) as shelf:
            manifest, corpus = shelf.contents()
    except (IndexMissing, IndexDamaged, StoreUnavailable) as exc:
        yield _from_message(where, str(exc))
        return
    try:
        identity = embedder_identity(settings.model)
    except ModelError as exc:
        yield _from_message("SUMMIT_EMBEDDING_MODEL", str(exc))
    else:
        difference = manifest.difference(identity)
        if difference:
            yield Problem(difference, where, REINDEX)
        try:
            own_for(settings.data, identity)
        except IndexDamaged as exc:
            yield _from_message(where, str(exc))
    kept = {one.article for one in loaded.skipped}  # unreadable now: their old passages stay
    yield from _stale(corpus.articles, {one.path: one for one in loaded.articles}, kept, where)


def _stale(
    indexed: Mapping[str, Article], present: Mapping[str, Article], kept: Container[str], where: str
) -> Iterator[Problem]:
    added = [path for path in present if path not in indexed]
    changed = [path for path in present if path in indexed and indexed[path].digest != present[path].digest]
    removed = [path for path in indexed if path not in present and path not in kept]
    for paths, one, many in (
        (added, "is not indexed yet", "are not indexed yet"),
        (changed, "has changed since it was indexed", "have changed since they were indexed"),
        (removed, "is gone", "are gone"),
    ):
        if paths:
            named = ", ".join(paths[:NAMED]) + (", ..." if len(paths) > NAMED else "")
            yield Problem(f"{len(paths)} of the articles {one if len(paths) == 1 else many}: {named}", where, REINDEX)


def _disk(data: Path) -> Iterator[Problem]:
    nearest = next(folder for folder in (data, *data.absolute().parents) if folder.exists())
    if not nearest.is_dir():
        yield Problem("is not a folder", str(nearest), "name another place with --data")
    elif not os.access(nearest, os.W_OK | os.X_OK):
        yield Problem("cannot be written to", str(nearest), "change its permissions, or name another with --data")


def _from_message(where: str, message: str) -> Problem:
    """Our messages read `what is wrong; the next step` (or `: the next step`)."""
    what, _, after = message.rpartition("; ")
    if not what:
        what, _, after = message.rpartition(": ")
    return Problem(what or message, where, after if what else "see docs/articles.md")
