"""Whether two sentences report one thing with another number, date or negation.

A wrong "they differ" discredits two publishers at once, so every doubt keeps this silent: two sentences must share
most of their words, disagree in exactly one respect, and have no word standing in another's place (cars for ships,
Tokyo for Washington), which would mean that they speak of two things. The constants were set on the pairs marked
"tuning" in `tests/data/disagreement.jsonl` and checked on the pairs held out there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, getcontext
from difflib import SequenceMatcher

import regex

from index.facts import tidied, tokens
from index.statement import Token, TokenKind, words

# Share of the words of both that both have (Dice): reports of one event in other words lie above. A negation is only
# held against a sentence that says nearly the same, for what is denied is easily something else.
MIN_SHARED = 0.5
MIN_SHARED_NEGATED = 0.65
MIN_SHARED_WORDS = 3
# Two long sentences share a summit and its dates and still tell two things: in one of them, this few words at most may
# be its own. Set on sentences of the articles in `../shared/articles`, which the share alone let through.
MAX_OWN_WORDS = 3
# "About 150" is not contradicted by a number this near to it.
ABOUT = Decimal("0.2")
# Where so few words stand in the place of others, one thing was named for another; longer runs are other phrasing.
SLOT_WORDS = 2
# Sentences are shorter; aligning costs up to the square of this.
MAX_TOKENS = 200

_LOWER = words("least more over above 최소 적어도 이상 넘는 넘게 초과 여 以上 超 最低")
_UPPER = words("most less fewer under below up 최대 많아야 이하 미만 以下 未満 最大")
_ABOUT = words("about around nearly almost roughly approximately 약 가량 정도 안팎 거의 約 程度 前後 ほぼ")
_BOUNDS = _LOWER | _UPPER | _ABOUT
_AFFIRMS = regex.compile(r"agre|accept|confirm|approv|admit|합의|수용|인정|확인|동의|찬성|合意|受諾|確認")
_CJK = regex.compile(r"[\p{Hangul}\p{Han}]")
_HIRAGANA = regex.compile(r"\p{Hiragana}")
# Words that sentences about anything share.
_COMMON = words("to for from by with into he she his her dollar won yen euro % 달러 원 엔 ドル 円")
_KO_COUNTER = regex.compile(r"[명번개곳건대척원년분회배]")
_BEFORE_YEAR = words("in since by until for from of")
_PRONOUNS = words(
    "it they he she this these that those we i you there 그는 그가 그의 이는 그들은 이들은 これ それ 彼 彼女"
)
_YEAR = regex.compile(r"(?:19|20)\d\d")
_DAY = regex.compile(r"(\d*)-(\d+)")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A respect in which two sentences disagree; `sure` unless it may as well come from speaking of two things."""

    values: frozenset[str] = frozenset()
    sure: bool = True


_DOUBT = Conflict(sure=False)


def differs(one: str, other: str) -> bool:
    """Whether two sentences of two publishers contradict each other in a number, a date or a negation. Symmetric.

    False where they agree, speak of different things, round differently, or where it cannot be told.
    """
    left, right = (tokens(tidied(text)) for text in sorted((one, other)))
    if max(len(left), len(right)) > MAX_TOKENS:
        return False
    ours, theirs = _stems(left), _stems(right)
    both = len(ours & theirs)
    shared = 2 * both / max(1, len(ours) + len(theirs))
    if shared < MIN_SHARED or both < MIN_SHARED_WORDS or min(len(ours), len(theirs)) - both > MAX_OWN_WORDS:
        return False
    if _refers_back(left) or _refers_back(right) or _guards(left) != _guards(right):
        return False
    if "?" in tidied(one + other):
        return False
    conflicts = [*_number_conflicts(left, right), *_date_conflicts(left, right)]
    if _negations(left) != _negations(right):
        denied = shared >= MIN_SHARED_NEGATED and _one_denies_the_other(left, right)
        conflicts.append(Conflict() if denied else _DOUBT)
    if len(conflicts) != 1 or not conflicts[0].sure:
        return False
    return not _another_named(left, right, conflicts[0].values)


