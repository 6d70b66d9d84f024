"""No secret gets into the log, whoever writes it there, and a lost connection is one line."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from bot.logs import log_to, new_request

TOKEN = "MTAyMzQ1Njc4OTAxMjM0NTY3.GabcDE.abcdefghijklmnopqrstuvwxyz0123456789AB"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    log_to(stream, "my secret")
    yield stream
    root.handlers[:], root.level = handlers, level


@pytest.mark.parametrize(
    "line",
    [
        "token my secret",
        f"Authorization: Bot {TOKEN}",
        "POST https://discord.com/api/v10/interactions/123/aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEy/callback",
        "PATCH https://discord.com/api/v10/webhooks/123/aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEy/messages/@original",
    ],
)
def test_tokens_are_hidden(logged: io.StringIO, line: str) -> None:
    logging.getLogger("discord.http").warning("%s", line)
    assert "[hidden]" in logged.getvalue()
    for secret in ("my secret", TOKEN, "aW50ZXJhY3Rpb24"):
        assert secret not in logged.getvalue()


def test_tokens_are_hidden_in_tracebacks(logged: io.StringIO) -> None:
    try:
        raise RuntimeError(f"no luck with {TOKEN}")
    except RuntimeError:
        logging.getLogger("bot").exception("failed")
    assert "Traceback" in logged.getvalue()
    assert TOKEN not in logged.getvalue()


def test_a_lost_connection_is_one_line_without_a_traceback(logged: io.StringIO) -> None:
    logging.getLogger("discord.shard").error("Attempting a reconnect", exc_info=ConnectionResetError("gone"))
    assert logged.getvalue().count("\n") == 1
    assert "gone" in logged.getvalue()


def test_lines_of_one_request_carry_its_number(logged: io.StringIO) -> None:
    number = new_request()
    logging.getLogger("bot.ask").info("answered")
    assert f" {number} " in logged.getvalue()
