"""Numerals and numbers in words -> values, where they can be read in one way only."""

from __future__ import annotations

from decimal import Decimal, localcontext

import regex

_UNITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {
    **dict(
        zip(("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"), _UNITS, strict=True)
    ),
    **{("twelfth" if teen == "twelve" else f"{teen}th"): teen for teen in _TEENS},
    **{f"{ten[:-1]}ieth": ten for ten in _TENS},
}
_ENGLISH = {
    **{word: value for value, word in enumerate((*_UNITS, *_TEENS), start=1)},
    **{word: 10 * value for value, word in enumerate(_TENS, start=2)},
    **{"hundred": 100, "zero": 0},
    **{"thousand": 10**3, "million": 10**6, "mn": 10**6, "billion": 10**9, "bn": 10**9, "trillion": 10**12},
}

_BELOW_100 = rf"(?:(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_UNITS)}))?\b|(?:{'|'.join((*_TEENS, *_UNITS))})\b|zero\b)"
_BELOW_1000 = rf"(?:{_BELOW_100}(?:\s+hundred\b(?:\s+(?:and\s+)?{_BELOW_100})?)?)"
_SCALE = r"(?:thousand|million|billion|trillion)\b"
SPOKEN = rf"(?i:{_BELOW_1000}(?:[-\s]+{_SCALE}(?:\s+(?:and\s+)?{_BELOW_1000})?)*)"
SPOKEN_ORDINAL = rf"(?i:(?:(?:{'|'.join(_TENS)})-)?(?:{'|'.join(sorted(_ORDINALS, key=len, reverse=True))}))"

_DIGITS = {
    **{sign: value for value, sign in enumerate("일이삼사오육칠팔구", start=1)},
    **{sign: value for value, sign in enumerate("一二三四五六七八九", start=1)},
    "〇": 0,
}
_SMALL = {**dict.fromkeys("십十", 10), **dict.fromkeys("백百", 100), **dict.fromkeys("천千", 1000)}
_LARGE = {**dict.fromkeys("만万", 10**4), **dict.fromkeys("억億", 10**8), **dict.fromkeys("조兆", 10**12)}
_NATIVE_UNITS = {
    **{"하나": 1, "한": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "네": 4, "넷": 4, "다섯": 5, "여섯": 6, "일곱": 7},
    **{"여덟": 8, "아홉": 9},
}
_NATIVE_TENS = {"열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50}
_NATIVE = {
    **_NATIVE_UNITS,
    **_NATIVE_TENS,
    **{ten + unit: tens + units for ten, tens in _NATIVE_TENS.items() for unit, units in _NATIVE_UNITS.items()},
}
_KO_COUNTER = r"(?:번|명|차례|개|나라|정상|사람|시간|달|곳|건|배|가지|국가|척|대|장|주|해|살|분|회|쪽)"
# 한 stands for "one", "that did" and Korea: only before a counter is it a number.
NATIVE = (
    rf"(?:(?:{'|'.join(sorted((n for n in _NATIVE if n != '네'), key=len, reverse=True))}|네)(?=\s?{_KO_COUNTER})"
    r"|(?:두|세|네|다섯|여섯|일곱|여덟|아홉|열)(?!\p{Hangul}))"
)
_JA_COUNTERS = (
    "人 名 回 度 日 月 年 つ [カかヶケ]国 社 時間 分 件 本 隻 機 点 項目 割 倍 週間 ドル 円 ウォン 番目 者 [カか]月"
)
_JA_COUNTER = f"(?:{_JA_COUNTERS.replace(' ', '|')})"
COUNTED_JA = rf"(?:(?<![\p{{Han}}--[第]])[〇一二三四五六七八九十百千万億兆]+(?={_JA_COUNTER}))"
COUNTED_KO = (
    r"(?:(?<!\p{Hangul})(?=[일이삼사오육칠팔구]*[십백천만억조])[일이삼사오육칠팔구십백천만억조]+"
    r"(?=\s?(?:년|월|명|개|원|차|회|달러|퍼센트|%|여\s?명|곳)))"
)
# Decimal rounds to 28 digits unless told otherwise, and two long numbers must not become one.
_SPARE_DIGITS = 40
_PART = regex.compile(r"\d[\d,]*(?:\.\d+)?|\S")


def english_value(words: str) -> Decimal:
    """The value of a number in English words; an ordinal has the value of its cardinal."""
    total = section = 0
    for word in regex.split(r"[-\s]+", words.casefold()):
        value = _ENGLISH.get(_ORDINALS.get(word, word))
        if value is None:  # "and"
            continue
        if value >= 1000:
            total, section = total + max(section, 1) * value, 0
        elif value == 100:
            section = max(section, 1) * 100
        else:
            section += value
    return Decimal(total + section)


def scaled(digits: str, scale: str) -> Decimal:
    """1.5 and "million" -> 1500000, exactly however long the digits are."""
    with localcontext(prec=len(digits) + _SPARE_DIGITS):
        return Decimal(digits.replace(",", "").replace("−", "-").strip()) * english_value(scale)


def cjk_value(numeral: str) -> Decimal:
    """The value of digits, of digits with 만 억 조 (万 億 兆), or of a number in Korean or Japanese words."""
    with localcontext(prec=len(numeral) + _SPARE_DIGITS):
        return _cjk_value(numeral.strip())


def _cjk_value(numeral: str) -> Decimal:
    if (native := _NATIVE.get(numeral)) is not None:
        return Decimal(native)
    negative = numeral.startswith("-")
    total = section = Decimal(0)
    digit: Decimal | None = None
    for part in _PART.findall(numeral.lstrip("-")):
        if part[0].isdecimal():
            digit = Decimal(part.replace(",", ""))
        elif part in _DIGITS:
            digit = (digit or 0) * 10 + Decimal(_DIGITS[part])
        elif part in _SMALL:
            section, digit = section + (1 if digit is None else digit) * _SMALL[part], None
        else:
            section += digit or 0
            total, section, digit = total + (section or 1) * _LARGE[part], Decimal(0), None
    value = total + section + (digit or 0)
    return -value if negative else value


def plain(value: Decimal) -> str:
    """A value as its shortest decimal: 1500.0 and 1,500 are both "1500"."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
