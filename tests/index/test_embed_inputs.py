"""`index/embed.py`: what an embedder is given, and what holds for all of them. The adapters have tests of their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import Article, Span
from index.embed import Embedder, EmbedInput, embed_input, embedder_identity, load_embedder, unit
from index.errors import ModelError
from index.model_choice import ModelChoice
from index.passage import split
from tests.embedding import assert_unit, whole
from tests.fakes import FakeEmbedder


@given(rows=st.lists(st.lists(st.floats(-1e3, 1e3, width=32), min_size=3, max_size=3), min_size=1, max_size=5))
def test_rows_are_scaled_to_length_one_and_a_zero_row_stays_zero(rows: list[list[float]]) -> None:
    matrix = np.array(rows, dtype=np.float32)
    for before, after in zip(matrix, unit(matrix), strict=True):
        length = float(np.linalg.norm(before.astype(np.float64)))
        if length > 1e-6:
            assert after * length == pytest.approx(before, rel=1e-3, abs=1e-3)
            assert np.linalg.norm(after) == pytest.approx(1, abs=1e-4)
    assert unit(np.zeros(4, dtype=np.float32)).tolist() == [0, 0, 0, 0]


def test_what_is_embedded_counts_within_the_passage() -> None:
    article = Article("one.txt", "The two met.\n\nThey agreed. Nobody left.", title="Two leaders")
    one = embed_input(article, split(article)[1])
    assert one.title == "Two leaders"
    assert [span.slice(one.text) for span in one.sentences] == ["They agreed.", "Nobody left."]


def test_a_fingerprint_changes_with_all_that_vectors_depend_on_and_nothing_else() -> None:
    one = whole("They agreed. Nobody left.", "Two leaders")
    others = [
        whole("They agreed. Nobody left!", "Two leaders"),
        whole("They agreed. Nobody left.", "Three leaders"),
        EmbedInput(one.text, (Span(0, len(one.text)),), one.title),
    ]
    assert len({one.fingerprint, *(other.fingerprint for other in others)}) == 4
    assert whole("They agreed. Nobody left.", "Two leaders").fingerprint == one.fingerprint


def test_the_stand_in_embedder_keeps_the_contract() -> None:
    embedder: Embedder = FakeEmbedder()
    assert_unit(embedder.encode_passages([whole("They agreed. 한국. 🙏.")])[0], embedder.dim, 3)


@pytest.mark.parametrize("name", ["somebody/no-such-model", "no such model", "../nowhere"])
def test_an_unknown_model_is_named_with_the_next_step_and_nothing_is_fetched(name: str) -> None:
    for find in (embedder_identity, load_embedder):
        with pytest.raises(ModelError, match=r"is not on this machine: .*SUMMIT_EMBEDDING_MODEL") as raised:
            find(ModelChoice(name))
        assert repr(name) in str(raised.value)
