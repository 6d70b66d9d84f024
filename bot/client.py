"""The bot's process: from settings to a bot that answers, and back down in good order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import cast

import aiohttp
import discord

from bot.desk import Desk, Shelves
from bot.logs import log_to
from bot.reception import SummitClient
from bot.records import Records, claim
from bot.reindexer import Reindexer
from bot.services import Services
from bot.settings import Settings
from index.build import reindex
from index.embed import Embedder, load_embedder
from index.errors import ArticlesError, BuilderBusy, BuildFailed, IndexMissing, ModelError, SummitError, Unreachable
from index.library import Library
from index.rerank import CrossEncoderReranker, Reranker

log = logging.getLogger(__name__)

DRAIN_S = 8.0  # for answers in flight once we are asked to end
END_S = 10.0  # after which the process ends, whatever hangs
RETRY_FIRST_S = 2.0
RETRY_MOST_S = 60.0
BAD_TOKEN = 4004  # the gateway's close code


class CannotStart(SummitError):
    """Discord will not have this bot as it is set up; trying again changes nothing."""


def run(settings: Settings) -> int:
    """Serve until told to end. Raises SummitError when there is nothing to serve, or Discord refuses the token."""
    log_to(sys.stderr, settings.discord_token, settings.chroma_token)
    with claim(settings.data):
        library = _open_library(settings)
        # A full collection walks half a million objects of the model's libraries, which holds the loop for 0.3 s. They
        # stay until the end, so let it pass them over.
        gc.collect()
        gc.freeze()
        try:
            asyncio.run(_serve(settings, library))
        finally:
            library.close()
    return 0


def sync(settings: Settings) -> int:
    """Register the commands with Discord, changed or not. Returns how many there are. For `summit sync`."""
    log_to(sys.stderr, settings.discord_token, settings.chroma_token)
    return asyncio.run(_sync(settings))


def _open_library(settings: Settings) -> Library:
    """Bring the index up to date while the model loads. An index that is there serves, even if that fails."""
    with ThreadPoolExecutor(1, "refresh") as pool:
        refreshed = pool.submit(reindex, settings.articles, settings.data, settings.model, server=settings.server)
        embedder = load_embedder(settings.model)
        reranker = CrossEncoderReranker(settings.reranker) if settings.reranker else None
        try:
            receipt = refreshed.result()
            log.info("indexed %d passages as %s in %.1f s", receipt.passages, receipt.generation, receipt.seconds)
        except (ArticlesError, BuilderBusy, BuildFailed, ModelError) as exc:
            with contextlib.suppress(IndexMissing):
                library = _reach_library(settings, embedder, reranker)
                log.warning("the index from before serves: %s", exc)
                return library
            raise
    return _reach_library(settings, embedder, reranker)


def _reach_library(settings: Settings, embedder: Embedder, reranker: Reranker | None) -> Library:
    """Open what serves, however long its server takes to come up. Raises IndexMissing, IndexDamaged."""
    pause_s = RETRY_FIRST_S
    while True:
        try:
            return Library(
                settings.articles,
                settings.data,
                embedder,
                server=settings.server,
                calendar=settings.calendar,
                reranker=reranker,
            )
        except Unreachable as exc:
            log.warning("%s; trying again in %.0f s", exc, pause_s)
        time.sleep(pause_s)
        pause_s = min(pause_s * 2, RETRY_MOST_S)


async def _serve(settings: Settings, library: Shelves) -> None:
    ending = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, _end_soon, ending)
    services = _services(settings, library)
    pause_s = RETRY_FIRST_S
    while not ending.is_set():
        client = SummitClient(services)
        try:
            await _connected(client, settings.discord_token, services, ending)
            return
        except (discord.HTTPException, discord.GatewayNotFound, OSError, aiohttp.ClientError) as exc:
            log.warning("Discord cannot be reached (%s): trying again in %.0f s", _short(exc), pause_s)
        finally:
            await client.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await ending.wait()
        pause_s = min(pause_s * 2, RETRY_MOST_S)


async def _connected(client: SummitClient, token: str, services: Services, ending: asyncio.Event) -> None:
    """Until the end is asked for, or the connection cannot be kept."""
    serving = asyncio.create_task(client.start(token))
    ended = asyncio.create_task(ending.wait())
    try:
        await asyncio.wait((serving, ended), return_when=asyncio.FIRST_COMPLETED)
        if ending.is_set():
            left = await services.drain(DRAIN_S)
            log.info("ending; %d answers were not finished", left)
            return
        await serving
    except discord.LoginFailure as exc:
        raise CannotStart(_TOKEN_REFUSED) from exc
    except discord.ConnectionClosed as exc:
        if exc.code == BAD_TOKEN:
            raise CannotStart(_TOKEN_REFUSED) from exc
        raise CannotStart(f"Discord closed the connection for good (code {exc.code}): see docs/discord.md") from exc
    finally:
        ended.cancel()
        await client.close()
        serving.cancel()
        await asyncio.gather(serving, ended, return_exceptions=True)


_TOKEN_REFUSED = (
    "Discord does not accept DISCORD_TOKEN: reset the token on the Bot page of your application, and put the new one "
    "into .env"
)


async def _sync(settings: Settings) -> int:
    # Registering needs the commands' names, and nobody to answer them.
    client = SummitClient(_services(settings, cast(Shelves, None)))
    try:
        await client.login(settings.discord_token)
        return await client.sync_commands(always=True)
    except discord.LoginFailure as exc:
        raise CannotStart(_TOKEN_REFUSED) from exc
    except (discord.HTTPException, OSError, aiohttp.ClientError) as exc:
        raise CannotStart(f"Discord cannot be reached ({_short(exc)}): try again in a minute") from exc
    finally:
        await client.close()


def _services(settings: Settings, library: Shelves) -> Services:
    build = partial(reindex, settings.articles, settings.data, settings.model, server=settings.server)
    return Services(settings, Desk(library), Records(settings.data), Reindexer(build))


def _end_soon(ending: asyncio.Event) -> None:
    if not ending.is_set():
        log.info("asked to end: finishing the answers in flight")
        ending.set()
        last_resort = threading.Timer(END_S, os._exit, (1,))
        last_resort.daemon = True
        last_resort.start()


def _short(error: Exception) -> str:
    """One line for the log; discord.py puts the whole answer of a server into its errors."""
    if isinstance(error, discord.HTTPException):
        return f"HTTP {error.status}"
    return " ".join(str(error).split())[:200] or type(error).__name__
