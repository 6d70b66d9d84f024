"""What answering and indexing cost beside the bare libraries: `python -m bench`, by `make bench`.

Every figure is a ratio within one run: ours and the bare library's turn about, one thread each, and the medians of
both. Times of different machines, or of one machine at different hours, say little; ratios of neighbours hold.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SQUAD = ROOT.parent / "shared" / "squad"
OWN = ROOT / "docs" / "articles"


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--articles", type=Path, default=SQUAD / "articles" if SQUAD.is_dir() else OWN)
    parser.add_argument("--only", choices=("question", "index", "cold"), help="measure one of the three alone")
    parser.add_argument("--pairs", type=int, default=7, help="how often ours and the bare library take turns")
    parser.add_argument("--json", action="store_true", help="write the ratios as JSON")
    args = parser.parse_args(argv)
    # Before anything imports torch, which reads it once.
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ["HF_HUB_OFFLINE"] = "1"
    from bench import cold, indexing, questions
    from bench.ratios import Ratio, table

    measures = {"question": questions.measure, "index": indexing.measure, "cold": cold.measure}
    found: list[Ratio] = []
    with tempfile.TemporaryDirectory(prefix="summit-bench-") as work:  # one, so that the index is built once
        for name, measure in measures.items():
            if args.only in (None, name):
                sys.stderr.write(f"Measuring: {name} ...\n")
                found += measure(args.articles, Path(work), args.pairs)
    shown = json.dumps([asdict(ratio) for ratio in found], indent=2) if args.json else table(found)
    sys.stdout.write(shown + "\n")
    return 0 if all(ratio.holds for ratio in found) else 1


if __name__ == "__main__":
    sys.exit(main())
