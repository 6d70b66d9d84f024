"""No secret gets into the log, whoever writes it there, and a lost connection is one line."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from bot.logs import Redacting, log_to, new_request

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


def test_a_secret_is_hidden_in_whatever_form_it_is_written() -> None:
    secret = 'a+b/c\\d"e'
    hide = Redacting(secret).redacted
    for written in (
        secret,
        repr(secret),
        json.dumps({"key": secret}),
        f"https://x.example/?t={quote(secret, safe='')}",
    ):
        assert hide(written) != written
        assert not any(form in hide(written) for form in ("a+b/c", "a%2Bb", 'd"e', 'd\\"e'))


def test_the_token_of_an_interaction_is_hidden_in_what_the_gateway_sends(logged: io.StringIO) -> None:
    event = {"t": "INTERACTION_CREATE", "d": {"id": "1", "token": "aW50ZXJhY3Rpb246MTIzNDU2Nzg5MDEy"}}
    logging.getLogger("discord.gateway").warning("event %s", event)
    logging.getLogger("discord.gateway").warning("event %s", json.dumps(event))
    assert "INTERACTION_CREATE" in logged.getvalue()
    assert "aW50ZXJhY3Rpb24" not in logged.getvalue()


def test_a_stack_that_is_logged_along_holds_no_secret(logged: io.StringIO) -> None:
    logging.getLogger("bot").warning("here", stack_info=True)
    exec(compile("log.warning('there', stack_info=True)", "my secret.py", "exec"), {"log": logging.getLogger("bot")})
    assert "[hidden].py" in logged.getvalue()
    assert "my secret" not in logged.getvalue()


def test_a_line_whose_arguments_do_not_fit_fails_nobody_and_shows_no_secret(logged: io.StringIO) -> None:
    logging.getLogger("discord.http").warning("%d of %s", "my secret")
    assert "[hidden]" in logged.getvalue()
    assert "my secret" not in logged.getvalue()
