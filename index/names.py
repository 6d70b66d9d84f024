"""One thing under its many names: Lee Jae-myung, Lee Jae Myung, 이재명, 李在明. For retrieval only; never shown.

Where a text or a question holds any of a thing's names, it also holds the thing: one term that stands for all of
them, so that a question in one language or spelling meets a text in another. The names are data: `names.toml` beside
this module, and an operator's own `names.toml` in the articles folder, whose entries come before ours.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path

from index.errors import ArticlesError
from index.terms import terms

FILE = "names.toml"
_MARK = "="  # no term of a text holds one


class Names:
    """A table of names, looked up in sequences of terms; the longest name wins."""

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        """`table`: for each thing its names. Of a name that stands under two things, the first counts."""
        self.table = {thing: tuple(names) for thing, names in table.items()}
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        seen: set[tuple[str, ...]] = set()
        for thing, names in self.table.items():
            for name in names:
                sequence = tuple(terms(name))
                if sequence and sequence not in seen:
                    seen.add(sequence)
                    self._by_first.setdefault(sequence[0], []).append((sequence, _MARK + thing))
        for sequences in self._by_first.values():
            sequences.sort(key=lambda pair: -len(pair[0]))

    def fold(self, found: Sequence[str]) -> Iterator[tuple[str, int]]:
        """The sequence with each name folded into its thing: terms, each with how many of `found` it stands for."""
        at = 0
        while at < len(found):
            for sequence, thing in self._by_first.get(found[at], ()):
                if tuple(found[at : at + len(sequence)]) == sequence:
                    yield thing, len(sequence)
                    at += len(sequence)
                    break
            else:
                yield found[at], 1
                at += 1

    def things(self, found: Sequence[str]) -> list[str]:
        """The things that a sequence of terms names, repeated as they repeat.

        A name within a longer one does not count: "North Korea" does not name South Korea, though "Korea" alone does.
        """
        return [term for term, _ in self.fold(found) if is_thing(term)]


def is_thing(term: str) -> bool:
    """Whether a term stands for a thing under all its names, and not for a word."""
    return term.startswith(_MARK)


def parse(raw: str, *, where: str) -> dict[str, tuple[str, ...]]:
    """Read a table: sections of `"thing" = "name|name"`. Raises ArticlesError, naming the file, for anything else."""
    try:
        sections = tomllib.loads(raw)
    except tomllib.TOMLDecodeError as exc:
        raise ArticlesError(f"{where} is not valid TOML ({exc}): correct it, or take it away") from exc
    table: dict[str, tuple[str, ...]] = {}
    for section, entries in sections.items():
        if not isinstance(entries, dict):
            raise ArticlesError(f'{where}: {section!r} stands outside a section: put a line such as "[names]" above it')
        for thing, names in entries.items():
            if not isinstance(names, str):
                raise ArticlesError(
                    f'{where}: {thing!r} needs its names as one text: "Lee Jae-myung" = "이재명|李在明"'
                )
            table[thing] = (thing, *(name.strip() for name in names.split("|") if name.strip()))
    return table


@cache
def shipped() -> Names:
    """The names that come with the package."""
    return Names(_shipped_table())


def names_for(articles: Path) -> Names:
    """The shipped names, and those of the articles folder's `names.toml` if there is one.

    Raises ArticlesError when that file cannot be read or understood.
    """
    path = articles / FILE
    try:
        raw = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return shipped()
    except (OSError, UnicodeDecodeError) as exc:
        raise ArticlesError(f"{path} cannot be read ({exc}): correct it, or take it away") from exc
    own = parse(raw, where=str(path))
    ours = _shipped_table()
    return Names(own | {thing: own.get(thing, ()) + names for thing, names in ours.items()})


def _shipped_table() -> dict[str, tuple[str, ...]]:
    return parse((resources.files("index") / FILE).read_text(encoding="utf-8"), where=FILE)
