"""Change a stored byte under an open library, ask, and put it back, many times; print what came of it, as JSON."""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

from bot.standing import standing
from index.errors import SummitError
from index.library import Library
from tests.fakes import FakeEmbedder, never_silent


def main(articles: Path, data: Path, count: int, seed: str) -> None:
    rng, came = random.Random(seed), Counter(wrong=0, quoted=0, silent=0, refused=0, asked=0)
    stored = sorted(path for path in data.rglob("*") if path.is_file() and path.stat().st_size)
    with closing(Library(articles, data, FakeEmbedder(), never_silent())) as library:
        for _ in range(count):
            path, subject = rng.choice(stored), rng.randrange(12)
            content = path.read_bytes()
            changed = bytearray(content)
            changed[rng.randrange(len(changed))] ^= rng.randrange(1, 256)
            write_in_place(path, changed)
            came["asked"] += 1
            try:
                asked = library.ask(f"What did minister {subject} say about subject{subject}x1?")
                outcome, _ = standing(asked, library.stands)
            except SummitError:
                came["refused"] += 1
            else:
                came["quoted" if outcome.quotes else "silent"] += 1
                for quote in outcome.quotes:
                    text = (articles / quote.article.path).read_text(encoding="utf-8")
                    came["wrong"] += quote.text not in text
            write_in_place(path, content)
    json.dump(came, sys.stdout)


def write_in_place(path: Path, content: bytes | bytearray) -> None:
    """Into the file that others have open, not beside it."""
    with path.open("r+b") as file:
        file.write(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
