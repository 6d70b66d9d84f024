from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.batch import Asked, Unreadable, answer_batch, open_batch, parse_line
from bot.talk import Talk
from bot.terminal import Screen
from index.errors import SummitError
from tests.bot.answering import Answering, answer


def run(lines: list[bytes], answering: Answering | None = None) -> tuple[int, list[dict[str, Any]]]:
    out = io.StringIO()
    failed = answer_batch(answering or Answering(), lines, 5, Screen(out), Talk())
    return failed, [json.loads(line) for line in out.getvalue().splitlines()]


def test_answers_come_in_the_order_of_the_questions() -> None:
    answering = Answering({"What about hydrogen?": answer()})
    lines = [b'{"id": "b", "question": "?!"}\n', b"\n", b'{"id": 7, "question": "What about hydrogen?"}']
    failed, rows = run(lines, answering)
    assert failed == 0
    assert [(row["id"], row["verdict"]) for row in rows] == [("b", "none"), (7, "answer")]
    assert rows[1]["ms"] >= 0


@pytest.mark.parametrize(
    ("line", "id", "reason"),
    [
        (b"{broken", None, "not JSON"),
        (b"[1, 2]", None, "not a JSON object"),
        (b'{"question": "Who?"}', None, "no id"),
        (b'{"id": "x"}', "x", "no question"),
        (b'{"id": "x", "question": 5}', "x", "not a string"),
        (b'{"id": "x", "question": "  "}', "x", "empty"),
        (b'{"id": NaN, "question": "Who?"}', None, "not JSON"),
        (b'{"id": 1, "question": "\xff"}', None, "not UTF-8"),
        (b'{"id": ' + b"9" * 5000 + b', "question": "Who?"}', None, "not JSON"),
        (b"[" * 100_000, None, "not JSON"),
    ],
)
def test_a_bad_line_keeps_its_place_and_the_rest_goes_on(
    line: bytes, id: object, reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    good = b'{"id": "ok", "question": "Who met?"}'
    failed, rows = run([good, line, good])
    assert failed == 1
    assert [row["id"] for row in rows] == ["ok", id, "ok"]
    assert (rows[1]["verdict"], rows[1]["answered"], rows[1]["quotes"]) == ("none", False, [])
    assert reason in rows[1]["error"]
    assert "line 2: " in capsys.readouterr().err


def test_a_byte_order_mark_at_the_start_of_the_file_is_no_error() -> None:
    assert parse_line(b'\xef\xbb\xbf{"id": 1, "question": "Who?"}', first=True) == Asked(1, "Who?")


@given(line=st.binary(max_size=60) | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode))
def test_no_line_is_too_strange(line: bytes) -> None:
    assert isinstance(parse_line(line), Asked | Unreadable)


@given(question=st.text(st.characters(codec=None), min_size=1).filter(str.strip), id=st.text(st.characters(codec=None)))
def test_question_and_id_come_back_as_they_went_in(question: str, id: str) -> None:
    failed, (row,) = run([json.dumps({"id": id, "question": question}).encode()])
    assert failed == 0
    assert (row["id"], row["question"]) == (id, question)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SummitError, match=r"questions\.jsonl: No such file"):
        open_batch(str(tmp_path / "questions.jsonl"))
