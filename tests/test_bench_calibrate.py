"""The script that fits the calibration that ships: what it fits on and what it measures on never meet."""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path
from unittest.mock import patch
from xml.etree import ElementTree

import pytest

from bench import calibrate
from index.build import reindex
from index.calibrate import Observation
from index.confidence import read
from index.questions import Question
from tests.e2e.bot_process import FAKE_CHILD, load_fake
from tests.fakes import numbered_articles, write_articles


def question(name: str) -> Question:
    return Question(name, "Who?", (), "", "", "q.jsonl line 1")


def test_the_halves_are_of_about_the_same_size_and_always_the_same() -> None:
    halves = [calibrate.half(question(f"q{number}")) for number in range(400)]
    assert 160 < sum(halves) < 240
    assert [calibrate.half(question(name)) for name in ("q1", "q2", "q3")] == halves[1:4]


@pytest.mark.parametrize(
    ("default_model", "written"),
    [("fake", ["calibration.json", "reliability.svg"]), ("another", ["calibration-fake.json"])],
)
def test_it_reports_the_unseen_halves_and_writes_what_the_model_needs(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    default_model: str,
    written: list[str],
) -> None:
    articles = write_articles(tmp_path / "articles", numbered_articles(20))
    rows: list[dict[str, object]] = [
        {
            "id": f"{number}-{part}",
            "question": f"What did minister {number} say about subject{number}x{part} in the talks?",
            "answers": [{"article": f"article-{number:03}.txt", "quote": f"subject{number}x{part}"}],
        }
        for number in range(20)
        for part in range(3)
    ]
    rows += [{"id": f"u{n}", "question": f"Which whale sang at berth{n}?", "answers": []} for n in range(30)]
    file = tmp_path / "q.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    kept = tmp_path / "package"
    kept.mkdir()
    monkeypatch.setattr(calibrate, "ROOT", tmp_path)
    monkeypatch.setattr(calibrate, "CALIBRATION", kept / "calibration.json")
    monkeypatch.setattr(calibrate, "PICTURE", kept / "reliability.svg")
    monkeypatch.setattr(calibrate, "DEFAULT_MODEL", default_model)
    with patch.multiple(calibrate, reindex=partial(reindex, child=FAKE_CHILD), load_embedder=load_fake):
        arguments = [f"{file}={articles}", "--index", str(tmp_path / "kept"), "--model", "fake", "--write"]
        assert calibrate.main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    together = next(line.split() for line in lines if line.startswith("all together"))
    assert float(together[2]) > 0.9 and float(together[8]) > 0.9  # h1 and trust
    assert sorted(path.name for path in kept.iterdir()) == written
    fitted = read(kept / written[0])
    assert 0 < fitted.related_from <= fitted.answer_from < 1
    for path in kept.glob("*.svg"):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")


def test_a_question_without_a_quote_counts_as_silence() -> None:
    fitted = read(calibrate.CALIBRATION)
    nothing = Observation(False, None, False, None)
    table = calibrate.tabulate(fitted, [nothing])
    assert not table.answered[0] and table.score[0] == -math.inf
