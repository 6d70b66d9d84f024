"""A cold `summit ask` against a bare script that loads the same model and asks the same Chroma folder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.ratios import Ratio, ratio
from bench.setting import build_index, questions_about
from index.embed_transformers import model_folder
from index.generation import CHROMA, read_pointer
from index.model_choice import DEFAULT_MODEL

BARE = Path(__file__).with_name("bare_query.py")


@dataclass(frozen=True, slots=True)
class Run:
    """What one process took."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


def measure(articles: Path, work: Path, pairs: int) -> list[Ratio]:
    data = build_index(articles, work / "data")
    question = questions_about(articles, 1)[0]
    chroma = data / read_pointer(data).name / CHROMA
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SUMMIT_")},
        "SUMMIT_ARTICLES": str(articles),
        "SUMMIT_DATA": str(data),
        "DISCORD_TOKEN": "",
        "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
    }
    ask = [sys.executable, "-m", "bot", "ask", "--json", question]
    bare = [sys.executable, str(BARE), str(model_folder(DEFAULT_MODEL)), str(chroma), question]
    runs: list[tuple[Run, Run]] = []
    for command in (ask, bare):
        _run(command, environment, work)  # once unmeasured: the files come from the disk
    for number in range(pairs):
        first, second = (ask, bare) if number % 2 else (bare, ask)
        found = {first[1]: _run(first, environment, work), second[1]: _run(second, environment, work)}
        runs.append((found[ask[1]], found[bare[1]]))
    return [
        ratio("a cold `summit ask`", "s", [(ours.seconds, other.seconds) for ours, other in runs], 1.2),
        ratio("its processor time", "s", [(ours.cpu_seconds, other.cpu_seconds) for ours, other in runs], None),
        ratio("its peak memory", "MB", [(ours.peak_mb, other.peak_mb) for ours, other in runs], 1.15),
    ]


def _run(command: list[str], environment: dict[str, str], folder: Path) -> Run:
    started = time.perf_counter()
    with (
        (folder / "stderr").open("w+") as complaints,
        subprocess.Popen(command, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=complaints) as process,
    ):
        _, status, usage = os.wait4(process.pid, 0)  # of this child alone, which resource.getrusage cannot tell
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        complaints.seek(0)
        if process.returncode:
            raise RuntimeError(f"{command[1:3]} ended with {process.returncode}: {complaints.read()[-2000:]}")
    kilobytes = usage.ru_maxrss / 1024 if sys.platform == "darwin" else usage.ru_maxrss
    return Run(seconds, usage.ru_utime + usage.ru_stime, kilobytes / 1024)
