"""Every way of asking, by people of three locales, against a bot process of its own."""

from __future__ import annotations

import pytest

from bot.escape import unquote
from bot.messages import LANGUAGES, Speaker, speaker
from tests.bot.discord_markdown import alive
from tests.discord_double.messages import Message
from tests.e2e.harness import HOSTILE, HYDROGEN, LOCALES, Summit

QUESTIONS = {
    "en": ("What did the ministers agree about the hydrogen pipeline?", HYDROGEN),
    "ko": ("셔틀 외교를 다시 시작했나요?", "두 정상은 셔틀 외교를 다시 시작하기로 합의했다."),
    "ja": ("シャトル外交は再開しますか？", "両首脳はシャトル外交を再開することで合意した。"),
}
RELATED = "How do steel penguins sing opera?"
NOTHING = "What about penguins on Mars?"
everybody = pytest.mark.parametrize("language", LANGUAGES)


def quoted(message: Message) -> str:
    """The text of the message's block quote, as an article would have it."""
    lines = [line for line in message.text.split("\n") if line.startswith("> ")]
    return unquote("\n".join(lines))


def assert_answers(message: Message, language: str, words: str) -> Speaker:
    say = speaker(language)
    assert words in quoted(message)
    assert any(f"-# {say('answer.quote_position', position=1, total=n)}" in message.text for n in range(1, 6))
    assert message.button(label=say("button.context"))
    assert message.pinged == set()
    return say


@everybody
def test_the_command_answers_in_the_channel(summit: Summit, language: str) -> None:
    question, words = QUESTIONS[language]
    asker = summit.member(f"asker-{language}", locale=LOCALES[language])
    asked = summit.call(asker.slash(summit.general, "ask", question=question))
    first = summit.call(asked.first())
    assert first.deferred and not first.ephemeral and first.latency_s < 1
    message = summit.call(asked.answer())
    say = assert_answers(message, language, words)
    assert message.text.startswith(f"-# {say('answer.asked', question='').rstrip()}")
    assert message.button(label=say("button.delete"))


@everybody
def test_a_private_answer_is_seen_by_the_asker_alone_and_can_be_shared(summit: Summit, language: str) -> None:
    question, words = QUESTIONS[language]
    asker = summit.member(f"private-{language}", locale=LOCALES[language])
    other = summit.member(f"other-{language}")
    asked = summit.call(asker.slash(summit.general, "ask", question=question, private=True))
    assert summit.call(asked.first()).ephemeral
    message = summit.call(asked.answer())
    say = assert_answers(message, language, words)
    assert message.visible_to(asker) and not message.visible_to(other)
    shared = summit.call(summit.call(asker.press(message, label=say("button.share"))).answer())
    assert shared.visible_to(other)
    assert quoted(shared) == quoted(message)
    assert shared.text.startswith(f"-# {say('answer.shared_by', name=f'Private-{language}')}")
    again = summit.call(summit.call(asker.press(message, label=say("button.share"))).answer())
    assert again.ephemeral
    assert again.text == say("notice.shared_already")


@everybody
def test_a_mention_is_answered_with_a_reply_in_the_askers_language(summit: Summit, language: str) -> None:
    question, words = QUESTIONS[language]
    asker = summit.member(f"mention-{language}", locale=LOCALES[language])
    posted = summit.call(asker.say(summit.general, question, mention_bot=True))
    message = summit.call(posted.reply())
    assert_answers(message, language, words)


@everybody
def test_a_direct_message_is_answered(summit: Summit, language: str) -> None:
    question, words = QUESTIONS[language]
    asker = summit.member(f"direct-{language}", locale=LOCALES[language])
    message = summit.call(summit.call(asker.say(asker.dm, question)).reply())
    say = assert_answers(message, language, words)
    summit.call(summit.call(asker.press(message, label=say("button.delete"))).first())
    summit.wait(lambda: message.deleted, "the answer to be deleted")


@everybody
def test_the_message_menu_finds_quotes_for_the_one_who_opened_it(summit: Summit, language: str) -> None:
    question, words = QUESTIONS[language]
    writer = summit.member(f"writer-{language}")
    asker = summit.member(f"menu-{language}", locale=LOCALES[language])
    posted = summit.call(writer.say(summit.general, question))
    asked = summit.call(asker.menu(summit.general, "Find quotes about this", posted.message))
    assert summit.call(asked.first()).ephemeral
    message = summit.call(asked.answer())
    say = assert_answers(message, language, words)
    assert message.text.startswith(f"-# {say('answer.about_message')}")


def test_a_message_without_text_gets_a_kind_word(summit: Summit) -> None:
    writer, asker = summit.member("silent-writer"), summit.member("silent-asker")
    posted = summit.call(writer.say(summit.general, ""))
    asked = summit.call(asker.menu(summit.general, "Find quotes about this", posted.message))
    assert summit.call(asked.answer()).text == speaker("en")("notice.no_text")


@everybody
def test_related_passages_are_said_to_be_no_answer(summit: Summit, language: str) -> None:
    asker = summit.member(f"related-{language}", locale=LOCALES[language])
    message = summit.call(summit.call(asker.slash(summit.general, "ask", question=RELATED)).answer())
    say = speaker(language)
    assert say("answer.related") in message.text
    assert message.button(label=say("button.more_passages"))


