"""Imports point inward, the mock stands alone, the pure rooms are pure, and names stand once."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from itertools import chain
from pathlib import Path

import click
import pytest

from graphpolicy.cli.verbs import cli
from tests.source import PACKAGE, parsed

ROOMS = (
    *("model", "catalogue", "compare", "rules", "explain", "people", "rollouts", "guards"),
    *("helpdesk", "plan"),
    *("announce", "disk", "journal", "policyfile", "render", "graph", "github", "starter"),
    *("commands", "cli", "__main__"),
)
"""From the inside out. A room imports only from itself and from the rooms before it."""

EXCEPTIONS = {
    ("commands", "mock"): "the tour runs the mock",
    ("cli", "mock"): "the mock verb serves it",
}
PURE = {
    *("model", "catalogue", "rules", "compare", "explain", "people", "guards", "plan"),
    *("announce", "helpdesk", "starter", "journal.run", "journal.recovery", "journal.snapshot"),
}
"""Rooms and modules that neither read nor write anything."""
VERB_ROOMS = {"commands", "render", "cli"}
"""Rooms where a module may have the name of a verb, in each of them."""
MICROSOFTS = {"msgraph", "azure", "httpx", "kiota_http", "kiota_abstractions"}
IMPURE = {"os", "time", "datetime", "socket", "subprocess", "random", "httpx", "msgraph", "azure"}


@cache
def modules() -> dict[Path, ast.Module]:
    return {path: parsed(path) for path in sorted(PACKAGE.rglob("*.py"))}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def pure(path: Path) -> bool:
    return room(path) in PURE or f"{room(path)}.{path.stem}" in PURE


def test_rooms_import_inward() -> None:
    wrong = []
    for path, tree in modules().items():
        own = room(path)
        inner = [name.split(".")[1] for name in imports(tree) if name.startswith("graphpolicy.")]
        if own == "mock":
            wrong += [f"{path}: the mock imports {name}" for name in inner]
        elif own != "__init__":
            wrong += [
                f"{path}: {own} may not import {name}"
                for name in inner
                if (own, name) not in EXCEPTIONS and ROOMS.index(name) > ROOMS.index(own)
            ]
    assert wrong == []


def name_of(path: Path) -> str:
    steps = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(steps[:-1] if steps[-1] == "__init__" else steps)


NAMES = {name_of(path) for path in PACKAGE.rglob("*.py")}


def imported(path: Path, tree: ast.Module) -> set[str]:
    """Our modules that a module imports, also inside functions and for types alone."""
    package = ".".join(path.parent.relative_to(PACKAGE.parent).parts)
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = resolve_name("." * node.level + base, package)
            submodules = {f"{base}.{name.name}" for name in node.names} & NAMES
            found |= submodules or {base}
    return (found & NAMES) - {name_of(path)}


def test_no_modules_import_each_other_in_a_circle() -> None:
    uses = {name_of(path): imported(path, tree) for path, tree in modules().items()}
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def names_of_verbs(group: click.Group, *within: str) -> Iterator[str]:
    """What a verb's modules are called: `plan`, `mfa_reset`, and without `ci` what it does."""
    context = click.Context(group)
    for name in group.list_commands(context):
        verb = (*within, name)
        yield "_".join(verb).replace("-", "_").removeprefix("ci_")
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from names_of_verbs(command, *verb)


def test_each_module_name_stands_once() -> None:
    """The mock is a program of its own."""
    verbs = {*names_of_verbs(cli)}
    found = defaultdict(list)
    for path in modules():
        if room(path) != "mock" and not path.stem.startswith("__"):
            found[path.stem].append(path)
    doubled = [
        f"{name}: {', '.join(path.relative_to(PACKAGE).as_posix() for path in paths)}"
        for name, paths in found.items()
        if len(paths) > 1
        and not (name in verbs and all(room(path) in VERB_ROOMS for path in paths))
    ]
    assert doubled == [], "\n".join(doubled)


def types(tree: ast.Module) -> Iterator[str]:
    """The classes and type aliases of a module, private ones included."""
    inner = (node.body for node in tree.body if isinstance(node, ast.If))
    for node in chain(tree.body, *inner):
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
            yield ast.unparse(node.target)
        elif isinstance(node, ast.Assign) and not isinstance(node.value, ast.Call):
            yield from re.findall(r"^_?[A-Z]+[a-z]\w*$", ast.unparse(node.targets[0]))


def test_each_type_name_stands_once() -> None:
    found = defaultdict(list)
    for path, tree in modules().items():
        if room(path) != "mock":
            for name in {each for each in types(tree) if not each.startswith("_")}:
                found[name].append(name_of(path))
    doubled = [f"{name}: {', '.join(places)}" for name, places in found.items() if places[1:]]
    assert doubled == [], "\n".join(doubled)


def test_only_graph_speaks_to_microsofts_packages() -> None:
    wrong = []
    for path, tree in modules().items():
        outer = {name.split(".")[0] for name in imports(tree)}
        if room(path) == "graph":
            continue
        wrong += [(path, name) for name in outer & MICROSOFTS]
        if pure(path):
            wrong += [(path, name) for name in outer & IMPURE]
    assert wrong == []


def test_nothing_prints_but_the_edges() -> None:
    wrong = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "print"
    ]
    assert wrong == []
