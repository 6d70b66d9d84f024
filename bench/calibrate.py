"""Fit the calibration that ships with a model, index/calibration*.json, on several evaluation files at once.

    python -m bench.calibrate --index /tmp/calibrating tests/data/sample.jsonl=docs/articles \
        ../shared/eval/dev.jsonl=../shared/articles ../shared/squad/dev.jsonl=../shared/squad/articles

Each argument is an evaluation file and its articles folder; what is indexed stays under --index for the next time.
First it fits on one half of all questions and measures on the other, and the other way round: those figures, and the
reliability curve, are of questions that the fit has not seen. With --write it then fits on all and writes the
calibration and, for the default model, the picture in docs/images.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.evaluation import HEADINGS, ends, shown
from bot.plots import reliability_plot
from index.build import reindex
from index.calibrate import Observation, fit, observe, probability
from index.confidence import Calibration, write
from index.embed import load_embedder
from index.generation import open_current
from index.intervals import Figure, Table, figures, reliability
from index.model_choice import DEFAULT_MODEL, ModelChoice
from index.questions import Question, check_answers, read_questions

ROOT = Path(__file__).parents[1]
CALIBRATION = ROOT / "index" / "calibration.json"
PICTURE = ROOT / "docs" / "images" / "reliability.svg"
SHOWN = ("h1", "ah1", "abstain", "trust", "auroc", "ece")


@dataclass(frozen=True, slots=True)
class Observed:
    """An evaluation file: its questions and what each gets."""

    name: str
    questions: tuple[Question, ...]
    observations: tuple[Observation, ...]

    def half(self, which: int) -> list[Observation]:
        return [one for asked, one in zip(self.questions, self.observations, strict=True) if half(asked) == which]


def half(question: Question) -> int:
    return int(hashlib.md5(question.id.encode(), usedforsecurity=False).hexdigest(), 16) % 2


def main(argv: Sequence[str] | None = None) -> int:
    args = _arguments(argv)
    model = ModelChoice(args.model)
    embedder = load_embedder(model)
    files = []
    for at, pair in enumerate(args.files):
        name, _, articles = pair.partition("=")
        data = args.index / f"{at}-{Path(name).stem}"
        reindex(Path(articles), data, model)
        generation = open_current(data, embedder.identity)
        questions = read_questions(Path(name))
        check_answers(questions, generation.articles)
        files.append(Observed(name, questions, tuple(observe(generation, embedder, questions))))
        generation.close()
    halves = [fit([file.half(which) for file in files]) for which in (0, 1)]
    _say(f"{'asked of the half not fitted on':40s}" + "".join(f"{HEADINGS[name]:>18s}" for name in SHOWN))
    for file in files:
        for which in (0, 1):
            _row(f"{file.name}, half {which}", tabulate(halves[1 - which], file.half(which)))
    unseen = joined([tabulate(halves[1 - which], file.half(which)) for file in files for which in (0, 1)])
    _row("all together", unseen)
    everything = fit([file.observations for file in files])
    _say(f"fitted on all: answer_from {everything.answer_from:.3f}, related_from {everything.related_from:.3f}")
    for file in files:
        _row(f"{file.name}, fitted on too", tabulate(everything, file.observations))
    if args.write:
        default = args.model == DEFAULT_MODEL
        model_name = embedder.identity.split(maxsplit=1)[0]
        path = CALIBRATION if default else CALIBRATION.with_stem(f"{CALIBRATION.stem}-{model_name}")
        write(everything, path)
        _say(f"wrote {path.relative_to(ROOT)}")
        if default:
            plot = reliability_plot(reliability(unseen), "Reliability on questions not fitted on")
            PICTURE.parent.mkdir(exist_ok=True)
            PICTURE.write_text(plot + "\n", "utf-8")
            _say(f"wrote {PICTURE.relative_to(ROOT)}")
    return 0


def tabulate(calibration: Calibration, observations: Sequence[Observation]) -> Table:
    """What the first quotes are worth under a calibration. Only first quotes are looked at, and no time is taken."""
    sure = np.array([probability(calibration, one.first) for one in observations])
    return Table(
        answerable=np.array([one.answerable for one in observations]),
        answered=sure >= calibration.answer_from,
        rank=np.array([1.0 if one.right else math.inf for one in observations]),
        score=np.where(sure >= calibration.related_from, sure, -math.inf),
        ms=np.zeros(len(observations)),
    )


def joined(tables: Sequence[Table]) -> Table:
    names = ("answerable", "answered", "rank", "score", "ms")
    return Table(**{name: np.concatenate([getattr(table, name) for table in tables]) for name in names})


def _row(name: str, table: Table) -> None:
    found = figures(table)
    _say(f"{name[-40:]:40s}" + "".join(f"{_cell(found[figure]):>18s}" for figure in SHOWN))


def _cell(figure: Figure) -> str:
    return f"{shown(figure)} {ends(figure)}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("files", nargs="+", metavar="QUESTIONS=ARTICLES", help="an evaluation file and its articles")
    parser.add_argument("--index", type=Path, required=True, metavar="DIR", help="where to keep the indexes")
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME", help="as SUMMIT_EMBEDDING_MODEL")
    parser.add_argument("--write", action="store_true", help="write index/calibration*.json and docs/images")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
