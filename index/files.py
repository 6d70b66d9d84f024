"""The folder itself: which files are articles, and their bytes. Nothing outside the folder is ever opened.

Every path is opened one component at a time from the folder's own descriptor, without following links, so a
component that is swapped for a link between two steps ends in an error and not outside.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from index.decode import shown
from index.errors import ArticlesError, UnreadableArticle

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 32
SUFFIXES = (".txt", ".md")
ABOUT_THE_FOLDER = frozenset({"readme.md", "readme.txt"})  # tell of the articles, and are none

_READ_FLAGS = (
    os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
)  # non-blocking: a pipe swapped in cannot hang us
_FOLDER_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC

_NOT_REGULAR = "is not a regular file (a pipe, socket or device), so it is never opened; remove it"
_NAME_ANOTHER = "create it and put .txt or .md articles in it, or name another one with --articles"


@dataclass(frozen=True, slots=True)
class Listing:
    """The articles that can be tried, by path, and the files and folders that cannot, each with its reason."""

    paths: tuple[str, ...]
    refused: tuple[UnreadableArticle, ...]


def list_articles(folder: Path) -> Listing:
    """All `.txt` and `.md` files at any depth, hidden ones and a README left out. Raises ArticlesError."""
    walk = _Walk()
    with _opened(folder) as root:
        while walk.waiting:
            parents = walk.waiting.pop()
            try:
                with _opened_below(root, parents) as current, os.scandir(current) as entries:
                    for entry in entries:
                        walk.meet(entry, (*parents, entry.name))
            except OSError as exc:
                walk.refuse("/".join(parents) or ".", _os_reason(exc))
    for path in sorted(walk.links):
        _follow(folder, path, walk)
    return Listing(tuple(sorted(walk.files)), tuple(sorted(walk.refused, key=lambda one: one.article)))


def read_bytes(folder: Path, path: str) -> bytes:
    """The file's bytes, at most `MAX_BYTES`. Raises UnreadableArticle, or ArticlesError for the folder itself."""
    if not path or path.startswith("/") or ".." in path.split("/") or shown(path) != path:
        raise UnreadableArticle(shown(path), "is not the name of a file in the articles folder; give a relative path")
    with _opened(folder) as root:
        try:
            parts = _inside(folder, path)
            for _ in range(2):  # a file that is being written gets a second chance
                raw = _read_once(root, path, parts)
                if raw is not None:
                    return raw
        except OSError as exc:
            raise UnreadableArticle(path, _os_reason(exc)) from exc
    raise UnreadableArticle(path, "changed while it was being read; run `summit reindex` once it is whole")


class _Walk:
    """What a walk through the folder has met so far."""

    def __init__(self) -> None:
        self.files: set[str] = set()
        self.targets: set[str] = set()  # where links lead, beside the files themselves
        self.links: list[str] = []
        self.refused: list[UnreadableArticle] = []
        self.waiting: list[tuple[str, ...]] = [()]

    def refuse(self, path: str, reason: str) -> None:
        self.refused.append(UnreadableArticle(shown(path), reason))

    def meet(self, entry: os.DirEntry[str], parts: tuple[str, ...]) -> None:
        if entry.name.startswith(".") or entry.name.lower() in ABOUT_THE_FOLDER:
            return
        path = "/".join(parts)
        like_article = entry.name.lower().endswith(SUFFIXES)
        is_folder = entry.is_dir(follow_symlinks=False)
        if (like_article or is_folder) and shown(entry.name) != entry.name:
            self.refuse(path, "has control characters or broken UTF-8 in its name; rename it")
        elif is_folder:
            self._meet_folder(path, parts, like_article)
        elif entry.is_symlink():
            if like_article:
                self.links.append(path)
            elif _leads_to_folder(entry):
                self.refuse(path, "is a link to a folder, and those are not entered; put the articles themselves here")
        elif like_article and entry.is_file(follow_symlinks=False):
            self.files.add(path)
        elif like_article:
            self.refuse(path, _NOT_REGULAR)

    def _meet_folder(self, path: str, parts: tuple[str, ...], like_article: bool) -> None:
        if like_article:
            self.refuse(path, "is a folder with the name of an article, so it is not entered; rename it")
        elif len(parts) > MAX_DEPTH:
            self.refuse(path, f"lies more than {MAX_DEPTH} folders deep; move it further up")
        else:
            self.waiting.append(parts)


