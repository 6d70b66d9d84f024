"""The default model's weights, read and computed with NumPy: the same vectors to six places, ready in 0.4 seconds.

Importing sentence-transformers takes some 6 seconds, which is most of a question in the terminal and of a reindex after
one changed article. This stands in for it where only a few texts will come; whatever is long or many is its work.

The network is BERT's encoder (Devlin et al. 2019, after Vaswani et al. 2017), with the names its weights have in
`transformers`; token vectors are averaged, as the model's `1_Pooling` says.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Encoding, Tokenizer

from index.embed import Embedded, EmbedInput, Matrix, Vector, unit
from index.embed_transformers import identity, model_folder, prompts
from index.model_choice import ModelChoice
from index.pooling import LEAST_WINDOW, Pool, readable, unrelated_level, windows

SPECIAL_TOKENS = 2  # [CLS] before a text and [SEP] after it


class MiniLM:
    """The default model behind the Embedder protocol."""

    def __init__(self, choice: ModelChoice) -> None:
        folder = model_folder(choice.name)
        self.identity = identity(choice, folder)
        self._query_prompt, self._passage_prompt = prompts(choice)
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.dim: int = config["hidden_size"]
        self._heads: int = config["num_attention_heads"]
        self._layers: int = config["num_hidden_layers"]
        self._epsilon: float = config["layer_norm_eps"]
        self._weights: dict[str, Matrix] = load_file(folder / "model.safetensors")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        limits = json.loads((folder / "sentence_bert_config.json").read_text(encoding="utf-8"))
        self._most_tokens: int = limits["max_seq_length"]

    @cached_property
    def unrelated(self) -> float:
        return unrelated_level(self)

    def reads(self, text: str) -> bool:
        tokens = self._tokenizer.encode(text, add_special_tokens=False).tokens
        return readable(text, len(tokens), tokens.count("[UNK]"))

    def encode_query(self, question: str) -> Vector:
        ids, _ = self._tokens(self._query_prompt + question)
        return unit(self._forward(ids).sum(axis=0))

    def encode_passages(self, inputs: Sequence[EmbedInput]) -> list[Embedded]:
        return [self._encode(one) for one in inputs]

    def _encode(self, passage: EmbedInput) -> Embedded:
        prompt = self._tokenizer.encode(self._passage_prompt, add_special_tokens=False).ids
        room = max(LEAST_WINDOW, self._most_tokens - SPECIAL_TOKENS - len(prompt))
        offsets = self._tokenizer.encode(passage.text, add_special_tokens=False).offsets
        pool = Pool(passage, self.dim)
        for window in windows(passage.text, passage.sentences, offsets, room):
            ids, places = self._tokens(self._passage_prompt + window.slice(passage.text))
            pool.add(self._forward(ids), np.array(places) + (window.start - len(self._passage_prompt)))
        return pool.embedded

    def _tokens(self, text: str) -> tuple[list[int], list[tuple[int, int]]]:
        """The ids and places of the tokens that the model reads of a text: as many as it can, and its closing one."""
        read: Encoding = self._tokenizer.encode(text)
        kept = self._most_tokens - 1
        return [*read.ids[:-1][:kept], read.ids[-1]], [*read.offsets[:-1][:kept], read.offsets[-1]]

    def _forward(self, ids: Sequence[int]) -> Matrix:
        """The vectors of a text's tokens, shape (tokens, dim), each having seen all the others."""
        states = (
            self._weights["embeddings.word_embeddings.weight"][ids]
            + self._weights["embeddings.position_embeddings.weight"][: len(ids)]
            + self._weights["embeddings.token_type_embeddings.weight"][0]
        )
        states = self._normalised(states, "embeddings.LayerNorm")
        for number in range(self._layers):
            layer = f"encoder.layer.{number}"
            attended = self._linear(self._attended(states, layer), f"{layer}.attention.output.dense")
            states = self._normalised(states + attended, f"{layer}.attention.output.LayerNorm")
            widened = _gelu(self._linear(states, f"{layer}.intermediate.dense"))
            narrowed = self._linear(widened, f"{layer}.output.dense")
            states = self._normalised(states + narrowed, f"{layer}.output.LayerNorm")
        return states

    def _attended(self, states: Matrix, layer: str) -> Matrix:
        tokens, width = states.shape
        query, key, value = (
            self._linear(states, f"{layer}.attention.self.{name}").reshape(tokens, self._heads, -1).swapaxes(0, 1)
            for name in ("query", "key", "value")
        )
        weights = query @ key.swapaxes(1, 2) / np.float32(np.sqrt(width // self._heads))
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        return np.asarray((weights @ value).swapaxes(0, 1).reshape(tokens, width), dtype=np.float32)

    def _linear(self, states: Matrix, name: str) -> Matrix:
        return states @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"]

    def _normalised(self, states: Matrix, name: str) -> Matrix:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + np.float32(self._epsilon))
        return np.asarray(centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"])


def _gelu(values: Matrix) -> Matrix:
    """Hendrycks and Gimpel 2016, the exact form."""
    return np.asarray(values * np.float32(0.5) * (1 + erf(values * np.float32(np.sqrt(0.5)))), dtype=np.float32)
