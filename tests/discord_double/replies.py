"""Bodies in, replies out: reading a request, and every shape of answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

from aiohttp import web

from tests.discord_double.faults import Status

Reply = tuple[int, Any, dict[str, str]]  # status, JSON, headers


async def read(http: web.Request) -> tuple[Any, dict[str, bytes]]:
    """The JSON, and the files beside it by name."""
    if http.content_type == "multipart/form-data":
        form = await http.post()
        files = {part.filename: part.file.read() for part in form.values() if isinstance(part, web.FileField)}
        return json.loads(str(form["payload_json"])), files
    text = await http.text()
    return (json.loads(text) if text else None), {}


async def cut(http: web.Request) -> None:
    """Reset the connection under the client's feet; the request's handler ends here."""
    if http.transport is not None:
        http.transport.abort()
    raise asyncio.CancelledError


def error(status: int, code: int, message: str) -> Reply:
    return status, {"message": message, "code": code}, {}


def limited(after_s: float, headers: dict[str, str], *, is_global: bool) -> Reply:
    payload = {"message": "You are being rate limited.", "retry_after": round(after_s, 3), "global": is_global}
    # Without "Via" discord.py takes a 429 for a ban by the proxy in front, and gives up.
    return 429, payload, headers | {"Via": "1.1 double", "Retry-After": str(int(after_s) + 1)}


def faulty(fault: Status) -> Reply:
    if fault.status == 429:
        return limited(fault.retry_after_s, {"X-RateLimit-Scope": "shared"}, is_global=False)
    return error(fault.status, fault.code, f"{fault.status}: injected")


def response(status: int, payload: Any, headers: dict[str, str]) -> web.Response:
    if payload is None:
        return web.Response(status=status, headers=headers)
    body = json.dumps(payload).encode()
    etag = {"ETag": f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'}
    # discord.py compares the type with exactly this, so no charset.
    return web.Response(status=status, body=body, headers=headers | etag | {"Content-Type": "application/json"})