def _stem(token: Token) -> str:
    """What a word is known by: in Korean and Japanese by its beginning, for endings vary."""
    return token.value[:2] if _CJK.match(token.value) else token.value


def _counts(token: Token) -> bool:
    return token.kind is TokenKind.WORD and not _HIRAGANA.match(token.value)


def _stems(run: Sequence[Token]) -> frozenset[str]:
    return frozenset(_stem(token) for token in run if _counts(token) and token.value not in _COMMON)


def _refers_back(run: Sequence[Token]) -> bool:
    """Whether the sentence opens with a word whose meaning stands in the sentence before it."""
    return bool(run) and run[0].raw in _PRONOUNS


def _guards(run: Sequence[Token]) -> Counter[str]:
    return Counter(token.value for token in run if token.kind is TokenKind.GUARD and token.value not in _BOUNDS)


def _negations(run: Sequence[Token]) -> int:
    return sum(token.kind is TokenKind.NEGATION and token.value != "without" for token in run)


def _one_denies_the_other(left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Whether one side holds the only negation, of a word that the other side says."""
    if sorted((_negations(left), _negations(right))) != [0, 1]:
        return False
    denying, saying = (left, right) if _negations(left) else (right, left)
    at = next(i for i, token in enumerate(denying) if token.kind is TokenKind.NEGATION and token.value != "without")
    verb_first = bool(regex.match(r"[\p{Hangul}\p{Han}\p{Hiragana}]", denying[at].value))
    beside = reversed(denying[:at]) if verb_first else denying[at + 1 :]
    denied = next((token for token in beside if _counts(token)), None)
    return denied is not None and _stem(denied) in _stems(saying)


@dataclass(frozen=True, slots=True)
class _Figure:
    value: str
    units: frozenset[str]  # the words that say what is counted
    hedges: frozenset[str]
    year: bool


def _figures(run: Sequence[Token]) -> list[_Figure]:
    found = []
    for at, token in enumerate(run):
        if token.kind is TokenKind.NUMBER:
            near = [*run[max(0, at - 3) : at], *run[at + 1 : at + 3]]
            following: list[Token] = []
            for word in run[at + 1 :]:
                if word.kind in (TokenKind.NUMBER, TokenKind.DATE, TokenKind.NEGATION) or len(following) == 2:
                    break
                if _counts(word):
                    following.append(word)
            # A counter is set against its number, and in Japanese the next word may be set against the counter.
            units = [_stem(word) for word in following]
            if following and _CJK.match(following[0].value):
                counter = regex.match(r"\p{Han}", following[0].value) or _KO_COUNTER.match(following[0].value)
                units = [counter.group() if counter else units[0]]
            hedges = {one.value for one in near if one.kind in (TokenKind.GUARD, TokenKind.NEGATION)}
            year = bool(_YEAR.fullmatch(token.raw)) and (
                units[:1] in (["년"], ["年"])
                or (at > 0 and (run[at - 1].kind is TokenKind.DATE or run[at - 1].raw in _BEFORE_YEAR))
            )
            found.append(_Figure(token.value, frozenset(units), frozenset(hedges), year))
    return found


def _unmatched(left: list[_Figure], right: list[_Figure]) -> tuple[list[_Figure], list[_Figure]]:
    """The figures of each side whose value the other side has not."""
    ours, theirs = {each.value for each in left}, {each.value for each in right}
    return [each for each in left if each.value not in theirs], [each for each in right if each.value not in ours]


def _number_conflicts(left: Sequence[Token], right: Sequence[Token]) -> Iterator[Conflict]:
    ours, theirs = _unmatched(_figures(left), _figures(right))
    if any(each.value.startswith("#") for each in ours) and any(each.value.startswith("#") for each in theirs):
        yield _DOUBT  # the first round and the second
    for of_years in (True, False):
        one, other = (
            [each for each in side if not each.value.startswith("#") and each.year is of_years]
            for side in (ours, theirs)
        )
        if not one or not other:
            continue  # only one says it
        if len(one) > 1 or len(other) > 1:
            yield _DOUBT
        elif of_years or (":" in one[0].value and ":" in other[0].value):
            yield Conflict(frozenset((one[0].value, other[0].value)))
        elif not one[0].units & other[0].units or ":" in one[0].value + other[0].value:
            yield _DOUBT
        elif not _compatible(one[0], other[0]):
            yield Conflict(frozenset((one[0].value, other[0].value)))


def _compatible(one: _Figure, other: _Figure) -> bool:
    """Whether both may be true: one a bound that the other keeps, about the same, or the other rounded."""
    small, large = sorted((one, other), key=lambda each: Decimal(each.value))
    least, most = Decimal(small.value), Decimal(large.value)
    if (one.hedges | other.hedges) & _ABOUT and most - least <= ABOUT * most:
        return True
    if small.hedges & _LOWER or large.hedges & _UPPER:
        return True
    coarse, fine = sorted((least, most), key=_digits)
    return _digits(coarse) < min(_digits(fine), getcontext().prec) and _rounded(fine, _digits(coarse)) == coarse


def _digits(value: Decimal) -> int:
    """Significant digits: 2 for 150, 3 for 148."""
    return max(1, len("".join(map(str, value.as_tuple().digits)).strip("0")))


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1))


def _date_conflicts(left: Sequence[Token], right: Sequence[Token]) -> Iterator[Conflict]:
    ours, theirs = _dates(left), _dates(right)
    one, other = ours - theirs, theirs - ours
    days = [[match for value in side if (match := _DAY.fullmatch(value))] for side in (one, other)]
    weekdays = [[value for value in side if value.isalpha()] for side in (one, other)]
    months = [[value for value in side if value.endswith("-")] for side in (one, other)]
    if all(days):
        first, second = days[0][0], days[1][0]
        if max(map(len, days)) > 1 or (first[1] and second[1] and first[1] != second[1]):
            yield _DOUBT
        elif first[2] != second[2]:
            yield Conflict(frozenset((first[0], second[0])))
    if all(weekdays):
        clear = max(map(len, weekdays)) == 1
        yield Conflict(frozenset((weekdays[0][0], weekdays[1][0]))) if clear else _DOUBT
    if all(months):
        yield _DOUBT  # things that take place in two months are two more often than not


def _dates(run: Sequence[Token]) -> frozenset[str]:
    """The dates, but for those on which somebody said what follows: one can say a thing twice."""
    return frozenset(
        token.value
        for at, token in enumerate(run)
        if token.kind is TokenKind.DATE
        and not any(near.kind is TokenKind.SAY for near in (*run[max(0, at - 2) : at], *run[at + 1 : at + 2]))
    )


def _another_named(left: Sequence[Token], right: Sequence[Token], values: frozenset[str]) -> bool:
    """Whether, apart from the conflicting values, a word stands where the other sentence has another word."""
    ours = [token for token in left if token.kind not in (TokenKind.LIGHT, TokenKind.SAY, TokenKind.GUARD)]
    theirs = [token for token in right if token.kind not in (TokenKind.LIGHT, TokenKind.SAY, TokenKind.GUARD)]
    known = _stems(left) & _stems(right)
    codes = SequenceMatcher(None, [_stem(t) for t in ours], [_stem(t) for t in theirs], autojunk=False).get_opcodes()
    for tag, i, j, k, m in codes:
        if tag != "replace":
            continue
        negated = any(token.kind is TokenKind.NEGATION for token in (*ours[i:j], *theirs[k:m]))
        one, other = (
            [
                _stem(token)
                for token in run
                if (_counts(token) and _stem(token) not in known)
                or (token.kind in (TokenKind.NUMBER, TokenKind.DATE) and token.value not in values)
            ]
            for run in (ours[i:j], theirs[k:m])
        )
        if one and other and min(len(one), len(other)) <= SLOT_WORDS:
            return True
        if negated and any(not _AFFIRMS.match(word) for word in (*one, *other)):
            return True
    return False
