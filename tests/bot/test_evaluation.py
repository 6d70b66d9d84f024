from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli import main
from bot.evaluation import evaluation_text
from index.evaluate import Trial, judge
from index.questions import Question
from tests.bot.answering import HYDROGEN, related
from tests.bot.desk import QUESTION, Desk

PLEDGE = {"article": HYDROGEN.path, "quote": "They pledged closer cooperation on hydrogen."}
QUESTIONS: list[dict[str, object]] = [
    {"id": "a", "question": QUESTION, "lang": "en", "kind": "fact", "answers": [PLEDGE]},
    {"id": "b", "question": "nearly", "lang": "en", "kind": "fact", "answers": [PLEDGE]},
    {"id": "c", "question": "What came after?", "lang": "ko", "kind": "why", "answers": [PLEDGE]},
    {"id": "d", "question": "How deep is the sea?", "lang": "ko", "kind": "unanswerable", "answers": []},
]


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    desk = Desk()
    desk.install(monkeypatch)
    monkeypatch.chdir(tmp_path)
    write(*QUESTIONS)
    return desk


def write(*rows: object) -> None:
    Path("q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_the_figures_as_one_object(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "q.jsonl", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {name: found[name] for name in ("n", "answerable", "unanswerable")} == {
        "n": 4,
        "answerable": 3,
        "unanswerable": 1,
    }
    expected = {"h1": 2 / 3, "h3": 2 / 3, "h5": 2 / 3, "mrr": 2 / 3, "ah1": 1 / 3, "ans": 1 / 3, "abstain": 1.0}
    assert {name: found[name] for name in expected} == pytest.approx(expected, abs=1e-6)
    assert found["trust"] == pytest.approx(0.5)
    assert (found["verbatim"], found["quote_chars"]) == (1, {"median": 92, "max": 92})
    assert set(found["kinds"]) == {"fact", "why", "unanswerable"} and set(found["languages"]) == {"en", "ko"}
    assert found["languages"]["en"]["abstain"] is None
    low, high = found["intervals"]["h1"]
    assert 0 <= low <= found["h1"] <= high <= 1
    assert "misses" not in found


def test_the_table_names_every_group_and_every_figure(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "q.jsonl"]) == 0
    lines = capsys.readouterr().out.splitlines()
    headings = "n h1 h3 h5 MRR ah1 ans abstain trust AUROC ECE p50 ms p99 ms"
    assert lines[0].split() == headings.split()
    assert [line.split()[0] for line in lines[1:13:2]] == ["all", "fact", "unanswerable", "why", "en", "ko"]
    assert lines[1].split()[:4] == ["all", "4", "0.67", "0.67"]
    assert "0.00-1.00" in lines[2]


def test_the_table_continues_below_itself_where_the_terminal_is_narrow() -> None:
    asked = Question("a", "Who?", (), "unanswerable", "en", "q.jsonl line 1")
    found = judge([Trial(asked, related("Who?"), 1.0)], {HYDROGEN.path: HYDROGEN})
    lines = evaluation_text(found, columns=50).plain.splitlines()
    assert sum(line.startswith("all ") for line in lines) > 1
    assert max(map(len, lines[:-1])) <= 50
    wide = evaluation_text(found, columns=None).plain.splitlines()
    assert sum(line.startswith("all ") for line in wide) == 1


def test_each_miss_is_listed_with_what_came_first(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    other = {"article": "ko.txt", "quote": "셔틀 외교를 재개"}
    write({**QUESTIONS[0], "answers": [other]}, QUESTIONS[1], QUESTIONS[2], QUESTIONS[3])
    assert main(["eval", "q.jsonl", "--misses"]) == 0
    out = capsys.readouterr().out
    assert f"{QUESTION} [a · en · fact]" in out
    assert "the first quote does not answer: verdict answer, the right quote was not found" in out
    assert f"first tokyo.txt (0.70): {HYDROGEN.text}" in out
    assert "right ko.txt: 셔틀 외교를 재개" in out
    assert "was not shown as an answer: verdict related, the right quote came at rank 1" in out
    assert "What came after? [c · ko · why]\n  the first quote does not answer: verdict none" in out
    assert "How deep" not in out


def test_misses_as_json(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "q.jsonl", "--misses", "--json"]) == 0
    misses = json.loads(capsys.readouterr().out)["misses"]
    assert [(miss["id"], miss["wrong"], miss["rank"]) for miss in misses] == [
        ("b", "held_back", 1),
        ("c", "not_first", None),
    ]
    assert misses[0]["first"] == {"article": "tokyo.txt", "text": HYDROGEN.text, "score": 0.3}
    assert misses[0]["answers"] == [PLEDGE]
    assert misses[1]["first"] is None


def test_nothing_missed_says_so(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    write(QUESTIONS[0])
    assert main(["eval", "q.jsonl", "--misses"]) == 0
    assert capsys.readouterr().out.endswith("Nothing was missed.\n")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("{", "q.jsonl line 1 is not JSON"),
        ({**QUESTIONS[0], "answers": [{"article": "x.txt", "quote": "a"}]}, "q.jsonl line 1 names the article 'x.txt'"),
    ],
)
def test_a_bad_file_is_told_in_one_sentence(
    desk: Desk, capsys: pytest.CaptureFixture[str], row: object, complaint: str
) -> None:
    Path("q.jsonl").write_text(row if isinstance(row, str) else json.dumps(row), encoding="utf-8")
    assert main(["eval", "q.jsonl"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"summit: {complaint}") and err.count("\n") == 1
    assert desk.answering.asked == []


def test_the_verdict_is_fitted_before_the_questions_are_asked(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "q.jsonl", "--calibrate", "--json"]) == 0
    out, err = capsys.readouterr()
    assert desk.answering.calibrated == ("a", "b", "c", "d")
    assert "Kept in data/calibration.json" in err and "the very questions" in err
    assert json.loads(out)["n"] == 4
