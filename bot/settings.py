"""Everything an operator can set, read once from a mapping and passed on by argument."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

from index.errors import SettingsError
from index.model_choice import DEFAULT_MODEL, ModelChoice
from index.server import DATABASE, INDEX, TENANT, Server
from index.when import SUMMIT_DATE, Calendar

ARTICLES = Path("docs/articles")
DATA = Path(".summit")
USER_QUESTIONS = 20
SERVER_QUESTIONS = 200
DISCORD_API = "https://discord.com/api/v10"
_PREFIX = "SUMMIT_"
_ID_DIGITS = 20  # of 64 bits
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")  # so that a collection's name made of it is one that Chroma takes


@dataclass(frozen=True, slots=True)
class Settings:
    """What `.env.example` lists, with the same defaults."""

    discord_token: str = field(default="", repr=False)  # empty: no bot, the terminal chat instead
    articles: Path = ARTICLES
    data: Path = DATA
    embedding_model: str = DEFAULT_MODEL
    query_prompt: str | None = None  # None: the prompt known for the model's family
    passage_prompt: str | None = None
    reranker: str = ""  # empty: none
    summit_date: date = SUMMIT_DATE  # what "before the summit" is before
    home_guilds: tuple[int, ...] = ()  # servers whose managers may reindex; empty: only the owner or team
    user_questions: int = USER_QUESTIONS  # a minute, from one user; half of them may come at once
    server_questions: int = SERVER_QUESTIONS  # a minute, from one Discord server; half of them may come at once
    discord_api: str = DISCORD_API
    chroma_url: str = ""  # empty: the index is in the data folder
    chroma_token: str = field(default="", repr=False)
    chroma_tenant: str = TENANT
    chroma_database: str = DATABASE
    chroma_index: str = INDEX
    unknown: Mapping[str, str] = field(default_factory=dict, compare=False)  # names like ours, and what they may mean

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read the variables; an empty one counts as unset. SettingsError names all that are wrong, at once."""
        reader = _Reader(env)
        settings = cls(
            discord_token=reader.token("DISCORD_TOKEN", "from Discord's developer pages"),
            articles=reader.folder("SUMMIT_ARTICLES", ARTICLES),
            data=reader.folder("SUMMIT_DATA", DATA),
            embedding_model=reader.text("SUMMIT_EMBEDDING_MODEL") or DEFAULT_MODEL,
            query_prompt=reader.text("SUMMIT_QUERY_PROMPT", strip=False) or None,
            passage_prompt=reader.text("SUMMIT_PASSAGE_PROMPT", strip=False) or None,
            reranker=reader.text("SUMMIT_RERANKER"),
            summit_date=reader.day("SUMMIT_DATE", SUMMIT_DATE),
            home_guilds=reader.ids("SUMMIT_HOME_GUILDS"),
            user_questions=reader.count("SUMMIT_USER_QUESTIONS", USER_QUESTIONS),
            server_questions=reader.count("SUMMIT_SERVER_QUESTIONS", SERVER_QUESTIONS),
            discord_api=reader.address("SUMMIT_DISCORD_API", DISCORD_API),
            chroma_url=reader.address("SUMMIT_CHROMA_URL", ""),
            chroma_token=reader.token("SUMMIT_CHROMA_TOKEN", "from where it was given to you"),
            chroma_tenant=reader.name("SUMMIT_CHROMA_TENANT", TENANT),
            chroma_database=reader.name("SUMMIT_CHROMA_DATABASE", DATABASE),
            chroma_index=reader.name("SUMMIT_CHROMA_INDEX", INDEX),
        )
        if reader.problems:
            raise SettingsError(reader.problems)
        return replace(settings, unknown=reader.unknown())

    @property
    def model(self) -> ModelChoice:
        return ModelChoice(self.embedding_model, self.query_prompt, self.passage_prompt)

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.summit_date)

    @property
    def server(self) -> Server | None:
        """The store server; None when the index is in the data folder."""
        if not self.chroma_url:
            return None
        return Server(self.chroma_url, self.chroma_token, self.chroma_tenant, self.chroma_database, self.chroma_index)


class _Reader:
    """Reads typed values and collects what is wrong instead of stopping at the first."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._asked: list[str] = []
        self.problems: dict[str, str] = {}

    def unknown(self) -> dict[str, str]:
        """Variables that begin like ours and were never asked for, each with the nearest name that was, or ""."""
        strange = sorted(name for name in self._env if name.startswith(_PREFIX) and name not in self._asked)
        return {name: next(iter(get_close_matches(name, self._asked, 1, 0.8)), "") for name in strange}

    def text(self, name: str, *, strip: bool = True) -> str:
        self._asked.append(name)
        value = self._env.get(name, "")
        if "\0" in value:
            self.problems[name] = "has a NUL character in it: type it again"
            return ""
        return value.strip() if strip else value

    def token(self, name: str, origin: str) -> str:
        value = self.text(name)
        if not all("!" <= c <= "~" for c in value):
            self.problems[name] = f"has white space or other strange characters in it: copy the token again {origin}"
        return value

    def name(self, name: str, default: str) -> str:
        value = self.text(name)
        if value and not _NAME.fullmatch(value):
            self.problems[name] = f"expects up to 100 letters, digits, _ and -, with a letter or digit first: {default}"
            return default
        return value or default

    def folder(self, name: str, default: Path) -> Path:
        value = self.text(name)
        return Path(value).expanduser() if value else default

    def ids(self, name: str) -> tuple[int, ...]:
        parts = self.text(name).replace(",", " ").split()
        if not all(part.isascii() and part.isdigit() and len(part) <= _ID_DIGITS for part in parts):
            self.problems[name] = "expects server ids, numbers separated by commas, like 1234, 5678"
            return ()
        return tuple(int(part) for part in parts)

    def count(self, name: str, default: int) -> int:
        value = self.text(name)
        if not value:
            return default
        if not (value.isascii() and value.isdigit() and len(value) <= 6 and 1 <= int(value) <= 100_000):
            self.problems[name] = f"expects a whole number from 1 to 100000, like {default}"
            return default
        return int(value)

    def day(self, name: str, default: date) -> date:
        value = self.text(name)
        try:
            return date.fromisoformat(value) if value else default
        except ValueError:
            self.problems[name] = f"expects a date as YYYY-MM-DD, like {default.isoformat()}"
            return default

    def address(self, name: str, default: str) -> str:
        value = self.text(name).rstrip("/")
        if not value:
            return default
        try:
            parts = urlsplit(value)
            usable = (
                parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
            )
        except ValueError:
            usable = False
        if not usable or "@" in parts.netloc or parts.query or parts.fragment:
            # The value is not shown: somebody may have put a password into it.
            self.problems[name] = (
                f"expects an address like {default or 'http://127.0.0.1:8000'}, with no password in it"
            )
        return value


def environment(environ: Mapping[str, str], env_file: Path = Path(".env")) -> dict[str, str]:
    """The process's environment over `.env`: a new mapping, so that no child process inherits what `.env` holds."""
    try:
        # A token may hold a dollar sign, so nothing in the file is expanded.
        in_file = dotenv_values(env_file, interpolate=False, encoding="utf-8-sig") if env_file.is_file() else {}
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError({str(env_file): f"cannot be read ({exc}): make it a readable UTF-8 text file"}) from exc
    return {name: value for name, value in in_file.items() if value is not None} | dict(environ)
