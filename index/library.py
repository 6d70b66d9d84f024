"""The serving index as its users see it: thread-safe, and following whatever is published while they ask."""

from __future__ import annotations

import errno
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from index.answer import Outcome, Place, Quote
from index.answering import DEFAULT_CALENDAR, DEFAULT_LIMIT, Answerer
from index.article import Article
from index.confidence import Calibration, keep, own_for
from index.decode import salvage
from index.embed import Embedder
from index.errors import ArticlesError, IndexDamaged, IndexMissing, StoreUnavailable, Unreachable, UnreadableArticle
from index.files import read_bytes
from index.generation import Generation
from index.load import load_article
from index.passage import Passage
from index.questions import Question
from index.receipt import Progress
from index.rerank import Reranker
from index.server import Server
from index.shelf import shelf_of
from index.topics import Topics
from index.when import Calendar

log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
MOVE_S = 10.0  # how long an asker waits for a newer generation, when the one that it asked is gone
RETRY_EVERY_S = 30.0  # after a generation could not be opened: reading it all again each second would help nobody

# Rights that were taken away, a disk or a mount that fails: the file may be just as it was.
_CANNOT_LOOK = {errno.EACCES, errno.EPERM, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.ENODEV, errno.EHOSTDOWN}


@dataclass(frozen=True, slots=True)
class Source:
    """An indexed article and the number of its passages."""

    article: Article
    passages: int


@dataclass(frozen=True, slots=True)
class About:
    """What serves at the moment."""

    generation: str
    built_at: datetime  # UTC
    articles: int
    passages: int
    model: str
    version: str  # of this program


class _Serving:
    """An open generation and those who are reading it; closed once it is retired and the last of them is done."""

    def __init__(
        self,
        generation: Generation,
        embedder: Embedder,
        calibration: Calibration | None,
        calendar: Calendar,
        reranker: Reranker | None,
    ) -> None:
        self.generation = generation
        self._embedder = embedder
        self._calendar = calendar
        self._reranker = reranker
        self.readers = 0
        self.retired = False
        self.use(calibration)

    def use(self, calibration: Calibration | None) -> None:
        """Answer by this calibration from now on, or by the one that ships for the model."""
        generation = self.generation
        self.answerer = Answerer(
            generation, self._embedder, calibration, calendar=self._calendar, reranker=self._reranker
        )
        plain = Answerer(generation, self._embedder, calibration)  # a reranker would cost time and change nothing here
        self.topics = Topics(
            generation.articles,
            generation.passages,
            generation.lexical,
            lambda topic: bool(plain.ask(topic).quotes),
        )


