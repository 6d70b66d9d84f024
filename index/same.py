"""Whether two texts say the same: the test by which copies are folded into one quote.

Copies differ in what an editor touches: spelling, marks, a word or clause dropped, who is said to have said it. What
must never be folded differs in a number, a date, a negation, a name. So two texts are laid side by side and every
difference has to be harmless; how much they share is only asked afterwards. The constants were set on the pairs marked
"tuning" in `tests/data/merging.jsonl` and checked on the pairs held out there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

import regex

from index.facts import COORDINATORS, tidied, tokens
from index.statement import Token, TokenKind

# At most this share of the longer one's words may stand in one only: a clause of a sentence, a sentence of a quote.
MAX_DROPPED = 0.4
# Fewer words in common than this say too little to know a copy by, unless the two texts are equal.
MIN_SHARED = 4
# What an editor cuts out of a list ("and Japan") is short, and changes what the sentence is about; a clause is longer.
MAX_LIST_ITEM = 2
# A quotation speaks for itself from so many words on; what surrounds it then only has to agree.
MIN_QUOTED = 5
# Aligning costs up to the square of what lies between common beginning and common end. No quote is longer than this.
MAX_ALIGNED = 400

_FACTS = (TokenKind.NUMBER, TokenKind.DATE, TokenKind.NEGATION, TokenKind.GUARD)
_CJK = regex.compile(r"[\p{Hangul}\p{Han}\p{Katakana}]")
_DATELINE = regex.compile(
    r"\s*+(?:\p{Lu}[\p{Lu} .'-]{1,40}(?:,\s?\p{L}{2,20}\.?)?(?:,\s?\p{L}{3,9}\.?\s\d{1,2})?\s?"
    r"(?:\([^()\n]{2,30}\)\s?(?:--?|–|—|:)?|--|–|—|-(?=\s))"
    r"|\([^()=\n]{2,20}=[^()\n]{2,20}\)|\[[^\[\]=\n]{2,20}=[^\[\]\n]{2,20}\]|【[^【】\n]{2,20}】)\s*"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A text read for comparing. Texts with equal keys differ in nothing that counts; copies have the same facts."""

    text: str  # tidied, white space folded
    dateline: tuple[Token, ...]
    body: tuple[Token, ...]
    key: tuple[str, ...]
    facts: tuple[str, ...]  # numbers, dates and the like, sorted

    def part(self, *, quoted: bool) -> tuple[Token, ...]:
        return tuple(token for token in self.body if token.quoted is quoted)


def read(text: str) -> Statement:
    plain = tidied(text)
    opening = _DATELINE.match(plain)
    body = tuple(tokens(plain[opening.end() :] if opening else plain))
    return Statement(
        " ".join(plain.split()),
        tuple(tokens(opening.group())) if opening else (),
        body,
        tuple(token.key for token in body if token.kind is not TokenKind.LIGHT),
        _facts(body),
    )


def same_statement(one: str, other: str) -> bool:
    """Whether two texts are copies of one: no number, date, negation or name differs, and little else does.

    Symmetric. Linear, but for the part between what both begin and end with, which is bounded.
    """
    return same(_read_often(one), _read_often(other))


@lru_cache(maxsize=1024)
def _read_often(text: str) -> Statement:
    return read(text)  # one hit's text is held against many others


def same(one: Statement, other: Statement) -> bool:
    if one.text == other.text:
        return True
    if one.dateline and other.dateline and _facts(one.dateline) != _facts(other.dateline):
        return False
    if one.facts != other.facts or not one.key or not other.key:
        return False
    if one.key > other.key:
        one, other = other, one  # how two runs are aligned depends on their order
    return one.key == other.key or _copies(one.body, other.body) or _same_quotation(one, other)


def _facts(run: Sequence[Token]) -> tuple[str, ...]:
    return tuple(sorted(token.value for token in run if token.kind in _FACTS))


def _content(run: Sequence[Token]) -> list[Token]:
    return [token for token in run if token.kind is not TokenKind.LIGHT]


def _copies(one: Sequence[Token], other: Sequence[Token]) -> bool:
    left, right = (Counter(token.key for token in _content(run)) for run in (one, other))
    shared, whole = (left & right).total(), max(left.total(), right.total())
    if shared < MIN_SHARED or (left - right).total() + (right - left).total() > MAX_DROPPED * whole:
        return False
    blocks = list(_differences(one, other))
    if not all(_harmless(gone, come) for gone, come in blocks):
        return False
    # A word that is missing here and added there has moved: who did what to whom may be another. Only a whole
    # attribution may go from one end to the other.
    moved = _words_of(gone for gone, _ in blocks) & _words_of(come for _, come in blocks)
    return all(moved <= _words_of(block for block in side if block.attributes) for side in zip(*blocks, strict=True))


@dataclass(frozen=True, slots=True)
class _Block:
    """A run of one text that the other lacks at that place."""

    run: Sequence[Token]
    after: Token | None  # the token that follows it
    before: Token | None
    at_edge: bool  # at the beginning or end of its text

    @property
    def content(self) -> list[Token]:
        return _content(self.run)

    @property
    def attributes(self) -> bool:
        return self.at_edge and any(token.kind is TokenKind.SAY for token in self.run)


def _words_of(blocks: Iterable[_Block]) -> set[str]:
    return {token.key for block in blocks for token in block.run if token.kind is TokenKind.WORD}


