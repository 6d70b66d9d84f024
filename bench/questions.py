"""A question, from text to quotes, against the bare model's encoding of the same question."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from bench.ratios import Ratio, in_turn, ratio, timed
from bench.setting import bare_model, build_index, questions_about
from index.embed import load_embedder
from index.library import Library
from index.model_choice import ModelChoice

MOST_QUESTIONS = 100


def measure(articles: Path, work: Path, pairs: int) -> list[Ratio]:
    data = build_index(articles, work / "data")
    model, questions = bare_model(), questions_about(articles, MOST_QUESTIONS)
    found: list[tuple[float, float]] = []
    with closing(Library(articles, data, load_embedder(ModelChoice()))) as library:
        for question in questions:  # once unmeasured: what is loaded on first use is no part of a question
            library.ask(question)
        for question in questions:
            found += in_turn(
                lambda: 1000 * timed(lambda: library.ask(question)),  # noqa: B023  # called at once
                lambda: 1000 * timed(lambda: model.encode(question, show_progress_bar=False)),  # noqa: B023
                max(2, pairs // 2),
            )
    return [ratio(f"a question, p50 of {len(questions)}", "ms", found, 2.0)]