class Library:
    """Answers from the serving generation. Raises IndexMissing or IndexDamaged when there is none to open."""

    def __init__(
        self,
        articles: Path,
        data: Path,
        embedder: Embedder,
        calibration: Calibration | None = None,
        server: Server | None = None,
        *,
        calendar: Calendar = DEFAULT_CALENDAR,
        reranker: Reranker | None = None,
    ) -> None:
        self._articles = articles
        self._data = data
        self._shelf = shelf_of(data, server)
        self._embedder = embedder
        self._calibration = calibration
        self._calendar = calendar
        self._reranker = reranker
        self._lock = threading.Lock()  # over the fields below; never held while anything is opened, asked or closed
        self._looked = threading.Condition(self._lock)
        self._looking = False
        try:
            self._serving = self._open()
        except BaseException:
            self._shelf.close()
            raise
        self._next_look = time.monotonic() + LOOK_EVERY_S
        self._closed = False

    def ask(self, question: str, *, limit: int = DEFAULT_LIMIT, previous: str = "") -> Outcome:
        """Answer from one whole generation. Raises QuestionError, or StoreUnavailable."""
        with self._reading() as serving:
            try:
                return serving.answerer.ask(question, limit=limit, previous=previous)
            except StoreUnavailable:
                # A store server does not know who reads: it may be that two publications have swept this one away.
                if not self._moved_on(serving):
                    raise
        with self._reading() as serving:
            return serving.answerer.ask(question, limit=limit, previous=previous)

    def sources(self) -> tuple[Source, ...]:
        """The indexed articles, by path."""
        with self._reading() as serving:
            counts = Counter(passage.article for passage in serving.generation.passages)
            return tuple(Source(article, counts[path]) for path, article in serving.generation.articles.items())

    def article(self, path: str) -> Article | None:
        with self._reading() as serving:
            return serving.generation.articles.get(path)

    def passages(self, path: str) -> tuple[Passage, ...]:
        with self._reading() as serving:
            return tuple(passage for passage in serving.generation.passages if passage.article == path)

    def about(self) -> About:
        with self._reading() as serving:
            manifest = serving.generation.manifest
        return About(
            manifest.generation,
            manifest.built_at,
            manifest.articles,
            manifest.passages,
            manifest.model,
            _program_version(),
        )

    def topics(self, count: int = 3, language: str = "en") -> tuple[str, ...]:
        """At most `count` short texts that get quotes when they are asked. Raises StoreUnavailable."""
        with self._reading() as serving:
            return serving.topics.find(count, language)

    def stands(self, quote: Quote | Place) -> bool:
        """Whether the quote is word for word in the article as indexed now, and in the file as it is now.

        A file that cannot be opened, or a folder that is not mounted, has nothing to say against it: such articles keep
        their passages until they can be read again. One that can be opened but is no article any more, as with half a
        header, must still hold the words.
        """
        indexed = self.article(quote.article.path)
        if indexed is None or quote.span.slice(indexed.text) != quote.text:
            return False
        try:
            return quote.span.slice(load_article(self._articles, quote.article.path).text) == quote.text
        except ArticlesError:
            return True
        except UnreadableArticle:
            return self._still_holds(quote)

    def _still_holds(self, quote: Quote | Place) -> bool:
        try:
            return quote.text in salvage(read_bytes(self._articles, quote.article.path))
        except ArticlesError:
            return True
        except UnreadableArticle as exc:
            cause = exc.__cause__
            return isinstance(cause, OSError) and cause.errno in _CANNOT_LOOK

    def calibrate(
        self, questions: Sequence[Question], progress: Callable[[Progress], None] = lambda progress: None
    ) -> Path:
        """Fit the verdict to questions whose answers are known, keep that in the data folder, and use it from now on.

        Returns where it is kept. Raises SummitError for too few questions, and changes nothing then.
        """
        from index.calibrate import fit, observe

        with self._reading() as serving:
            fitted = fit([observe(serving.generation, self._embedder, questions, progress)])
            calibration = replace(fitted, model=self._embedder.identity)
            path = keep(calibration, self._data)
            serving.use(calibration)
        return path

    def close(self) -> None:
        with self._lock:
            self._closed = True
            serving = self._serving
        self._retire(serving)

    @contextmanager
    def _reading(self) -> Iterator[_Serving]:
        """Hold on to what serves now, having followed CURRENT if it was time to look at it."""
        self._follow()
        with self._lock:
            if self._closed:
                raise StoreUnavailable("the index has been closed: ask again once the program has restarted")
            serving = self._serving
            serving.readers += 1
        try:
            yield serving
        finally:
            with self._lock:
                serving.readers -= 1
                drained = serving.retired and not serving.readers
            if drained:
                self._let_go(serving)

    def _follow(self) -> None:
        """Open what CURRENT names if it is something new; meanwhile everybody else is served by what there is."""
        with self._lock:
            if self._closed or self._looking or time.monotonic() < self._next_look:
                return
            self._looking = True
        wait_s = LOOK_EVERY_S
        try:
            if self._shelf.pointer() != self._serving.generation.pointer:
                fresh = self._open()
                with self._lock:
                    if self._closed:
                        stale = fresh
                    else:
                        stale, self._serving = self._serving, fresh
                self._retire(stale)
                log.info("serving %s with %d passages", fresh.generation.name, len(fresh.generation.passages))
        except Unreachable:
            pass  # whoever asks is told, the log has it, and it is tried again soon enough without us
        except (IndexMissing, IndexDamaged, StoreUnavailable, OSError) as exc:
            wait_s = RETRY_EVERY_S
            log.warning("still serving %s: %s", self._serving.generation.name, exc)
        finally:
            with self._lock:
                self._looking = False
                self._next_look = time.monotonic() + wait_s
                self._looked.notify_all()

    def _moved_on(self, serving: _Serving) -> bool:
        """Look again, now, and tell whether something else serves than what failed."""
        with self._looked:
            self._looked.wait_for(lambda: not self._looking, timeout=MOVE_S)
            if self._serving is serving:
                self._next_look = 0.0
        self._follow()
        with self._looked:
            self._looked.wait_for(lambda: not self._looking, timeout=MOVE_S)
            return self._serving is not serving

    def _open(self) -> _Serving:
        calibration = self._calibration or self._own_calibration()
        generation = self._shelf.open(self._embedder.identity)
        return _Serving(generation, self._embedder, calibration, self._calendar, self._reranker)

    def _own_calibration(self) -> Calibration | None:
        try:
            return own_for(self._data, self._embedder.identity)
        except IndexDamaged as exc:
            log.warning("using the calibration that came with the program: %s", exc)
            return None

    def _retire(self, serving: _Serving) -> None:
        with self._lock:
            drained = not serving.retired and not serving.readers
            serving.retired = True
        if drained:
            self._let_go(serving)

    def _let_go(self, serving: _Serving) -> None:
        serving.generation.close()
        if self._closed and serving is self._serving:
            self._shelf.close()


def _program_version() -> str:
    try:
        return version("summit-quotes")
    except PackageNotFoundError:
        return "not installed"
