from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.answer import MAX_QUESTION_CHARS
from index.article import Article
from index.errors import QuestionError
from index.lexical import LexicalIndex
from index.names import shipped
from index.passage import split
from index.query import Reader, is_small_talk
from tests.hostile import HOSTILE_PIECES, assert_linear

TEXT = "Lee Jae-myung and Ishiba agreed on hydrogen. Tariffs were not discussed.\n\n두 정상은 수소 협력에 합의했다.\n"


@pytest.fixture(scope="module")
def reader() -> Reader:
    article = Article("tokyo.txt", TEXT)
    return Reader(LexicalIndex.build({article.path: article}, split(article), shipped()))


@pytest.mark.parametrize("question", ["", "   ", "\n\t\u00a0\u3000"])
def test_an_empty_question_is_told_to_ask_something(reader: Reader, question: str) -> None:
    with pytest.raises(QuestionError, match="empty"):
        reader.read(question)


def test_a_question_that_is_too_long_hears_both_figures(reader: Reader) -> None:
    with pytest.raises(QuestionError, match=rf"has 2000 characters and at most {MAX_QUESTION_CHARS} can be asked"):
        reader.read("a" * 2000)
    assert reader.read("a" * MAX_QUESTION_CHARS).text


def test_white_space_does_not_count(reader: Reader) -> None:
    assert reader.read("hydrogen \n  deal" + " " * 3000) == reader.read("hydrogen deal")


def test_stop_words_are_no_content_and_names_are_their_things(reader: Reader) -> None:
    query = reader.read("What did Lee Jae-myung say about the hydrogen?")
    assert query.terms == ("=Lee Jae-myung", "=hydrogen")
    assert query.sequence == ("what", "did", "lee", "jae", "myung", "say", "about", "the", "hydrogen")
    assert reader.read("이재명 대통령의 수소 협력").terms[0] == "=Lee Jae-myung"


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("What is the capital of Mongolia?", {"=Mongolia"}),
        ("what is the capital of mongolia", {"=Mongolia"}),  # a thing of our table needs no capital
        ("몽골의 수도는 어디야?", {"=Mongolia"}),
        ("モンゴルの首都はどこですか？", {"=Mongolia"}),
        ("Did Lee agree on hydrogen with Merkel?", {"=Lee Jae-myung", "merkel"}),
        ("Hydrogen: what was agreed?", set()),  # any word opens its sentence with a capital
        ("They agreed. Hydrogen was in it?", set()),
        ("What Did They Agree On Hydrogen With Merkel?", set()),  # a title
        ("WHAT DID THEY AGREE ON HYDROGEN?", set()),
        ("How much did the dinner cost?", set()),
    ],
)
def test_proper_names_are_told_from_words(reader: Reader, question: str, names: set[str]) -> None:
    assert reader.read(question).names == names


def test_a_follow_up_is_held_to_its_own_names_only(reader: Reader) -> None:
    query = reader.read("and with Merkel?", previous="What did Ishiba agree on?")
    assert query.names == {"merkel"} and "=Ishiba Shigeru" in query.terms


def test_a_question_of_stop_words_only_keeps_them(reader: Reader) -> None:
    assert set(reader.read("what was it about?").terms) == {"what", "was", "it", "about"}


def test_slips_are_corrected_towards_the_articles(reader: Reader) -> None:
    query = reader.read("wat abt hydrgen")
    assert query.text == "what about hydrogen"
    assert query.terms == ("=hydrogen",)


def test_a_short_follow_up_is_read_with_the_question_before(reader: Reader) -> None:
    before = "What did Ishiba agree on?"
    assert set(reader.read("and on tariffs?", previous=before).terms) == {
        *reader.read(before).terms,
        *reader.read("tariffs?").terms,
    }


def test_a_question_with_words_enough_of_its_own_is_read_alone(reader: Reader) -> None:
    question = "What did Lee Jae-myung and Ishiba decide about hydrogen tariffs in Tokyo?"
    assert reader.read(question, previous="And the harbour?") == reader.read(question)


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "Hi there!",
        "hey, how are you?",
        "Thanks so much 🙏",
        "ok lol",
        "good morning everyone :)",
        "안녕하세요!",
        "감사합니다 ㅋㅋ",
        "고마워요~",
        "こんにちは！",
        "ありがとうございます。",
        "よろしくお願いします",
        "???",
        "👍👍",
        "...",
    ],
)
def test_greetings_thanks_and_noise_are_small_talk(reader: Reader, text: str) -> None:
    query = reader.read(text)
    assert query.small_talk
    assert query.terms == ()


@pytest.mark.parametrize(
    "text",
    [
        "Hello, what did they agree on hydrogen?",
        "thanks, and on tariffs?",
        "Who welcomed him?",
        "hydrogen",
        "안녕하세요, 수소 협력은요?",
        "こんにちは、水素は？",
        "Is Ishiba ok?",
        "okinawa",
        "2025",
    ],
)
def test_a_greeting_with_a_question_is_a_question(reader: Reader, text: str) -> None:
    assert not reader.read(text).small_talk


@given(question=st.text(st.characters(exclude_categories=["Cs"]), max_size=120), previous=st.text(max_size=700))
def test_any_text_is_read_or_refused_as_a_question(reader: Reader, question: str, previous: str) -> None:
    try:
        query = reader.read(question, previous=previous)
    except QuestionError:
        assert not question.strip()
        return
    assert query.text
    assert len(set(query.terms)) == len(query.terms)
    assert query.small_talk == is_small_talk(" ".join(question.split()))


@pytest.mark.parametrize("piece", HOSTILE_PIECES)
def test_time_grows_with_the_length_of_the_text(piece: str) -> None:
    assert_linear(is_small_talk, piece)


@pytest.mark.parametrize("piece", ["ok ", "hi", "no", "ㅋㅋ", "thank ", "!", "ty "])
def test_small_talk_followed_by_something_else_is_seen_in_linear_time(piece: str) -> None:
    def read(text: str) -> bool:
        return is_small_talk(text[:79] + "x") or is_small_talk(text + "x")

    assert_linear(read, piece)
