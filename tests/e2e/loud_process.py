"""The same bot with everything said aloud: every logger at DEBUG, those of libraries too, and what asyncio notices."""

from __future__ import annotations

import logging
import os
import sys
from typing import IO
from unittest.mock import patch

from bot import client
from bot.cli import main
from bot.logs import log_to
from tests.e2e.bot_process import patched


def log_all_to(stream: IO[str], *secret: str) -> None:
    log_to(stream, *secret)
    for name in ("", *logging.Logger.manager.loggerDict):
        logging.getLogger(name).setLevel(logging.DEBUG)


if __name__ == "__main__":
    os.environ["PYTHONASYNCIODEBUG"] = "1"
    with patched(), patch.object(client, "log_to", log_all_to):
        sys.exit(main(sys.argv[1:] or ["run"]))
