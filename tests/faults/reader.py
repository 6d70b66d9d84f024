"""A serving process: asks without a pause and says, one JSON object a line, what it was answered from."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from index.library import Library
from tests.fakes import FakeEmbedder, never_silent


def main(articles: Path, data: Path) -> None:
    library = Library(articles, data, FakeEmbedder(), never_silent())
    number = 0
    while True:
        number = (number + 1) % 12
        outcome = library.ask(f"What did minister {number} say of subject{number}x1 in the talks?")
        answered = bool(outcome.quotes) and outcome.quotes[0].article.path == f"article-{number:03}.txt"
        said = {"generation": library.about().generation, "answered": answered}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        time.sleep(0.02)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
