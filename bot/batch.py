"""Many questions in one go: JSON lines in, JSON lines out in the same order, one bad line never stops the rest."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.contract import answer_json, dumps, unasked_json
from bot.serving import Answers, ask
from bot.talk import Talk
from bot.terminal import Screen
from index.errors import QuestionError, SummitError
from index.receipt import Progress


@dataclass(frozen=True, slots=True)
class Asked:
    id: object  # any JSON value; it comes back as it went in
    question: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that holds no question, with as much of it as could be read."""

    id: object
    question: str
    reason: str


def open_batch(file: str) -> BinaryIO:
    """The lines of a file, or of stdin for `-`. SummitError when it cannot be opened."""
    if file == "-":
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except OSError as exc:
        raise SummitError(f"cannot read {file}: {exc.strerror}; give a file of JSON lines, or - for stdin") from exc


def answer_batch(answers: Answers, lines: Iterable[bytes], limit: int, screen: Screen, talk: Talk) -> int:
    """Answer every line that holds a question; returns how many could not be asked."""
    failed = answered = 0
    # Where the answers themselves are seen to come, a bar between them would only garble them.
    with nullcontext(_ignore) if screen.is_terminal else talk.bar("Answering ...") as show:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            row = _row(answers, talk, parse_line(line, first=number == 1), limit)
            if "error" in row:
                failed += 1
                talk.warn(f"line {number}: {row['error']}; not asked, the rest goes on")
            screen.emit(dumps(row))
            answered += 1
            show(Progress("answer", answered, 0))
    return failed


def _ignore(progress: Progress) -> None: ...


def parse_line(line: bytes, *, first: bool = False) -> Asked | Unreadable:
    try:
        row = json.loads(line.decode("utf-8-sig" if first else "utf-8"), parse_constant=_refuse)
    except UnicodeDecodeError:
        return Unreadable(None, "", "not UTF-8")
    except (ValueError, RecursionError) as exc:
        return Unreadable(None, "", f"not JSON ({exc})")
    if not isinstance(row, dict):
        return Unreadable(None, "", "not a JSON object with id and question")
    question = row.get("question")
    known = question if isinstance(question, str) else ""
    if row.get("id") is None:
        return Unreadable(None, known, "has no id")
    if not isinstance(question, str):
        return Unreadable(row["id"], "", "has no question, or one that is not a string")
    return Asked(row["id"], question)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _row(answers: Answers, talk: Talk, asked: Asked | Unreadable, limit: int) -> dict[str, object]:
    if isinstance(asked, Unreadable):
        return unasked_json(asked.question, id=asked.id, error=asked.reason)
    started = time.perf_counter()
    try:
        outcome = ask(answers, talk, asked.question, limit=limit)
    except QuestionError as exc:
        return unasked_json(asked.question, id=asked.id, error=str(exc))
    return answer_json(outcome, id=asked.id, ms=(time.perf_counter() - started) * 1000)
