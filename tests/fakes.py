"""Stand-ins at the border, the same in every process: an embedder that counts words, and articles to index."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np

from index.builder import Model
from index.confidence import Calibration
from index.embed import Embedded, EmbedInput, Matrix, Vector, unit
from index.model_choice import ModelChoice
from index.retrieve import Features

DIM = 64


@dataclass(slots=True)
class FakeEmbedder:
    """Each word has a place of its own (SHA-256 says which), so anyone can see which passage should win."""

    identity: str = "fake 1"
    dim: int = DIM
    unrelated: float = 0.0
    passage_s: float = 0.0  # how long one passage takes
    embedded: list[str] = field(default_factory=list)  # texts that were asked for

    def reads(self, text: str) -> bool:
        return True

    def encode_query(self, question: str) -> Vector:
        return _count_words(question)

    def encode_passages(self, inputs: Sequence[EmbedInput]) -> list[Embedded]:
        time.sleep(self.passage_s * len(inputs))
        self.embedded += [one.text for one in inputs]
        return [Embedded(_count_words(f"{one.title} {one.text}"), _sentences(one)) for one in inputs]


def _sentences(one: EmbedInput) -> Matrix:
    return np.stack([_count_words(span.slice(one.text)) for span in one.sentences])


def _count_words(text: str) -> Vector:
    counts = np.full(DIM, 1e-3, dtype=np.float32)  # no text without words may be a zero vector
    for word in re.findall(r"\w+", text.lower()):
        counts[int.from_bytes(hashlib.sha256(word.encode()).digest()[:4]) % DIM] += 1.0
    return unit(counts)


def fake_model(choice: ModelChoice) -> Model:
    """`fake` embeds at once; `fake 0.01` takes 10 ms a passage, so that a test can meet it in the middle."""
    name, _, passage_s = choice.name.partition(" ")
    embedder = FakeEmbedder(identity=f"{name} 1", passage_s=float(passage_s or 0))
    return Model(embedder.identity, lambda _: embedder)


def never_silent() -> Calibration:
    """A calibration under which the nearest passages always answer."""
    size = len(fields(Features))
    return Calibration("none", 0.0, (0.0,) * size, (0.0,) * size, (1.0,) * size, answer_from=0.0, related_from=0.0)


def write_articles(folder: Path, texts: Mapping[str, str]) -> Path:
    """Write a folder of articles: text by file name."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def numbered_articles(count: int, *, paragraphs: int = 3, edition: str = "first") -> dict[str, str]:
    """Articles whose paragraphs all differ; `edition` is a word that stands in each."""
    return {
        f"article-{number:03}.txt": f"title: Talks number {number}\n---\n"
        + "\n\n".join(
            f"Minister {number} spoke of subject{number}x{part} in the {edition} talks. "
            f"The hall in town{number} heard it {part} times. Nobody left early on day {number}."
            for part in range(paragraphs)
        )
        + "\n"
        for number in range(count)
    }