def _differences(one: Sequence[Token], other: Sequence[Token]) -> Iterator[tuple[_Block, _Block]]:
    left, right = [token.key for token in one], [token.key for token in other]
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and left[-1 - end] == right[-1 - end]:
        end += 1
    middle = (left[start : len(left) - end], right[start : len(right) - end])
    if max(map(len, middle)) > MAX_ALIGNED:
        codes = [("replace", 0, len(middle[0]), 0, len(middle[1]))]
    else:
        codes = list(SequenceMatcher(None, *middle, autojunk=False).get_opcodes())
    for tag, i, j, k, m in codes:
        if tag != "equal":
            yield _block(one, start + i, start + j), _block(other, start + k, start + m)


def _block(run: Sequence[Token], start: int, end: int) -> _Block:
    before = run[start - 1] if start else None
    after = run[end] if end < len(run) else None
    return _Block(run[start:end], after, before, before is None or after is None)


def _harmless(gone: _Block, come: _Block) -> bool:
    left, right = gone.content, come.content
    if not left and not right:
        return True
    if left and right:  # one thing for another: only a spelling of the same
        return [t.value for t in left if t.kind in _FACTS] == [t.value for t in right if t.kind in _FACTS] and "".join(
            t.raw for t in left if t.kind not in _FACTS
        ) == "".join(t.raw for t in right if t.kind not in _FACTS)
    block = gone if left else come
    return _may_drop(block)


def _may_drop(block: _Block) -> bool:
    content = block.content
    if any(token.kind in _FACTS for token in content):
        return False
    if any(token.kind is TokenKind.SAY for token in content):
        return True
    neighbours = [*block.run, *(token for token in (block.before, block.after) if token)]
    coordinated = any(token.raw in COORDINATORS for token in neighbours)
    if len(content) > MAX_LIST_ITEM:
        enumerates = all(token.listed for token in content[1:]) or (
            coordinated and all(token.name for token in content)
        )
        return not enumerates
    if any(_CJK.match(token.raw) for token in content):
        return False  # without capitals, a name looks like any word
    listed = block.run[0].listed or (block.after is not None and block.after.listed)
    return not listed and not coordinated


def _same_quotation(one: Statement, other: Statement) -> bool:
    """Whether both are mainly one quotation, said by one speaker as far as they tell."""
    quoted, around = (
        [each.part(quoted=True) for each in (one, other)],
        [each.part(quoted=False) for each in (one, other)],
    )
    for inside, outside in zip(quoted, around, strict=True):
        if len(_content(inside)) < max(MIN_QUOTED, len(_content(outside))):
            return False
    if _facts(around[0]) != _facts(around[1]) or not _copies(*quoted):
        return False
    few, many = sorted(
        (Counter(t.value for t in each if t.kind is TokenKind.WORD) for each in around), key=Counter.total
    )
    return few <= many


def duplicates(texts: Sequence[str]) -> list[list[int]]:
    """The groups of two or more texts that are all copies of one another: indices in order, groups by their first.

    Texts that are equal but for what never counts meet by their key. The others are compared where they share one of
    their rarest words, and of a crowd only with those nearest in it, so time grows with the number of texts.
    """
    return _Groups(texts).found()


# Copies may lack MAX_DROPPED of each other's words, so one or two rare words may be among those; five hardly ever.
_RARE_WORDS = 5
# How many of those that share a rare word a text is held against.
_NEAREST = 24


class _Groups:
    def __init__(self, texts: Sequence[str]) -> None:
        by_text: dict[tuple[object, ...], list[int]] = defaultdict(list)
        self._statements: list[Statement] = []
        self._members: list[list[int]] = []
        for at, text in enumerate(texts):
            statement = read(text)
            key = (statement.key or statement.text, _facts(statement.dateline))
            members = by_text[key]
            if not members:
                self._statements.append(statement)
                self._members.append(members)
            members.append(at)

    def found(self) -> list[list[int]]:
        groups: list[list[int]] = []
        group_of: dict[int, int] = {}
        for at, candidates in enumerate(self._candidates()):
            statement = self._statements[at]
            for group in dict.fromkeys(group_of[other] for other in candidates):
                # A group is a set of copies of one another, not a chain in which each resembles the next.
                if all(same(statement, self._statements[other]) for other in groups[group]):
                    break
            else:
                group = len(groups)
                groups.append([])
            groups[group].append(at)
            group_of[at] = group
        whole = (sorted(at for one in group for at in self._members[one]) for group in groups)
        return sorted(group for group in whole if len(group) > 1)

    def _candidates(self) -> Iterator[list[int]]:
        """For each statement, the earlier ones that it may copy."""
        words = [{t.value for t in statement.body if t.kind is TokenKind.WORD} for statement in self._statements]
        counts = Counter(word for each in words for word in each)
        crowds: dict[tuple[str, tuple[str, ...]], list[int]] = defaultdict(list)
        for at, each in enumerate(words):
            shared = sorted((counts[word], word) for word in each if counts[word] > 1)[:_RARE_WORDS]
            keys = [(word, self._statements[at].facts) for _, word in shared]
            yield list(dict.fromkeys(other for key in keys for other in crowds[key][-_NEAREST:]))
            for key in keys:
                crowds[key].append(at)
