"""Where generations stand: in a data folder, or on a store server. Reading and building look the same on both."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Protocol

from index.corpus import Corpus, load_corpus, save_corpus
from index.errors import IndexDamaged
from index.generation import (
    CHROMA,
    CORPUS,
    LEXICAL,
    Generation,
    Pointer,
    load_lexical,
    next_name,
    open_current,
    open_store,
    publish,
    read_pointer,
    sweep,
)
from index.lexical import LexicalIndex
from index.lock import builders_lock
from index.manifest import FileMark, Manifest, check_files, mark_files, read_manifest, write_manifest
from index.names import Names
from index.past import Past, find_past, keep
from index.server import Server
from index.space import VectorStore
from index.store import ChromaStore, seal
from index.verify import verify

Checked = Callable[[int], None]


class Draft(Protocol):
    """A generation that is being written."""

    @property
    def store(self) -> VectorStore: ...

    def seal(self) -> dict[str, FileMark]:
        """Finish writing, now that the store is closed, and say what else was written."""

    def check(self, manifest: Manifest, checked: Checked) -> None:
        """Open what was written as a reader would, and compare it with what was meant. Raises IndexDamaged."""

    def publish(self, manifest: Manifest) -> None:
        """Have it serve from now on."""

    def discard(self) -> None:
        """Remove what was written so far."""


class Shelf(Protocol):
    """All generations of one index. Everything raises StoreUnavailable when it cannot be reached."""

    def pointer(self) -> Pointer:
        """What serves. Raises IndexMissing before anything was published, IndexDamaged when that cannot be told."""

    def open(self, model: str) -> Generation:
        """Open what serves, as `index.generation.open_current` does."""

    def corpus(self) -> Corpus:
        """What serves, as quickly as it can be read. Raises IndexMissing, IndexDamaged."""

    def contents(self) -> tuple[Manifest, Corpus]:
        """The same with its manifest, all that can be compared with it having been compared."""

    def building(self) -> AbstractContextManager[None]:
        """Be the only builder. Raises BuilderBusy at once when there is another."""

    def past(self, model: str) -> Past: ...

    def next_name(self) -> str: ...

    def draft(self, name: str, corpus: Corpus, names: Names) -> Draft: ...

    def sweep(self) -> None:
        """Remove all but what serves and the generation before; only while building."""

    def close(self) -> None: ...


def shelf_of(data: Path, server: Server | None) -> Shelf:
    if server is None:
        return LocalShelf(data)
    from index.server_shelf import ServerShelf

    return ServerShelf(server, data)


class LocalShelf:
    """A data folder; see `index.generation`."""

    def __init__(self, data: Path) -> None:
        self._data = data

    def pointer(self) -> Pointer:
        return read_pointer(self._data)

    def open(self, model: str) -> Generation:
        return open_current(self._data, model)

    def corpus(self) -> Corpus:
        return load_corpus(self._data / read_pointer(self._data).name / CORPUS)

    def contents(self) -> tuple[Manifest, Corpus]:
        pointer = read_pointer(self._data)
        folder = self._data / pointer.name
        manifest = read_manifest(folder, pointer.manifest_sha256)
        check_files(folder, manifest.files)
        return manifest, load_corpus(folder / CORPUS)

    def building(self) -> AbstractContextManager[None]:
        return builders_lock(self._data)

    def past(self, model: str) -> Past:
        return find_past(self._data, model)

    def next_name(self) -> str:
        return next_name(self._data)

    def draft(self, name: str, corpus: Corpus, names: Names) -> Draft:
        return LocalDraft(self._data / name, corpus, names)

    def sweep(self) -> None:
        sweep(self._data, keep(self._data))

    def close(self) -> None:
        """Nothing to let go of."""


class LocalDraft:
    """A generation's folder that CURRENT does not name yet."""

    def __init__(self, folder: Path, corpus: Corpus, names: Names) -> None:
        self._folder = folder
        self._corpus = corpus
        folder.mkdir(mode=0o700)
        try:
            (folder / LEXICAL).mkdir()
            save_corpus(corpus, folder / CORPUS)
            LexicalIndex.build(corpus.articles, corpus.passages, names).save(folder / LEXICAL)
            self.store = ChromaStore.create(folder / CHROMA, passages=len(corpus.passages), sentences=corpus.sentences)
        except BaseException:
            self.discard()
            raise

    def seal(self) -> dict[str, FileMark]:
        seal(self._folder / CHROMA)
        return mark_files(self._folder)

    def check(self, manifest: Manifest, checked: Checked) -> None:
        if load_corpus(self._folder / CORPUS) != self._corpus:
            raise IndexDamaged(f"{self._folder / CORPUS} does not read back as it was written")
        load_lexical(self._folder)
        with closing(open_store(self._folder, manifest)) as store:
            verify(self._corpus, store, checked)
        check_files(self._folder, manifest.files)

    def publish(self, manifest: Manifest) -> None:
        publish(self._folder, write_manifest(manifest, self._folder))

    def discard(self) -> None:
        # A build that failed for want of space must not keep the space.
        shutil.rmtree(self._folder, ignore_errors=True)
