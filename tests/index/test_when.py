from __future__ import annotations

import json
from calendar import month_name
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.when import TOLD_WITHIN, Calendar, Period
from tests.hostile import ANY_TEXT

DEV = Path(__file__).parents[3] / "shared" / "eval" / "dev.jsonl"
SUMMIT = date(2025, 8, 23)
TODAY = date(2025, 9, 3)  # a Wednesday
CALENDAR = Calendar(SUMMIT, lambda: TODAY)


def period(question: str) -> Period | None:
    when = CALENDAR.read(question)
    return when.published if when else None


def told_of(first: date, last: date) -> Period:
    return Period(first, last + TOLD_WITHIN)


@given(day=st.dates(date(2000, 1, 1), date(2090, 12, 1)), form=st.integers(0, 5))
def test_a_day_with_its_year_is_read_in_every_form(day: date, form: int) -> None:
    month = month_name[day.month]
    question = [
        f"What happened on {day.day} {month} {day.year}?",
        f"what was reported on {month.lower()} {day.day}, {day.year}",
        f"Who spoke on {month[:3]} {day.day} {day.year}",
        f"{day.year}년 {day.month}월 {day.day}일에 무슨 일이 있었나?",
        f"{day.year}年{day.month}月{day.day}日に何がありましたか？",
        f"What happened on {day.isoformat()}?",
    ][form]
    assert period(question) == told_of(day, day)


@given(day=st.dates(SUMMIT - timedelta(days=180), SUMMIT + timedelta(days=180)), form=st.integers(0, 3))
def test_a_day_without_a_year_is_the_nearest_one_to_the_summit(day: date, form: int) -> None:
    month = month_name[day.month]
    question = [
        f"What happened on {day.day} {month}?",
        f"What happened on {month} {day.day}?",
        f"{day.month}월 {day.day}일에 무엇을 했나?",
        f"{day.month}月{day.day}日に何をしましたか",
    ][form]
    assert period(question) == told_of(day, day)


@pytest.mark.parametrize("question", ["What was said in September?", "9월에 나온 말", "9월 수소 소식", "9月の記事"])
def test_a_month_is_all_its_days_and_two_weeks_more(question: str) -> None:
    assert period(question) == told_of(date(2025, 9, 1), date(2025, 9, 30))


def test_a_month_is_in_the_year_nearest_to_the_summit_or_in_the_year_that_is_named() -> None:
    found = [period(f"What was said in {month}?") for month in ("January", "March")]
    assert [one.first for one in found if one] == [date(2026, 1, 1), date(2025, 3, 1)]
    assert period("What was said in December?") == told_of(date(2025, 12, 1), date(2025, 12, 31))
    assert period("What was said in August 2023?") == told_of(date(2023, 8, 1), date(2023, 8, 31))
    assert period("2023년 8월에 무엇을 했나") == told_of(date(2023, 8, 1), date(2023, 8, 31))


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("What did China say before the summit?", None, SUMMIT),
        ("What was expected of Lee ahead of the summit", None, None),
        ("회담 전에는 뭐라고 했나?", None, SUMMIT),
        ("정상회담을 앞두고 나온 말은?", None, SUMMIT),
        ("首脳会談の前に何を言いましたか", None, SUMMIT),
        ("What did China say after the summit?", SUMMIT, None),
        ("한일 정상회담 이후 중국의 반응은?", SUMMIT, None),
        ("日韓首脳会談の後、中国は何と言いましたか", SUMMIT, None),
        ("What was reported since 1 September?", date(2025, 9, 1), None),
        ("9월 1일 이후 나온 보도", date(2025, 9, 1), None),
        ("8月20日まで", None, date(2025, 8, 20)),
        ("What was said before 20 August", None, date(2025, 8, 20)),
        ("What did they say in September after the summit?", date(2025, 9, 1), date(2025, 10, 14)),
    ],
)
def test_before_and_after_leave_one_side_open(question: str, first: date | None, last: date | None) -> None:
    assert period(question) == (Period(first, last) if first or last else None)


@pytest.mark.parametrize(
    ("phrase", "first", "last"),
    [
        ("today", TODAY, TODAY),
        ("오늘", TODAY, TODAY),
        ("yesterday", date(2025, 9, 2), date(2025, 9, 2)),
        ("어제", date(2025, 9, 2), date(2025, 9, 2)),
        ("昨日", date(2025, 9, 2), date(2025, 9, 2)),
        ("last week", date(2025, 8, 25), date(2025, 8, 31)),
        ("지난주", date(2025, 8, 25), date(2025, 8, 31)),
        ("先週", date(2025, 8, 25), date(2025, 8, 31)),
        ("this month", date(2025, 9, 1), date(2025, 9, 30)),
        ("이번 달", date(2025, 9, 1), date(2025, 9, 30)),
        ("last month", date(2025, 8, 1), date(2025, 8, 31)),
    ],
)
def test_relative_days_count_from_the_day_of_the_question(phrase: str, first: date, last: date) -> None:
    assert period(f"{phrase}, trade?") == told_of(first, last)


@pytest.mark.parametrize(
    "question", ["What is the latest on trade?", "most recent statement", "newest news", "최신 소식", "최근", "最新の"]
)
def test_the_latest_is_asked_for(question: str) -> None:
    when = CALENDAR.read(question)
    assert when is not None and when.latest and when.published is None


@pytest.mark.parametrize(
    "question",
    [
        "What did Lee and Ishiba agree on?",
        "What was agreed at the August 23 summit?",
        "What did they say in the August 23 summit?",
        "8월 23일 정상회담에서 무엇에 합의했나?",
        "8월 23일 도쿄 정상회담의 결과는?",
        "8月23日の首脳会談で何に合意しましたか",
        "How long did the talks last before the joint statement was released?",
        "What did Lee say before the summit with Trump?",
        "한미 정상회담 전에 무슨 말을 했나?",
        "日米首脳会談の前に何をしましたか",
        "What will happen in September?",
        "9월에 예정된 방문은?",
        "When must it be ready at the latest?",
        "Which treaty was signed in 1965?",
        "May Japan march on? They may.",
        "회담 전망은?",
        "오늘날 두 나라는?",
        "What happened on 31 September?",
        "3개월 뒤 17년 만에",
    ],
)
def test_nothing_is_said_of_time_or_nothing_clear(question: str) -> None:
    assert CALENDAR.read(question) is None


@given(ANY_TEXT, st.dates(), st.dates())
def test_any_text_on_any_day_can_be_read(text: str, summit: date, today: date) -> None:
    when = Calendar(summit, lambda: today).read(text)
    if when and when.published and when.published.first and when.published.last:
        assert when.published.first <= when.published.last


@given(
    st.sampled_from(["last week", "this month", "어제", "last month", "on 5 May", "9月", "before the summit"]),
    st.dates(),
    st.dates(),
)
def test_the_ends_of_the_calendar_are_no_obstacle(phrase: str, summit: date, today: date) -> None:
    when = Calendar(summit, lambda: today).read(phrase)
    assert when is None or when.published is not None


def test_hardly_a_question_that_was_not_written_for_it_speaks_of_time() -> None:
    if not DEV.exists():
        pytest.skip("the development questions are not on this machine")
    questions = [json.loads(line)["question"] for line in DEV.read_text(encoding="utf-8").splitlines()]
    assert [q for q in questions if CALENDAR.read(q)] == ["Which Japanese minister went to Yasukuni on 15 August?"]
