"""One thing under its many names: Lee Jae-myung, Lee Jae Myung, 이재명, 李在明. For retrieval only; never shown.

Where a text or a question holds any of a thing's names, it also holds the thing: one term that stands for all of
them, so that a question in one language or spelling meets a text in another. The names are data: `names.toml` beside
this module, and an operator's own `names.toml` in the articles folder, whose entries come before ours.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from importlib import resources
from pathlib import Path

from index.decode import shown
from index.errors import ArticlesError, UnreadableArticle
from index.files import read_bytes
from index.terms import terms

FILE = "names.toml"
TOPIC_SECTIONS = ("events", "topics")  # whose things can be offered to somebody who asks
_MARK = "="  # no term of a text holds one


class Names:
    """A table of names, looked up in sequences of terms; the longest name wins."""

    def __init__(self, table: Mapping[str, Sequence[str]], topics: Sequence[str] = ()) -> None:
        """`table`: for each thing its names. Of a name that stands under two things, the first counts.

        `topics`: the things that somebody can ask about by name alone.
        """
        self.table = {thing: tuple(names) for thing, names in table.items()}
        self.topics = tuple(topics)

    @cached_property
    def _by_first(self) -> dict[str, list[tuple[tuple[str, ...], str]]]:
        """For each term that opens a name, the names with their things, the longest first."""
        found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        seen: set[tuple[str, ...]] = set()
        for thing, names in self.table.items():
            for name in names:
                sequence = tuple(terms(name))
                if sequence and sequence not in seen:
                    seen.add(sequence)
                    found.setdefault(sequence[0], []).append((sequence, thing_term(thing)))
        for sequences in found.values():
            sequences.sort(key=lambda pair: -len(pair[0]))
        return found

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


def thing_term(thing: str) -> str:
    """The term that stands for a thing under all its names."""
    return _MARK + thing


def is_thing(term: str) -> bool:
    """Whether a term stands for a thing under all its names, and not for a word."""
    return term.startswith(_MARK)


def is_proper(term: str) -> bool:
    """Whether a term stands for a thing with a name of its own: "Seoul", and not "fountain pen"."""
    return is_thing(term) and term[len(_MARK) :][:1].isupper()


Sections = dict[str, dict[str, tuple[str, ...]]]


def parse(raw: str, *, where: str) -> Sections:
    """Read sections of `"thing" = "name|name"`. Raises ArticlesError, naming the file, for anything else."""
    try:
        sections = tomllib.loads(raw)
    except (tomllib.TOMLDecodeError, RecursionError) as exc:
        raise ArticlesError(f"{where} is not valid TOML ({exc}): correct it, or take it away") from exc
    found: Sections = {}
    for section, entries in sections.items():
        if not isinstance(entries, dict):
            raise ArticlesError(f'{where}: {section!r} stands outside a section: put a line such as "[names]" above it')
        found[section] = {}
        for thing, names in entries.items():
            if not isinstance(names, str):
                raise ArticlesError(
                    f'{where}: {thing!r} needs its names as one text: "Lee Jae-myung" = "이재명|李在明"'
                )
            found[section][thing] = (thing, *(name.strip() for name in names.split("|") if name.strip()))
    return found


@cache
def shipped() -> Names:
    """The names that come with the package."""
    sections = _shipped_sections()
    return Names(_table(sections), _topics(sections))


def names_for(articles: Path) -> Names:
    """The shipped names, and those of the articles folder's `names.toml` if there is one.

    Raises ArticlesError when that file cannot be read or understood.
    """
    if not os.path.lexists(articles / FILE):
        return shipped()
    path = shown(str(articles / FILE))
    try:
        raw = read_bytes(articles, FILE).decode("utf-8-sig")
    except UnreadableArticle as exc:
        raise ArticlesError(f"{path} {exc.reason}") from exc
    except UnicodeDecodeError as exc:
        raise ArticlesError(f"{path} is not valid UTF-8: correct it, or take it away") from exc
    own, ours = parse(raw, where=path), _shipped_sections()
    table, shipped_table = _table(own), _table(ours)
    merged = table | {thing: table.get(thing, ()) + names for thing, names in shipped_table.items()}
    return Names(merged, tuple(dict.fromkeys((*_topics(own), *_topics(ours)))))


def _shipped_sections() -> Sections:
    return parse((resources.files("index") / FILE).read_text(encoding="utf-8"), where=FILE)


def _table(sections: Sections) -> dict[str, tuple[str, ...]]:
    return {thing: names for entries in sections.values() for thing, names in entries.items()}


def _topics(sections: Sections) -> tuple[str, ...]:
    return tuple(thing for section in TOPIC_SECTIONS for thing in sections.get(section, {}))
