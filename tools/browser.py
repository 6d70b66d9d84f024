"""A headless Chromium that turns pages into PNG files, over its own debugging protocol."""

from __future__ import annotations

import asyncio
import base64
import itertools
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
)
SCALE = 2  # pixels for each CSS pixel
START_S = 30.0


class Browser:
    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    async def photograph(self, html: str, width: int) -> bytes:
        """The whole page, `width` CSS pixels wide and as high as it is."""
        target = (await self._tell("Target.createTarget", url="about:blank"))["targetId"]
        session = (await self._tell("Target.attachToTarget", targetId=target, flatten=True))["sessionId"]
        await self._resize(session, width, 100)
        frame = (await self._tell("Page.getFrameTree", session))["frameTree"]["frame"]["id"]
        await self._tell("Page.setDocumentContent", session, frameId=frame, html=html)
        measure = "document.fonts.ready.then(() => Math.ceil(document.querySelector('main').offsetHeight))"
        height = await self._tell("Runtime.evaluate", session, expression=measure, awaitPromise=True)
        await self._resize(session, width, height["result"]["value"])
        picture = await self._tell("Page.captureScreenshot", session, format="png")
        await self._tell("Target.closeTarget", targetId=target)
        return base64.b64decode(picture["data"])

    async def _resize(self, session: str, width: int, height: int) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": SCALE, "mobile": False}
        await self._tell("Emulation.setDeviceMetricsOverride", session, **size)

    async def _tell(self, method: str, session: str | None = None, /, **params: Any) -> Any:
        number = next(self._numbers)
        request: dict[str, Any] = {"id": number, "method": method, "params": params}
        await self._socket.send_json(request | ({"sessionId": session} if session else {}))
        while True:
            answer = await self._socket.receive_json(timeout=START_S)
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[Browser]:
    """Started with an empty profile, ended afterwards. Raises FileNotFoundError where there is no Chromium."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise FileNotFoundError("no Chromium is installed")
    process = await asyncio.create_subprocess_exec(
        program, *OPTIONS, f"--user-data-dir={profile}", stderr=asyncio.subprocess.DEVNULL
    )
    try:
        port = profile / "DevToolsActivePort"
        async with asyncio.timeout(START_S):
            while not port.exists() or len(port.read_text(encoding="ascii").split()) < 2:  # noqa: ASYNC110 - a file
                await asyncio.sleep(0.05)
        number, path = port.read_text(encoding="ascii").split()
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"ws://127.0.0.1:{number}{path}", max_msg_size=0) as socket,
        ):
            yield Browser(socket)
    finally:
        process.terminate()
        await process.wait()
