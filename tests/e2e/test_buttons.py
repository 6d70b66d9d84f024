"""What the buttons do, for the one who asked and for everybody else, in three locales."""

from __future__ import annotations

import json
from functools import partial

import pytest

from bot.messages import LANGUAGES, speaker
from tests.discord_double.messages import Message
from tests.discord_double.users import Player
from tests.discord_double.world import Permission
from tests.e2e.harness import HYDROGEN, LOCALES, Summit
from tests.e2e.test_asking import NOTHING, QUESTIONS, quoted

everybody = pytest.mark.parametrize("language", LANGUAGES)
QUESTION = QUESTIONS["en"][0]


def ask(summit: Summit, asker: Player, question: str = QUESTION, *, private: bool = False) -> Message:
    asked = summit.call(asker.slash(summit.general, "ask", question=question, private=private))
    return summit.call(asked.answer())


def press(summit: Summit, user: Player, message: Message, label: str) -> Message:
    """The message that the press led to, once it is finished."""
    return summit.call(summit.call(user.press(message, label=label)).settled(quiet_s=0.2))


@everybody
def test_whoever_asked_turns_the_pages_of_the_answer_itself(summit: Summit, language: str) -> None:
    asker = summit.member(f"turner-{language}", locale=LOCALES[language])
    say = speaker(language)
    message = ask(summit, asker)
    heading = message.text.split("\n")[0]
    second = press(summit, asker, message, say("button.more"))
    assert second is message
    assert quoted(second) != "" and HYDROGEN not in quoted(second)
    assert second.text.split("\n")[0] == heading
    assert not second.button(label=say("button.back")).disabled
    first = press(summit, asker, message, say("button.back"))
    assert HYDROGEN in quoted(first)
    assert first.button(label=say("button.back")).disabled


def test_the_last_quote_has_nothing_after_it(summit: Summit) -> None:
    asker = summit.member("last")
    message = ask(summit, asker)
    seen = [quoted(message)]
    while not message.button(label="More quotes").disabled:
        press(summit, asker, message, "More quotes")
        seen.append(quoted(message))
    assert len(set(seen)) == len(seen) == 5
    assert "Quote 5 of 5" in message.text


@everybody
def test_somebody_else_gets_a_copy_to_turn(summit: Summit, language: str) -> None:
    asker, reader = summit.member(f"first-{language}"), summit.member(f"reader-{language}", locale=LOCALES[language])
    message = ask(summit, asker)
    before = message.text
    copy = press(summit, reader, message, "More quotes")
    assert copy.ephemeral and copy.visible_to(reader) and not copy.visible_to(asker)
    assert message.text == before
    say = speaker(language)
    again = press(summit, reader, copy, say("button.back"))
    assert again is copy
    assert HYDROGEN in quoted(copy)


@everybody
def test_the_context_is_shown_to_the_one_who_wants_it(summit: Summit, language: str) -> None:
    asker = summit.member(f"context-{language}", locale=LOCALES[language])
    say = speaker(language)
    context = press(summit, asker, ask(summit, asker), say("button.context"))
    assert context.ephemeral
    assert context.text.startswith(say("context.heading"))
    around = "Delegations met in the old customs house for two days.\n\n" + HYDROGEN
    assert quoted(context).startswith(around)
    assert "Fishermen in both ports" in quoted(context)


def test_the_article_opens_at_the_address_in_its_header(summit: Summit) -> None:
    message = ask(summit, summit.member("opener"))
    assert message.button(label="Open article").url == "https://tide.example/hydrogen"


@everybody
def test_only_the_asker_and_moderators_delete(summit: Summit, language: str) -> None:
    say = speaker(language)
    asker = summit.member(f"owner-{language}", locale=LOCALES[language])
    other = summit.member(f"stranger-{language}", locale=LOCALES[language])
    moderator = summit.member(f"moderator-{language}", permissions=Permission.MANAGE_MESSAGES)
    for question in (QUESTION, NOTHING):
        message = ask(summit, asker, question)
        refused = press(summit, other, message, say("button.delete"))
        assert refused.ephemeral and refused.text == say("notice.not_your_answer")
        assert not message.deleted
        summit.call(summit.call(moderator.press(message, label=say("button.delete"))).first())
        summit.wait(partial(is_deleted, message), "a moderator's delete")
        mine = ask(summit, asker, question)
        summit.call(summit.call(asker.press(mine, label=say("button.delete"))).first())
        summit.wait(partial(is_deleted, mine), "the asker's delete")


@everybody
def test_votes_are_counted_once_each_and_nothing_else_is_kept(summit: Summit, language: str) -> None:
    say = speaker(language)
    voter = summit.member(f"voter-{language}", locale=LOCALES[language])
    message = ask(summit, voter)
    before = counts(summit)
    assert press(summit, voter, message, say("button.helpful")).text == say("notice.thanks")
    assert press(summit, voter, message, say("button.helpful")).text == say("notice.thanks_again")
    summit.wait(lambda: counts(summit) == (before[0] + 1, before[1]), "one helpful vote")
    press(summit, voter, message, say("button.not_helpful"))
    summit.wait(lambda: counts(summit) == (before[0], before[1] + 1), "the vote to change sides")


def test_the_records_hold_nothing_about_anybody(summit: Summit) -> None:
    voter = summit.member("anonymous")
    press(summit, voter, ask(summit, voter), "Helpful")
    folder = summit.data / "bot"
    assert {path.name for path in folder.iterdir()} <= {"key", "counts.json", "commands", "lock"}
    kept = b"".join(path.read_bytes() for path in folder.iterdir())
    assert str(voter.id).encode() not in kept
    assert b"hydrogen" not in kept
    assert (folder / "key").stat().st_mode & 0o777 == 0o600


def test_a_share_into_a_channel_where_the_asker_may_not_write_is_refused(summit: Summit) -> None:
    quiet = summit.home.channel("quiet", everyone_denied=Permission.SEND_MESSAGES)
    asker = summit.member("muted")
    asked = summit.call(asker.slash(quiet, "ask", question=QUESTION, private=True))
    message = summit.call(asked.answer())
    assert press(summit, asker, message, "Share").text == speaker("en")("notice.no_share_here")


def is_deleted(message: Message) -> bool:
    return message.deleted


def counts(summit: Summit) -> tuple[int, int]:
    path = summit.data / "bot" / "counts.json"
    stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"helpful": 0, "not_helpful": 0}
    return stored["helpful"], stored["not_helpful"]
