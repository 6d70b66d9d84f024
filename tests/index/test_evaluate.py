from __future__ import annotations

import json
import math
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from index.answer import Answer, NoAnswer, Outcome, Quote, Related, Silence
from index.article import Article, Span
from index.evaluate import LOOK_DOWN, Trial, Wrong, evaluate, judge
from index.questions import Gold, Question

SCORER = Path(__file__).parents[3] / "shared" / "tools" / "score.py"
PLACES = ("harbour", "bridge", "tower", "market", "palace")


def article(number: int) -> Article:
    sentences = [
        f"In town {number} the {place} was opened\nby minister {number}{at}." for at, place in enumerate(PLACES)
    ]
    return Article(f"town-{number}.txt", " ".join(sentences))


ARTICLES = {one.path: one for one in map(article, range(4))}


def sentence(article: Article, at: int) -> Span:
    starts = [
        *(article.text.index(f"In town {article.path[5]} the {place}") for place in PLACES),
        len(article.text) + 1,
    ]
    return Span(starts[at], starts[at + 1] - 1)


def quote(article: Article, at: int, score: float) -> Quote:
    span = sentence(article, at)
    return Quote(article, span, span, score)


def question(id_: str, *golds: Gold, kind: str = "fact", language: str = "en") -> Question:
    return Question(id_, f"What about {id_}?", golds, kind, language, f"q.jsonl line {id_}")


def gold(number: int, at: int) -> Gold:
    one = ARTICLES[f"town-{number}.txt"]
    return Gold(one.path, sentence(one, at).slice(one.text))


def outcome(question: Question, quotes: Sequence[Quote], *, sure: bool) -> Outcome:
    if not quotes:
        return NoAnswer(question.text, Silence.NOTHING_NEAR)
    return Answer(question.text, tuple(quotes)) if sure else Related(question.text, tuple(quotes))


def random_trials(seed: int) -> list[Trial]:
    """Questions and answers of all sorts: right, late, wrong, held back, silent, with and without places."""
    dice = random.Random(seed)
    trials = []
    for number in range(60):
        golds = []
        for _ in range(dice.choice((0, 1, 1, 2))):
            town, at = dice.randrange(4), dice.randrange(5)
            one = ARTICLES[f"town-{town}.txt"]
            span = sentence(one, at)
            shorter = Span(span.start + dice.randrange(4), span.end - dice.randrange(12))
            golds.append(Gold(one.path, shorter.slice(one.text), shorter if dice.random() < 0.5 else None))
        kind = dice.choice(("fact", "why")) if golds else "unanswerable"
        asked = question(str(number), *golds, kind=kind, language=dice.choice(("en", "ko")))
        places = dice.sample([(town, at) for town in range(4) for at in range(5)], dice.randrange(6))
        scores = sorted((round(dice.random(), 2) for _ in places), reverse=True)
        quotes = [quote(ARTICLES[f"town-{t}.txt"], at, score) for (t, at), score in zip(places, scores, strict=True)]
        trials.append(Trial(asked, outcome(asked, quotes, sure=dice.random() < 0.6), dice.uniform(1, 90)))
    return trials


