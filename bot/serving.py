"""From settings to a library that answers: builds the index where there is none that can be served."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bot.settings import Settings
from bot.standing import standing
from bot.talk import Talk
from bot.terminal import receipt_text
from index.answer import Outcome, Place, Quote
from index.errors import ArticlesError, BuilderBusy, BuildFailed, IndexDamaged, IndexMissing

if TYPE_CHECKING:
    from index.library import Source
    from index.questions import Question
    from index.receipt import Progress, Receipt

DEFAULT_LIMIT = 5  # as in index.answering, whose import takes too long for `--help`


class Answers(Protocol):
    """What the terminal needs of `index.library.Library`."""

    def ask(self, question: str, *, limit: int = DEFAULT_LIMIT, previous: str = "") -> Outcome: ...

    def sources(self) -> tuple[Source, ...]: ...

    def topics(self, count: int = 3) -> tuple[str, ...]: ...

    def stands(self, quote: Quote | Place) -> bool: ...

    def calibrate(self, questions: Sequence[Question], progress: Callable[[Progress], None] = ...) -> Path: ...


def ask(answers: Answers, talk: Talk, question: str, *, limit: int = DEFAULT_LIMIT, previous: str = "") -> Outcome:
    """Ask, and leave out what its file does not say any more. Raises QuestionError, or StoreUnavailable."""
    outcome, withheld = standing(answers.ask(question, limit=limit, previous=previous), answers.stands)
    for path in sorted({quote.article.path for quote in withheld}):
        talk.warn(
            f"{path} has changed since it was indexed, so it is neither quoted nor named here: run `summit reindex`"
        )
    return outcome


def refresh(settings: Settings, talk: Talk, *, full: bool = False, force: bool = False) -> Receipt:
    """Bring the index up to date with the articles folder, with a bar while it lasts."""
    from index.build import reindex

    with talk.bar(f"Indexing {settings.articles} ...") as show:
        return reindex(
            settings.articles,
            settings.data,
            settings.model,
            server=settings.server,
            full=full,
            force=force,
            progress=show,
        )


def indexed_sources(settings: Settings) -> tuple[Source, ...]:
    """What is indexed, read without the model and the vectors, so that listing it takes no time."""
    from index.library import Source
    from index.shelf import shelf_of

    with closing(shelf_of(settings.data, settings.server)) as shelf:
        corpus = shelf.corpus()
    counts = Counter(passage.article for passage in corpus.passages)
    return tuple(Source(article, counts[path]) for path, article in corpus.articles.items())


@contextmanager
def open_library(settings: Settings, talk: Talk, *, catch_up: bool = False, few: bool = False) -> Iterator[Answers]:
    """A library over the published index; built first where there is none, or none that these settings can serve.

    With `catch_up` it is brought up to date first, while the model loads; where that fails, the one before serves.
    `few` says that a person asks, not a file of questions: then the model is loaded so that it is there soon.
    """
    from index.embed import load_embedder
    from index.library import Library
    from index.rerank import CrossEncoderReranker

    with ThreadPoolExecutor(1, "model") as pool:
        loading = pool.submit(load_embedder, settings.model, few=few)
        if catch_up:
            _catch_up(settings, talk)
        with talk.waiting("Loading the model ..."):
            embedder = loading.result()
            reranker = CrossEncoderReranker(settings.reranker) if settings.reranker else None
    open_it = partial(
        Library,
        settings.articles,
        settings.data,
        embedder,
        server=settings.server,
        calendar=settings.calendar,
        reranker=reranker,
    )
    try:
        library = open_it()
    except (IndexMissing, IndexDamaged) as exc:
        talk.say(str(exc))
        talk.say("Doing that now.")
        talk.say(receipt_text(refresh(settings, talk)).plain)
        library = open_it()
    try:
        yield library
    finally:
        library.close()


def _catch_up(settings: Settings, talk: Talk) -> None:
    try:
        talk.say(receipt_text(refresh(settings, talk)).plain)
    except (ArticlesError, BuilderBusy, BuildFailed) as exc:
        talk.warn(str(exc))
