"""Who may reindex, whatever Discord's menus show: every kind of person, place, and way to press."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest

from bot.messages import LANGUAGES, speaker
from bot.render import Action
from bot.seal import Sealer
from tests.discord_double.interactions import Act
from tests.discord_double.messages import Message
from tests.discord_double.users import Player
from tests.discord_double.world import Channel, Permission
from tests.e2e.harness import ARTICLES, LOCALES, Summit, running_summit
from tests.e2e.test_buttons import ask

SAY = speaker("en")
ALLOWED, NOT_ALLOWED = SAY("reindex.done"), SAY("reindex.not_allowed")
MANAGER = Permission.MANAGE_GUILD


@pytest.fixture(scope="module")
def summit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Summit]:
    with running_summit(tmp_path_factory.mktemp("summit")) as running:
        running.home.join(running.double.owner)
        running.away.join(running.double.owner)
        yield running
        assert running.double.violations == []


def reindex(summit: Summit, user: Player, channel: Channel) -> str:
    asked = summit.call(user.slash(channel, "reindex"))
    assert summit.call(asked.first()).ephemeral
    return finished(summit, asked).text


def finished(summit: Summit, act: Act) -> Message:
    """What a reindex ends with, once its message tells of no progress any more."""
    message = summit.call(act.answer())
    summit.wait(lambda: SAY("reindex.meanwhile") not in message.text, "a reindex to end", 60)
    return message


def test_the_owner_may_reindex_in_any_server(summit: Summit) -> None:
    for channel in (summit.general, summit.abroad):
        assert reindex(summit, summit.double.owner, channel).startswith(ALLOWED)


def test_a_manager_of_a_home_server_may_reindex_there_and_nowhere_else(summit: Summit) -> None:
    manager = summit.member("manager", permissions=MANAGER)
    assert reindex(summit, manager, summit.general).startswith(ALLOWED)
    assert reindex(summit, manager, summit.abroad) == NOT_ALLOWED


def test_an_administrator_manages_the_server_too(summit: Summit) -> None:
    administrator = summit.member("administrator", permissions=Permission.ADMINISTRATOR)
    assert reindex(summit, administrator, summit.general).startswith(ALLOWED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reindex_speaks_the_language_of_who_started_it(summit: Summit, language: str) -> None:
    manager = summit.member(f"manager-{language}", locale=LOCALES[language], permissions=MANAGER)
    say = speaker(language)
    asked = summit.call(manager.slash(summit.general, "reindex"))
    message = summit.call(asked.answer())
    summit.wait(lambda: say("reindex.meanwhile") not in message.text, "a reindex to end", 60)
    assert message.text.startswith(say("reindex.done"))
    assert say("reindex.changes", added=0, changed=0, removed=0, unchanged=len(ARTICLES)) in message.text
    stranger = summit.member(f"stranger-{language}", locale=LOCALES[language])
    assert reindex(summit, stranger, summit.general) == say("reindex.not_allowed")


def test_a_member_may_not_reindex(summit: Summit) -> None:
    assert reindex(summit, summit.member("member"), summit.general) == NOT_ALLOWED


def test_a_moderator_without_manage_server_may_not_reindex(summit: Summit) -> None:
    moderator = summit.member("moderator", permissions=Permission.MANAGE_MESSAGES)
    assert reindex(summit, moderator, summit.general) == NOT_ALLOWED


def test_the_command_is_not_offered_in_direct_messages_or_to_user_installs(summit: Summit) -> None:
    owner = summit.double.owner
    with pytest.raises(AssertionError):
        summit.call(owner.slash(owner.dm, "reindex"))
    traveller = summit.double.user("traveller", installed=True)
    elsewhere = summit.double.guild("Elsewhere", installed=False)
    elsewhere.join(traveller, permissions=MANAGER)
    with pytest.raises(AssertionError):
        summit.call(traveller.slash(elsewhere.channel("lounge"), "reindex"))


def test_team_members_who_administer_or_develop_may_reindex_and_leaving_the_team_ends_it(summit: Summit) -> None:
    colleague = summit.member("colleague")
    assert reindex(summit, colleague, summit.abroad) == NOT_ALLOWED
    summit.double.application.set_team([colleague])
    try:
        assert reindex(summit, colleague, summit.abroad).startswith(ALLOWED)
        assert reindex(summit, summit.member("outsider", permissions=MANAGER), summit.abroad) == NOT_ALLOWED
    finally:
        summit.double.application.set_team([])
    assert reindex(summit, colleague, summit.abroad) == NOT_ALLOWED


def test_publishing_anyway_is_for_those_who_may_reindex_at_each_press(summit: Summit) -> None:
    manager = summit.member("publisher", permissions=MANAGER)
    hidden = {name: summit.articles / name for name in list(ARTICLES)[:6]}
    for path in hidden.values():
        path.rename(path.with_suffix(".away"))
    try:
        asked = summit.call(manager.slash(summit.general, "reindex"))
        refusal = finished(summit, asked)
        assert refusal.text == SAY("reindex.articles_missing")
        button = refusal.button(label=SAY("button.publish_anyway"))
        assert button.custom_id is not None
        public = ask(summit, manager)
        for user in (summit.member("replayer"), summit.member("foreign", permissions=Permission.MANAGE_MESSAGES)):
            replayed = summit.call(user.press_forged(public, button.custom_id))
            assert finished(summit, replayed).text == NOT_ALLOWED
        pressed = summit.call(manager.press(refusal, label=SAY("button.publish_anyway")))
        published = finished(summit, pressed)
        assert published.text.startswith(ALLOWED)
        assert "6 removed" in published.text
    finally:
        for path in hidden.values():
            path.with_suffix(".away").rename(path)
    assert reindex(summit, manager, summit.general).startswith(ALLOWED)


@pytest.mark.parametrize("custom_id", ["fAAAA", "f", "reindex", "x" * 100, Sealer(b"guessed" * 5).seal(Action.FORCE)])
def test_a_made_up_button_does_nothing_for_anybody(summit: Summit, custom_id: str) -> None:
    public = ask(summit, summit.member(f"asker {custom_id[:5]}"))
    for user in (summit.member("forger"), summit.member("manager-forger", permissions=MANAGER), summit.double.owner):
        pressed = summit.call(user.press_forged(public, custom_id))
        answer = summit.call(pressed.answer())
        assert answer.ephemeral
        assert answer.text == SAY("notice.invalid_button")
    assert not public.deleted


def test_a_delete_button_of_another_answer_deletes_only_for_its_asker(summit: Summit) -> None:
    """The id names its asker, so taking it to somebody else's message gives nobody a right they lack."""
    thief, victim = summit.member("thief"), summit.member("victim")
    theirs = ask(summit, victim)
    delete = theirs.button(label="Delete").custom_id
    assert delete is not None
    pressed = summit.call(thief.press_forged(theirs, delete))
    assert summit.call(pressed.answer()).text == SAY("notice.not_your_answer")
    assert not theirs.deleted


