from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources

import pytest
import regex

from index.terms import terms
from index.words import chat, phrases

_TABLES: dict[str, dict[str, str]] = tomllib.loads((resources.files("index") / "names.toml").read_text("utf-8"))
_HANGUL = regex.compile(r"\p{Hangul}")
_JAPANESE = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}]")

# Words of everyday news, with the short ones that chat spellings come close to.
_ORDINARY = """
    a about act after again aid aim air all allow also an and any are army arms art as ask at bad ban bank base be
    before big bill body bout but buy by call can car case chair chip city code come cost cut day deal did diet do does
    down due east end fact far fast few find fire firm first five fly for force four free from fuel gas get gift give go
    goal gold good had half hand has have he head help her here high him his home hotel hour how i if in into iran is it
    its jet job key kim law lead lee left let lie life lima line list long lot low mad made main make man many may me
    media mil mind mine moon more most move much must my name nato navy near need new news next no north not now of off
    oil old on one open or order our out over own pact park part past pay peace plan port post press price rate red rice
    rise role rule run said sat say sea see self sent set ship side sign sit six so some son south star state stay step
    stop sun talk tax team tell ten term test than that the them then they this three tie time to top trade two un up
    us use very vote war was wed week well went were west what when where who why will win with wo won word work xi year
    yen yes you 1 2 4 8 10 100 2025 g7 g20 5g f35
"""


def _entries() -> Iterator[tuple[str, tuple[str, ...]]]:
    for entries in _TABLES.values():
        for key, variants in entries.items():
            yield key, (key, *variants.split("|"))


def test_names_cover_people_places_institutions_events_topics_and_words() -> None:
    assert list(_TABLES) == ["people", "places", "institutions", "events", "topics", "words"]
    assert sum(len(entries) for table, entries in _TABLES.items() if table != "words") >= 250
    assert len(_TABLES["words"]) >= 300


def test_no_variant_stands_under_two_keys_however_it_is_inflected() -> None:
    owners: dict[tuple[str, ...], set[str]] = {}
    for key, variants in _entries():
        for variant in variants:
            owners.setdefault(tuple(terms(variant)), set()).add(key)
    assert {found: keys for found, keys in owners.items() if len(keys) > 1} == {}


def test_no_key_stands_in_two_tables() -> None:
    keys = [key.casefold() for key, _ in _entries()]
    assert sorted(keys) == sorted(set(keys))


def test_no_entry_lists_a_variant_twice() -> None:
    for key, variants in _entries():
        folded = [variant.casefold() for variant in variants]
        assert sorted(folded) == sorted(set(folded)), key


def test_every_variant_is_trimmed_and_gives_a_term() -> None:
    for key, variants in _entries():
        for variant in variants:
            assert variant == variant.strip(), key
            assert terms(variant), (key, variant)


def test_every_entry_has_a_korean_and_a_japanese_name_and_no_name_mixes_them() -> None:
    for key, variants in _entries():
        assert any(_HANGUL.search(variant) for variant in variants), key
        assert any(_JAPANESE.search(variant) for variant in variants), key
        assert not any(_HANGUL.search(variant) and _JAPANESE.search(variant) for variant in variants), key


def test_no_korean_or_japanese_variant_comes_down_to_one_character() -> None:
    for key, variants in _entries():
        for variant in variants:
            if _HANGUL.search(variant) or _JAPANESE.search(variant):
                assert len("".join(terms(variant))) > 1, (key, variant)


def test_no_english_variant_is_made_of_stop_words_only() -> None:
    stop = {term for phrase in phrases("stop") for term in terms(phrase)}
    for key, variants in _entries():
        for variant in variants:
            assert set(terms(variant)) - stop, (key, variant)


@pytest.mark.parametrize(
    ("key", "others"),
    [
        ("Lee Jae-myung", {"이재명", "李在明", "이 대통령"}),
        ("Ishiba Shigeru", {"Shigeru Ishiba", "이시바", "石破", "石破首相"}),
        ("US Forces Korea", {"USFK", "주한미군", "在韓米軍"}),
        ("Korea-US-Japan", {"한미일", "日米韓"}),
    ],
)
def test_names_meet_across_languages(key: str, others: set[str]) -> None:
    assert others <= set(dict(_entries())[key])


def test_chat_keys_are_lower_case_words_and_their_plain_english_is_not_chat_itself() -> None:
    spellings = chat()
    assert len(spellings) >= 150
    for spelling, plain in spellings.items():
        assert regex.fullmatch(r"[a-z0-9']+(?: [a-z]+)?", spelling), spelling
        assert regex.fullmatch(r"(?:[A-Za-z']+(?: [A-Za-z']+)*)?", plain), spelling
        assert not set(plain.casefold().split()) & set(spellings), spelling


def test_no_chat_spelling_is_an_ordinary_word_or_number() -> None:
    ordinary = set(_ORDINARY.split())
    assert len(ordinary) >= 150
    assert set(chat()) & ordinary == set()


def test_no_chat_spelling_is_a_one_word_name() -> None:
    names = {variant.casefold() for table, entries in _TABLES.items() if table != "words" for variant in _flat(entries)}
    assert (
        set(chat()) & names - {"nuke", "nukes", "denuke", "n korea", "s korea", "nkorea", "skorea", "n korean"} == set()
    )


def _flat(entries: dict[str, str]) -> Iterator[str]:
    for key, variants in entries.items():
        yield from (key, *variants.split("|"))


def test_the_other_lists_are_read_as_before() -> None:
    assert {"the", "무엇", "何"} <= phrases("stop")
    assert {"hello", "안녕하세요", "こんにちは"} <= phrases("small_talk")
