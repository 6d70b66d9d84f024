"""Try to read and to build in a data folder that may not be written; say on two lines what came of it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from index.builder import build
from index.errors import SummitError
from index.generation import open_current
from index.model_choice import ModelChoice
from tests.fakes import fake_model

NOBODY = 65534


def main(folder: Path) -> None:
    data = folder / "data"
    model = fake_model(ModelChoice("fake"))
    open_current(data, model.identity).close()  # imports all there is, before we may not read where that is installed
    paths = [*folder.rglob("*"), folder]
    for path in paths:
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
    for path in paths:
        if path.is_relative_to(data):
            path.chmod(0o500 if path.is_dir() else 0o400)
    if os.geteuid() == 0:
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
    for attempt in (
        lambda: open_current(data, model.identity),
        lambda: build(folder / "articles", data, model, lambda _: None, full=True, force=False),
    ):
        try:
            sys.stdout.write(f"nothing was wrong: {attempt()}\n")
        except SummitError as exc:
            sys.stdout.write(f"{type(exc).__name__}: {exc}\n")
    if os.getuid() == 0:
        os.seteuid(0)
    for path in paths:
        path.chmod(0o700)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
