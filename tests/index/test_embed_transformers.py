from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from index.embed import Embedder, EmbedInput, embedder_identity, load_embedder
from index.embed_transformers import model_folder, prompts
from index.errors import ModelError
from index.model_choice import DEFAULT_MODEL, ModelChoice
from tests.embedding import ENGLISH, KOREAN, assert_unit, difference, numbered, whole

LETTERS = "abcdefghijklmnopqrstuvwxyz"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *".,:?", "query", "passage", "terminal"]
WORDS += [f"##{letter}" for letter in LETTERS]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (DEFAULT_MODEL, ("", "")),
        ("intfloat/e5-small-v2", ("query: ", "passage: ")),
        ("intfloat/multilingual-e5-small", ("query: ", "passage: ")),
        ("BAAI/bge-small-en-v1.5", ("Represent this sentence for searching relevant passages: ", "")),
        ("thenlper/gte-small", ("", "")),
        ("somebody/unheard-of", ("", "")),
    ],
)
def test_a_known_family_gets_the_prompts_that_it_was_trained_with(name: str, expected: tuple[str, str]) -> None:
    assert prompts(ModelChoice(name)) == expected


def test_prompts_that_are_set_win_even_when_they_are_empty() -> None:
    assert prompts(ModelChoice("intfloat/e5-small-v2", "", "text: ")) == ("", "text: ")


def test_a_folder_without_a_model_is_named_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no sentence-transformers model: point SUMMIT_EMBEDDING_MODEL"):
        load_embedder(ModelChoice(str(tmp_path)))


@pytest.mark.model
def test_a_model_whose_files_are_broken_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "modules.json").write_text("[]", encoding="utf-8")
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(ModelError):
        load_embedder(ModelChoice(str(tmp_path)))


