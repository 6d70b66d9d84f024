"""Generations on a Chroma server, where any number of hosts read them.

INDEX-gen-N-passages, -sentences    the vectors
INDEX-gen-N-articles, -names        all articles with their passages, and the names that the lexical index folds
INDEX-gen-N-manifest                the manifest
INDEX-gen-N                         made last, empty, with the manifest's SHA-256: with it, the generation serves

The last one is the pointer: what serves is the highest N that has it. It is on the server because the hosts share
nothing else, and a collection of its own because the server makes a name once, whole or not at all, while a record that
is written over could be written over by a builder that lost its turn. The lexical index is rebuilt by each reader.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from index.builders_lease import BuildersLease
from index.corpus import Corpus, corpus_lines, parse_corpus
from index.errors import IndexDamaged, IndexMissing, StoreUnavailable
from index.generation import Generation, Pointer
from index.lexical import LexicalIndex
from index.lock import Lease
from index.manifest import FileMark, Manifest, manifest_text, parse_manifest
from index.names import Names
from index.past import Past
from index.server import Server
from index.shelf import Checked
from index.store import PASSAGES, SENTENCES, Connection, NameTaken, ServerStore
from index.verify import verify

ARTICLES = "articles"
NAMES = "names"
MANIFEST = "manifest"
_SHA256 = "manifest_sha256"
_KEPT = 2  # generations: what serves, and the one before


class ServerShelf:
    """All generations of one index on a store server."""

    def __init__(self, server: Server, data: Path) -> None:
        """`data`: this host's own folder, for what is not shared: the lock among its own builders."""
        self._server = server
        self._data = data
        self._connection = Connection(server)
        self._lease = BuildersLease(self._connection, server.index)
        self._name = re.compile(re.escape(server.index) + r"-gen-([0-9]{1,9})(?:-(\w+))?")

    def pointer(self) -> Pointer:
        newest = next(iter(self._published()), None)
        if newest is None:
            raise IndexMissing(f"nothing is indexed as {self._server} yet: run `summit reindex`")
        return newest

    def open(self, model: str) -> Generation:
        pointer = self.pointer()
        manifest = self._manifest(pointer)
        difference = manifest.difference(model)
        if difference:
            raise IndexDamaged(f"{difference}: run `summit reindex`")
        corpus, names = self._texts(pointer, manifest)
        store = self._store(pointer.name, manifest)
        lexical = LexicalIndex.build(corpus.articles, corpus.passages, names)
        return Generation(pointer, manifest, corpus.articles, corpus.passages, lexical, store, Lease(-1))

    def corpus(self) -> Corpus:
        pointer = self.pointer()
        return self._texts(pointer, self._manifest(pointer))[0]

    def contents(self) -> tuple[Manifest, Corpus]:
        pointer = self.pointer()
        manifest = self._manifest(pointer)
        self._store(pointer.name, manifest)
        return manifest, self._texts(pointer, manifest)[0]

    @contextmanager
    def building(self) -> Iterator[None]:
        with self._lease.held(self._data, above=max(self._parts(), default=0)):
            yield

    def past(self, model: str) -> Past:
        problems: list[str] = []
        for at, pointer in enumerate(self._published()):
            try:
                manifest = self._manifest(pointer)
                corpus = self._texts(pointer, manifest)[0]
            except IndexDamaged as exc:
                problems.append(str(exc))
                continue
            store: ServerStore | None = None
            try:
                difference = manifest.difference(model)
                if difference:
                    raise IndexDamaged(difference)
                store = self._store(pointer.name, manifest)
            except IndexDamaged as exc:
                problems.append(str(exc))
            return Past(pointer.name, corpus, manifest, store, at == 0, "; ".join(problems))
        return Past(unusable="; ".join(problems))

    def next_name(self) -> str:
        return f"gen-{self._lease.number}"

    def draft(self, name: str, corpus: Corpus, names: Names) -> ServerDraft:
        return ServerDraft(self, self._connection, self._lease, f"{self._server.index}-{name}", corpus, names)

    def sweep(self) -> None:
        kept = {pointer.name for pointer in self._published()[:_KEPT]}
        for number, parts in self._parts().items():
            if f"gen-{number}" not in kept:
                # Without its pointer first, so that nobody opens what is half gone.
                for part in sorted(parts):
                    self._connection.delete(f"{self._server.index}-gen-{number}" + (f"-{part}" if part else ""))

    def generations(self) -> list[str]:
        """Every generation of which there is something, whole or not, the newest first."""
        return [f"gen-{number}" for number in sorted(self._parts(), reverse=True)]

    def close(self) -> None:
        self._connection.close()

    def verify(self, name: str, manifest: Manifest, corpus: Corpus, names: Names, checked: Checked) -> None:
        """Read a generation that is not published yet from the server, and compare it with what was meant."""
        found, found_names = self._texts(Pointer(name, ""), manifest)
        if found != corpus or _names_text(found_names) != _names_text(names):
            raise IndexDamaged(f"the articles of {name} do not read back as they were written")
        verify(corpus, self._store(name, manifest), checked)

    def _parts(self) -> dict[int, dict[str, Mapping[str, str | int]]]:
        """By generation's number: what there is of it, the pointer being the part without a name."""
        found: dict[int, dict[str, Mapping[str, str | int]]] = {}
        for name, says in self._connection.collections().items():
            if match := self._name.fullmatch(name):
                found.setdefault(int(match[1]), {})[match[2] or ""] = says
        return found

    def _published(self) -> list[Pointer]:
        """The newest first."""
        parts = self._parts()
        return [
            Pointer(f"gen-{number}", str(parts[number][""].get(_SHA256, "")))
            for number in sorted(parts, reverse=True)
            if "" in parts[number]
        ]

    def _text(self, generation: str, part: str) -> str:
        return self._connection.text(f"{self._server.index}-{generation}-{part}")

    def _manifest(self, pointer: Pointer) -> Manifest:
        where = f"the manifest of {pointer.name} of {self._server}"
        if not pointer.manifest_sha256:
            raise IndexDamaged(f"{where} is not named by its pointer: run `summit reindex`")
        return parse_manifest(self._text(pointer.name, MANIFEST).encode(), where, pointer.manifest_sha256)

    def _texts(self, pointer: Pointer, manifest: Manifest) -> tuple[Corpus, Names]:
        texts = {part: self._text(pointer.name, part) for part in (ARTICLES, NAMES)}
        for part, text in texts.items():
            if manifest.files.get(part) != _mark(text):
                raise IndexDamaged(
                    f"the {part} of {pointer.name} of {self._server} were changed after they were written: "
                    "run `summit reindex`"
                )
        corpus = parse_corpus(texts[ARTICLES].splitlines(), f"the articles of {pointer.name} of {self._server}")
        names = json.loads(texts[NAMES])
        return corpus, Names(names["table"], names["topics"])

    def _store(self, generation: str, manifest: Manifest) -> ServerStore:
        """A generation's vectors, which the server has read by now: it does so on first use."""
        prefix = f"{self._server.index}-{generation}-"
        passages, sentences = (self._connection.space(prefix + part) for part in (PASSAGES, SENTENCES))
        probe = np.zeros((1, max(manifest.dim, 1)), dtype=np.float32)
        probe[0, 0] = 1.0
        for space, rows in ((passages, manifest.passages), (sentences, manifest.sentences)):
            if space.count() != rows or (rows and len(space.nearest(probe, 1)[0]) != 1):
                raise IndexDamaged(f"the vectors of {generation} of {self._server} are not whole: run `summit reindex`")
        return ServerStore(passages, sentences)


