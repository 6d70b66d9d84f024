"""What is installed, judged offline: is each package pinned, needed, and under a licence that we may pass on?

And does answering a question stay off the network? `make audit` runs both; nothing is looked up anywhere. It sees
what Python does: every socket that this process opens, and every connection that Python code asks for.
"""

from __future__ import annotations

import re
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
ITSELF = "summit-quotes"
# What makes a virtual environment and installs into it.
TOOLS = ("pip", "setuptools", "wheel")

# Licences under which a bot may be run, changed and passed on with its dependencies. The weak copyleft of MPL-2.0 is
# about changes to the package's own files, and we make none.
ALLOWED = frozenset(
    {
        *(
            "MIT",
            "MIT-0",
            "MIT-CMU",
            "0BSD",
            "BSD",
            "BSD-2-Clause",
            "BSD-3-Clause",
            "ISC",
            "Zlib",
            "BSL-1.0",
            "CC0-1.0",
        ),
        *("Apache-2.0", "PSF-2.0", "Python-2.0", "CNRI-Python", "MPL-2.0", "Unlicense", "HPND"),
    }
)
EXCEPTIONS = frozenset({"LLVM-exception"})  # gives more rights, and takes none
# What stands in older metadata, in words.
_WORDS = {
    "mit license": "MIT",
    "the mit license (mit)": "MIT",
    "mit, bsd": "MIT AND BSD",
    "apache 2.0": "Apache-2.0",
    "apache 2.0 license": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd license": "BSD",
    "isc license": "ISC",
    "isc license (iscl)": "ISC",
    "python software foundation license": "PSF-2.0",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
}
# Packages whose metadata does not tell a licence of the list, with what does. Those that begin with "nvidia-", and
# these, come with PyTorch on hosts with a GPU, under NVIDIA's licence, which lets them be passed on in a program.
NAMED = frozenset({"cuda-bindings", "cuda-pathfinder", "cuda-toolkit"})


@dataclass(frozen=True, slots=True)
class Package:
    name: str  # in its canonical form
    version: str
    licence: str  # an expression of identifiers, or whatever the metadata says
    requires: tuple[Requirement, ...]


def installed(found: Iterable[Distribution] | None = None) -> dict[str, Package]:
    return {package.name: package for package in map(_package, found or distributions())}


def _package(one: Distribution) -> Package:
    requires = tuple(map(Requirement, one.requires or ()))
    return Package(canonicalize_name(one.name), one.version, licence_of(one), requires)


def licence_of(one: Distribution) -> str:
    """What its metadata says, the most exact first: an expression, a short text, or classifiers."""
    expression, words, classifiers = (
        one.metadata.get_all(field) or [] for field in ("License-Expression", "License", "Classifier")
    )
    if expression:
        return str(expression[0])
    if words and 0 < len(words[0].strip()) < 60:  # some put the whole licence there
        return _WORDS.get(words[0].strip().lower(), str(words[0].strip()))
    classified = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    return " AND ".join(_WORDS.get(name.lower(), name) for name in classified) or "not said"


def refused_licence(package: Package) -> str:
    """What is wrong with a package's licence, or nothing."""
    if package.name in NAMED or package.name.startswith("nvidia-"):
        return ""
    parts = re.split(r"\s+(?:AND|OR|WITH)\s+|[()]", package.licence)
    strange = sorted({part.strip() for part in parts if part.strip()} - ALLOWED - EXCEPTIONS)
    return (
        f"{package.name} {package.version} has a licence that nobody has looked at: {', '.join(strange)}"
        if strange
        else ""
    )


def pins(text: str) -> dict[str, Version]:
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    pairs = (line.split("==") for line in lines if line)
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def required(project: str) -> dict[str, tuple[Requirement, ...]]:
    """What pyproject.toml asks for, by extra; the empty name stands for what everybody gets."""
    table = tomllib.loads(project)
    groups = {"": table["project"]["dependencies"], **table["project"]["optional-dependencies"]}
    return {extra: tuple(map(Requirement, lines)) for extra, lines in groups.items()}


