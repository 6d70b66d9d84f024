"""The process that builds: `python -m index.child REQUEST`, started by `index.build` and ended with it."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO

from index.builder import Model, build
from index.embed import embedder_identity, load_embedder
from index.errors import SummitError
from index.model_choice import ModelChoice
from index.receipt import Progress
from index.server import Server

NICENESS = 5  # whoever asks while we build goes first


def model_of(choice: ModelChoice) -> Model:
    return Model(embedder_identity(choice), lambda few: load_embedder(choice, few=few))


def serve(request_json: str, model: Callable[[ModelChoice], Model] = model_of) -> int:
    """Build as asked, and say on stdout what comes of it; nothing else gets there."""
    wire = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    request = json.loads(request_json)
    server = _server() if request.get("on_server") else None
    threading.Thread(target=_end_with_parent, name="lifeline", daemon=True).start()
    os.umask(0o077)
    os.nice(NICENESS)

    def report(progress: Progress) -> None:
        _say(wire, {"progress": asdict(progress)})

    try:
        receipt = build(
            Path(request["articles"]),
            Path(request["data"]),
            model(ModelChoice(**request["model"])),
            report,
            full=request["full"],
            force=request["force"],
            server=server,
        )
    except SummitError as exc:
        _say(wire, {"error": type(exc).__name__, "text": str(exc)})
        return 1
    _say(wire, {"receipt": asdict(receipt)})
    return 0


def _say(wire: IO[str], message: object) -> None:
    wire.write(json.dumps(message) + "\n")
    wire.flush()


def _server() -> Server:
    """The first line of stdin, read byte by byte, so that nothing is read beyond it."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            os._exit(3)
        line += byte
    return Server(**json.loads(line))


def _end_with_parent() -> None:
    """Nothing more is ever written to our stdin; it ends when the parent closes it, or dies."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(3)


if __name__ == "__main__":
    sys.exit(serve(sys.argv[1]))