class ServerDraft:
    """A generation's collections without the one that has it serve."""

    def __init__(
        self,
        shelf: ServerShelf,
        connection: Connection,
        lease: BuildersLease,
        prefix: str,
        corpus: Corpus,
        names: Names,
    ) -> None:
        self._shelf = shelf
        self._connection = connection
        self._lease = lease
        self._prefix = prefix
        self._corpus = corpus
        self._names = names
        try:
            self.store = ServerStore(
                connection.create_space(f"{prefix}-{PASSAGES}", len(corpus.passages)),
                connection.create_space(f"{prefix}-{SENTENCES}", corpus.sentences),
            )
        except NameTaken as exc:
            raise _beaten(prefix) from exc

    def seal(self) -> dict[str, FileMark]:
        texts = {ARTICLES: "".join(corpus_lines(self._corpus)), NAMES: _names_text(self._names)}
        for part, text in texts.items():
            self._keep(part, text)
        return {part: _mark(text) for part, text in texts.items()}

    def check(self, manifest: Manifest, checked: Checked) -> None:
        self._shelf.verify(manifest.generation, manifest, self._corpus, self._names, checked)

    def publish(self, manifest: Manifest) -> None:
        text = manifest_text(manifest)
        self._keep(MANIFEST, text)
        self._lease.confirm()
        try:
            self._connection.create(self._prefix, {_SHA256: _mark(text).sha256})
        except NameTaken as exc:
            raise _beaten(self._prefix) from exc

    def discard(self) -> None:
        """Nothing: if the server can be reached, the next builder removes what this one left, and if not, it must."""

    def _keep(self, part: str, text: str) -> None:
        try:
            self._connection.create_text(f"{self._prefix}-{part}", text)
        except NameTaken as exc:
            raise _beaten(self._prefix) from exc


def _beaten(name: str) -> StoreUnavailable:
    return StoreUnavailable(f"another builder is writing {name} on the store server: wait until it is done")


def _names_text(names: Names) -> str:
    return json.dumps({"table": dict(names.table), "topics": list(names.topics)})


def _mark(text: str) -> FileMark:
    content = text.encode()
    return FileMark(len(content), hashlib.sha256(content).hexdigest())
