from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.answer import Quote
from index.article import Article, Span
from index.errors import SummitError
from index.questions import Gold, check_answers, is_hit, read_questions

TEXT = "The bridge opened on 3 May.\nIt had been closed\nfor two years. Nobody was hurt. Nobody was sorry."
BRIDGE = Article("bridge.txt", TEXT)
ARTICLES = {BRIDGE.path: BRIDGE}
GOOD: dict[str, object] = {
    "id": "q1",
    "question": "When did it open?",
    "lang": "en",
    "kind": "fact",
    "answers": [{"article": "bridge.txt", "quote": "opened on 3 May"}],
}


def evaluation_file(folder: Path, *lines: object) -> Path:
    path = folder / "questions.jsonl"
    rows = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def quote(words: str, article: Article = BRIDGE) -> Quote:
    at = article.text.index(words)
    span = Span(at, at + len(words))
    return Quote(article, span, span, 0.5)


def test_a_question_is_read_with_everything_the_file_says(tmp_path: Path) -> None:
    unanswerable = {"id": 2, "question": "Who built it?", "answers": []}
    first, second = read_questions(evaluation_file(tmp_path, GOOD, "", unanswerable))
    assert (first.id, first.text, first.kind, first.language) == ("q1", "When did it open?", "fact", "en")
    assert first.answers == (Gold("bridge.txt", "opened on 3 May"),)
    assert (second.id, second.answers, second.kind, second.language) == ("2", (), "", "")
    assert second.where.endswith("questions.jsonl line 3")


def test_a_file_saved_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = evaluation_file(tmp_path, GOOD)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read_questions(path)[0].id == "q1"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('{"id": "q2", ', "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ('["q2"]', "not a JSON object"),
        ({**GOOD, "id": None}, "has no id"),
        ({**GOOD, "id": True}, "has no id"),
        ({"question": "When?", "answers": []}, "has no id"),
        ({"id": "q2", "answers": []}, "has no question"),
        ({**GOOD, "id": "q2", "question": "  "}, "has no question"),
        ({**GOOD, "id": "q2", "question": "x" * 501}, "501 characters"),
        ({"id": "q2", "question": "When?"}, "has no answers"),
        ({**GOOD, "id": "q2", "answers": ["bridge.txt"]}, "not an object"),
        ({**GOOD, "id": "q2", "answers": [{"quote": "opened"}]}, "has no article"),
        ({**GOOD, "id": "q2", "answers": [{"article": "bridge.txt"}]}, "has no quote"),
        ({**GOOD, "id": "q2", "answers": [{"article": "bridge.txt", "start": 5, "end": 5}]}, "start and end"),
        (GOOD, "has the id q1 of line 1"),
    ],
)
def test_a_line_that_is_no_question_is_named_with_what_is_wrong(tmp_path: Path, line: object, complaint: str) -> None:
    with pytest.raises(SummitError) as caught:
        read_questions(evaluation_file(tmp_path, GOOD, line))
    assert "questions.jsonl line 2 " in str(caught.value)
    assert complaint in str(caught.value)


def test_a_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(b'{"id": "q\xff"}')
    with pytest.raises(SummitError, match="line 1 is not UTF-8"):
        read_questions(path)


def test_a_file_that_is_not_there_or_holds_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(SummitError, match=r"cannot read .*nowhere"):
        read_questions(tmp_path / "nowhere.jsonl")
    with pytest.raises(SummitError, match="holds no questions"):
        read_questions(evaluation_file(tmp_path))


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ({"article": "bridge.md", "quote": "opened"}, "'bridge.md', which is not indexed"),
        ({"article": "bridge.txt", "quote": "opened on 4 May"}, "does not stand in 'bridge.txt'"),
        ({"article": "bridge.txt", "quote": "opened", "start": 0, "end": 5}, "does not stand at 0-5 of 'bridge.txt'"),
        ({"article": "bridge.txt", "start": 0, "end": 5000}, "ends at 5000"),
    ],
)
def test_an_answer_that_the_articles_do_not_bear_out_is_named(
    tmp_path: Path, answer: dict[str, object], complaint: str
) -> None:
    questions = read_questions(evaluation_file(tmp_path, {**GOOD, "id": "q0"}, {**GOOD, "answers": [answer]}))
    with pytest.raises(SummitError) as caught:
        check_answers(questions, ARTICLES)
    assert "questions.jsonl line 2 " in str(caught.value)
    assert complaint in str(caught.value)


def test_answers_may_differ_in_white_space_and_capitals(tmp_path: Path) -> None:
    answers = [{"article": "bridge.txt", "quote": "it had been closed for two years"}]
    check_answers(read_questions(evaluation_file(tmp_path, {**GOOD, "answers": answers})), ARTICLES)


def test_a_hit_holds_the_gold_words() -> None:
    gold = Gold("bridge.txt", "Closed for two years")
    assert is_hit(quote("It had been closed\nfor two years."), gold)
    assert not is_hit(quote("The bridge opened on 3 May."), gold)
    assert not is_hit(quote("It had been closed\nfor two years.", Article("copy.txt", TEXT)), gold)


def test_a_quote_within_longer_gold_words_needs_six_tenths_of_them() -> None:
    gold = Gold("bridge.txt", "The bridge opened on 3")
    assert is_hit(quote("The bridge opened"), gold)
    assert not is_hit(quote("The bridge"), gold)


def test_where_the_place_is_known_the_words_elsewhere_are_no_hit() -> None:
    second = TEXT.rindex("Nobody")
    gold = Gold("bridge.txt", "Nobody", Span(second, second + 6))
    assert not is_hit(quote("Nobody was hurt."), gold)
    assert is_hit(quote("Nobody was hurt. Nobody was sorry."), gold)
    assert is_hit(quote("Nobody was sorry."), Gold("bridge.txt", "", gold.span))
