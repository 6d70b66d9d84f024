"""Questions asked and answers judged: figures over all, by kind and by language, and a list of what went wrong."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np

from index.answer import Outcome, Quote
from index.article import Article
from index.intervals import DEPTH, Bin, Figure, Table, figures, reliability
from index.questions import Gold, Question, gold_words, is_hit
from index.receipt import Progress

LOOK_DOWN = 20  # how far down the right quote of a miss is looked for


class Ask(Protocol):
    def __call__(self, question: str, *, limit: int) -> Outcome: ...


@dataclass(frozen=True, slots=True)
class Trial:
    """A question and what it got."""

    question: Question
    outcome: Outcome
    ms: float

    @property
    def answered(self) -> bool:
        return self.outcome.verdict == "answer"

    @property
    def rank(self) -> float:
        return hit_rank(self.outcome.quotes[:DEPTH], self.question.answers)


class Wrong(Enum):
    """What went wrong with a question, as its asker sees it."""

    NOT_FIRST = "the first quote does not answer"
    HELD_BACK = "the first quote answers, but was not shown as an answer"
    NOT_SILENT = "no article answers, yet something was shown as an answer"


@dataclass(frozen=True, slots=True)
class Miss:
    """A question that went wrong, beside what came first and what should have."""

    trial: Trial
    wrong: Wrong
    rank: int | None  # of the quote that answers; None where none of the first `LOOK_DOWN` does
    gold: tuple[tuple[str, str], ...]  # article and words of each answer

    @property
    def first(self) -> Quote | None:
        return next(iter(self.trial.outcome.quotes), None)


@dataclass(frozen=True, slots=True)
class Group:
    answerable: int
    unanswerable: int
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Evaluation:
    overall: Group
    kinds: Mapping[str, Group]
    languages: Mapping[str, Group]
    quote_chars: tuple[float, int]  # median and maximum
    verbatim: float  # share of the quotes that stand word for word in their articles; NaN without quotes
    bins: tuple[Bin, ...]
    misses: tuple[Miss, ...]


def evaluate(
    ask: Ask,
    questions: Sequence[Question],
    articles: Mapping[str, Article],
    progress: Callable[[Progress], None] = lambda progress: None,
) -> Evaluation:
    """Ask every question once, and time it. The first is asked beforehand, so that no start-up is timed."""
    ask(questions[0].text, limit=DEPTH)
    trials = []
    for done, question in enumerate(questions, start=1):
        started = time.perf_counter()
        outcome = ask(question.text, limit=DEPTH)
        trials.append(Trial(question, outcome, (time.perf_counter() - started) * 1000))
        progress(Progress("answer", done, len(questions)))
    return judge(trials, articles, look_down=lambda question: ask(question.text, limit=LOOK_DOWN).quotes)


def judge(
    trials: Sequence[Trial],
    articles: Mapping[str, Article],
    look_down: Callable[[Question], Sequence[Quote]] = lambda question: (),
) -> Evaluation:
    """`look_down` gives more quotes for a question, to find how far down the right one stands."""
    table = tabulate(trials)
    quotes = [quote for trial in trials for quote in trial.outcome.quotes[:DEPTH]]
    lengths = [len(quote.text) for quote in quotes]
    exact = [quote.text in articles[quote.article.path].text for quote in quotes if quote.article.path in articles]
    return Evaluation(
        overall=_group(table),
        kinds=_groups(table, [trial.question.kind for trial in trials]),
        languages=_groups(table, [trial.question.language for trial in trials]),
        quote_chars=(statistics.median(lengths), max(lengths)) if lengths else (0, 0),
        verbatim=sum(exact) / len(quotes) if quotes else math.nan,
        bins=tuple(reliability(table)),
        misses=tuple(_misses(trials, articles, look_down)),
    )


def tabulate(trials: Sequence[Trial]) -> Table:
    firsts = [next(iter(trial.outcome.quotes), None) for trial in trials]
    return Table(
        answerable=np.array([bool(trial.question.answers) for trial in trials]),
        answered=np.array([trial.answered for trial in trials]),
        rank=np.array([trial.rank for trial in trials]),
        score=np.array([first.score if first else -math.inf for first in firsts]),
        ms=np.array([trial.ms for trial in trials]),
    )


def hit_rank(quotes: Sequence[Quote], golds: Sequence[Gold]) -> float:
    """Place of the first quote that is a hit, from 1; inf where none is."""
    hits = (at for at, quote in enumerate(quotes, start=1) if any(is_hit(quote, gold) for gold in golds))
    return next(hits, math.inf)


def _group(table: Table) -> Group:
    answerable = int(table.answerable.sum())
    return Group(answerable, len(table) - answerable, figures(table))


def _groups(table: Table, names: Sequence[str]) -> dict[str, Group]:
    """A group for every name; questions without one belong to none."""
    return {
        name: _group(table.take(np.array([at for at, own in enumerate(names) if own == name])))
        for name in sorted({*names} - {""})
    }


def _misses(
    trials: Sequence[Trial], articles: Mapping[str, Article], look_down: Callable[[Question], Sequence[Quote]]
) -> list[Miss]:
    found = []
    for trial in trials:
        golds, rank = trial.question.answers, trial.rank
        if golds:
            wrong = Wrong.NOT_FIRST if rank > 1 else None if trial.answered else Wrong.HELD_BACK
        else:
            wrong = Wrong.NOT_SILENT if trial.answered else None
        if wrong is None:
            continue
        if wrong is Wrong.NOT_FIRST and rank > DEPTH:
            rank = hit_rank(look_down(trial.question), golds)
        words = tuple((gold.article, gold_words(gold, articles)) for gold in golds)
        found.append(Miss(trial, wrong, int(rank) if math.isfinite(rank) else None, words))
    return found
