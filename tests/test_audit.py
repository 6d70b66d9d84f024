"""The audit of what is installed finds what is wrong, and finds nothing wrong with what this project asks for."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from email.message import Message
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.audit import Package, findings, installed, licence_of, needed, pins, refused_licence, required

ROOT = Path(__file__).parents[1]
PROJECT = '[project]\ndependencies = ["alpha>=1"]\n[project.optional-dependencies]\nmore = ["delta"]\n'
# What may open a connection; everything else in the project computes.
NETWORK = {"aiohttp", "asyncio.streams", "ftplib", "http", "httpx", "requests", "smtplib", "socket", "ssl", "urllib3"}
FACING_THE_NETWORK = {"bot/client.py", "bot/logs.py", "bot/reception.py", "bot/sending.py", "index/store.py"}


def package(name: str, *requires: str, version: str = "1.0", licence: str = "MIT") -> tuple[str, Package]:
    return name, Package(name, version, licence, tuple(map(Requirement, requires)))


PACKAGES = dict(
    [
        package("alpha", "beta[fast]", "gamma; extra == 'slow'"),
        package("beta", "delta; extra == 'fast'"),
        package("delta"),
    ]
)
LLVM = "Apache-2.0 WITH LLVM-exception AND (MIT OR ISC)"
PINS = "alpha==1.0  # why\nbeta==1.0\nDelta==1.0\n"


def test_what_is_asked_for_pinned_and_licensed_is_all_right() -> None:
    assert [*findings(PACKAGES, PROJECT, PINS)] == []
    local = dict([package("alpha", version="1.0+cpu")])
    assert [*findings(local, PROJECT, PINS)] == []


@pytest.mark.parametrize(
    ("packages", "constraints", "found"),
    [
        (PACKAGES | dict([package("gamma")]), PINS, "gamma 1.0 is installed, and nothing asks for it"),
        (PACKAGES, PINS.replace("beta==1.0", ""), "beta 1.0 is not pinned"),
        (PACKAGES, PINS.replace("beta==1.0", "beta==2.0"), "constraints.txt says 2.0"),
        (PACKAGES | dict([package("delta", licence="AGPL-3.0")]), PINS, "delta 1.0 has a licence that nobody"),
        (PACKAGES | dict([package("delta", licence="not said")]), PINS, "not said"),
    ],
)
def test_each_fault_is_one_line(packages: dict[str, Package], constraints: str, found: str) -> None:
    (line,) = findings(packages, PROJECT, constraints)
    assert found in line


@pytest.mark.parametrize(
    ("fields", "licence", "allowed"),
    [
        ({"License-Expression": LLVM}, LLVM, True),
        ({"License-Expression": "MIT AND GPL-3.0-only"}, "MIT AND GPL-3.0-only", False),
        ({"License": "The MIT License (MIT)"}, "MIT", True),
        ({"License": "x" * 5000, "Classifier": "License :: OSI Approved :: BSD License"}, "BSD", True),
        ({"Classifier": "License :: Other/Proprietary License"}, "Other/Proprietary License", False),
        ({}, "not said", False),
    ],
)
def test_licences_are_read_from_all_that_metadata_says(fields: dict[str, str], licence: str, allowed: bool) -> None:
    class One(Distribution):
        def read_text(self, filename: str) -> str | None:
            message = Message()
            for key, value in {"Name": "one", "Version": "1", **fields}.items():
                message[key] = value
            return message.as_string() if filename == "METADATA" else None

        def locate_file(self, path: str | os.PathLike[str]) -> Path:
            raise NotImplementedError

    said = licence_of(One())
    assert said == licence
    assert (refused_licence(Package("one", "1", said, ())) == "") is allowed


def test_all_that_this_project_asks_for_is_pinned_and_may_be_passed_on() -> None:
    """Here and now; `make audit` also wants nothing else to be installed."""
    packages = installed()
    project, constraints = (ROOT / name for name in ("pyproject.toml", "constraints.txt"))
    groups = required(project.read_text("utf-8"))
    ours = needed(packages, [one for group in groups.values() for one in group])
    assert len(ours) > 60
    own = {name: packages[name] for name in ours}
    assert [*findings(own, project.read_text("utf-8"), constraints.read_text("utf-8"))] == []
    assert {canonicalize_name(one.name) for one in groups[""]} <= pins(constraints.read_text("utf-8")).keys()


def test_only_the_modules_that_face_a_network_name_one() -> None:
    facing = set()
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("index/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            if any(name in NETWORK or name.partition(".")[0] in NETWORK or name == "urllib.request" for name in names):
                facing.add(path.relative_to(ROOT).as_posix())
    assert facing == FACING_THE_NETWORK


ANSWER = """
import sys
from tools.audit import Watch, answer_once
from tests.fakes import FakeEmbedder, fake_model
from unittest.mock import patch
watch = Watch()
load = lambda *_, **__: FakeEmbedder("fake 1")
with patch("index.child.model_of", fake_model), patch("index.embed.load_embedder", load):
    answer_once("fake")
{more}
print(*watch.findings(), sep="\\n")
"""


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ("", ""),
        (
            "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))",
            "network was used",
        ),
        ("import types; sys.modules['posthog'] = types.ModuleType('posthog')", "posthog was imported"),
    ],
    ids=["as it is", "with a connection", "with telemetry"],
)
def test_importing_indexing_and_answering_open_no_connection(more: str, found: str, tmp_path: Path) -> None:
    """With Chroma's switches for reporting set the wrong way round in the environment: ours beat them."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "ANONYMIZED_TELEMETRY": "True"}
    script = [sys.executable, "-c", ANSWER.format(more=more)]
    done = subprocess.run(script, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert found in done.stdout
    assert bool(done.stdout.strip()) == bool(found)
