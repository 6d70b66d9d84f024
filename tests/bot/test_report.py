from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bot.cli import main
from bot.plots import interval_plot, reliability_plot
from bot.report import report, write_report
from index.answer import Answer, Quote
from index.article import Article, Span
from index.errors import SummitError
from index.evaluate import Evaluation, Trial, judge
from index.intervals import Bin, Figure
from index.questions import Gold, Question
from tests.bot.answering import HYDROGEN
from tests.bot.desk import QUESTION, Desk

NOW = datetime(2025, 9, 1, 12, 30, tzinfo=UTC)
HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>\x1b[31m\u202e & more'
SVG = "{http://www.w3.org/2000/svg}"


def evaluation(words: str = "plain words") -> Evaluation:
    """One miss, in which everything that comes from elsewhere is `words`."""
    article = Article(f"{words}.txt", f"{words} were said.")
    whole = Span(0, len(article.text))
    asked = Question(words, words, (Gold(article.path, f"{words} were never said"),), words, words, "q.jsonl line 1")
    trial = Trial(asked, Answer(words, (Quote(article, whole, whole, 0.5),)), 5.0)
    return judge([trial], {article.path: article})


class Tags(HTMLParser):
    """Every tag and attribute of a page, and whether each is closed by its own kind."""

    VOID = ("meta", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_nothing_that_comes_from_elsewhere_is_markup() -> None:
    page = report(evaluation(HOSTILE), HOSTILE, NOW)
    tags = Tags(page)
    assert tags.open == []
    assert tags.names == Tags(report(evaluation(), "q.jsonl", NOW)).names
    assert not tags.names & {"script", "img", "a", "link", "iframe", "form"}
    assert not [name for name in tags.attributes if name.startswith("on") or name in ("href", "src")]
    assert "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;" in page
    assert "\x1b" not in page and "\u202e" not in page


def test_the_page_fetches_nothing_and_says_so_to_the_browser() -> None:
    page = report(evaluation(), "q.jsonl", NOW)
    assert "default-src 'none'" in page
    assert set(re.findall(r"https?://[^\"' ]+", page)) == {"http://www.w3.org/2000/svg"}
    assert "url(" not in page and "@import" not in page


def test_the_page_shows_figures_and_the_miss_with_both_quotes() -> None:
    page = report(evaluation(), "q.jsonl", NOW)
    assert "2025-09-01 at 12:30 UTC" in page
    for words in ("h1", "AUROC", "p99 ms", "By kind", "By language", "Reliability", "What went wrong: 1"):
        assert words in page
    assert "plain words were said." in page and "plain words were never said" in page


def test_half_a_surrogate_pair_does_not_stop_the_page(tmp_path: Path) -> None:
    asked = Question("a", "Who \ud800?", (), "", "", "q.jsonl line 1")
    span = Span(0, 5)
    trial = Trial(asked, Answer("Who?", (Quote(HYDROGEN, span, span, 0.5),)), 5.0)
    write_report(judge([trial], {HYDROGEN.path: HYDROGEN}), "q.jsonl", tmp_path / "out.html")
    assert "Who " in (tmp_path / "out.html").read_text("utf-8")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(SummitError, match=r"cannot write .*nowhere"):
        write_report(evaluation(), "q.jsonl", tmp_path / "nowhere" / "out.html")


def test_eval_writes_the_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Desk().install(monkeypatch)
    row = {"id": "a", "question": QUESTION, "answers": [{"article": HYDROGEN.path, "quote": "A dinner followed."}]}
    (tmp_path / "q.jsonl").write_text(json.dumps(row), encoding="utf-8")
    out = tmp_path / "out.html"
    assert main(["eval", str(tmp_path / "q.jsonl"), "--html", str(out)]) == 0
    assert out.read_text("utf-8").startswith("<!doctype html>")
    assert capsys.readouterr().out.startswith("  ")  # the table is printed all the same


def test_an_interval_is_drawn_from_its_low_to_its_high_end() -> None:
    nothing = Figure(float("nan"), float("nan"), float("nan"))
    drawn = ElementTree.fromstring(interval_plot([("a<b", Figure(0.5, 0.25, 1.0)), ("none", nothing)], "t"))
    (line,) = drawn.findall(f"{SVG}line[@class='mark']")
    (dot,) = drawn.findall(f"{SVG}circle")
    low, high, value = (float(x) for x in (line.get("x1", ""), line.get("x2", ""), dot.get("cx", "")))
    assert low < value < high and (value - low) * 2 == pytest.approx(high - value, abs=0.2)
    assert "a<b" in [text.text for text in drawn.findall(f"{SVG}text")]


def test_a_calibrated_score_lies_on_the_diagonal() -> None:
    drawn = ElementTree.fromstring(reliability_plot([Bin(10, 0.2, 0.2), Bin(5, 0.8, 0.8)], "t"))
    diagonal = drawn.find(f"{SVG}line")
    assert diagonal is not None
    x1, y1, x2, y2 = (float(diagonal.get(name, "")) for name in ("x1", "y1", "x2", "y2"))
    dots = [(float(dot.get("cx", "")), float(dot.get("cy", ""))) for dot in drawn.findall(f"{SVG}circle")]
    for (x, y), share in zip(dots, (0.2, 0.8), strict=True):
        assert (x, y) == pytest.approx((x1 + share * (x2 - x1), y1 + share * (y2 - y1)), abs=0.2)
