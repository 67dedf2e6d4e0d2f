"""Imports point inward, the mock stands alone, and the pure rooms are pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent.parent / "graphpolicy"

ROOMS = (
    ("records", "model"),
    ("catalogue",),
    (
        "access",
        "announce",
        "audit",
        "checkup",
        "cause",
        "consent",
        "diff",
        "guards",
        "helpdesk",
        "holds",
        "labels",
        "pages",
        "plan",
        "priority",
        "protection",
        "readback",
        "requests",
        "resolve",
        "rules",
        "run",
        "settle",
        "shapes",
        "snapshot",
        "unmodelled",
        "verdict",
    ),
    ("disk", "policyfile", "github", "graph", "journal", "render", "starter"),
    ("commands",),
    ("cli", "__main__"),
)
"""From the inside out; a room may import its own row and those before it."""

EXCEPTIONS = {
    ("commands", "mock"): "the tour runs the mock",
    ("cli", "mock"): "the mock verb serves it",
}
PURE = ("records", "model", "catalogue", "starter", *ROOMS[2])
MICROSOFTS = {"msgraph", "azure", "httpx", "kiota_http", "kiota_abstractions"}
IMPURE = {"os", "time", "datetime", "socket", "subprocess", "random", "httpx", "msgraph", "azure"}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def rank(name: str) -> int:
    return next(index for index, row in enumerate(ROOMS) if name in row)


ALL = dict(modules())


def test_a_module_imports_only_from_its_own_row_and_further_in() -> None:
    wrong = []
    for path, tree in ALL.items():
        own = room(path)
        inner = [name.split(".")[1] for name in imports(tree) if name.startswith("graphpolicy.")]
        if own == "mock":
            wrong += [f"{path}: the mock imports {name}" for name in inner]
        elif own != "__init__":
            wrong += [
                f"{path}: {own} may not import {name}"
                for name in inner
                if (own, name) not in EXCEPTIONS and rank(name) > rank(own)
            ]
    assert wrong == []


def test_only_graph_speaks_to_microsofts_packages() -> None:
    wrong = []
    for path, tree in ALL.items():
        outer = {name.split(".")[0] for name in imports(tree)}
        if room(path) == "graph":
            continue
        wrong += [(path, name) for name in outer & MICROSOFTS]
        if room(path) in PURE:
            wrong += [(path, name) for name in outer & IMPURE]
    assert wrong == []


def test_nothing_prints_but_the_edges() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in ALL.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert wrong == []
