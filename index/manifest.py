"""What a generation says of itself: what it was built with, what it holds, and the hash of each of its files."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from index import lexical, load, passage
from index.errors import IndexDamaged

FORMAT = 1
MANIFEST = "manifest.json"
_SMALL_BYTES = 1 << 20
_MOST_DIMENSIONS = 1 << 16
_LIBRARIES = ("chromadb", "numpy", "PyStemmer", "sentence-transformers", "torch", "transformers")


@dataclass(frozen=True, slots=True)
class FileMark:
    """What a file must be, to the byte."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of one generation; complete only once everything else in its folder is."""

    generation: str
    built_at: datetime  # UTC
    model: str  # the embedder's identity
    dim: int
    versions: Mapping[str, str]
    names: str  # SHA-256 of the table of names that the lexical index folds
    articles: int
    passages: int
    sentences: int
    files: Mapping[str, FileMark]  # by path within the generation, with forward slashes

    def __post_init__(self) -> None:
        """Another version may have put anything there, under a hash that is right. Raises TypeError, ValueError."""
        texts = (self.generation, self.model, self.names, *self.versions, *self.versions.values())
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("a name that is no text")
        if not all(type(number) is int for number in (self.dim, self.articles, self.passages, self.sentences)):
            raise TypeError("a number that is none")
        if not min(self.passages, 1) <= self.dim <= _MOST_DIMENSIONS:
            raise ValueError(f"{self.dim} dimensions for {self.passages} passages")

    def difference(self, model: str) -> str:
        """What sets this generation apart from one built here, now, with that model; empty if nothing does."""
        if self.model != model:
            return f"the index was built with the model {self.model!r}, the settings name {model!r}"
        for name, now in current_versions().items():
            then = self.versions.get(name, "none")
            if then != now:
                return f"the index was built with {name} {then}, this is {now}"
        return ""


@cache
def current_versions() -> dict[str, str]:
    """All that a generation's content depends on besides articles and model."""
    versions = {"chunker": passage.VERSION, "lexical": lexical.VERSION, "normaliser": load.VERSION}
    for name in _LIBRARIES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "absent"
    return versions


def manifest_text(manifest: Manifest) -> str:
    fields = {"format": FORMAT, **asdict(manifest), "built_at": manifest.built_at.isoformat()}
    return json.dumps(fields, indent=1, sort_keys=True)


def write_manifest(manifest: Manifest, folder: Path) -> str:
    """Write it into its generation; return its SHA-256, by which CURRENT names it."""
    content = manifest_text(manifest).encode()
    (folder / MANIFEST).write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def read_manifest(folder: Path, sha256: str = "") -> Manifest:
    """Read a generation's manifest. Raises IndexDamaged if it is missing, not the one meant, or of another format."""
    path = folder / MANIFEST
    try:
        content = read_small(path)
    except OSError as exc:
        raise IndexDamaged(f"{path} cannot be read ({exc}): run `summit reindex`") from exc
    return parse_manifest(content, str(path), sha256)


def parse_manifest(content: bytes, where: str, sha256: str = "") -> Manifest:
    """The inverse of `manifest_text`. Raises IndexDamaged like `read_manifest`."""
    try:
        if sha256 and hashlib.sha256(content).hexdigest() != sha256:
            raise IndexDamaged(f"{where} is not the one that was published: run `summit reindex`")
        fields = json.loads(content)
        written = fields.pop("format")
        if written != FORMAT:
            raise IndexDamaged(
                f"{where} has the format {written} of another version, not {FORMAT}: run `summit reindex`"
            )
        fields["files"] = {name: FileMark(**mark) for name, mark in fields["files"].items()}
        fields["built_at"] = datetime.fromisoformat(fields["built_at"])
        return Manifest(**fields)
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise IndexDamaged(f"{where} cannot be read ({exc}): run `summit reindex`") from exc


def read_small(path: Path) -> bytes:
    """The bytes of a small file. Raises OSError, and IndexDamaged for what cannot be one, such as a pipe or a hole."""
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _SMALL_BYTES:
        raise IndexDamaged(f"{path} is not what was written there: run `summit reindex`")
    return path.read_bytes()


def mark_files(folder: Path) -> dict[str, FileMark]:
    """Hash every file of a generation except its manifest."""
    return {name: _mark(folder / name) for name in _files(folder)}


def check_files(folder: Path, files: Mapping[str, FileMark], under: str = "") -> None:
    """Compare the files whose path begins with `under` with their marks. Raises IndexDamaged on the first difference.

    Sizes come first: a damaged store can hold a file of terabytes, all of it a hole, that would take hours to hash.
    """
    expected = {name: mark for name, mark in files.items() if name.startswith(under)}
    found = [name for name in _files(folder) if name.startswith(under)]
    for name in sorted(set(found) ^ set(expected)):
        what = "should not be there" if name in found else "is missing"
        raise IndexDamaged(f"{folder / name} {what}: run `summit reindex`")
    for name, mark in expected.items():
        size = (folder / name).stat().st_size
        if size != mark.bytes:
            raise IndexDamaged(f"{folder / name} has {size} bytes instead of {mark.bytes}: run `summit reindex`")
    for name, mark in expected.items():
        if _mark(folder / name) != mark:
            raise IndexDamaged(f"{folder / name} was changed after it was built: run `summit reindex`")


def _files(folder: Path) -> list[str]:
    names: list[str] = []
    for root, _, files in os.walk(folder):
        for file in files:
            path = Path(root, file)
            if not stat.S_ISREG(path.lstat().st_mode):
                raise IndexDamaged(f"{path} is no regular file: run `summit reindex`")
            names.append(path.relative_to(folder).as_posix())
    return sorted(name for name in names if name != MANIFEST)


def _mark(path: Path) -> FileMark:
    try:
        with path.open("rb") as file:
            return FileMark(os.fstat(file.fileno()).st_size, hashlib.file_digest(file, "sha256").hexdigest())
    except OSError as exc:
        raise IndexDamaged(f"{path} cannot be read ({exc.strerror}): run `summit reindex`") from exc
