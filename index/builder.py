"""One (re)index, in the process that calls it: read, embed what is new, write a generation, check it, publish it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import numpy as np

from index.article import Article
from index.corpus import Corpus, sentence_ids
from index.embed import Embedded, Embedder, EmbedInput, embed_input
from index.errors import ArticlesError, BuildFailed, IndexDamaged, ModelError, StoreUnavailable
from index.load import Loaded, load_articles
from index.lock import make_private
from index.manifest import Manifest, current_versions
from index.names import Names, names_for
from index.passage import Passage, split
from index.past import Past
from index.receipt import Progress, Receipt
from index.server import Server
from index.shelf import Draft, Shelf, shelf_of
from index.space import VectorStore
from index.store import BATCH_ROWS
from index.verify import TOLERANCE, text_hash

EMBED_BATCH = 64  # passages between two steps of the progress bar; the model cuts its own batches
FEW = 150  # new passages that take less time, at 27 a second, than the import of a model's library, 6 s

Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Model:
    """An embedder that is loaded only when something has to be embedded: that takes seconds."""

    identity: str
    load: Callable[[bool], Embedder]  # told whether only a few texts will come


@dataclass(frozen=True, slots=True)
class Change:
    """How many articles differ from those of the last generation. A renamed article is removed and added, not lost."""

    added: int
    changed: int
    removed: int
    unchanged: int
    lost: int


def build(
    articles: Path,
    data: Path,
    model: Model,
    report: Report,
    *,
    full: bool,
    force: bool,
    server: Server | None = None,
) -> Receipt:
    """Bring the index in `data`, or on the server, up to date with the articles folder.

    Raises BuilderBusy, ArticlesError, ModelError or BuildFailed; whatever served before serves on.
    """
    started = time.monotonic()
    try:
        make_private(data)
        with closing(shelf_of(data, server)) as shelf, shelf.building():
            shelf.sweep()
            with closing(shelf.past(model.identity)) as past:
                receipt = _build(articles, shelf, past, model, report, full=full, force=force)
            shelf.sweep()
    except OSError as exc:
        raise BuildFailed(
            f"the index in {data} cannot be written ({exc.strerror or exc}) and stays as it was: "
            "make room or give access, then run `summit reindex`"
        ) from exc
    except (IndexDamaged, StoreUnavailable) as exc:
        raise BuildFailed(f"the new index was not published and the one before stays: {exc}") from exc
    return replace(receipt, seconds=time.monotonic() - started)


def _build(folder: Path, shelf: Shelf, past: Past, model: Model, report: Report, *, full: bool, force: bool) -> Receipt:
    loaded = _load(folder, force=force)
    articles = _with_unreadable(loaded, past.corpus.articles)
    if not articles and not force:
        raise ArticlesError(f"none of the {len(loaded.skipped)} articles in {folder} can be read: run `summit check`")
    change = compare(past.corpus.articles, articles)
    if 2 * change.lost > len(past.corpus.articles) and not force:
        raise ArticlesError(
            f"{change.lost} of the {len(past.corpus.articles)} indexed articles are gone from {folder}: "
            "put them back, or run `summit reindex --force` if that is meant"
        )
    corpus = _cut(articles, past, report)
    names = names_for(folder)
    generation, embedded = past.name, 0
    new_names = past.manifest is None or past.manifest.names != digest_of(names)
    if full or past.unusable or not past.serving or new_names or change.unchanged != len(articles) or change.removed:
        generation = shelf.next_name()
        draft = shelf.draft(generation, corpus, names)
        try:
            embedded = _write(draft, generation, corpus, past, {} if full else past.vectors, names, model, report)
        except BaseException:
            draft.discard()
            raise
    return Receipt(
        generation=generation,
        added=change.added,
        changed=change.changed,
        removed=change.removed,
        unchanged=change.unchanged,
        passages=len(corpus.passages),
        embedded=embedded,
        seconds=0.0,
        skipped=loaded.skipped,
        rebuilt=past.unusable,
    )


def digest_of(names: Names) -> str:
    return hashlib.sha256(json.dumps([list(names.table.items()), names.topics]).encode()).hexdigest()


def compare(before: Mapping[str, Article], now: Mapping[str, Article]) -> Change:
    same = sum(1 for path in before.keys() & now.keys() if before[path].digest == now[path].digest)
    both = len(before.keys() & now.keys())
    digests = {article.digest for article in now.values()}
    lost = sum(1 for path in before.keys() - now.keys() if before[path].digest not in digests)
    return Change(len(now) - both, both - same, len(before) - both, same, lost)


def _load(folder: Path, *, force: bool) -> Loaded:
    try:
        return load_articles(folder)
    except ArticlesError:
        if force:
            return Loaded((), ())
        raise


def _with_unreadable(loaded: Loaded, before: Mapping[str, Article]) -> dict[str, Article]:
    """What could be read, and what could be read before where it cannot be now; in the order of paths."""
    articles = {article.path: article for article in loaded.articles}
    skipped = {one.article for one in loaded.skipped}
    for path in before.keys() - articles.keys():
        # A folder that cannot be entered is skipped as one.
        if path in skipped or any(str(parent) in skipped for parent in PurePosixPath(path).parents):
            articles[path] = before[path]
    return dict(sorted(articles.items()))


def _cut(articles: Mapping[str, Article], past: Past, report: Report) -> Corpus:
    """Cut the articles into passages; an unchanged one was cut before, if by the same version of us."""
    before = past.corpus.by_article() if past.store else {}
    passages: list[Passage] = []
    for number, (path, article) in enumerate(articles.items(), start=1):
        known = path in before and past.corpus.articles[path].digest == article.digest
        passages += before[path] if known else split(article)
        report(Progress("read", number, len(articles)))
    return Corpus(articles, tuple(passages))


def _write(
    draft: Draft,
    name: str,
    corpus: Corpus,
    past: Past,
    taken: Mapping[str, str],
    names: Names,
    model: Model,
    report: Report,
) -> int:
    """Write a generation, check it in a second opening, and have it serve. Returns how many passages were embedded."""
    inputs = {passage.id: embed_input(corpus.articles[passage.article], passage) for passage in corpus.passages}
    fingerprints = {passage_id: one.fingerprint for passage_id, one in inputs.items()}
    old = [passage for passage in corpus.passages if fingerprints[passage.id] in taken]
    new = [passage for passage in corpus.passages if fingerprints[passage.id] not in taken]
    with closing(draft.store) as store:
        if past.store is not None:
            by_id = {passage.id: passage for passage in past.corpus.passages}
            _copy(old, [by_id[taken[fingerprints[passage.id]]] for passage in old], past.store, store)
        dim = past.manifest.dim if past.manifest else 0
        if new:
            # The longest first: passages of one length waste no padding, and a lack of memory shows at once.
            new.sort(key=lambda passage: len(passage.text), reverse=True)
            dim = _embed(new, inputs, model, store, report)
    manifest = Manifest(
        generation=name,
        built_at=datetime.now(UTC),
        model=model.identity,
        dim=dim,
        versions=current_versions(),
        names=digest_of(names),
        articles=len(corpus.articles),
        passages=len(corpus.passages),
        sentences=corpus.sentences,
        files=draft.seal(),
    )
    total = manifest.passages + manifest.sentences
    draft.check(manifest, lambda done: report(Progress("check", done, total)))
    draft.publish(manifest)
    return len(new)


def _copy(passages: Sequence[Passage], before: Sequence[Passage], source: VectorStore, target: VectorStore) -> None:
    """Take vectors over; `before` are the passages of the last generation that each had the same input."""
    for start in range(0, len(passages), BATCH_ROWS):
        rows = slice(start, start + BATCH_ROWS)
        hashes = [text_hash(passage.text) for passage in passages[rows]]
        vectors = source.passages.vectors([passage.id for passage in before[rows]])
        target.passages.add([passage.id for passage in passages[rows]], vectors, hashes)
        source_ids = [row_id for passage in before[rows] for row_id in sentence_ids(passage)]
        target_ids = [row_id for passage in passages[rows] for row_id in sentence_ids(passage)]
        target.sentences.add(target_ids, source.sentences.vectors(source_ids))


def _embed(
    passages: Sequence[Passage], inputs: Mapping[str, EmbedInput], model: Model, store: VectorStore, report: Report
) -> int:
    """Embed passages into the store; returns the number of dimensions."""
    report(Progress("embed", 0, len(passages)))
    embedder = model.load(len(passages) <= FEW)
    if embedder.identity != model.identity:
        raise ModelError(f"the model is {embedder.identity!r}, {model.identity!r} was asked for: try again")
    for start in range(0, len(passages), EMBED_BATCH):
        batch = passages[start : start + EMBED_BATCH]
        embedded = embedder.encode_passages([inputs[passage.id] for passage in batch])
        for passage, one in zip(batch, embedded, strict=True):
            _check_vectors(passage, one, embedder.dim)
        hashes = [text_hash(passage.text) for passage in batch]
        store.passages.add([passage.id for passage in batch], np.stack([one.passage for one in embedded]), hashes)
        rows = [row_id for passage in batch for row_id in sentence_ids(passage)]
        store.sentences.add(rows, np.concatenate([one.sentences for one in embedded]))
        report(Progress("embed", start + len(batch), len(passages)))
    return embedder.dim


def _check_vectors(passage: Passage, embedded: Embedded, dim: int) -> None:
    rows = np.vstack([embedded.passage[np.newaxis], embedded.sentences])
    if rows.shape != (1 + len(passage.sentences), dim) or not np.all(abs(np.linalg.norm(rows, axis=1) - 1) < TOLERANCE):
        raise ModelError(f"the model gives no unit vectors for {passage.id}: choose another one")
