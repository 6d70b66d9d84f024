"""Generation folders: which one serves, opening it, publishing the next, and clearing away those nobody reads.

DATA/CURRENT    the name of the serving generation and its manifest's SHA-256, replaced by an atomic rename
DATA/lock       held by whoever builds
DATA/gen-N/     manifest.json, articles.jsonl, chroma/, lexical/: written once, never after it was published
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.article import Article
from index.corpus import load_corpus
from index.errors import IndexDamaged, IndexMissing
from index.lexical import LexicalIndex
from index.lock import PRIVATE_FILE, PRIVATE_FOLDER, Lease, lease
from index.manifest import MANIFEST, Manifest, check_files, read_manifest, read_small
from index.passage import Passage
from index.space import VectorStore
from index.store import ChromaStore

CURRENT = "CURRENT"
CORPUS = "articles.jsonl"
CHROMA = "chroma"
LEXICAL = "lexical"

_POINTER = re.compile(r"(gen-[0-9]{1,9}) ([0-9a-f]{64})\n")
_GENERATION = re.compile(r"gen-([0-9]{1,9})")
_ATTEMPTS = 20
_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Pointer:
    """What CURRENT says."""

    name: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class Generation:
    """One whole index, open for reading. It stays on disk until it is closed."""

    pointer: Pointer
    manifest: Manifest
    articles: Mapping[str, Article]
    passages: tuple[Passage, ...]
    lexical: LexicalIndex
    vectors: VectorStore
    _lease: Lease

    @property
    def name(self) -> str:
        return self.pointer.name

    def close(self) -> None:
        self.vectors.close()
        self._lease.release()


def read_pointer(data: Path) -> Pointer:
    """Raises IndexMissing before anything was published, IndexDamaged when CURRENT says nothing that makes sense."""
    path = data / CURRENT
    try:
        content = read_small(path)
    except FileNotFoundError as exc:
        raise IndexMissing(f"nothing is indexed in {data} yet: run `summit reindex`") from exc
    except OSError as exc:
        raise IndexDamaged(f"{path} cannot be read ({exc.strerror}): remove it and run `summit reindex`") from exc
    match = _POINTER.fullmatch(content.decode("ascii", "replace"))
    if match is None:
        raise IndexDamaged(f"{path} does not name a generation: run `summit reindex`")
    return Pointer(match[1], match[2])


def open_current(data: Path, model: str) -> Generation:
    """Open the serving generation for questions that this model embeds.

    Every file is compared with its hash before Chroma sees it. Raises IndexMissing; IndexDamaged also when the
    generation is whole, but of another model or version; StoreUnavailable when the folder cannot be written.
    """
    for attempt in range(_ATTEMPTS):
        pointer = read_pointer(data)
        held = lease(data / pointer.name / MANIFEST)
        if held is not None:
            try:
                return _open(data, pointer, model, held)
            except BaseException:
                held.release()
                raise
        # Two publications since CURRENT was read would have had it removed. Then CURRENT says something else now.
        if attempt and read_pointer(data) == pointer:
            break
        time.sleep(_PAUSE_S)
    raise IndexDamaged(f"CURRENT names {pointer.name}, which is not in {data}: run `summit reindex`")


def _open(data: Path, pointer: Pointer, model: str, held: Lease) -> Generation:
    folder = data / pointer.name
    manifest = read_manifest(folder, pointer.manifest_sha256)
    difference = manifest.difference(model)
    if difference:
        raise IndexDamaged(f"{difference}: run `summit reindex`")
    check_files(folder, manifest.files)
    corpus = load_corpus(folder / CORPUS)
    lexical = load_lexical(folder)
    store = open_store(folder, manifest)
    return Generation(pointer, manifest, corpus.articles, corpus.passages, lexical, store, held)


def load_lexical(folder: Path) -> LexicalIndex:
    try:
        return LexicalIndex.load(folder / LEXICAL)
    except (OSError, ValueError, KeyError) as exc:
        raise IndexDamaged(f"{folder / LEXICAL} cannot be read ({exc}): run `summit reindex`") from exc


def open_store(folder: Path, manifest: Manifest) -> ChromaStore:
    """Open a generation's vectors, whose files were checked, and have Chroma read them now: it does so on first use."""
    store = ChromaStore.open(folder / CHROMA)
    try:
        probe = np.zeros(manifest.dim, dtype=np.float32)
        probe[:1] = 1.0
        for rows, near in (
            (manifest.passages, store.nearest_passages(probe, 1)),
            (manifest.sentences, store.nearest_sentences(probe, 1)),
        ):
            if len(near) != min(rows, 1):
                raise IndexDamaged(f"the vectors in {folder} do not answer: run `summit reindex`")
    except BaseException:
        store.close()
        raise
    return store


def generations(data: Path) -> list[Path]:
    """Every generation's folder, whole or not, the newest first."""
    found = [(int(match[1]), path) for path in data.iterdir() if (match := _GENERATION.fullmatch(path.name))]
    return [path for _, path in sorted(found, reverse=True)]


def next_name(data: Path) -> str:
    """A name that no generation here has."""
    newest = next(iter(generations(data)), None)
    return f"gen-{int(newest.name.removeprefix('gen-')) + 1 if newest else 1}"


def publish(folder: Path, manifest_sha256: str) -> None:
    """Have this generation serve from now on. On return that has reached the disk."""
    make_durable(folder)
    data = folder.parent
    new = data / f"{CURRENT}.new"
    new.write_text(f"{folder.name} {manifest_sha256}\n", encoding="ascii")
    _sync(new, PRIVATE_FILE)
    new.replace(data / CURRENT)
    _sync(data)


def make_durable(folder: Path) -> None:
    """Take every file and folder under here to the disk, readable by the owner alone."""
    for root, _, files in os.walk(folder, topdown=False):
        for file in files:
            _sync(Path(root, file), PRIVATE_FILE)
        _sync(Path(root), PRIVATE_FOLDER)
    _sync(folder.parent)


def sweep(data: Path, keep: Collection[str]) -> None:
    """Remove the generations that are not to be kept and that nobody reads; the builders' lock must be held."""
    for folder in generations(data):
        if folder.name in keep:
            continue
        manifest = folder / MANIFEST
        held = lease(manifest, exclusive=True)
        if held is None and manifest.exists():
            continue
        # A folder without its manifest is no generation any more, wherever this is interrupted.
        if not manifest.is_dir():
            manifest.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        if held:
            held.release()


def _sync(path: Path, mode: int | None = None) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        if mode is not None:
            os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