def save_model(folder: Path, pooling: str) -> Path:
    """A sentence-transformers model of 32 dimensions that reads 32 tokens, with random weights."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    bare = folder / "bare"
    bare.mkdir(parents=True)
    (bare / "vocab.txt").write_text("\n".join(WORDS), encoding="utf-8")
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=0.5,  # wide, so that every token leaves its mark on every other
    )
    BertModel(config).save_pretrained(bare)
    BertTokenizer(str(bare / "vocab.txt")).save_pretrained(bare)
    modules = [Transformer(str(bare), max_seq_length=32), Pooling(32, pooling_mode=pooling)]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder / "st"))
    return folder / "st"


@pytest.fixture(scope="module", params=["mean", "cls"])
def own_model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("models"), request.param)


@pytest.mark.model
def test_an_own_folder_works_and_reads_long_passages_whole(own_model: Path) -> None:
    embedder = load_embedder(ModelChoice(str(own_model)))
    one, other = (numbered("the terminal {} in the harbour.", 20, last) for last in ("it is old.", "it was new."))
    first, second, again = embedder.encode_passages([one, other, one])
    assert embedder.dim == 32
    assert_unit(first, 32, 21)
    assert min(difference(first, second)) > 1e-4
    assert max(difference(first, again)) < 1e-5
    assert first.sentences[0] == pytest.approx(second.sentences[0], abs=1e-5)


@pytest.mark.model
def test_prompts_reach_the_model_and_its_identity(own_model: Path) -> None:
    choice = ModelChoice(str(own_model), "query: ", "passage: ")
    plain, prompted = load_embedder(ModelChoice(str(own_model))), load_embedder(choice)
    assert prompted.identity == embedder_identity(choice) != plain.identity
    assert prompted.encode_query("terminal") == pytest.approx(plain.encode_query("query: terminal"), abs=1e-5)
    one = whole("the terminal is old. it is in the harbour.")
    with_prompt, without = (embedder.encode_passages([one])[0] for embedder in (prompted, plain))
    assert_unit(with_prompt, 32, 2)
    assert min(difference(with_prompt, without)) > 1e-4


@pytest.mark.model
def test_a_long_prompt_does_not_push_the_text_out_of_the_window(own_model: Path) -> None:
    embedder = load_embedder(ModelChoice(str(own_model), "", "passage query terminal passage: "))
    one, other = (numbered("the terminal {} is old.", 12, last) for last in ("a cab.", "a zoo."))
    assert min(difference(*embedder.encode_passages([one, other]))) > 1e-4


@pytest.mark.model
def test_texts_without_a_token_have_vectors_all_the_same(own_model: Path) -> None:
    embedder = load_embedder(ModelChoice(str(own_model)))
    inputs = [whole("\u200b"), whole("🙏🙏"), EmbedInput("", (), ""), whole("a. \u200b b.")]
    for each, found in zip(inputs, embedder.encode_passages(inputs), strict=True):
        assert np.isfinite(found.passage).all() and np.isfinite(found.sentences).all()
        assert found.sentences.shape == (len(each.sentences), 32)
    assert embedder.encode_passages([]) == []


@pytest.mark.model
def test_the_identity_is_known_before_the_model_is_loaded_and_changes_with_its_files(own_model: Path) -> None:
    choice = ModelChoice(str(own_model))
    before = embedder_identity(choice)
    assert load_embedder(choice).identity == before
    config = own_model / "config_sentence_transformers.json"
    kept = config.read_text(encoding="utf-8")
    config.write_text(json.dumps({**json.loads(kept), "similarity_fn_name": "dot"}), encoding="utf-8")
    changed = embedder_identity(choice)
    config.write_text(kept, encoding="utf-8")
    assert changed != before == embedder_identity(choice)


@pytest.fixture(scope="module")
def default() -> Embedder:
    return load_embedder(ModelChoice())


@pytest.mark.model
@pytest.mark.parametrize(
    ("sentence", "count", "last", "other"),
    [
        (ENGLISH, 20, "They agreed on rice.", "They parted over steel."),
        (KOREAN, 24, "쌀에 합의했다.", "철강은 미뤘다."),
    ],
)
def test_no_passage_is_truncated(default: Embedder, sentence: str, count: int, last: str, other: str) -> None:
    one, two = (numbered(sentence, count, each) for each in (last, other))
    assert len(one.text) > 1000
    first, second = default.encode_passages([one, two])
    assert_unit(first, default.dim, len(one.sentences))
    passage, sentences = difference(first, second)
    assert passage > 1e-4
    assert sentences > 1e-2
    assert first.sentences[0] == pytest.approx(second.sentences[0], abs=1e-4)


@pytest.mark.model
def test_vectors_do_not_depend_on_what_is_embedded_beside_them(default: Embedder) -> None:
    inputs = [whole("They agreed on rice. Nobody left."), whole(ENGLISH.format(1) * 12), whole("장관이 왔다.")]
    for each, found in zip(inputs, default.encode_passages(inputs), strict=True):
        assert max(difference(found, default.encode_passages([each])[0])) < 1e-4


@pytest.mark.model
def test_a_question_is_nearer_to_its_answer_than_to_anything_else(default: Embedder) -> None:
    texts = ["The terminal for hydrogen will be built in Ulsan. It opens in May.", "The cook baked bread. It rose."]
    question = default.encode_query("Where do they build the plant for hydrogen?")
    assert np.linalg.norm(question) == pytest.approx(1, abs=1e-4)
    answer, bread = default.encode_passages([whole(text) for text in texts])
    assert question @ answer.passage > question @ bread.passage + 0.2
    assert question @ answer.sentences[0] > question @ answer.sentences[1]
    assert 0 <= default.unrelated < question @ answer.passage


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("What did they agree on hydrogen?", True),
        ("US tariffs", True),
        ("Did President Lee Jae-myung visit Yasukuni?", True),
        ("두 정상은 수소에 대해 무엇에 합의했나?", False),
        ("両首脳は水素について何に合意しましたか？", False),
        ("수소", False),
    ],
)
def test_the_default_model_knows_what_it_cannot_read(default: Embedder, text: str, reads: bool) -> None:
    assert default.reads(text) is reads


def test_the_default_model_comes_with_a_package_and_is_found_without_a_hub() -> None:
    assert (model_folder(DEFAULT_MODEL) / "model.safetensors").is_file()
