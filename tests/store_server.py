"""A `chroma run` server on this machine, for tests: started on a free port, killed and started again at will."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

STARTS_WITHIN_S = 60.0


class StoreServer:
    """The server and its folder; the port stays the same when it is started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        assert self._process is None
        self._folder.mkdir(exist_ok=True)
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [_chroma(), "run", "--host", "127.0.0.1", "--port", str(self.port), "--path", str(self._folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env={name: value for name, value in os.environ.items() if not name.startswith("CHROMA")},
            )
        deadline = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                httpx.get(f"{self.url}/api/v2/heartbeat", timeout=5).raise_for_status()
                return
            except httpx.HTTPError:
                said = (self._folder / "server.log").read_text(errors="replace")[-500:]
                assert self._process.poll() is None, f"the server ended: {said}"
                assert time.monotonic() < deadline, f"the server does not answer: {said}"
                time.sleep(0.05)

    def memory_mb(self) -> float:
        """What the server holds in memory; Linux only."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1e3

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _chroma() -> str:
    """The command that comes with the package, beside the Python that runs this."""
    found = shutil.which("chroma", path=str(Path(sys.executable).parent)) or shutil.which("chroma")
    assert found, "the package chromadb brings a command `chroma`, which is not here"
    return found


@contextmanager
def running(folder: Path) -> Iterator[StoreServer]:
    server = StoreServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()