def test_a_second_reindex_is_told_who_started_the_first_and_questions_go_on(summit: Summit) -> None:
    starter = summit.member("starter", permissions=MANAGER)
    second = summit.member("second", permissions=MANAGER)
    first = summit.call(starter.slash(summit.general, "reindex", full=True))
    summit.call(first.first())
    told = summit.call(summit.call(second.slash(summit.general, "reindex")).settled(quiet_s=1.0))
    assert "Starter started a reindex <t:" in told.text
    answered = ask(summit, summit.member("meanwhile"))
    assert "hydrogen" in answered.text
    done = finished(summit, first)
    assert done.text.startswith(ALLOWED)
    edits = [version.at for version in done.versions]
    assert all(later - earlier >= 1.9 for earlier, later in pairwise(edits[1:-1]))


def test_the_receipt_names_articles_that_were_left_out_and_a_long_list_is_a_file(summit: Summit) -> None:
    manager = summit.member("careful", permissions=MANAGER)
    broken = [summit.articles / f"broken-{number}.txt" for number in range(7)]
    try:
        broken[0].write_bytes(b"\xff\xfe\x00broken")
        text = reindex(summit, manager, summit.general)
        assert SAY("reindex.left_out", count=1) in text
        assert "broken-0.txt" in text
        for path in broken:
            path.write_bytes(b"")
        asked = summit.call(manager.slash(summit.general, "reindex"))
        message = finished(summit, asked)
        assert SAY("reindex.left_out_file", count=7) in message.text
        assert message.attachments[0].filename == "left-out.txt"
        assert all(path.name in message.attachments[0].content.decode() for path in broken)
    finally:
        for path in broken:
            path.unlink(missing_ok=True)
