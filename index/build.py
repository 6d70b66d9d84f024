"""Reindexing in a child process, so that no crash or leak of a build is ours, and no secret of ours is the build's.

The child gets its request as an argument, says on stdout how far it is, one JSON object a line, and ends when its
stdin does: the kernel closes that pipe when this process dies, however it dies. Where the store server is, with its
token, comes as the first line of that stdin: arguments and environments can be seen from outside.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO

from index.errors import ArticlesError, BuilderBusy, BuildFailed, ModelError, SummitError
from index.lock import make_private
from index.model_choice import ModelChoice
from index.receipt import Progress, Receipt
from index.server import Server

__all__ = ["Progress", "Receipt", "reindex"]

log = logging.getLogger(__name__)

# All that a build may know of our environment. What is not listed here does not reach it: tokens have many names.
_SYSTEM = {
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
}
_LIBRARIES = {"VIRTUAL_ENV", "PYTHONUTF8", "CUDA_VISIBLE_DEVICES", "XDG_CACHE_HOME", "HF_HOME", "HF_HUB_CACHE"}
_PREFIXES = ("LC_", "OMP_", "MKL_", "OPENBLAS_")
_STDERR_LINES = 40
_GRACE_S = 5.0
_ERRORS: dict[str, type[SummitError]] = {
    error.__name__: error for error in (ArticlesError, BuilderBusy, BuildFailed, ModelError)
}
_CHILD = (sys.executable, "-P", "-m", "index.child")


def reindex(
    articles: Path,
    data: Path,
    model: ModelChoice,
    *,
    server: Server | None = None,
    full: bool = False,
    force: bool = False,
    progress: Callable[[Progress], None] | None = None,
    child: Sequence[str] = _CHILD,
) -> Receipt:
    """Bring the index in `data` up to date with the articles folder; `progress` is called from this thread.

    `full` embeds everything anew; `force` publishes even if over half of the articles are gone. Raises BuilderBusy,
    ArticlesError, ModelError, or BuildFailed. However this ends, an index that served before serves on.
    """
    try:
        make_private(data)
    except OSError as exc:
        raise BuildFailed(
            f"{data} cannot be made or used ({exc.strerror}): give access, or name another folder"
        ) from exc
    request = {
        "articles": str(articles.absolute()),
        "data": str(data.absolute()),
        "model": asdict(model) | {"name": _absolute_model(model.name)},
        "full": full,
        "force": force,
        "on_server": server is not None,
    }
    with subprocess.Popen(
        [*child, json.dumps(request)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=child_environment(os.environ),
        cwd=data,  # not where we are: Chroma reads any `.env` it finds in the working directory
        start_new_session=True,  # Ctrl-C is ours to handle
        text=True,
        encoding="utf-8",
        errors="replace",
    ) as process:
        try:
            if server is not None:
                _hand_over(process, server)
            return _follow(process, progress)
        finally:
            _end(process)


def child_environment(ours: Mapping[str, str]) -> dict[str, str]:
    """The part of our environment that a build may see, and the switches that keep its libraries off the network."""
    names = {name for name in ours if name in _SYSTEM | _LIBRARIES or name.startswith(_PREFIXES)}
    here = str(Path(__file__).resolve().parent.parent)
    return {name: ours[name] for name in names} | {
        "PYTHONPATH": here,
        "HF_HUB_OFFLINE": "1",
        "ANONYMIZED_TELEMETRY": "False",
    }


def _absolute_model(name: str) -> str:
    folder = Path(name).expanduser()
    return str(folder.absolute()) if folder.is_dir() else name


def _hand_over(process: subprocess.Popen[str], server: Server) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it has ended already, which is found out by reading from it
        process.stdin.write(json.dumps(asdict(server)) + "\n")
        process.stdin.flush()


def _follow(process: subprocess.Popen[str], progress: Callable[[Progress], None] | None) -> Receipt:
    said: deque[str] = deque(maxlen=_STDERR_LINES)
    assert process.stdout is not None and process.stderr is not None
    listener = threading.Thread(target=_listen, args=(process.stderr, said), name="build-stderr", daemon=True)
    listener.start()
    for line in process.stdout:
        try:
            message = json.loads(line)
        except ValueError:  # a child that was killed leaves half a line
            break
        if "progress" in message and progress is not None:
            progress(Progress(**message["progress"]))
        if "receipt" in message:
            return Receipt.from_json(message["receipt"])
        if "error" in message:
            raise _ERRORS.get(message["error"], BuildFailed)(message["text"])
    code = process.wait()
    listener.join(_GRACE_S)
    for line in said:
        log.error("build: %s", line.rstrip())
    raise BuildFailed(
        f"the build ended without a result ({_exit_text(code)}) and what served before stays: "
        "see the log, then run `summit reindex --full`"
    )


def _listen(stderr: IO[str], said: deque[str]) -> None:
    for line in stderr:
        said.append(line)


def _exit_text(code: int) -> str:
    return f"killed by signal {-code}" if code < 0 else f"exit code {code}"


def _end(process: subprocess.Popen[str]) -> None:
    """Let the child go: without its stdin it ends by itself, at once."""
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        process.kill()
