"""Looking around: the articles, one article, the bot itself, and help, in three locales."""

from __future__ import annotations

import pytest

from bot.messages import LANGUAGES, speaker
from tests.e2e.harness import ARTICLES, HYDROGEN, LOCALES, Summit
from tests.e2e.test_asking import quoted

everybody = pytest.mark.parametrize("language", LANGUAGES)


@everybody
def test_sources_lists_the_articles(summit: Summit, language: str) -> None:
    reader = summit.member(f"sources-{language}", locale=LOCALES[language])
    message = summit.call(summit.call(reader.slash(summit.general, "sources")).answer())
    say = speaker(language)
    assert message.ephemeral
    assert message.text.startswith(say("sources.heading", count=len(ARTICLES)))
    assert "**A pipeline for hydrogen**\nThe Daily Tide · <t:1755943200:D>" in message.text
    assert say("sources.passages", count=1) in message.text


@everybody
def test_the_list_of_articles_is_turned_by_its_buttons(summit: Summit, language: str) -> None:
    reader = summit.member(f"turner-{language}", locale=LOCALES[language])
    message = summit.call(summit.call(reader.slash(summit.general, "sources")).answer())
    say = speaker(language)
    assert say("sources.page", page=1, pages=2) in message.text
    turned = summit.call(summit.call(reader.press(message, label=say("button.next_page"))).answer())
    assert turned is message
    assert say("sources.page", page=2, pages=2) in message.text
    summit.call(summit.call(reader.press(message, label=say("button.previous_page"))).answer())
    assert say("sources.page", page=1, pages=2) in message.text


@everybody
def test_an_article_is_found_while_typing_and_shown_word_for_word(summit: Summit, language: str) -> None:
    reader = summit.member(f"article-{language}", locale=LOCALES[language])
    typing = summit.call(reader.autocomplete(summit.general, "article", name="hydro"))
    choices = summit.call(typing.choices())
    assert [choice["name"] for choice in choices] == ["A pipeline for hydrogen — The Daily Tide"]
    shown = summit.call(reader.slash(summit.general, "article", name=choices[0]["value"]))
    message = summit.call(shown.answer())
    assert message.ephemeral
    assert message.text.startswith("**A pipeline for hydrogen**")
    assert speaker(language)("article.beginning") in message.text
    assert HYDROGEN in quoted(message)


def test_the_words_of_a_title_are_enough_for_an_article(summit: Summit) -> None:
    reader = summit.member("typist")
    message = summit.call(summit.call(reader.slash(summit.general, "article", name="steel TARIFFS")).answer())
    assert message.text.startswith("**Steel tariffs to fall**")


@everybody
def test_an_unknown_article_is_named_back_harmlessly(summit: Summit, language: str) -> None:
    reader = summit.member(f"unknown-{language}", locale=LOCALES[language])
    message = summit.call(summit.call(reader.slash(summit.general, "article", name="<@1> **x**")).answer())
    say = speaker(language)
    assert message.text == say("notice.unknown_article", name="\\<\\@1\\> \\*\\*x\\*\\*")


@everybody
def test_about_tells_what_is_indexed_and_what_is_stored(summit: Summit, language: str) -> None:
    reader = summit.member(f"about-{language}", locale=LOCALES[language])
    message = summit.call(summit.call(reader.slash(summit.general, "about")).answer())
    say = speaker(language)
    assert say("about.privacy") in message.text
    assert f"{len(ARTICLES)}" in message.text
    assert "gen-" in message.text


@everybody
def test_help_tells_how_to_ask(summit: Summit, language: str) -> None:
    reader = summit.member(f"help-{language}", locale=LOCALES[language])
    message = summit.call(summit.call(reader.slash(summit.general, "help")).answer())
    say = speaker(language)
    assert message.text.startswith(say("help.heading"))
    assert say("command.menu.name") in message.text


@everybody
def test_commands_have_names_and_descriptions_in_every_language(summit: Summit, language: str) -> None:
    say = speaker(language)
    registered = summit.double.commands
    for name in ("ask", "sources", "article", "about", "help", "reindex"):
        command = registered[name]
        locale = LOCALES[language]
        if language == "en":
            assert command["description"] == say(f"command.{name}.description")
        else:
            assert command["name_localizations"][locale] == say(f"command.{name}.name")
            assert command["description_localizations"][locale] == say(f"command.{name}.description")
        everywhere = name != "reindex"
        assert command["contexts"] == ([0, 1, 2] if everywhere else [0])
        assert command["integration_types"] == ([0, 1] if everywhere else [0])
