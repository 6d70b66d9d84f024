"""The time that a question speaks of: English, Korean and Japanese phrases -> when the articles meant were published.

Only phrases that tell when something happened or was reported count ("in September", "8월 24일에", "before the
summit"). A date that names a thing ("the August 23 summit", "8월 23일 정상회담") does not, and neither does a
question about what is to come, which older articles answer. What happened on a day is told on that day and in the days
after it, so a period goes on for two weeks.
"""

from __future__ import annotations

import unicodedata
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import regex

SUMMIT_DATE = date(2025, 8, 23)
TOLD_WITHIN = timedelta(days=14)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<{0}>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_EVENT = (
    r"summit|meeting|talks|press|joint|statement|agreement|declaration|treaty|anniversary|ceremony|speech|visit"
    r"|election|address|deal|pact"
)
# What stands before a date tells which side of it is meant.
_ENGLISH = regex.compile(
    rf"""
    \b(?:(?P<from>since|after|following)|(?P<to>before|until|till|prior\s+to|ahead\s+of)
      |(?:in|on|during|throughout|from|(?:articles?|reports?|news|coverage|stories)\s+of))\s+
    (?:the\s+)?(?:(?:early|mid|late|month\s+of|(?:mon|tues|wednes|thurs|fri|satur|sun)day),?[\s-]+)?
    (?:
        (?P<iso>\d{{4}}-\d{{2}}-\d{{2}})
      | (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH.format("month")}
      | {_MONTH.format("month")}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)
      | {_MONTH.format("month")}(?!\s+\d{{1,2}}\b)
    )
    (?:,?\s+(?:of\s+)?(?P<year>(?:19|20)\d\d)\b)?
    (?(from)|(?(to)|(?!\s+(?:{_EVENT})\b)))
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_KOREAN = regex.compile(
    r"""
    (?<!\d)(?:(?P<year>(?:19|20)\d\d)년\s*)?(?P<month>\d{1,2})월(?:\s*(?P<day>\d{1,2})일)?+
    \s*(?:(?P<from>이후|부터|후에|뒤)|(?P<to>이전|까지|전에)|(?P<in>에|중|초|말|동안)
      |(?!\s*(?:\S+\s+)?(?:정상|회담|회의|공동|선언|합의|협정|조약|성명|경축사|연설|광복절|방문)))
    """,
    regex.VERBOSE,
)
_JAPANESE = regex.compile(
    r"""
    (?<!\d)(?:(?P<year>(?:19|20)\d\d)年\s*)?(?P<month>\d{1,2})月(?:\s*(?P<day>\d{1,2})日)?+
    (?:(?P<from>以降|以後|から|の?後(?!半))|(?P<to>以前|まで|の?前(?!半))|(?P<in>に|中)
      |(?!の?\S{0,6}?(?:首脳|会談|会議|共同|宣言|合意|協定|条約|声明|談話|演説|訪問)))
    """,
    regex.VERBOSE,
)
# "The summit" is ours unless something says which one.
_SUMMIT = regex.compile(
    r"""
    \b(?:(?P<to>before|ahead\s+of|prior\s+to|leading\s+up\s+to)|(?P<from>after|since|following))
      \s+(?:(?:the|this)\s+)?summit\b(?!\s+(?:with|in|between|at|of)\b)
  | (?<!\S)(?:(?P<which>\S+)\s+)?(?:정상\s?)?회담(?:을\s+|\s*)
      (?:(?P<to>(?:이전|직전|전)(?=에|까지|의|[\s,.?!]|$)|앞두고)|(?P<from>(?:이후|직후|후|뒤)(?=에|부터|의|[\s,.?!]|$)))
  | (?<!\p{Han})(?P<which>\p{Han}*?)の?(?:首脳)?会談
      (?:(?P<to>以前|の?前(?![後半提者向]))|(?P<from>以降|以後|の?後(?![半者退続])))
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_ANOTHER_SUMMIT = regex.compile(r"한미|미일|한중|중일|북|미중|한러|러|미국|워싱턴|G7|APEC|[米中露朝]", regex.IGNORECASE)
_RELATIVE = (
    (regex.compile(r"\btoday\b(?!')|오늘(?!날)|今日|本日", regex.IGNORECASE), "day", 0),
    (regex.compile(r"\byesterday\b|어제|昨日", regex.IGNORECASE), "day", 1),
    (regex.compile(r"\bthis\s+week\b|이번\s?주(?!년)|今週", regex.IGNORECASE), "week", 0),
    (regex.compile(r"\blast\s+week\b|지난\s?주|先週", regex.IGNORECASE), "week", 1),
    (regex.compile(r"\bthis\s+month\b|이번\s?달|今月", regex.IGNORECASE), "month", 0),
    (regex.compile(r"\blast\s+month\b|지난\s?달|先月", regex.IGNORECASE), "month", 1),
)
_LATEST = regex.compile(
    r"(?<!\bat\s+the\s)\b(?:latest|most\s+recent(?:ly)?|newest)\b|최신|최근|最新|最近|直近", regex.IGNORECASE
)
_TO_COME = regex.compile(
    r"\b(?:will|going\s+to|plan(?:s|ned)?|scheduled|expected|upcoming|intends?)\b|예정|계획|될까|할까|予定|計画|見込",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both of them in it; None where it is open."""

    first: date | None
    last: date | None

    def holds(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class When:
    """What a question says of time: when the articles that tell of it were published, or that the newest is wanted."""

    published: Period | None
    latest: bool


def host_day() -> date:
    """Today where this program runs. The one look at a clock; everything else is told the day."""
    return datetime.now(UTC).astimezone().date()


@dataclass(frozen=True, slots=True)
class Calendar:
    """What relative dates are relative to."""

    summit: date = SUMMIT_DATE
    today: Callable[[], date] = host_day

    def read(self, question: str) -> When | None:
        """None where the question says nothing of time, or nothing that is clear. Never raises."""
        text = unicodedata.normalize("NFKC", question)
        latest = bool(_LATEST.search(text))
        period = None if _TO_COME.search(text) else self._period(text)
        return When(period, latest) if period or latest else None

    def _period(self, text: str) -> Period | None:
        """What all its phrases have in common; None where that is nothing."""
        first: date | None = None
        last: date | None = None
        found = [*self._absolute(text), *self._of_summit(text), *self._relative(text)]
        for one in found:
            first = max(first, one.first) if first and one.first else first or one.first
            last = min(last, one.last) if last and one.last else last or one.last
        return None if not found or (first and last and first > last) else Period(first, last)

    def _absolute(self, text: str) -> Iterator[Period]:
        for pattern in (_ENGLISH, _KOREAN, _JAPANESE):
            for match in pattern.finditer(text):
                span = self._span(match)
                if span:
                    yield _sided(match, *span)

    def _span(self, match: regex.Match[str]) -> tuple[date, date] | None:
        """The first and the last day that a phrase names; None for a date that no calendar has."""
        named = match.groupdict()
        try:
            if named.get("iso"):
                day = date.fromisoformat(named["iso"])
                return day, day
            month = named["month"]
            number = int(month) if month.isdigit() else _MONTHS.index(month[:3].casefold()) + 1
            years = [int(named["year"])] if named["year"] else range(self.summit.year - 1, self.summit.year + 2)
            days = [found for year in years if (found := _day(year, number, int(named["day"] or 15)))]
            nearest = min(days, key=lambda day: abs(day - self.summit))
        except ValueError:  # there is no such day in any of these years
            return None
        if named["day"]:
            return nearest, nearest
        return nearest.replace(day=1), nearest.replace(day=monthrange(nearest.year, nearest.month)[1])

    def _of_summit(self, text: str) -> Iterator[Period]:
        for match in _SUMMIT.finditer(text):
            if not _ANOTHER_SUMMIT.search(match["which"] or ""):
                # An article of that very day may be of either side: a date has no hour.
                yield Period(self.summit, None) if match["from"] else Period(None, self.summit)

    def _relative(self, text: str) -> Iterator[Period]:
        for pattern, unit, back in _RELATIVE:
            if pattern.search(text):
                today = self.today()
                if unit == "day":
                    first = last = _back(today, back)
                elif unit == "week":
                    first = _back(today, today.weekday() + 7 * back)
                    last = _later(first, timedelta(days=6))
                else:
                    last_month = _back(today.replace(day=1), 1)
                    first = last_month.replace(day=1) if back else today.replace(day=1)
                    last = first.replace(day=monthrange(first.year, first.month)[1])
                yield Period(first, _later(last, TOLD_WITHIN))


def _sided(match: regex.Match[str], first: date, last: date) -> Period:
    if match["from"]:
        return Period(first, None)
    if match["to"]:
        return Period(None, last)
    return Period(first, _later(last, TOLD_WITHIN))


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _back(day: date, days: int) -> date:
    return date.fromordinal(max(1, day.toordinal() - days))


def _later(day: date, by: timedelta) -> date:
    return date.max if date.max - day < by else day + by
