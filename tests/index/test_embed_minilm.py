"""The stand-in for sentence-transformers gives what that gives, to six places, whatever it is given."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.embed import Embedder, EmbedInput, load_embedder
from index.errors import ModelError
from index.model_choice import ModelChoice
from tests.embedding import ENGLISH, KOREAN, assert_unit, numbered, whole

CLOSE = 2e-6
CHOICES = {
    "plain": ModelChoice(),
    "prompted": ModelChoice(query_prompt="query: ", passage_prompt="passage of an article: "),
}


@pytest.fixture(scope="module", params=CHOICES)
def both(request: pytest.FixtureRequest) -> tuple[Embedder, Embedder]:
    return load_embedder(CHOICES[request.param], few=True), load_embedder(CHOICES[request.param])


def assert_alike(both: tuple[Embedder, Embedder], passage: EmbedInput) -> None:
    (ours,), (theirs,) = (embedder.encode_passages([passage]) for embedder in both)
    assert np.allclose(ours.passage, theirs.passage, atol=CLOSE)
    assert np.allclose(ours.sentences, theirs.sentences, atol=CLOSE)
    assert ours.passage.dtype == ours.sentences.dtype == np.float32


@pytest.mark.model
def test_it_is_of_the_same_identity_and_level(both: tuple[Embedder, Embedder]) -> None:
    ours, theirs = both
    assert type(ours) is not type(theirs)
    assert (ours.identity, ours.dim) == (theirs.identity, theirs.dim)
    assert ours.unrelated == pytest.approx(theirs.unrelated, abs=CLOSE)


@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    ["What about hydrogen?", "", "수소에 대해 무엇을 합의했나요?", "word " * 1000, "a\x00b \U0001f600", "\u200b"],
)
def test_a_question_gets_the_same_vector(both: tuple[Embedder, Embedder], question: str) -> None:
    ours, theirs = both
    assert np.allclose(ours.encode_query(question), theirs.encode_query(question), atol=CLOSE)
    assert ours.reads(question) is theirs.reads(question)


@pytest.mark.model
def test_a_prompt_that_is_longer_than_the_window_does_no_harm() -> None:
    choice = ModelChoice(query_prompt="query " * 600, passage_prompt="passage " * 600)
    ours, theirs = load_embedder(choice, few=True), load_embedder(choice)
    assert np.allclose(ours.encode_query("rice"), theirs.encode_query("rice"), atol=CLOSE)
    (found,) = ours.encode_passages([numbered(ENGLISH, 2, "They agreed on rice.")])
    assert_unit(found, ours.dim, 3)


@pytest.mark.model
@pytest.mark.parametrize("sentence", [ENGLISH, KOREAN, "{}" + "long" * 400, "「{}」と述べた。"])
@pytest.mark.parametrize("count", [1, 40])
def test_a_passage_of_any_length_gets_the_same_vectors(
    both: tuple[Embedder, Embedder], sentence: str, count: int
) -> None:
    assert_alike(both, numbered(sentence, count, "They agreed on rice."))


@pytest.mark.model
@settings(max_examples=30)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_gets_the_same_vectors(both: tuple[Embedder, Embedder], text: str) -> None:
    assert_alike(both, whole(text))


@pytest.mark.model
def test_another_model_is_loaded_as_always(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]", encoding="utf-8")
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be loaded"):
        load_embedder(ModelChoice(str(tmp_path)), few=True)
