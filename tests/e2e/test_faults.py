"""When Discord or the network fails: the process lives, the asker is told where possible, nothing is sent twice."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from bot.messages import speaker
from tests.discord_double.faults import Disconnect, Fault, Kind, Status
from tests.discord_double.world import Permission
from tests.e2e.harness import HYDROGEN, Summit, running_summit
from tests.e2e.test_asking import QUESTIONS, quoted
from tests.e2e.test_buttons import ask, press

SAY = speaker("en")
QUESTION = QUESTIONS["en"][0]
PASSING: list[Fault] = [
    Status(429, retry_after_s=0.3),
    Status(500),
    Status(503),
    Disconnect(),
    Disconnect(after=True),
]


@pytest.fixture(scope="module")
def summit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Summit]:
    with running_summit(tmp_path_factory.mktemp("summit"), shards=2) as running:
        yield running
        assert running.double.violations == []
        assert running.double.duplicates == []
        assert running.process is not None and running.process.poll() is None
        assert "Traceback" not in running.logged


@pytest.fixture(autouse=True)
def nothing_is_sent_twice(summit: Summit) -> Iterator[None]:
    yield
    assert summit.double.duplicates == []


@pytest.mark.parametrize("fault", PASSING, ids=repr)
def test_a_first_response_that_fails_is_tried_again_in_time(summit: Summit, fault: Fault) -> None:
    asker = summit.member("first")
    summit.double.inject(Kind.CALLBACK, fault)
    asked = summit.call(asker.slash(summit.general, "ask", question=QUESTION))
    assert summit.call(asked.first()).latency_s < 3
    assert HYDROGEN in quoted(summit.call(asked.answer()))


@pytest.mark.parametrize("fault", PASSING, ids=repr)
def test_an_answer_that_does_not_get_through_is_sent_again(summit: Summit, fault: Fault) -> None:
    asker = summit.member("second")
    injection = summit.double.inject(Kind.EDIT_ORIGINAL, fault)
    asked = summit.call(asker.slash(summit.general, "ask", question=QUESTION))
    assert HYDROGEN in quoted(summit.call(asked.answer(timeout_s=30)))
    assert len(injection.hits) == 1


@pytest.mark.parametrize("fault", PASSING, ids=repr)
def test_a_reply_that_does_not_get_through_is_sent_again_and_only_once(summit: Summit, fault: Fault) -> None:
    asker = summit.member("third")
    summit.double.inject(Kind.SEND, fault)
    posted = summit.call(asker.say(summit.general, QUESTION, mention_bot=True))
    assert HYDROGEN in quoted(summit.call(posted.reply(timeout_s=30)))
    time.sleep(1)
    replies = [m for m in summit.double.messages if m.reply_to is posted.message and not m.deleted]
    assert len(replies) == 1


@pytest.mark.parametrize("fault", PASSING, ids=repr)
def test_a_delete_that_does_not_get_through_is_tried_again(summit: Summit, fault: Fault) -> None:
    asker = summit.member("fourth")
    message = ask(summit, asker)
    summit.double.inject(Kind.DELETE_ORIGINAL, fault)
    summit.call(summit.call(asker.press(message, label="Delete")).first())
    summit.wait(lambda: message.deleted, "the delete", 30)


def test_a_channel_where_we_may_not_write_is_told_in_private_once(summit: Summit) -> None:
    asker = summit.member("fifth")
    closed = summit.home.channel("closed", bot_denied=Permission.SEND_MESSAGES)
    for _ in range(2):
        summit.call(asker.say(closed, QUESTION, mention_bot=True))
    told = [
        SAY("notice.cannot_write", channel=f"<#{closed.id}>"),
    ]
    summit.wait(lambda: [m.text for m in summit.double.messages if m.channel is asker.dm] == told, "a private word")
    time.sleep(0.5)
    assert [m.text for m in summit.double.messages if m.channel is asker.dm] == told
    assert "give Send Messages there" in summit.logged


@pytest.mark.parametrize("fault", PASSING, ids=repr)
def test_a_private_word_that_does_not_get_through_is_tried_again(summit: Summit, fault: Fault) -> None:
    asker = summit.member("tenth")
    closed = summit.home.channel("closed-for-a-while", bot_denied=Permission.SEND_MESSAGES)
    injection = summit.double.inject(Kind.OPEN_DM, fault)
    summit.call(asker.say(closed, QUESTION, mention_bot=True))
    summit.wait(lambda: any(m.channel is asker.dm for m in summit.double.messages), "a private word", 30)
    assert len(injection.hits) == 1


def test_closed_direct_messages_are_left_alone(summit: Summit) -> None:
    asker = summit.member("sixth")
    asker.dms_open = False
    closed = summit.home.channel("closed-too", bot_denied=Permission.SEND_MESSAGES)
    summit.call(asker.say(closed, QUESTION, mention_bot=True))
    summit.wait(lambda: "does not take direct messages" in summit.logged, "the refusal")
    assert HYDROGEN in quoted(ask(summit, summit.member("seventh")))


def test_an_answer_to_a_message_that_is_gone_still_arrives(summit: Summit) -> None:
    asker = summit.member("eighth")
    place = summit.home.channel("deleted")
    injection = summit.double.inject(Kind.SEND, Status(503))
    posted = summit.call(asker.say(place, QUESTION, mention_bot=True))
    summit.wait(lambda: injection.hits, "the first try")
    posted.message.delete_by_user()
    sent = [message for message in summit.double.messages if message.channel is place]
    summit.wait(lambda: len(sent) < len([m for m in summit.double.messages if m.channel is place]), "an answer")
    answer = next(m for m in summit.double.messages if m.channel is place and m.author is summit.double.bot)
    assert HYDROGEN in quoted(answer)


def test_an_answer_deleted_while_it_was_made_ends_quietly(summit: Summit) -> None:
    asker = summit.member("ninth")
    message = ask(summit, asker)
    summit.double.inject(Kind.EDIT_ORIGINAL, Status(404, code=10008))
    summit.call(summit.call(asker.press(message, label="More quotes")).first())
    summit.wait(lambda: "a button's answer could not be sent" in summit.logged, "a line in the log")
    assert HYDROGEN in quoted(ask(summit, asker))


def test_a_dropped_gateway_is_resumed_and_questions_go_on(summit: Summit) -> None:
    resumed = len(summit.double.resumes)
    summit.call(summit.double.drop_gateway())
    summit.wait(lambda: len(summit.double.resumes) >= resumed + 2, "both shards to resume", 30)
    assert HYDROGEN in quoted(ask(summit, summit.member("tenth")))
    summit.call(summit.double.ask_reconnect())
    summit.wait(lambda: len(summit.double.resumes) >= resumed + 4, "both shards to resume again", 30)
    summit.call(summit.double.invalidate_session(resumable=False))
    summit.call(summit.double.ready(timeout_s=60))
    summit.wait(lambda: answers(summit), "an answer after a new session", 30)


def test_an_outage_of_twenty_seconds_is_sat_out(summit: Summit) -> None:
    asker = summit.member("eleventh")
    message = ask(summit, asker)
    asked = summit.call(asker.slash(summit.general, "ask", question=QUESTION))
    summit.call(asked.first())
    posted = summit.call(asker.say(summit.general, QUESTION, mention_bot=True))
    summit.call(summit.double.outage(20))
    assert summit.process is not None and summit.process.poll() is None
    assert HYDROGEN in quoted(summit.call(asked.answer(timeout_s=60)))
    assert HYDROGEN in quoted(summit.call(posted.reply(timeout_s=60)))
    summit.call(summit.double.ready(timeout_s=90))
    assert HYDROGEN not in quoted(press(summit, asker, message, "More quotes"))


def test_who_asks_too_fast_is_told_in_private_and_others_are_not_held_up(summit: Summit) -> None:
    hasty = summit.member("hasty")
    for _ in range(10):
        ask(summit, hasty)
    asked = summit.call(hasty.slash(summit.general, "ask", question=QUESTION))
    refused = summit.call(asked.answer())
    assert refused.ephemeral
    assert refused.text.startswith("That was quick!")
    summit.call(hasty.say(summit.general, QUESTION, mention_bot=True))
    summit.wait(lambda: any(m.channel is hasty.dm for m in summit.double.messages), "a private word")
    assert HYDROGEN in quoted(ask(summit, summit.member("calm")))


def answers(summit: Summit) -> bool:
    try:
        return HYDROGEN in quoted(ask(summit, summit.member("again")))
    except AssertionError:
        return False
