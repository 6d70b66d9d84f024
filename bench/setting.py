"""What the measurements share: the bare model, an index, and questions."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from index.build import reindex
from index.embed_transformers import model_folder
from index.model_choice import DEFAULT_MODEL, ModelChoice

QUESTIONS = (
    "What did they agree on hydrogen?",
    "Why did Lee visit Japan before the United States?",
    "What happened to the seafood import limits?",
    "Who will build ships in Philadelphia?",
    "How long did the talks at the prime minister's residence last?",
    "What is shuttle diplomacy?",
    "When did the two leaders meet in Tokyo?",
)


def bare_model() -> SentenceTransformer:
    """The model as anybody loads it, with one thread."""
    torch.set_num_threads(1)
    return SentenceTransformer(str(model_folder(DEFAULT_MODEL)), device="cpu", local_files_only=True)


def build_index(articles: Path, data: Path) -> Path:
    reindex(articles, data, ModelChoice())
    return data


def questions_about(articles: Path, most: int) -> list[str]:
    """The questions that come with a set of articles, spread over the file; those on our own where there are none."""
    file = articles.parent / "dev.jsonl"
    if not file.is_file():
        return list(QUESTIONS)
    lines = file.read_text(encoding="utf-8").splitlines()
    return [str(json.loads(line)["question"]) for line in lines[:: max(1, len(lines) // most)]][:most]
