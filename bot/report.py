"""An evaluation as one HTML page that needs no other file: figures with intervals, plots, and the misses.

Questions, file names and quotes are other people's text: all of it passes through `_said` or `_quoted`, and
nothing is linked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from bot.evaluation import HEADINGS, UNDEFINED, ends, shown, standing
from bot.plots import interval_plot, reliability_plot
from bot.printable import one_line, printable
from index.errors import SummitError

if TYPE_CHECKING:
    from index.evaluate import Evaluation, Group, Miss

SHARES = ("h1", "h3", "h5", "mrr", "ah1", "ans", "abstain", "trust", "auroc", "ece")
MEANINGS: Mapping[str, str] = {
    "h1": "the first quote answers (share of the answerable questions)",
    "h3": "one of the first three does",
    "h5": "one of the first five does",
    "mrr": "mean of 1 / rank of the first quote that answers",
    "ah1": "the first quote answers, and was shown as an answer",
    "ans": "something was shown as an answer",
    "abstain": "nothing was shown as an answer (share of the unanswerable questions)",
    "trust": "harmonic mean of ah1 and abstain",
    "auroc": "chance that an answerable question scores above an unanswerable one",
    "ece": "how far the first quote's score is from the share that answers; lower is better",
    "p50_ms": "time that half of the questions stay within",
    "p99_ms": "time that all but the slowest hundredth stay within",
}
# Nothing is fetched and nothing runs, whatever a question or an article may hold.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
CSS = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1, h2 { line-height: 1.2 } h2 { margin-top: 2.5rem }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .3rem .7rem; text-align: right; border-bottom: 1px solid #9995; vertical-align: top }
th:first-child, td:first-child, td.words { text-align: left }
small, .faint-words { opacity: .7 } td small { display: block; white-space: nowrap }
.wide { overflow-x: auto } svg { max-width: 100%; height: auto }
article { border-left: 3px solid #9998; padding-left: 1rem; margin: 1.5rem 0 }
article h3 { margin: 0; font-size: 1rem } article p { margin: .2rem 0 }
blockquote { margin: .3rem 0 .6rem; padding-left: .8rem; border-left: 2px solid #2563a8; white-space: pre-wrap }
"""


def write_report(found: Evaluation, file: str, out: Path) -> None:
    """Raises SummitError when the page cannot be written."""
    page = report(found, file, datetime.now(UTC))
    try:
        # A question may hold half a surrogate pair, which no file can.
        out.write_bytes(page.encode("utf-8", "xmlcharrefreplace"))
    except OSError as exc:
        raise SummitError(f"cannot write {out}: {exc.strerror}; name another file with --html") from exc


def report(found: Evaluation, file: str, now: datetime) -> str:
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Evaluation: {_said(file)}</title><style>{CSS}</style></head><body>",
            *_summary(found, file, now),
            *_groups(found),
            *_reliability(found),
            *_misses(found.misses),
            "</body></html>\n",
        ]
    )


def _summary(found: Evaluation, file: str, now: datetime) -> Iterator[str]:
    overall = found.overall
    yield f"<h1>Evaluation: {_said(file)}</h1>"
    yield (
        f"<p>{overall.answerable} questions that the articles answer, {overall.unanswerable} that they do not; "
        f"asked on {now:%Y-%m-%d at %H:%M} UTC. Each figure has its interval: with other questions of the same sort "
        "it would have come to lie there 95 times in 100.</p>"
    )
    yield '<div class="wide"><table><tr><th>figure</th><th>value</th><th>interval</th><th></th></tr>'
    for name, words in HEADINGS.items():
        figure = overall.figures[name]
        cells = f"<td>{words}</td><td><b>{shown(figure)}</b></td><td>{ends(figure)}</td>"
        yield f'<tr>{cells}<td class="words">{MEANINGS[name]}</td></tr>'
    median, longest = found.quote_chars
    verbatim = UNDEFINED if math.isnan(found.verbatim) else f"{found.verbatim:.1%}"
    yield "</table></div>"
    yield f"<p>Quotes: median {median:g} characters, longest {longest}; {verbatim} word for word in their articles.</p>"
    yield interval_plot(
        [(HEADINGS[name], overall.figures[name]) for name in SHARES], "All figures with their intervals"
    )


def _groups(found: Evaluation) -> Iterator[str]:
    for title, groups in (("By kind", found.kinds), ("By language", found.languages)):
        if not groups:
            continue
        yield f"<h2>{title}</h2>"
        yield '<div class="wide"><table><tr><th></th><th>n</th>'
        yield "".join(f"<th>{words}</th>" for words in HEADINGS.values()) + "</tr>"
        yield from (_row(name, group) for name, group in groups.items())
        yield "</table></div>"
        for figure, words in (("h1", "the first quote answers (h1)"), ("ah1", "and was shown as an answer (ah1)")):
            rows = [(name, group.figures[figure]) for name, group in groups.items() if group.answerable]
            if rows:
                yield f"<h3>{title}: {words}</h3>"
                yield interval_plot(rows, f"{title}: {words}")


def _row(name: str, group: Group) -> str:
    cells = "".join(
        f"<td>{shown(group.figures[figure])}<small>{ends(group.figures[figure])}</small></td>" for figure in HEADINGS
    )
    return f"<tr><td>{_said(name)}</td><td>{group.answerable + group.unanswerable}</td>{cells}</tr>"


def _reliability(found: Evaluation) -> Iterator[str]:
    if not found.bins:
        return
    yield "<h2>Reliability</h2>"
    yield (
        "<p>The questions that got a quote, in groups of neighbouring scores: what the first quote's score said, "
        "and how often it was right. On the dashed line the two are the same; below it, the score promised too "
        "much.</p>"
    )
    yield reliability_plot(found.bins, "Reliability: score against share of hits")


def _misses(misses: Sequence[Miss]) -> Iterator[str]:
    yield f"<h2>What went wrong: {len(misses)}</h2>"
    for miss in misses:
        question, first = miss.trial.question, miss.first
        tags = " · ".join(part for part in (question.id, question.language, question.kind) if part)
        yield f'<article><h3>{_said(question.text)} <small class="faint-words">{_said(tags)}</small></h3>'
        yield f"<p>{miss.wrong.value}: {standing(miss)}</p>"
        if first:
            yield f"<p><small>first, score {first.score:.2f}, {_said(first.article.path)}</small></p>"
            yield f"<blockquote>{_quoted(first.text)}</blockquote>"
        for article, words in miss.gold:
            yield f"<p><small>right, {_said(article)}</small></p><blockquote>{_quoted(words)}</blockquote>"
        yield "</article>"


def _said(text: str) -> str:
    return escape(one_line(text))


def _quoted(text: str) -> str:
    """With its line ends."""
    return escape(printable(text))
