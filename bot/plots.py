"""Plots as SVG, small enough to draw by hand: figures with their intervals, and a reliability curve.

They stand in a page or alone, and can be read on light and on dark paper.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from bot.printable import one_line

if TYPE_CHECKING:
    from index.intervals import Bin, Figure

ROW = 22  # pixels, as all below
LABEL = 150
WIDTH = 640
SIDE = 320
MARGIN = 46
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#333}.mark{fill:#3a7bc8;stroke:#3a7bc8}.faint{stroke:#9995}"
    ".ideal{stroke:#888;stroke-dasharray:5 4}@media(prefers-color-scheme:dark){text{fill:#ccc}}"
)
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def interval_plot(rows: Sequence[tuple[str, Figure]], title: str) -> str:
    """Shares in [0, 1], one a row, each as a dot on the line of its interval. Those that are no number are left out."""
    drawn = [(name, figure) for name, figure in rows if not math.isnan(figure.value)]
    height = ROW * (len(drawn) + 1)
    room = WIDTH - LABEL - MARGIN

    def x(value: float) -> str:
        return f"{LABEL + value * room:.1f}"

    parts = []
    for tick in TICKS:
        parts.append(f'<line class="faint" x1="{x(tick)}" x2="{x(tick)}" y1="0" y2="{height - ROW}"/>')
        parts.append(f'<text x="{x(tick)}" y="{height - 6}" text-anchor="middle">{tick:.1f}</text>')
    for at, (name, figure) in enumerate(drawn):
        y = ROW * at + ROW / 2
        parts.append(f'<text x="{LABEL - 10}" y="{y + 4}" text-anchor="end">{escape(one_line(name))}</text>')
        ends = f'x1="{x(figure.low)}" x2="{x(figure.high)}"'
        parts.append(f'<line class="mark" stroke-width="2" {ends} y1="{y}" y2="{y}"/>')
        parts.append(f'<circle class="mark" cx="{x(figure.value)}" cy="{y}" r="4"/>')
        parts.append(f'<text x="{WIDTH - MARGIN + 12}" y="{y + 4}">{figure.value:.2f}</text>')
    return _svg(WIDTH, height, title, parts)


def reliability_plot(bins: Sequence[Bin], title: str) -> str:
    """What was said against what came true: a perfectly calibrated score lies on the diagonal.

    The area of a dot goes with the number of its questions.
    """
    most = max((one.count for one in bins), default=1)

    def x(value: float) -> float:
        return MARGIN + value * SIDE

    def y(value: float) -> float:
        return 10 + (1 - value) * SIDE

    parts = [f'<line class="ideal" x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}"/>']
    for tick in TICKS:
        parts.append(f'<line class="faint" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{y(0)}" y2="{y(1)}"/>')
        parts.append(f'<line class="faint" x1="{x(0)}" x2="{x(1)}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{y(0) + 18}" text-anchor="middle">{tick:.1f}</text>')
        parts.append(f'<text x="{x(0) - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.1f}</text>')
    points = " ".join(f"{x(one.score):.1f},{y(one.hits):.1f}" for one in bins)
    parts.append(f'<polyline class="mark" style="fill:none" stroke-width="1.5" points="{points}"/>')
    for one in bins:
        radius = 2 + 4 * math.sqrt(one.count / most)
        words = f"{one.count} questions: score {one.score:.2f}, share of hits {one.hits:.2f}"
        place = f'cx="{x(one.score):.1f}" cy="{y(one.hits):.1f}" r="{radius:.1f}"'
        parts.append(f'<circle class="mark" {place}><title>{words}</title></circle>')
    parts.append(f'<text x="{x(0.5)}" y="{y(0) + 38}" text-anchor="middle">score of the first quote</text>')
    turned = f'transform="translate(12 {y(0.5)}) rotate(-90)" text-anchor="middle"'
    parts.append(f"<text {turned}>share that answers</text>")
    return _svg(SIDE + MARGIN + 20, SIDE + 56, title, parts)


def _svg(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size}><title>{escape(title)}</title>'
    return "\n".join([head, f"<style>{STYLE}</style>", *parts, "</svg>"])
