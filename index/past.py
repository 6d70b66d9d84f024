"""What the last generation leaves for the next one to build upon."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from index.corpus import EMPTY, Corpus, load_corpus
from index.errors import IndexDamaged, IndexMissing, StoreUnavailable
from index.generation import CORPUS, generations, open_store, read_pointer
from index.manifest import MANIFEST, Manifest, check_files, read_manifest
from index.space import VectorStore


@dataclass(frozen=True, slots=True)
class Past:
    """The newest generation whose articles can be read, and its vectors if they can be taken over."""

    name: str = ""
    corpus: Corpus = EMPTY
    manifest: Manifest | None = None
    store: VectorStore | None = None
    serving: bool = False  # whether CURRENT names it
    unusable: str = ""  # what is wrong with what serves, or why its vectors cannot be taken over

    @property
    def vectors(self) -> dict[str, str]:
        """Ids of passages whose vectors can be taken over, by the fingerprint of what they were computed from."""
        if self.store is None:
            return {}
        return {fingerprint: passage_id for passage_id, fingerprint in self.corpus.fingerprints().items()}

    def close(self) -> None:
        if self.store is not None:
            self.store.close()


def find_past(data: Path, model: str) -> Past:
    """Look at what serves, and if its articles cannot be read, at the generation before; the builders' lock is held."""
    problems: list[str] = []
    candidates = [(folder, "") for folder in generations(data)]
    serving: Path | None = None
    try:
        pointer = read_pointer(data)
        serving = data / pointer.name
        candidates = [(serving, pointer.manifest_sha256), *(one for one in candidates if one[0] != serving)]
    except IndexMissing:
        pass
    except IndexDamaged as exc:
        problems.append(str(exc))
    for folder, sha256 in candidates:
        try:
            manifest = read_manifest(folder, sha256)
            check_files(folder, manifest.files, under=CORPUS)
            corpus = load_corpus(folder / CORPUS)
        except IndexDamaged as exc:
            problems.append(str(exc))
            continue
        store: VectorStore | None
        try:
            store = _open_vectors(folder, manifest, model)
        except (IndexDamaged, StoreUnavailable) as exc:
            store = None
            problems.append(str(exc))
        return Past(folder.name, corpus, manifest, store, folder == serving, "; ".join(problems))
    return Past(unusable="; ".join(problems))


def _open_vectors(folder: Path, manifest: Manifest, model: str) -> VectorStore:
    difference = manifest.difference(model)
    if difference:
        raise IndexDamaged(difference)
    check_files(folder, manifest.files)
    return open_store(folder, manifest)


def keep(data: Path) -> set[str]:
    """The generations that no clean-up may touch: the serving one, and the newest before it that was published."""
    whole = [folder.name for folder in generations(data) if (folder / MANIFEST).is_file()]
    try:
        serving = read_pointer(data).name
    except (IndexMissing, IndexDamaged):
        return set(whole[:2])
    before = whole[whole.index(serving) + 1 :] if serving in whole else whole
    return {serving, *before[:1]}
