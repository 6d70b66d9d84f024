"""How often a collection's graph is written to disk while it is filled, and that it is written once all rows are there.

Chroma keeps rows in a log until as many came as a threshold says; then it writes the graph, whole, and empties the log.
With each `add` it reads that log from its beginning, and each opening reads what was left in it. So the log must not
grow without bounds (on one of 400,000 rows each `add` of 500 took five seconds), and the last row must bring the last
writing.
"""

from __future__ import annotations

# Reading the log costs (rows of it) / 2 for each `add`, writing the graph costs all rows so far for each writing: at a
# million rows, of which one takes 2.4 KB in the log and 1.7 KB in the graph, both are about as much near this length.
LOG_ROWS = 20_000


class Pace:
    """Counts what is written of a known number of rows."""

    def __init__(self, rows: int) -> None:
        writings = max(1, -(-rows // LOG_ROWS))
        self.threshold = max(2, -(-rows // writings))  # Chroma takes none below 2
        self._rows = rows
        self._written = 0

    def wrote(self, rows: int) -> None:
        self._written += rows

    @property
    def room(self) -> int:
        """How many rows may come before the graph is written; no single write may reach beyond that."""
        return self.threshold - self._written % self.threshold

    @property
    def missing(self) -> int:
        """Once all rows are there, how many must be written a second time for the last writing of the graph."""
        return -self._written % self.threshold if self._written >= self._rows else 0
