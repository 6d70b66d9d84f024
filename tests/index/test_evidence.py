from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from index.article import Article
from index.evidence import Scripts, Words, weigh_words
from index.lexical import LexicalIndex
from index.names import shipped
from index.passage import split
from index.query import Reader
from index.script import Script, script_of

TEXTS = (
    "A terminal for hydrogen will be built in the harbour.",
    "The ministers spoke of rice for two hours. Nobody smiled.",
    "부두에 새 건물을 짓기로 했다.",
    "The ministers spoke of ships and of rice.",
)


class Texts:
    """One passage a text, and the words of a question weighed over them."""

    def __init__(self, *texts: str) -> None:
        articles = {f"{at}.txt": Article(f"{at}.txt", text) for at, text in enumerate(texts)}
        passages = [passage for article in articles.values() for passage in split(article)]
        self.lexical = LexicalIndex.build(articles, passages, shipped())
        self.scripts: Scripts = np.array([script_of(p.text) for p in passages], dtype=np.int8)
        self.sentences: Scripts = np.repeat(self.scripts, [len(p.sentences) for p in passages])
        self.reader = Reader(self.lexical)

    def weigh(self, question: str) -> Words:
        return weigh_words(self.lexical, self.reader.read(question), self.scripts, self.sentences)


@pytest.fixture(scope="module")
def texts() -> Texts:
    return Texts(*TEXTS)


def shares(words: Words) -> list[npt.NDArray[np.float32]]:
    return [words.passages, words.sentences, words.passage_coverage, words.sentence_coverage, words.pairs]


@pytest.mark.parametrize(
    "question",
    [
        "Where is the terminal for hydrogen?",
        "rice",
        "rice rice rice ships ministers",
        "부두에 건물",
        "Who saw the zeppelin?",
        "zeppelin",
        "港湾 hydrogen 부두 2025",
        "the of and",
        "Did Merkel see Lee in Mongolia?",
    ],
)
def test_shares_are_shares(texts: Texts, question: str) -> None:
    words = texts.weigh(question)
    assert [len(each) for each in shares(words)] == [4, 5, 4, 5, 5]
    for each in shares(words):
        assert np.isfinite(each).all()
        assert (each >= 0).all() and (each <= 1 + 1e-6).all()
    for row, script in enumerate(texts.sentences.tolist()):
        assert 0 <= words.rarest_name_missing([row], Script(script)) <= 1
    assert 0 <= words.covered(range(5)) <= 1 + 1e-6


def test_the_passage_that_holds_the_words_is_covered_best(texts: Texts) -> None:
    words = texts.weigh("Where will they build the hydrogen terminal?")
    assert int(np.argmax(words.passage_coverage)) == int(np.argmax(words.passages)) == 0
    assert int(np.argmax(words.sentence_coverage)) == 0


def test_a_word_that_no_article_holds_lessens_what_is_covered(texts: Texts) -> None:
    assert texts.weigh("qwertz").covered(range(5)) == 0
    assert texts.weigh("qwertz hydrogen").passage_coverage[0] < texts.weigh("hydrogen").passage_coverage[0]


def test_only_what_the_quoted_sentences_hold_counts_as_covered(texts: Texts) -> None:
    words = texts.weigh("Which ministers spoke of rice?")
    rice, nobody = 1, 2
    assert words.covered([rice]) == pytest.approx(1)
    assert words.covered([nobody]) == 0
    assert words.covered([]) == 0
    assert words.covered([rice, nobody]) == words.covered([rice])


def test_a_text_is_not_held_to_words_that_its_script_cannot_hold(texts: Texts) -> None:
    mixed = texts.weigh("부두에 hydrogen")
    assert mixed.passage_coverage[2] > texts.weigh("부두에 철도").passage_coverage[2]


def test_words_side_by_side_are_seen(texts: Texts) -> None:
    assert texts.weigh("terminal for hydrogen").pairs[0] == 1
    assert texts.weigh("hydrogen for terminal").pairs[0] == 0
    assert texts.weigh("hydrogen").pairs[0] == 0


def test_nothing_indexed_gives_no_rows() -> None:
    assert all(each.shape == (0,) for each in shares(Texts().weigh("hydrogen")))


NAMED = ("Lee met Ishiba in Tokyo. They spoke of rice.", "Ishiba spoke of Merkel.", "이 대통령은 도쿄에서 쌀을 말했다.")


def test_the_rarest_name_that_a_quote_lacks_is_told_by_its_weight() -> None:
    texts = Texts(*NAMED)
    words = texts.weigh("What did Ishiba say of Merkel?")
    assert words.rarest_name_missing([2], Script.LATIN) == 0  # the row holds both
    assert words.rarest_name_missing([0], Script.LATIN) > 0  # Merkel is missing there
    both = words.rarest_name_missing([1], Script.LATIN)
    assert both == words.rarest_name_missing([0], Script.LATIN) < 1  # Ishiba too, who is not as rare
    assert not words.name_unknown(Script.LATIN)


def test_a_name_that_no_article_holds_is_missing_everywhere() -> None:
    words = Texts(*NAMED).weigh("What did Lee tell Macron of rice?")
    assert words.name_unknown(Script.LATIN)
    assert words.rarest_name_missing([0, 1, 2], Script.LATIN) == 1


def test_a_text_is_not_held_to_a_name_that_its_script_cannot_spell() -> None:
    words = Texts(*NAMED).weigh("What did Lee say of rice to Zaphod?")
    assert words.name_unknown(Script.LATIN) and not words.name_unknown(Script.HANGUL)
    assert words.rarest_name_missing([3], Script.HANGUL) == 0
    # A thing has names in every script.
    assert Texts(*NAMED).weigh("What did Lee say in Mongolia?").name_unknown(Script.HANGUL)