@everybody
def test_nothing_found_offers_three_topics_and_each_can_be_asked(summit: Summit, language: str) -> None:
    asker = summit.member(f"none-{language}", locale=LOCALES[language])
    message = summit.call(summit.call(asker.slash(summit.general, "ask", question=NOTHING)).answer())
    say = speaker(language)
    assert say("answer.none") in message.text
    assert quoted(message) == ""
    topics = [button for button in message.buttons if button.label != say("button.delete")]
    assert len(topics) == 3
    pressed = summit.call(asker.press(message, custom_id=topics[0].custom_id))
    assert summit.call(pressed.first()).ephemeral
    assert topics[0].label in summit.call(pressed.answer()).text.replace("\\", "")


@pytest.mark.parametrize(("language", "follow_up"), [("en", "and why exactly?"), ("ko", "왜요?"), ("ja", "なぜ？")])
def test_in_a_thread_a_short_follow_up_is_understood_with_the_question_before(
    summit: Summit, language: str, follow_up: str
) -> None:
    question, words = QUESTIONS[language]
    asker, stranger = summit.member(f"threader-{language}"), summit.member(f"newcomer-{language}")
    thread = summit.general.thread(f"talks-{language}")
    first = summit.call(summit.call(asker.say(thread, question, mention_bot=True)).reply())
    assert words in quoted(first)
    alone = summit.call(summit.call(stranger.say(thread, follow_up, mention_bot=True)).reply())
    by_mention = summit.call(summit.call(asker.say(thread, follow_up, mention_bot=True)).reply())
    by_reply = summit.call(summit.call(stranger.say(thread, follow_up, reply_to=first)).reply())
    assert words not in quoted(alone)
    assert words in quoted(by_mention)
    assert words in quoted(by_reply)


def test_a_mention_without_a_question_is_told_how_to_ask(summit: Summit) -> None:
    asker = summit.member("wordless")
    message = summit.call(summit.call(asker.say(summit.general, "", mention_bot=True)).reply())
    assert message.text == speaker("en")("notice.empty")


def test_messages_that_do_not_address_the_bot_are_left_alone(summit: Summit) -> None:
    asker = summit.member("bystander")
    posted = summit.call(asker.say(summit.general, QUESTIONS["en"][0]))
    summit.call(posted.no_reply(within_s=0.5))


def test_a_question_that_is_too_long_is_told_so(summit: Summit) -> None:
    asker = summit.member("talker")
    message = summit.call(summit.call(asker.say(asker.dm, "why " * 150)).reply())
    assert "500" in message.text and "599" in message.text


def test_someone_with_the_app_on_their_account_can_ask_where_the_bot_is_not(summit: Summit) -> None:
    question, words = QUESTIONS["en"]
    elsewhere = summit.double.guild("Elsewhere", installed=False)
    asker = summit.double.user("traveller", installed=True)
    elsewhere.join(asker)
    friend = summit.double.user("friend")
    for place in (elsewhere.channel("lounge"), summit.double.private_channel(asker, friend)):
        message = summit.call(summit.call(asker.slash(place, "ask", question=question)).answer())
        say = assert_answers(message, "en", words)
        more = summit.call(asker.press(message, label=say("button.more")))
        assert words not in quoted(summit.call(more.answer()))
        summit.call(summit.call(asker.press(message, label=say("button.delete"))).first())


def test_nothing_in_an_article_or_a_question_comes_alive(summit: Summit) -> None:
    asker = summit.member("hostile")
    question = "Who should see this, said Envoy Quill? @everyone <@1> **bold** </ask:1> https://evil.example"
    message = summit.call(summit.call(asker.slash(summit.general, "ask", question=question)).answer())
    assert HOSTILE in quoted(message)
    assert message.pinged == set()
    for line in message.text.split("\n"):
        assert alive(line) <= {"quote", "strong", "subtext", "timestamp"}


def test_the_log_has_one_line_for_an_answer_and_no_question(summit: Summit) -> None:
    asker = summit.member("logged")
    summit.call(summit.call(asker.slash(summit.general, "ask", question="Secretwords about steel?")).answer())
    answered = [line for line in summit.logged.splitlines() if "answered way=command" in line]
    assert answered and "verdict=" in answered[-1] and f"guild={summit.home.id}" in answered[-1]
    assert "Secretwords" not in summit.logged
    assert summit.double.token not in summit.logged


def test_a_topic_is_a_question_of_its_own_and_not_a_follow_up(summit: Summit) -> None:
    asker = summit.member("topical")
    nothing = summit.call(summit.call(asker.say(asker.dm, NOTHING)).reply())
    topic = nothing.buttons[0]
    by_button = summit.call(summit.call(asker.press(nothing, custom_id=topic.custom_id)).answer())
    fresh = summit.member("fresh")
    by_hand = summit.call(summit.call(fresh.slash(summit.general, "ask", question=topic.label)).answer())
    assert quoted(by_button) == quoted(by_hand)
