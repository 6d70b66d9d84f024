"""Embedding passages with their sentences, and a whole reindex, against the bare model's encoding of the passages."""

from __future__ import annotations

import shutil
from itertools import count
from pathlib import Path

from bench.ratios import Ratio, in_turn, ratio, timed
from bench.setting import bare_model
from index.build import reindex
from index.embed import embed_input, load_embedder
from index.load import load_articles
from index.model_choice import ModelChoice
from index.passage import split

EMBEDDED_PASSAGES = 256
MOST_REINDEXES = 3  # each takes as long as all the rest


def measure(articles: Path, work: Path, pairs: int) -> list[Ratio]:
    loaded = load_articles(articles).articles
    inputs = [embed_input(article, passage) for article in loaded for passage in split(article)]
    inputs.sort(key=lambda one: len(one.text), reverse=True)  # the order of the builder, and of `encode` itself
    some = inputs[:: max(1, len(inputs) // EMBEDDED_PASSAGES)]
    model, embedder = bare_model(), load_embedder(ModelChoice())
    numbers = count()

    def encode(texts: list[str]) -> float:
        return timed(lambda: model.encode(texts, show_progress_bar=False))

    def reindex_anew() -> float:
        data = work / f"data-{next(numbers)}"
        seconds = timed(lambda: reindex(articles, data, ModelChoice()))
        shutil.rmtree(data)
        return seconds

    embedding = in_turn(
        lambda: timed(lambda: embedder.encode_passages(some)), lambda: encode([one.text for one in some]), pairs
    )
    whole = in_turn(reindex_anew, lambda: encode([one.text for one in inputs]), min(pairs, MOST_REINDEXES))
    return [
        ratio(f"embedding {len(some)} passages", "s", embedding, 2.2),
        ratio(f"a whole reindex, {len(inputs)} passages", "s", whole, 2.2),
    ]
