"""Fit the probability behind the verdict to questions whose answers are known.

Three kinds of examples teach it: the first quote for a question that the articles answer (right or not); the first
quote for the same question once every passage that answers is taken away, which is what "on topic, but not told" looks
like; and the first quote for a question that no article answers. The second kind is plentiful where the third is dear.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np
import numpy.typing as npt

from index.answering import Answerer, Corpus
from index.confidence import Calibration
from index.embed import Embedder
from index.errors import SummitError
from index.query import Query, Reader
from index.questions import Question, is_hit
from index.receipt import Progress
from index.retrieve import Features, Ranking, Retriever

Floats = npt.NDArray[np.float64]

METHOD = "logistic/2"  # changes with what is fitted, or to what
LEAST_QUESTIONS = 30
MASS = (0.6, 0.2, 0.2)  # of the three kinds of examples, in the order above
C = 0.5  # inverse strength of the L2 penalty, on standardised features
LEVELLING = 8.0  # logits that the bias may move
FALLING = 0.02  # share of the answerable questions that may get `none`
RESAMPLES = 500  # of the questions, for `answer_from`
CAUTION = 0.75  # which quantile of the resamples' bounds it is


@dataclass(frozen=True, slots=True)
class Observation:
    """What a question gets, before any verdict. No evidence: no quote at all."""

    answerable: bool
    first: Features | None
    right: bool  # whether the first quote is a hit
    without: Features | None  # of the first quote once nothing that answers is left


class Observer:
    """Looks at the first quotes of one generation."""

    def __init__(self, generation: Corpus, embedder: Embedder) -> None:
        self._reader = Reader(generation.lexical)
        self._retriever = Retriever(generation, embedder)
        self._answerer = Answerer(generation, embedder)

    def observe(self, question: Question) -> Observation:
        """Raises QuestionError."""
        answerable = bool(question.answers)
        query = self._reader.read(question.text)
        nothing = Observation(answerable, None, False, None)
        if query.small_talk:
            return nothing
        ranking = self._retriever.retrieve(query)
        if not ranking.hits:
            return nothing
        rows = {hit.row for hit in ranking.hits}
        answering = {row for row in rows if self._holds(query, ranking.without(rows - {row}), question)}
        return Observation(
            answerable,
            self._evidence(query, ranking),
            self._holds(query, ranking, question),
            self._evidence(query, ranking.without(answering).prose_first()) if answerable else None,
        )

    def _evidence(self, query: Query, ranking: Ranking) -> Features | None:
        if not ranking.hits:
            return None
        (first,) = self._answerer.quotes(query, ranking, 1)
        return ranking.features(ranking.hits[0], first.span)

    def _holds(self, query: Query, ranking: Ranking, question: Question) -> bool:
        (first,) = self._answerer.quotes(query, ranking, 1)
        return any(is_hit(first, gold) for gold in question.answers)


def observe(
    generation: Corpus,
    embedder: Embedder,
    questions: Sequence[Question],
    progress: Callable[[Progress], None] = lambda progress: None,
) -> list[Observation]:
    observer = Observer(generation, embedder)
    found = []
    for done, question in enumerate(questions, start=1):
        found.append(observer.observe(question))
        progress(Progress("answer", done, len(questions)))
    return found


def fit(sets: Sequence[Sequence[Observation]]) -> Calibration:
    """Fit to one set of questions or several; each weighs as the square root of its size.

    Raises SummitError where there is too little to learn from.
    """
    from sklearn.linear_model import LogisticRegression

    _check(sets)
    examples = [example for one in sets for example in _examples(one)]
    evidence = np.array([astuple(example.evidence) for example in examples])
    labels = np.array([example.right for example in examples])
    weights = np.array([example.weight for example in examples])
    if labels.all() or not labels.any():
        raise SummitError(
            "no first quote answers its question, or every one does, so there is nothing to tell apart: add questions"
        )
    weights *= len(weights) / weights.sum()
    means = np.average(evidence, axis=0, weights=weights)
    deviations = np.sqrt(np.average((evidence - means) ** 2, axis=0, weights=weights))
    deviations[deviations < 1e-9] = 1.0  # a feature that never varies says nothing
    model = LogisticRegression(C=C, max_iter=1000).fit((evidence - means) / deviations, labels, sample_weight=weights)
    fitted = Calibration(
        METHOD,
        float(model.intercept_[0]),
        tuple(model.coef_[0].tolist()),
        tuple(means.tolist()),
        tuple(deviations.tolist()),
        answer_from=1.0,
        related_from=0.0,
    )
    return _bounded(_levelled(fitted, sets), sets)


def probability(calibration: Calibration, evidence: Features | None) -> float:
    """-inf where there is no quote to be sure of."""
    return -math.inf if evidence is None else calibration.probability(evidence)


@dataclass(frozen=True, slots=True)
class _Example:
    evidence: Features
    right: bool
    weight: float


def _examples(observations: Sequence[Observation]) -> Iterator[_Example]:
    kinds = (
        [(one.first, one.right) for one in observations if one.answerable],
        [(one.without, False) for one in observations if one.answerable],
        [(one.first, False) for one in observations if not one.answerable],
    )
    for kind, mass in zip(kinds, MASS, strict=True):
        known = [(evidence, right) for evidence, right in kind if evidence is not None]
        for evidence, right in known:
            yield _Example(evidence, right, mass * math.sqrt(len(observations)) / len(known))


def _check(sets: Sequence[Sequence[Observation]]) -> None:
    answerable = sum(one.answerable for each in sets for one in each)
    unanswerable = sum(len(each) for each in sets) - answerable
    if answerable + unanswerable < LEAST_QUESTIONS or not answerable or not unanswerable:
        raise SummitError(
            f"calibrating takes {LEAST_QUESTIONS} questions or more, some that the articles answer and some that they "
            f"do not, and there are {answerable} and {unanswerable}: add some (docs/evaluation.md)"
        )


def _levelled(fitted: Calibration, sets: Sequence[Sequence[Observation]]) -> Calibration:
    """With the bias at which what is promised for these questions is, on average, what comes true.

    The examples with their answers taken away sharpen the weights, but nobody asks them: left in the balance, they make
    every promise too low. Measured half against half on three files: calibration error 0.09 without, 0.035 with it.
    """
    quoted = [(one.first, one.right, 1 / math.sqrt(len(each))) for each in sets for one in each if one.first]
    low, high = -LEVELLING, LEVELLING
    while high - low > 1e-6:
        middle = (low + high) / 2
        shifted = replace(fitted, bias=fitted.bias + middle)
        promised = sum(weight * (shifted.probability(first) - right) for first, right, weight in quoted)
        low, high = (low, middle) if promised > 0 else (middle, high)
    return replace(fitted, bias=fitted.bias + low)


def _bounded(fitted: Calibration, sets: Sequence[Sequence[Observation]]) -> Calibration:
    """With the bounds that these questions call for.

    `answer_from` is the bound of the best trust (answered and right against silent where nothing answers). Trust hardly
    moves along a stretch of bounds, and which of them is best by a hair is chance: so the best bound of each of many
    resamples of the questions is found (bootstrap; Efron 1979), and of these the upper quartile is taken, for a quote
    that is wrongly called an answer is worse than one wrongly called related. `related_from` is the highest under which
    at most `FALLING` of the answerable questions fall.
    """
    everything = [one for each in sets for one in each]
    sure = np.array([probability(fitted, one.first) for one in everything])
    order = np.argsort(sure, kind="stable")
    sure = sure[order]
    answerable = np.array([one.answerable for one in everything])[order]
    right = np.array([one.right for one in everything])[order] & answerable
    weight = np.array([1 / math.sqrt(len(each)) for each in sets for _ in each])
    random = np.random.default_rng(0)

    def resample() -> Floats:
        """The weights of as many questions, drawn with replacement from each set, in the order of `sure`."""
        counts = [np.bincount(random.integers(len(each), size=len(each)), minlength=len(each)) for each in sets]
        return np.asarray((weight * np.concatenate(counts))[order])

    def best(drawn: Floats) -> float:
        ah1 = _from_each(drawn * right) / max(1e-9, (drawn * answerable).sum())
        abstain = _before_each(drawn * ~answerable) / max(1e-9, (drawn * ~answerable).sum())
        trust = 2 * ah1 * abstain / np.maximum(1e-9, ah1 + abstain)
        return float(sure[np.argmax(np.where(np.isfinite(sure), trust, -1.0))])

    answer_from = float(np.quantile([best(resample()) for _ in range(RESAMPLES)], CAUTION))
    falling = _before_each(weight[order] * answerable) / (weight[order] * answerable).sum()
    related_from = max(sure[(falling <= FALLING) & np.isfinite(sure)].tolist(), default=0.0)
    return replace(fitted, answer_from=answer_from, related_from=min(related_from, answer_from))


def _from_each(values: Floats) -> Floats:
    """For each value the sum of it and all that follow."""
    return values[::-1].cumsum()[::-1]


def _before_each(values: Floats) -> Floats:
    """For each value the sum of all before it."""
    return values.cumsum() - values
