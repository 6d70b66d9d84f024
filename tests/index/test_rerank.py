from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from index.answering import Answerer
from index.article import Article
from index.blocks import Kind
from index.confidence import shipped
from index.errors import ModelError
from index.query import Reader
from index.rerank import RERANKED, CrossEncoderReranker, rerank
from index.retrieve import Retriever
from tests.fakes import FakeEmbedder, never_silent
from tests.index.test_answering import PAGES
from tests.memory import index_articles

TEXT = "Minister {} told the assembly that the harbour in Ulsan gets a terminal for hydrogen number {}."
ARTICLES = [Article(f"{at:02}.txt", TEXT.format(at, at)) for at in range(30)]
QUESTION = "Which harbour gets a terminal for hydrogen?"
INDEX = index_articles(ARTICLES, FakeEmbedder())


@dataclass
class Fond:
    """Likes texts that hold a word."""

    word: str
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        self.asked.append((question, tuple(texts)))
        return [float(self.word in text) for text in texts]


def test_what_the_reranker_likes_best_comes_first_and_the_rest_keeps_its_order() -> None:
    plain = Answerer(INDEX, FakeEmbedder(), never_silent()).ask(QUESTION, limit=20).quotes
    liked = plain[7].article.path
    fond = Fond(f"Minister {int(liked[:2])} ")
    found = Answerer(INDEX, FakeEmbedder(), never_silent(), reranker=fond).ask(QUESTION, limit=20).quotes
    assert found[0].article.path == liked
    assert [q.article.path for q in found[1:]] == [q.article.path for q in plain if q.article.path != liked]


def test_it_reads_the_question_with_what_would_be_quoted_of_the_first_passages() -> None:
    fond = Fond("nothing")
    quotes = Answerer(INDEX, FakeEmbedder(), never_silent(), reranker=fond).ask(QUESTION, limit=20).quotes
    ((asked, texts),) = fond.asked
    assert asked == QUESTION
    assert list(texts) == [quote.text for quote in quotes]
    assert len(texts) <= RERANKED


def test_the_verdict_stays_with_the_evidence_for_the_first_quote() -> None:
    calibration = shipped("fake")
    plain = Answerer(INDEX, FakeEmbedder(), calibration).ask(QUESTION)
    same = Answerer(INDEX, FakeEmbedder(), calibration, reranker=Fond("nothing")).ask(QUESTION)
    assert same == plain
    moved = Answerer(INDEX, FakeEmbedder(), calibration, reranker=Fond("Minister 9 ")).ask(QUESTION, limit=9).quotes
    assert [quote.score for quote in moved] == sorted((quote.score for quote in moved), reverse=True)
    assert all(0 < quote.score < 1 for quote in moved)


def test_captions_stay_behind_the_prose_whatever_the_reranker_says() -> None:
    index = index_articles(PAGES, FakeEmbedder())
    reader = Answerer(index, FakeEmbedder(), never_silent(), reranker=Fond("Reporter"))
    for question in ("Reporter Bae Min in Tokyo", "Who greeted each other at the guest house?"):
        first = reader.ask(question).quotes[0]
        kinds = {p.kind for p in index.passages if p.article == first.article.path and p.span.overlaps(first.highlight)}
        assert kinds == {Kind.PROSE}


def test_nothing_is_lost_or_added_and_no_passages_need_no_reranker() -> None:
    hits = Retriever(INDEX, FakeEmbedder()).retrieve(Reader(INDEX.lexical).read(QUESTION), top_k=30).hits
    found = rerank(Fond("9"), QUESTION, hits, lambda hit: hit.passage.text)
    assert sorted(hit.row for hit in found) == sorted(hit.row for hit in hits)
    assert found[RERANKED:] == list(hits[RERANKED:])
    assert rerank(Fond("9"), QUESTION, [], lambda hit: hit.passage.text) == []


def save_cross_encoder(folder: Path, labels: int = 1) -> Path:
    """A BERT of 32 dimensions with random weights that scores pairs of texts."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder.mkdir()
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters), *".,?"]
    (folder / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=512,
        initializer_range=0.5,
    )
    config.num_labels = labels
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    return folder


@pytest.mark.model
def test_a_cross_encoder_from_a_folder_puts_the_quotes_in_its_own_order(tmp_path: Path) -> None:
    reranker = CrossEncoderReranker(str(save_cross_encoder(tmp_path / "model")))
    quotes = Answerer(INDEX, FakeEmbedder(), never_silent(), reranker=reranker).ask(QUESTION, limit=20).quotes
    scores = reranker.scores(QUESTION, [quote.text for quote in quotes])
    assert len(set(scores)) > 1
    assert scores == sorted(scores, reverse=True)


@pytest.mark.model
def test_a_classifier_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="gives 3 scores"):
        CrossEncoderReranker(str(save_cross_encoder(tmp_path / "model", labels=3)))


@pytest.mark.model
def test_a_reranker_that_is_not_here_is_named_with_the_next_step_and_never_fetched(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"reranker 'nobody/nothing' is not on this machine.*SUMMIT_RERANKER"):
        CrossEncoderReranker("nobody/nothing")
    with pytest.raises(ModelError, match="SUMMIT_RERANKER"):
        CrossEncoderReranker(str(tmp_path))
