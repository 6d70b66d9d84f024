"""Serve through many reindexes and many questions; print resident memory and open handles along the way, as JSON."""

from __future__ import annotations

import json
import os
import sys
from contextlib import closing
from pathlib import Path

from index import library as library_module
from index.build import reindex
from index.library import Library
from index.model_choice import ModelChoice
from tests.fakes import FakeEmbedder, never_silent, numbered_articles, write_articles
from tests.faults.conftest import FAKE_CHILD
from tests.handles import open_files

QUESTIONS_EACH = 50


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main(articles: Path, data: Path, reindexes: int, questions: int) -> None:
    library_module.LOOK_EVERY_S = 0.0
    figures = {"reindexes": reindexes, "questions": questions}
    with closing(Library(articles, data, FakeEmbedder(), never_silent())) as library:

        def ask(count: int) -> None:
            for number in range(count):
                at = number % 12
                assert library.ask(f"What did minister {at} say of subject{at}x1?").quotes

        for number in range(1, reindexes + 1):
            write_articles(articles, numbered_articles(12, edition=f"edition{number}"))
            receipt = reindex(articles, data, ModelChoice("fake"), child=FAKE_CHILD)
            ask(QUESTIONS_EACH)
            assert library.about().generation == receipt.generation
            if number == 10:
                figures |= {"rss_10th": resident_bytes(), "handles_10th": len(open_files())}
        figures |= {"rss_end": resident_bytes(), "handles_end": len(open_files())}
        ask(questions)
        figures |= {"rss_asked": resident_bytes()}
    json.dump(figures, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
