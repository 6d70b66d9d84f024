"""A serving process on a store server: asks without a pause and says, one JSON object a line, what came of it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from index.errors import StoreUnavailable
from index.library import Library
from index.server import Server
from tests.fakes import FakeEmbedder, never_silent


def main(data: Path, url: str) -> None:
    library = Library(data / "no-articles-here", data, FakeEmbedder(), never_silent(), Server(url))
    number = 0
    while True:
        number = (number + 1) % 12
        try:
            outcome = library.ask(f"What did minister {number} say of subject{number}x1 in the talks?")
            answered = bool(outcome.quotes) and outcome.quotes[0].article.path == f"article-{number:03}.txt"
            said = {"generation": library.about().generation, "answered": answered, "available": True}
        except StoreUnavailable:
            said = {"generation": library.about().generation, "answered": False, "available": False}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()
        time.sleep(0.02)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
