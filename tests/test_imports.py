"""Imports point one way, so that the library stays usable alone: `bot` imports `index`, never the reverse."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("index", "bot")
    for path in sorted((ROOT / package).rglob("*.py"))
}
# The side of bot/ that faces a person at a terminal works without discord.py, which takes a second to import.
TERMINAL_SIDE = {
    "bot.__main__",
    "bot.batch",
    "bot.chat",
    "bot.check",
    "bot.cli",
    "bot.commands",
    "bot.contract",
    "bot.escape",
    "bot.evaluation",
    "bot.plots",
    "bot.printable",
    "bot.prompt",
    "bot.report",
    "bot.serving",
    "bot.settings",
    "bot.standing",
    "bot.talk",
    "bot.terminal",
    "bot.wrap",
}


def imported(tree: ast.AST) -> Iterator[str]:
    """Every module that the code names in an import, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, "imports are absolute"
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield name if name in MODULES else node.module


def imports_of(module: str) -> set[str]:
    return set(imported(ast.parse(MODULES[module].read_text(encoding="utf-8"))))


def packages_of(module: str) -> set[str]:
    return {name.partition(".")[0] for name in imports_of(module)}


def _at_run_time(tree: ast.Module) -> ast.Module:
    """The module without what stands under `if TYPE_CHECKING` or inside a function: neither can close a cycle."""

    class Strip(ast.NodeTransformer):
        def visit_If(self, node: ast.If) -> ast.AST | None:
            is_typing = isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
            return None if is_typing else self.generic_visit(node)

        def visit_FunctionDef(self, node: ast.FunctionDef) -> None: ...

        def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None: ...

    stripped = Strip().visit(tree)
    assert isinstance(stripped, ast.Module)
    return stripped


@pytest.mark.parametrize("module", [name for name in MODULES if name.partition(".")[0] == "index"])
def test_the_library_knows_neither_the_bot_nor_discord(module: str) -> None:
    assert not packages_of(module) & {"bot", "discord", "rich", "prompt_toolkit"}


def test_only_the_store_knows_chroma() -> None:
    assert {module for module in MODULES if "chromadb" in packages_of(module)} == {"index.store"}


@pytest.mark.parametrize("module", sorted(TERMINAL_SIDE))
def test_the_terminal_side_knows_no_discord(module: str) -> None:
    assert "discord" not in packages_of(module)


def test_no_module_imports_in_a_circle() -> None:
    graph = {
        module: set(imported(_at_run_time(ast.parse(path.read_text(encoding="utf-8"))))) & set(MODULES)
        for module, path in MODULES.items()
    }
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the modules


def test_the_reader_of_imports_sees_them_all() -> None:
    code = "import a.b\nfrom c import d\nif TYPE_CHECKING:\n    import e\ndef f():\n    from g.h import i\n"
    assert set(imported(ast.parse(code))) == {"a.b", "c", "e", "g.h"}
    assert set(imported(_at_run_time(ast.parse(code)))) == {"a.b", "c"}
