"""The three languages say the same things, within what Discord allows."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import bot
from bot.messages import LANGUAGES, Sentence, sentences, speaker

COMMAND_NAME = re.compile(r"[-_'\w]{1,32}")


def places(sentence: Sentence) -> set[str]:
    texts = [sentence] if isinstance(sentence, str) else list(sentence.values())
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name is not None}


def keys_in_the_code() -> set[str]:
    """Strings in `bot/` that have the form of a key, f-strings with their open end as a prefix."""
    found: set[str] = set()
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_keys_and_places(language: str) -> None:
    here, reference = sentences(language), sentences("en")
    assert here.keys() == reference.keys()
    for key, sentence in here.items():
        assert places(sentence) == places(reference[key]), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_that_counts_has_a_form_for_every_number(language: str) -> None:
    for key, sentence in sentences(language).items():
        if isinstance(sentence, dict):
            assert set(sentence) <= {"one", "other"}, key
            assert "other" in sentence, key
            assert "{count}" in sentence["other"], key


@pytest.mark.parametrize("language", LANGUAGES)
def test_command_names_and_descriptions_are_what_discord_accepts(language: str) -> None:
    for key, sentence in sentences(language).items():
        if not key.startswith("command."):
            continue
        assert isinstance(sentence, str)
        if key.endswith("description"):
            assert 1 <= len(sentence) <= 100, key
        elif key == "command.menu.name":
            assert 1 <= len(sentence) <= 32, key
        else:
            assert COMMAND_NAME.fullmatch(sentence), key
            assert sentence == sentence.lower(), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_button_labels_fit_a_phone(language: str) -> None:
    for key, sentence in sentences(language).items():
        if key.startswith("button."):
            assert len(sentence) <= 20, key


def test_numbers_choose_the_form_and_are_written_with_separators() -> None:
    say = speaker("en")
    assert say("sources.heading", count=1) == "**1 article**"
    assert say("sources.heading", count=1234) == "**1,234 articles**"
    assert speaker("ko")("sources.heading", count=1) == "**기사 1건**"


def test_no_sentence_is_left_unsaid_and_none_is_missing() -> None:
    written = keys_in_the_code()
    known = sentences("en").keys()
    namespaces = {key.split(".")[0] for key in known}
    asked_for = {text for text in written if re.fullmatch(rf"({'|'.join(namespaces)})\.[a-z_.]*", text)}
    complete = {text for text in asked_for if not text.endswith((".", "_"))}
    assert complete - known == set()
    prefixes = tuple(asked_for - complete)
    assert {key for key in known if key not in complete and not key.startswith(prefixes)} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_commands_are_called_by_the_names_that_the_reader_sees(language: str) -> None:
    here = sentences(language)
    names = {str(here[key]) for key in here if key.startswith("command.") and key.count(".") == 2}
    for key, sentence in here.items():
        for text in [sentence] if isinstance(sentence, str) else sentence.values():
            for name in re.findall(r"`/(\w+)", text):
                assert name in names, (key, name)
