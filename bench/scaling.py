"""The two stores at a size, with simulated vectors: `python -m bench.scaling PASSAGES [SENTENCES_EACH] [--fill-once]`.

Reported for a data folder and for a `chroma run` server on this machine: filling a store, reading it anew, the
questions that retrieval asks of it, and what it takes of disk and memory. docs/scaling.md tells what came of it.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from index.embed import Matrix, unit
from index.retrieve import NEAREST_PASSAGES, NEAREST_SENTENCES
from index.server import Server
from index.space import Space, VectorStore
from index.store import BATCH_ROWS, PASSAGES, SENTENCES, ChromaStore, Connection, ServerStore, seal
from tests.store_server import running

DIM = 384
TOPICS = 2000  # texts come in groups: vectors without any are harder for a graph than real ones
QUESTIONS = 200


def simulated(rows: int, seed: int) -> Iterator[Matrix]:
    """Batches of unit vectors, each near one of the topics."""
    topics = unit(np.random.default_rng(0).standard_normal((TOPICS, DIM)).astype(np.float32))
    random = np.random.default_rng(seed)
    for start in range(0, rows, BATCH_ROWS):
        size = min(BATCH_ROWS, rows - start)
        noise = random.standard_normal((size, DIM)).astype(np.float32) / np.float32(np.sqrt(DIM))
        yield unit(topics[random.integers(TOPICS, size=size)] + noise)


def fill(space: Space, rows: int, seed: int) -> None:
    for at, vectors in enumerate(simulated(rows, seed)):
        space.add(
            [f"article-{at:06}.txt:{row}-{row + 500}" for row in range(len(vectors))],
            vectors,
            ["0" * 64] * len(vectors),
        )


def ask(store: VectorStore) -> dict[str, float]:
    times: list[float] = []
    for vector in next(simulated(QUESTIONS, seed=3)):
        began = time.perf_counter()
        store.nearest_passages(vector, NEAREST_PASSAGES)
        store.nearest_sentences(vector, NEAREST_SENTENCES)
        times.append((time.perf_counter() - began) * 1000)
    return {"question_p50_ms": statistics.median(times), "question_p95_ms": statistics.quantiles(times, n=20)[-1]}


def megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def in_a_folder(folder: Path, passages: int, sentences: int) -> dict[str, float]:
    began = time.perf_counter()
    store = ChromaStore.create(folder, passages=passages, sentences=sentences)
    fill(store.passages, passages, seed=1)
    fill(store.sentences, sentences, seed=2)
    store.close()
    seal(folder)
    filled = time.perf_counter()
    store = ChromaStore.open(folder)
    ask_first(store)
    opened = time.perf_counter()
    found = {"fill_s": filled - began, "open_s": opened - filled, **ask(store), "disk_mb": megabytes(folder)}
    store.close()
    return found | {"memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}


def on_a_server(folder: Path, passages: int, sentences: int) -> dict[str, float]:
    with running(folder) as server:
        connection = Connection(Server(server.url))
        began = time.perf_counter()
        fill(connection.create_space(PASSAGES, passages), passages, seed=1)
        fill(connection.create_space(SENTENCES, sentences), sentences, seed=2)
        filled = time.perf_counter()
        connection.close()
    return {"fill_s": filled - began, **served(folder)}


def served(folder: Path) -> dict[str, float]:
    """A server over what is in `folder`: both stores keep it in the same way."""
    with running(folder) as server:
        connection = Connection(Server(server.url))
        began = time.perf_counter()
        store = ServerStore(connection.space(PASSAGES), connection.space(SENTENCES))
        ask_first(store)
        opened = time.perf_counter()
        found = {"open_s": opened - began, **ask(store), "disk_mb": megabytes(folder)}
        connection.close()
        return found | {"memory_mb": server.memory_mb()}


def ask_first(store: VectorStore) -> None:
    """Chroma reads a graph when it is first asked."""
    vector = next(simulated(1, seed=4))[0]
    store.nearest_passages(vector, 1)
    store.nearest_sentences(vector, 1)


def show(store: str, passages: int, sentences: int, found: dict[str, float]) -> None:
    rounded = {name: round(value, 1) for name, value in found.items()}
    print(json.dumps({"store": store, "passages": passages, "sentences": sentences, **rounded}), flush=True)  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.scaling", description="The two stores at a size.")
    parser.add_argument("passages", type=int)
    parser.add_argument("sentences_each", type=int, nargs="?", default=1)
    parser.add_argument("--fill-once", action="store_true", help="have the server read what the folder was filled with")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sizes = asked.passages, asked.passages * asked.sentences_each
        show("folder", *sizes, in_a_folder(Path(scratch) / "folder", *sizes))
        if asked.fill_once:
            show("server", *sizes, served(Path(scratch) / "folder"))
        else:
            show("server", *sizes, on_a_server(Path(scratch) / "server", *sizes))
