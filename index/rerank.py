"""An optional second look: a model that reads question and quote together puts the best passages in a new order.

It says which quote comes first, never whether it answers: the verdict stays with the calibrated evidence.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from index.blocks import Kind
from index.embed_transformers import THREADS, find_folder
from index.errors import ModelError
from index.retrieve import Hit

RERANKED = 20


class Reranker(Protocol):
    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question: higher is better, comparable for one question only."""


def rerank(reranker: Reranker, question: str, hits: Sequence[Hit], text: Callable[[Hit], str]) -> list[Hit]:
    """The first RERANKED hits in the reranker's order; what is no prose, and all the others, stay in their places."""
    places = [at for at, hit in enumerate(hits[:RERANKED]) if hit.passage.kind is Kind.PROSE]
    scores = reranker.scores(question, [text(hits[at]) for at in places]) if places else []
    found = list(hits)
    by_score = sorted(zip(scores, places, strict=True), key=lambda pair: (-pair[0], pair[1]))
    for at, (_, origin) in zip(places, by_score, strict=True):
        found[at] = hits[origin]
    return found


def reranker_folder(name: str) -> Path:
    """Where its files are on this machine. Raises ModelError; never asks a hub."""
    return find_folder(name, what="reranker", variable="SUMMIT_RERANKER", owner="cross-encoder")


class CrossEncoderReranker:
    """A sentence-transformers CrossEncoder on the CPU. Raises ModelError when it is not here or gives no one score."""

    def __init__(self, name: str) -> None:
        folder = reranker_folder(name)
        os.environ["HF_HUB_OFFLINE"] = "1"
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import torch
        from sentence_transformers import CrossEncoder

        torch.set_num_threads(THREADS)
        try:
            self._model = CrossEncoder(str(folder), device="cpu", local_files_only=True)
        except (OSError, ValueError, KeyError) as exc:
            raise ModelError(f"the reranker in {folder} cannot be loaded ({exc}): check the folder") from exc
        if self._model.num_labels != 1:
            raise ModelError(
                f"the reranker in {folder} gives {self._model.num_labels} scores for a text, not one: "
                "choose another one in SUMMIT_RERANKER, or leave it empty"
            )

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        found = self._model.predict([(question, text) for text in texts], show_progress_bar=False)
        return [float(score) for score in np.nan_to_num(np.asarray(found, dtype=np.float64), nan=-np.inf)]