def _leads_to_folder(link: os.DirEntry[str]) -> bool:
    try:
        return link.is_dir()
    except OSError:  # a link to itself
        return False


def _follow(folder: Path, path: str, walk: _Walk) -> None:
    """Count a link as an article if it stays inside the folder and its target is not one already."""
    try:
        target = "/".join(_inside(folder, path))
    except UnreadableArticle as exc:
        walk.refused.append(exc)
    except OSError as exc:
        walk.refuse(path, _os_reason(exc))
    else:
        if target in walk.files or target in walk.targets:
            walk.refuse(path, f"is a link to {shown(target)}, which is read already; remove the link")
        else:
            walk.targets.add(target)
            walk.files.add(path)


def _inside(folder: Path, path: str) -> tuple[str, ...]:
    """Where `path` really lies, from the folder down, all links followed. Raises if that is outside."""
    root = os.path.realpath(folder)
    target = os.path.realpath(folder / path, strict=True)
    if os.path.commonpath((root, target)) != root or target == root:
        raise UnreadableArticle(path, "is a link out of the articles folder, which is never followed; put a copy here")
    return PurePosixPath(target).relative_to(root).parts


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    try:
        root = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError as exc:
        raise ArticlesError(f"there is no articles folder {shown(str(folder))}: {_NAME_ANOTHER}") from exc
    except NotADirectoryError as exc:
        raise ArticlesError(f"{shown(str(folder))} is a file, not a folder of articles: {_NAME_ANOTHER}") from exc
    except OSError as exc:
        raise ArticlesError(f"the articles folder {shown(str(folder))} {_os_reason(exc)}") from exc
    try:
        yield root
    finally:
        os.close(root)


@contextmanager
def _opened_below(root: int, parts: tuple[str, ...]) -> Iterator[int]:
    """A descriptor of the folder at `parts`, reached without following a link."""
    current = os.dup(root)
    try:
        for part in parts:
            below = os.open(part, _FOLDER_FLAGS, dir_fd=current)
            os.close(current)
            current = below
        yield current
    finally:
        os.close(current)


def _read_once(root: int, path: str, parts: tuple[str, ...]) -> bytes | None:
    """The bytes, or None if the file changed meanwhile. A pipe or device is seen before it would be opened."""
    *parents, name = parts
    with _opened_below(root, tuple(parents)) as parent:
        _check_kind(path, os.stat(name, dir_fd=parent, follow_symlinks=False))
        with os.fdopen(os.open(name, _READ_FLAGS, dir_fd=parent), "rb", buffering=0) as file:
            before = os.fstat(file.fileno())
            _check_kind(path, before)
            raw = bytearray()
            while len(raw) <= MAX_BYTES and (part := file.read(MAX_BYTES + 1 - len(raw))):
                raw += part
            after = os.fstat(file.fileno())
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return bytes(raw) if same and len(raw) == after.st_size else None


def _check_kind(path: str, found: os.stat_result) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise UnreadableArticle(path, "is a folder, not an article; name a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise UnreadableArticle(path, _NOT_REGULAR)
    if found.st_size > MAX_BYTES:
        size, most = (f"{count / 1024 / 1024:.1f} MB" for count in (found.st_size, MAX_BYTES))
        raise UnreadableArticle(path, f"has {size}, and an article has at most {most}; split it into several files")


def _os_reason(exc: OSError) -> str:
    match exc:
        case FileNotFoundError():
            return "is not there (any more), or is a link to nothing; put the file back or remove the link"
        case PermissionError():
            return "cannot be read: permission denied; allow the user that runs the bot to read it"
        case OSError(errno=errno.ELOOP):
            return "is a link that leads back to itself; remove it"
        case _:
            return f"cannot be read: {os.strerror(exc.errno or 0)}; check the file and the disk"
