"""`summit eval`: what an evaluation found, as a table, as JSON and as a list of misses."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from bot.printable import one_line
from bot.wrap import wrap

if TYPE_CHECKING:
    from index.evaluate import Evaluation, Group, Miss
    from index.intervals import Figure

HEADINGS = {
    "h1": "h1",
    "h3": "h3",
    "h5": "h5",
    "mrr": "MRR",
    "ah1": "ah1",
    "ans": "ans",
    "abstain": "abstain",
    "trust": "trust",
    "auroc": "AUROC",
    "ece": "ECE",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
}
DIGITS = 6
UNDEFINED = "-"


def evaluation_json(found: Evaluation, *, misses: bool) -> dict[str, object]:
    """Figures that the questions do not allow to be computed are null."""
    report = _group_json(found.overall) | {
        "quote_chars": {"median": found.quote_chars[0], "max": found.quote_chars[1]},
        "verbatim": _number(found.verbatim),
        "reliability": [
            {"count": one.count, "score": _number(one.score), "hits": _number(one.hits)} for one in found.bins
        ],
        "kinds": {name: _group_json(group) for name, group in found.kinds.items()},
        "languages": {name: _group_json(group) for name, group in found.languages.items()},
    }
    return report | {"misses": [_miss_json(miss) for miss in found.misses]} if misses else report


def evaluation_text(found: Evaluation, *, columns: int | None) -> Text:
    """One row a group, each figure above its interval. A table that is too wide goes on below itself."""
    rows = [("all", found.overall)]
    rows += [(one_line(name), group) for name, group in (*found.kinds.items(), *found.languages.items())]
    lead = [_column("", [(name, "") for name, _ in rows], left=True)]
    lead.append(_column("n", [(str(group.answerable + group.unanswerable), "") for _, group in rows]))
    rest = [
        _column(words, [(shown(group.figures[name]), ends(group.figures[name])) for _, group in rows])
        for name, words in HEADINGS.items()
    ]
    parts = [Text("\n").join(_lines(lead + part)) for part in _packed(lead, rest, columns)]
    median, longest = found.quote_chars
    verbatim = UNDEFINED if math.isnan(found.verbatim) else f"{found.verbatim:.1%}"
    parts.append(Text(f"quotes: median {median:g} characters, longest {longest}; {verbatim} word for word"))
    return Text("\n\n").join(parts)


def misses_text(misses: Sequence[Miss], *, columns: int | None) -> Text:
    """Each miss: the question, what came first, and what should have."""
    blocks = []
    for miss in misses:
        question, first = miss.trial.question, miss.first
        tags = " · ".join(part for part in (question.id, question.language, question.kind) if part)
        lines = [
            *_filled(f"{question.text} [{tags}]", columns, indent="", style="bold"),
            *_filled(f"{miss.wrong.value}: {standing(miss)}", columns, style="yellow"),
        ]
        if first:
            lines += _filled(f"first {first.article.path} ({first.score:.2f}): {first.text}", columns)
        for article, words in miss.gold:
            lines += _filled(f"right {article}: {words}", columns)
        blocks.append(Text("\n").join(lines))
    return Text("\n\n").join(blocks) if blocks else Text("Nothing was missed.", style="green")


def standing(miss: Miss) -> str:
    """The verdict, and where the quote that answers stood."""
    verdict = f"verdict {miss.trial.outcome.verdict}"
    if not miss.gold:
        return verdict
    return f"{verdict}, the right quote " + (f"came at rank {miss.rank}" if miss.rank else "was not found")


def _filled(words: str, columns: int | None, *, indent: str = "  ", style: str = "") -> list[Text]:
    line = one_line(words)
    return [Text(indent + span.slice(line), style=style) for span in wrap(line, columns and columns - len(indent))]


def _group_json(group: Group) -> dict[str, object]:
    values = {name: _number(figure.value) for name, figure in group.figures.items()}
    intervals = {name: [_number(figure.low), _number(figure.high)] for name, figure in group.figures.items()}
    return {
        "n": group.answerable + group.unanswerable,
        "answerable": group.answerable,
        "unanswerable": group.unanswerable,
        **values,
        "intervals": intervals,
    }


def _miss_json(miss: Miss) -> Mapping[str, object]:
    question, first = miss.trial.question, miss.first
    return {
        "id": question.id,
        "question": question.text,
        "lang": question.language,
        "kind": question.kind,
        "wrong": miss.wrong.name.lower(),
        "verdict": miss.trial.outcome.verdict,
        "rank": miss.rank,
        "first": first and {"article": first.article.path, "text": first.text, "score": _number(first.score)},
        "answers": [{"article": article, "quote": words} for article, words in miss.gold],
    }


def _number(value: float) -> float | None:
    return round(value, DIGITS) if math.isfinite(value) else None


def shown(figure: Figure) -> str:
    return UNDEFINED if math.isnan(figure.value) else f"{figure.value:.{_decimals(figure)}f}"


def ends(figure: Figure) -> str:
    """The interval; empty for a figure that could not be computed."""
    decimals = _decimals(figure)
    return "" if math.isnan(figure.value) else f"{figure.low:.{decimals}f}-{figure.high:.{decimals}f}"


def _decimals(figure: Figure) -> int:
    return 2 if figure.high <= 1 else 1  # shares, and times


def _column(heading: str, cells: Sequence[tuple[str, str]], *, left: bool = False) -> list[str]:
    """All lines of a column, as wide as the widest: the heading, then two lines a row."""
    lines = [heading, *(line for cell in cells for line in cell)]
    width = max(cell_len(line) for line in lines)
    return [line + " " * (width - cell_len(line)) if left else " " * (width - cell_len(line)) + line for line in lines]


def _packed(lead: Sequence[list[str]], rest: Sequence[list[str]], columns: int | None) -> list[list[list[str]]]:
    """The columns of `rest` in as many parts as it takes to fit each beside the leading ones."""
    room = (columns or 10_000) - sum(cell_len(column[0]) + 2 for column in lead)
    parts: list[list[list[str]]] = [[]]
    used = 0
    for column in rest:
        width = cell_len(column[0]) + 2
        if parts[-1] and used + width > room:
            parts.append([])
            used = 0
        parts[-1].append(column)
        used += width
    return parts


def _lines(columns: Sequence[list[str]]) -> list[Text]:
    styles = ["bold", *["", "dim"] * (len(columns[0]) // 2)]
    rows = zip(*columns, strict=True)
    return [Text("  ".join(cells).rstrip(), style=style) for cells, style in zip(rows, styles, strict=True)]
