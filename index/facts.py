"""Text -> tokens of its statement: numbers and dates as values, negations, and words stripped of their form.

What must never be lost between two copies gets a kind of its own, so that comparing tokens compares values:
seventeen is 17, "$150 billion" is 150 billion dollars, 두 번째 is 2번째, Aug. 23 is 23 August.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import regex

from index.cjk import hangul, japanese
from index.numerals import (
    COUNTED_JA,
    COUNTED_KO,
    NATIVE,
    SPOKEN,
    SPOKEN_ORDINAL,
    cjk_value,
    english_value,
    plain,
    scaled,
)
from index.statement import Token, TokenKind, words
from index.terms import terms

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:Jan(?:uary|\.)?|Feb(?:ruary|\.)?|March|Mar\.|Apr(?:il|\.)?|May|June?\.?|July?\.?|Aug(?:ust|\.)?"
    r"|Sept(?:ember|\.)?|Sep\.|Oct(?:ober|\.)?|Nov(?:ember|\.)?|Dec(?:ember|\.)?)(?!\p{L})"
)
_WEEKDAY = (
    r"(?:Mon(?:day|\.)|Tue(?:sday|s?\.)|Wed(?:nesday|\.)|Thu(?:rsday|rs?\.|\.)|Fri(?:day|\.)|Sat(?:urday|\.)"
    r"|Sun(?:day|\.))"
)
_WEEKDAYS_CJK = "월화수목금토일月火水木金土日"
_NUMERAL = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_MYRIADS = "십백천만억조十百千万億兆"

# The look-ahead before each group of alternatives is for speed only.
_TOKEN = regex.compile(
    rf"""
    (?=[\d−-])(?:
        (?P<iso>\b\d{{4}}-\d{{2}}-\d{{2}}\b)
      | (?P<dm>\b(?P<dm_d>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<dm_m>{_MONTH}))
      | (?P<cjkdate>(?P<c_m>\d{{1,2}})\s?[월月](?:\s?(?P<c_d>\d{{1,2}})\s?[일日])?)
      | (?P<cjkday>\d{{1,2}}[일日](?![간째間本]|\s?동안))
      | (?P<clock>\b\d{{1,2}}:\d{{2}}\b)
      | (?P<ordinal>\b\d+(?:st|nd|rd|th)\b)
      | (?P<number>(?:(?<![\p{{L}}\d)])[-−](?=\d))?{_NUMERAL}
          (?:\s*(?P<scale>thousand|million|billion|trillion|bn|mn)\b
          | (?P<myriads>\s?[{_MYRIADS}]+(?:\s?{_NUMERAL}[{_MYRIADS}]+)*))?)
    )
  | (?=[\p{{Hangul}}])(?:
        (?P<cjkweek>[{_WEEKDAYS_CJK}]요일)
      | (?P<native>(?<!\p{{Hangul}}){NATIVE})
      | (?P<counted>{COUNTED_KO})
      | (?P<percent>퍼센트)
      | (?P<hangul>\p{{Hangul}}+)
    )
  | (?=\p{{Lu}})(?:
        (?P<md>\b(?P<md_m>{_MONTH})\s+(?P<md_d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:%]))
      | (?P<month>\b{_MONTH})
      | (?P<weekday>\b{_WEEKDAY}(?!\p{{L}}))
      | (?P<usa>\bU\.\s?S\.(?:A\.)?|\bUS\b(?!\s?\$)|\bUSA\b|\bUnited\s+States\b)
    )
  | (?=\p{{L}})(?:
        (?P<initials>(?:\p{{L}}\.){{2,}})
      | (?P<not>(?i:\b(?:ca|wo|sha)n't\b|\bcannot\b|n't\b))
      | (?P<spoken_ordinal>\b{SPOKEN_ORDINAL}\b)
      | (?P<spoken>\b{SPOKEN}\b)
      | (?P<percent>(?i:\bper\s?cent(?:age\s+points?)?)\b|パーセント)
      | (?P<pm>(?i:\bprime\s+minister))
      | (?P<cjkweek>[{_WEEKDAYS_CJK}]曜日?)
      | (?P<counted>{COUNTED_JA})
      | (?P<han>\p{{Han}}+)
      | (?P<katakana>[\p{{Katakana}}ー]+)
      | (?P<hiragana>\p{{Hiragana}}+)
      | (?P<word>(?:(?!n't)[^\W\d_\p{{Hangul}}\p{{Han}}\p{{Hiragana}}\p{{Katakana}}])+
          (?:-(?=\p{{L}})\p{{Latin}}+)*)(?:'s\b)?
    )
  | (?P<percent>%포인트|%p\b|%)
  | (?P<money>(?:US\s?)?[$₩€£¥](?=\s?\d))
  | (?P<comma>[,、，;])
  | (?P<mark>["「」『』])
    """,
    regex.VERBOSE | regex.V1,
)

_NEGATIONS = words(
    "not no never none neither nor without nobody nothing nowhere hardly deny denies denied denying refuse"
    " refuses refused refusing reject rejects rejected rejecting decline declines declined fail fails failed failing"
    " unable unlikely halt halted scrap scrapped"
)
_GUARDS = words(
    "will would may might could should must can shall if unless whether until before after since reportedly allegedly"
    " least most more less fewer over under above below up about around nearly almost roughly approximately only just"
    " former ex vice deputy acting all some many few every each both half dozen dozens hundred hundreds thousand"
    " thousands million millions billion billions tens twice double doubled triple tripled quarter once a.m p.m am pm"
    " north south east west northern southern eastern western next last previous against longer shorter than part total"
)
_SAYS = words("say says said saying tell tells told stated states noted notes added adds remarked remarks")
_LIGHTS = words(
    "the a an that which who whom this these those has have had having was were is are been be being do does did also"
    " its their it and but while as on in at of reporters mr mrs ms so then too further end according"
)
COORDINATORS = words("and or 및 와 과 や と")
_US_SPELLING = (
    (regex.compile(r"(?<=\p{L}{3})is(?=(?:e[ds]?|ing|ations?)$)"), "iz"),
    (regex.compile(r"(?<=\p{L}{3})our(?=s?$|ed$|ing$|s?hood$|ly$|able$)"), "or"),
    (regex.compile(r"(?<=met|cent|lit)re(?=s?$)"), "er"),
    (regex.compile(r"(?<=^def|^off)ence(?=s?$)"), "ense"),
    (regex.compile(r"(?<=^program)me(?=s?$)"), ""),
)

_WRAPPED = regex.compile(r"(?<=\p{Ll})-[ \t]*\n[ \t]*(?=\p{Ll})")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "ʼ": "'"})


def tidied(text: str) -> str:
    """The text in one form for comparing: NFKC, straight quotation marks, words that a line break cut made whole."""
    return _WRAPPED.sub("", unicodedata.normalize("NFKC", text.translate(_QUOTES)).translate(_QUOTES))


def tokens(text: str) -> list[Token]:
    """The tokens of a tidied text in order. Linear in its length."""
    found: list[Token] = []
    listed = counts = quoted = False
    marks = text.count('"') % 2 == 0  # an odd one leaves open what is quoted
    money = ""
    for match in _TOKEN.finditer(text):
        kind, raw = match.lastgroup, match.group()
        if kind == "comma":
            listed = True
            continue
        if kind == "mark":
            quoted = marks and (not quoted if raw == '"' else raw in "「『")
            continue
        if kind == "money":
            money = {"$": "dollar", "₩": "won", "€": "euro", "£": "pound", "¥": "yen"}[raw[-1]]
            continue
        for token in _read(match, counts):
            found.append(Token(token.value, token.kind, token.raw, token.role, listed, quoted, raw[0].isupper()))
            listed, counts = False, token.kind is TokenKind.NUMBER
        if money and kind == "number":
            found.append(Token(money, TokenKind.WORD, money, quoted=quoted))
            money = ""
    return found


def _read(match: regex.Match[str], counts: bool) -> Iterator[Token]:
    kind, raw = match.lastgroup or "word", match.group()
    folded = raw.casefold()
    if kind in _DATES:
        yield from _date(match, kind, folded)
    elif kind in _NUMBERS:
        yield Token(_number(match, kind), TokenKind.NUMBER, folded)
    elif kind == "percent":
        yield Token("%p" if "oint" in raw or "포인트" in raw or raw == "%p" else "%", TokenKind.WORD, "%")
    elif kind in ("usa", "pm"):
        yield Token("u.s." if kind == "usa" else "prime minister", TokenKind.WORD, folded.replace(" ", ""))
    elif kind == "initials":
        joined = folded.replace(".", "")
        yield Token(joined, TokenKind.GUARD if joined in ("am", "pm") else TokenKind.WORD, joined)
    elif kind == "not":
        stump = {"can": "can", "won": "will", "sha": "shall"}.get(folded[:3])
        if stump:
            yield Token(stump, TokenKind.GUARD, stump)
        yield Token("not", TokenKind.NEGATION, folded)
    elif kind == "hangul":
        yield hangul(raw, counts)
    elif kind in ("han", "katakana", "hiragana"):
        yield japanese(raw, kind)
    else:
        yield _latin(folded)


_DATES = words("iso md dm month weekday cjkdate cjkday cjkweek")
_NUMBERS = words("clock ordinal number spoken_ordinal spoken native counted")


def _date(match: regex.Match[str], kind: str, folded: str) -> Iterator[Token]:
    def month(name: str) -> int:
        return _MONTHS.index(name[:3].casefold()) + 1

    if kind == "iso":
        year, number, day = folded.split("-")
        yield Token(year, TokenKind.NUMBER, year)
        value = f"{int(number)}-{int(day)}"
    elif kind in ("md", "dm"):
        value = f"{month(match[f'{kind}_m'])}-{int(match[f'{kind}_d'])}"
    elif kind == "month":
        value = f"{month(folded)}-"
    elif kind == "weekday":
        value = folded[:3]
    elif kind == "cjkdate":
        value = f"{int(match['c_m'])}-{int(match['c_d']) if match['c_d'] else ''}"
    elif kind == "cjkday":
        value = f"-{int(folded[:-1])}"
    else:
        value = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[_WEEKDAYS_CJK.index(folded[0]) % 7]
    yield Token(value, TokenKind.DATE, folded)


def _number(match: regex.Match[str], kind: str) -> str:
    raw = match.group()
    if kind == "clock":
        return raw
    if kind == "ordinal":
        return f"#{plain(cjk_value(raw[:-2]))}"
    if kind in ("spoken", "spoken_ordinal"):
        return ("#" if kind == "spoken_ordinal" else "") + plain(english_value(raw))
    if kind == "number" and match["scale"]:
        return plain(scaled(raw[: -len(match["scale"])], match["scale"]))
    return plain(cjk_value(raw.replace("−", "-")))


def _latin(folded: str) -> Token:
    for kind, listed in ((TokenKind.NEGATION, _NEGATIONS), (TokenKind.GUARD, _GUARDS), (TokenKind.LIGHT, _LIGHTS)):
        if folded in listed:
            return Token(folded, kind, folded)
    if folded in _SAYS:
        return Token("say", TokenKind.SAY, folded)
    joined = folded.replace("-", "")
    return Token(_stem(joined), TokenKind.WORD, joined)


@lru_cache(maxsize=1 << 16)
def _stem(word: str) -> str:
    for pattern, replacement in _US_SPELLING:
        word = pattern.sub(replacement, word)
    return next(iter(terms(word)), word)