def needed(packages: Mapping[str, Package], roots: Iterable[Requirement]) -> set[str]:
    """Names of the installed packages that these requirements lead to."""
    seen: set[tuple[str, str]] = set()
    waiting = [(requirement, "") for requirement in roots]
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        for wanted in ("", *requirement.extras):
            if name in packages and (name, wanted) not in seen:
                seen.add((name, wanted))
                waiting += [(one, wanted) for one in packages[name].requires]
    return {name for name, _ in seen}


def findings(packages: Mapping[str, Package], project: str, constraints: str) -> Iterator[str]:
    """Everything that is wrong with what is installed, one line each."""
    pinned = pins(constraints)
    asked = [requirement for group in required(project).values() for requirement in group]
    used = needed(packages, asked)
    for name, package in sorted(packages.items()):
        if name in TOOLS or name == ITSELF:
            continue
        if name not in used:
            yield f"{name} {package.version} is installed, and nothing asks for it: make clean, then make setup"
            continue
        version = Version(Version(package.version).public)  # PyTorch's builds differ in what follows a plus
        if name not in pinned:
            yield f"{name} {package.version} is not pinned in constraints.txt"
        elif pinned[name] != version:
            yield f"{name} {package.version} is installed, and constraints.txt says {pinned[name]}"
        problem = refused_licence(package)
        if problem:
            yield problem


TELEMETRY = frozenset({"posthog", "sentry_sdk", "segment", "analytics", "mixpanel", "statsd", "ddtrace", "newrelic"})
_CONNECTING = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request"}
)


class Watch:
    """Notes every connection that is asked for from now on. Python offers no way to take such a hook away again."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        sys.addaudithook(self._note)

    def _note(self, event: str, args: tuple[object, ...]) -> None:
        if event in _CONNECTING:
            self.asked.append(f"{event}: {args[-1]!r}")

    def findings(self) -> Iterator[str]:
        yield from (f"the network was used ({one})" for one in self.asked)
        yield from (
            f"{name} was imported, which reports to somebody" for name in sorted(TELEMETRY & sys.modules.keys())
        )
        yield from (f"a connection is open that Python was not asked for ({one})" for one in internet_sockets())


def internet_sockets() -> list[str]:
    """The sockets of this process that lead, or listen, to other hosts; none where there is no /proc."""
    known = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        path = Path("/proc/self/net", table)
        if path.exists():
            known |= {f"socket:[{line.split()[9]}]" for line in path.read_text().splitlines()[1:]}
    return sorted(known & set(_open_files()))


def _open_files() -> Iterator[str]:
    for path in Path("/proc/self/fd").glob("*"):
        with suppress(OSError):  # the listing's own descriptor
            yield str(path.readlink())


def answer_once(model_name: str) -> None:
    """Index one article and ask about it, all in this process; import the Discord side as well."""
    import bot.client  # noqa: F401 - what its import does is what is looked at
    from index.builder import build
    from index.child import model_of
    from index.embed import load_embedder
    from index.library import Library
    from index.model_choice import ModelChoice

    choice = ModelChoice(model_name)
    with tempfile.TemporaryDirectory() as folder:
        articles, data = Path(folder, "articles"), Path(folder, "data")
        articles.mkdir()
        (articles / "one.txt").write_text("title: One\n---\nThe two leaders agreed on a hydrogen pipeline.\n")
        build(articles, data, model_of(choice), lambda progress: None, full=False, force=False)
        library = Library(articles, data, load_embedder(choice))
        library.ask("What did the leaders agree on?")
        library.close()


def main() -> int:
    say = sys.stdout.write
    watch, packages = Watch(), installed()
    project, constraints = (ROOT / name for name in ("pyproject.toml", "constraints.txt"))
    wrong = [*findings(packages, project.read_text("utf-8"), constraints.read_text("utf-8"))]
    from index.model_choice import DEFAULT_MODEL

    answer_once(DEFAULT_MODEL)
    wrong += watch.findings()
    for line in wrong:
        say(f"! {line}\n")
    say(f"{len(packages)} packages, {len(wrong)} findings; a question was indexed for and answered\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