def scored_elsewhere(trials: Sequence[Trial], folder: Path) -> dict[str, Any]:
    for one in ARTICLES.values():
        (folder / one.path).write_text(f"title: x\n---\n{one.text}", encoding="utf-8")
    questions = [
        {
            "id": trial.question.id,
            "question": trial.question.text,
            "lang": trial.question.language,
            "kind": trial.question.kind,
            "answers": [
                {"article": one.article, "quote": one.quote}
                | ({"start": one.span.start, "end": one.span.end} if one.span else {})
                for one in trial.question.answers
            ],
        }
        for trial in trials
    ]
    answers = [
        {
            "id": trial.question.id,
            "answered": trial.answered,
            "ms": trial.ms,
            "quotes": [
                {"article": q.article.path, "text": q.text, "start": q.span.start, "end": q.span.end, "score": q.score}
                for q in trial.outcome.quotes
            ],
        }
        for trial in trials
    ]
    for name, rows in (("eval.jsonl", questions), ("answers.jsonl", answers)):
        (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    files = map(str, (SCORER, folder / "eval.jsonl", folder / "answers.jsonl", "--articles", folder))
    command = [sys.executable, *files, "--json"]
    found = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.skipif(not SCORER.exists(), reason="needs ../shared/tools/score.py")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_figures_are_those_of_the_other_scorer(seed: int, tmp_path: Path) -> None:
    trials = random_trials(seed)
    ours, theirs = judge(trials, ARTICLES), scored_elsewhere(trials, tmp_path)
    groups = {"ALL": ours.overall, "fact": ours.kinds["fact"], "why": ours.kinds["why"]}
    groups |= {f"lang-{name}": group for name, group in ours.languages.items()}
    for name, group in groups.items():
        assert theirs[name]["n"] == group.answerable
        for figure in ("h1", "h3", "h5", "ans", "ah1"):
            assert theirs[name][figure] == round(group.figures[figure].value, 3), (name, figure)
    assert theirs["unanswerable"]["n"] == ours.overall.unanswerable
    assert theirs["unanswerable"]["abstain"] == round(ours.overall.figures["abstain"].value, 3)
    assert theirs["trust"] == round(ours.overall.figures["trust"].value, 3)
    assert theirs["auroc"] == round(ours.overall.figures["auroc"].value, 3)
    assert theirs["verbatim"] == ours.verbatim == 1
    assert theirs["quote_chars"] == dict(zip(("median", "max"), ours.quote_chars, strict=True))
    assert theirs["ms"]["p50"] == round(ours.overall.figures["p50_ms"].value, 1)
    assert theirs["ms"]["p99"] == round(ours.overall.figures["p99_ms"].value, 1)


def test_questions_without_a_kind_are_in_no_kind() -> None:
    trials = [Trial(question(name, kind=kind), NoAnswer("?", Silence.NOTHING_NEAR), 1.0) for name, kind in ("a ", "bx")]
    found = judge(trials, ARTICLES)
    assert found.overall.unanswerable == 2
    assert {name: group.unanswerable for name, group in found.kinds.items()} == {"x": 1, " ": 1}


def test_only_the_first_five_quotes_count() -> None:
    quotes = [quote(ARTICLES["town-1.txt"], at, 0.5) for at in range(5)] + [quote(ARTICLES["town-2.txt"], 0, 0.4)]
    asked = question("late", gold(2, 0))
    found = judge([Trial(asked, Answer(asked.text, tuple(quotes)), 1.0)], ARTICLES)
    assert found.overall.figures["h5"].value == 0 and found.overall.figures["mrr"].value == 0


class Oracle:
    """Answers as laid out; the quotes of a town in their order, as many as are asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    def __call__(self, question: str, *, limit: int) -> Outcome:
        self.asked.append((question, limit))
        if "silent" in question:
            return NoAnswer(question, Silence.NOTHING_NEAR)
        quotes = [quote(ARTICLES[f"town-{town}.txt"], at, 0.9 - town / 10) for town in range(4) for at in range(5)]
        sure = "unsure" not in question
        return Answer(question, tuple(quotes[:limit])) if sure else Related(question, tuple(quotes[:limit]))


def test_each_miss_stands_beside_what_came_first_and_the_rank_of_what_should_have() -> None:
    questions = [
        question("right", gold(0, 0)),
        question("second", gold(0, 1)),
        question("far down", gold(2, 3)),
        question("unsure", gold(0, 0)),
        question("silent", gold(1, 1)),
        question("spoke"),
        question("silent and rightly"),
    ]
    found = evaluate(Oracle(), questions, ARTICLES)
    assert [(miss.trial.question.id, miss.wrong, miss.rank) for miss in found.misses] == [
        ("second", Wrong.NOT_FIRST, 2),
        ("far down", Wrong.NOT_FIRST, 14),
        ("unsure", Wrong.HELD_BACK, 1),
        ("silent", Wrong.NOT_FIRST, None),
        ("spoke", Wrong.NOT_SILENT, None),
    ]
    second = found.misses[0]
    assert second.first and second.first.text == gold(0, 0).quote
    assert second.gold == (("town-0.txt", gold(0, 1).quote),)
    assert found.misses[3].first is None


def test_every_question_is_timed_once_and_what_is_missed_is_looked_for_afterwards() -> None:
    oracle = Oracle()
    done: list[int] = []
    questions = [question("right", gold(0, 0)), question("far down", gold(3, 4))]
    found = evaluate(oracle, questions, ARTICLES, lambda progress: done.append(progress.done))
    assert done == [1, 2]
    assert [limit for asked, limit in oracle.asked] == [5, 5, 5, LOOK_DOWN]  # the first warms up
    assert 0 < found.overall.figures["p50_ms"].value < math.inf
