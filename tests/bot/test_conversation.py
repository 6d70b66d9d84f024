"""Follow-ups find the question before them, for a while, and languages are recognised."""

from __future__ import annotations

import pytest

from bot.conversation import MAX_REMEMBERED, REMEMBERED_S, Conversations, SeenLanguages
from bot.language import of_locale, of_text


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_question_is_known_by_its_answer_and_by_who_asked_where() -> None:
    conversations = Conversations(Clock())
    conversations.remember("What about steel?", answer=1, channel=2, user=3)
    assert conversations.answered_by(1) == "What about steel?"
    assert conversations.last(channel=2, user=3) == "What about steel?"
    assert conversations.last(channel=2, user=4) == ""
    assert conversations.answered_by(9) == ""


def test_questions_are_forgotten_after_a_while_and_when_there_are_too_many() -> None:
    clock = Clock()
    conversations = Conversations(clock)
    conversations.remember("old", answer=1, channel=1, user=1)
    clock.now = REMEMBERED_S + 1
    assert conversations.answered_by(1) == ""
    for number in range(MAX_REMEMBERED):
        conversations.remember("new", answer=number + 10, channel=5, user=number)
    assert conversations.answered_by(10) == ""
    assert conversations.answered_by(MAX_REMEMBERED + 9) == "new"


def test_languages_are_seen_and_forgotten() -> None:
    seen = SeenLanguages()
    seen.note(1, "ko")
    assert seen.of(1) == "ko"
    assert seen.of(2) is None


@pytest.mark.parametrize(("locale", "language"), [("ko", "ko"), ("ja", "ja"), ("en-GB", "en"), ("de", "en")])
def test_a_locale_leads_to_a_language_that_we_speak(locale: str, language: str) -> None:
    assert of_locale(locale) == language


@pytest.mark.parametrize(
    ("text", "language"),
    [("무엇에 합의했나요?", "ko"), ("何に合意したか", "ja"), ("水素", None), ("What?", None), ("ㅋㅋ", "ko")],
)  # fmt: skip
def test_letters_tell_korean_and_japanese(text: str, language: str | None) -> None:
    assert of_text(text) == language
