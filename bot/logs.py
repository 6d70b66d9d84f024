"""The log: one number for everything that belongs to one question, and no secrets, whoever writes them there."""

from __future__ import annotations

import json
import logging
import re
import secrets
from contextvars import ContextVar
from typing import IO
from urllib.parse import quote

import aiohttp

# Of the question, press or command that is being worked on; a failure message names it, so that the log can be found.
request_id: ContextVar[str] = ContextVar("request_id", default="-")

HIDDEN = "[hidden]"
# Bot tokens, and the tokens of interactions and webhooks that stand in addresses or in what the gateway sends.
_TOKENS = re.compile(
    r"[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"
    r"|(/(?:interactions|webhooks)/\d+/)[\w.=-]{20,}"
    r"|(['\"]token['\"]: ?['\"])[^'\"]{20,}"
)


def new_request() -> str:
    """Begin a piece of work; what is logged from here on in this task carries its number."""
    number = secrets.token_hex(4)
    request_id.set(number)
    return number


def log_to(stream: IO[str], *secret: str) -> None:
    """Send the log of this process to `stream`, without any of these secrets."""
    handler = logging.StreamHandler(stream)
    handler.addFilter(Redacting(*secret))
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(request)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    # They report every step; what goes wrong comes to us as warnings and exceptions.
    for library in ("discord", "sentence_transformers", "httpx", "chromadb"):
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.getLogger("discord.client").setLevel(logging.ERROR)  # it warns that voice is not installed


class Redacting(logging.Filter):
    """Put on a handler, so that it sees what libraries write as well; traceback text included."""

    def __init__(self, *secret: str) -> None:
        super().__init__()
        # Also as they look in an address, in JSON and in a repr; the longest first, so that no rest of one is left.
        forms = {
            form for one in secret if one for form in (one, quote(one, safe=""), json.dumps(one)[1:-1], repr(one)[1:-1])
        }
        self._secrets = sorted(forms, key=len, reverse=True)

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = request_id.get()
        try:
            words = record.getMessage()
        except (TypeError, ValueError):  # a library's call with arguments that do not fit must not fail the caller
            words = f"{record.msg!r} % {record.args!r}"
        error = record.exc_info[1] if record.exc_info else None
        if record.name.startswith("discord.") and isinstance(error, (OSError, aiohttp.ClientError)):
            # A lost connection is made again; where in the library it was noticed helps nobody.
            words, record.exc_info = f"{words}: {error!r}", None
        record.msg, record.args = self.redacted(words), None
        if record.exc_info:
            record.exc_text = self.redacted(record.exc_text or logging.Formatter().formatException(record.exc_info))
        if record.stack_info:
            record.stack_info = self.redacted(record.stack_info)
        return True

    def redacted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _TOKENS.sub(lambda match: f"{match[1] or match[2] or ''}{HIDDEN}", text)
