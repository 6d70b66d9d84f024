from __future__ import annotations

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer

from index.embed import unit
from index.embed_transformers import TransformersEmbedder, model_folder
from index.model_choice import DEFAULT_MODEL, ModelChoice


@pytest.fixture(scope="module")
def embedder() -> TransformersEmbedder:
    return TransformersEmbedder(ModelChoice())


@pytest.fixture(scope="module")
def bare() -> SentenceTransformer:
    return SentenceTransformer(str(model_folder(DEFAULT_MODEL)), device="cpu", local_files_only=True)


@pytest.mark.parametrize(
    "question", ["What about hydrogen?", "", "수소에 대해 무엇을 합의했나요?", "word " * 1000, "a\x00b \U0001f600"]
)
def test_a_question_gets_the_vector_that_the_library_gives_it(
    embedder: TransformersEmbedder, bare: SentenceTransformer, question: str
) -> None:
    expected = unit(np.asarray(bare.encode(question, show_progress_bar=False), dtype=np.float32))
    assert np.allclose(embedder.encode_query(question), expected, atol=1e-6)
