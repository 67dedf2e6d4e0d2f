"""Imports point inward, the mock stands alone, the pure rooms are pure, and names stand once.

CONTRIBUTING.md says the same in words.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
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
    *ROOMS[: ROOMS.index("announce") + 1],
    *("starter", "journal.run", "journal.recovery", "journal.snapshot"),
}
"""Rooms and modules that read and write nothing but text files of their own room."""
PURE_PACKAGES = {
    *("__future__", "calendar", "collections", "dataclasses", "enum", "functools", "graphpolicy"),
    *("hashlib", "importlib.resources", "itertools", "json", "math", "operator", "pathlib", "re"),
    *("shlex", "string", "traceback", "types", "typing", "unicodedata", "uuid", "warnings"),
}
"""What they may import. A `Path` of theirs is a name: nothing asks the disk about it."""
ASKS_THE_DISK = {
    *("absolute", "chmod", "cwd", "exists", "expanduser", "glob", "hardlink_to", "is_dir"),
    *("is_file", "is_symlink", "iterdir", "lchmod", "lstat", "mkdir", "open", "read_bytes"),
    *("read_text", "readlink", "rename", "resolve", "rglob", "rmdir", "samefile", "stat"),
    *("symlink_to", "touch", "unlink", "walk", "write_bytes", "write_text"),
}
"""Methods of `Path`."""
VERB_ROOMS = {"commands", "render", "cli"}
"""Rooms where a module may have the name of a verb, in each of them."""
MOST_LINES = 320
MICROSOFTS = {"msgraph", "azure", "httpx", "kiota_http", "kiota_abstractions"}
ASK_GITHUB = {"github/hub.py", "github/refusals.py"}


@cache
def modules() -> dict[Path, ast.Module]:
    return {path: parsed(path) for path in sorted(PACKAGE.rglob("*.py"))}


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def name_of(path: Path) -> str:
    steps = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(steps[:-1] if steps[-1] == "__init__" else steps)


NAMES = {name_of(path) for path in PACKAGE.rglob("*.py")}


def imports(path: Path) -> Iterator[str]:
    """What a module imports, also inside functions and for types alone.

    Of `from a import b` that is `a.b` where it is a module of ours, else `a`.
    """
    package = ".".join(path.parent.relative_to(PACKAGE.parent).parts)
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = resolve_name("." * node.level + base, package)
            yield from {f"{base}.{name.name}" for name in node.names} & NAMES or {base}


def pure(path: Path) -> bool:
    return room(path) in PURE or f"{room(path)}.{path.stem}" in PURE


def test_every_module_is_in_a_room_and_contributing_lists_the_rooms() -> None:
    known = {*ROOMS, "mock"}
    assert [name_of(path) for path in modules() if room(path) not in known | {"__init__"}] == []
    page = (PACKAGE.parent / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert (*re.findall(r"^    (\w+)/ ", page, re.MULTILINE), "__main__") == (
        *(name for name in ROOMS if name != "__main__"),
        *("mock", "__main__"),
    )


def test_rooms_import_inward() -> None:
    wrong = []
    for path in modules():
        own = room(path)
        inner = {
            name.split(".")[1] for name in imports(path) if name.startswith("graphpolicy.")
        } - {own}
        if own == "mock":
            wrong += [f"{path}: the mock imports {name}" for name in inner]
        elif own != "__init__":
            wrong += [
                f"{path}: {own} may not import {name}"
                for name in inner
                if (own, name) not in EXCEPTIONS
                and (name not in ROOMS or ROOMS.index(name) > ROOMS.index(own))
            ]
    assert wrong == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    uses = {name_of(path): ({*imports(path)} & NAMES) - {name_of(path)} for path in modules()}
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_no_module_is_too_long_to_read() -> None:
    lines = {name_of(path): path.read_text(encoding="utf-8").count("\n") for path in modules()}
    assert [f"{name}: {count}" for name, count in lines.items() if count > MOST_LINES] == []


def names_of_verbs(group: click.Group, *within: str) -> Iterator[str]:
    """What a verb's modules are called: `plan`, `mfa_reset`, and without `ci` what it does."""
    context = click.Context(group)
    for name in group.list_commands(context):
        verb = (*within, name)
        yield "_".join(verb).replace("-", "_").removeprefix("ci_")
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from names_of_verbs(command, *verb)


def test_each_verb_has_its_module() -> None:
    """In `cli/`; the verbs of a group share that of the group, but in `ci` each has its own."""
    context = click.Context(cli)
    stems = {path.stem for path in modules() if room(path) == "cli"}
    groups = {
        name
        for name in cli.list_commands(context)
        if isinstance(cli.get_command(context, name), click.Group)
    }
    lost = [
        name
        for name in names_of_verbs(cli)
        if name not in stems and name.split("_")[0] not in groups
    ]
    assert lost == []


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


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Those of a module, with those in its conditions."""
    for node in body:
        if isinstance(node, ast.If | ast.Try):
            yield from statements(chain(node.body, node.orelse))
        else:
            yield node


def types(tree: ast.Module) -> Iterator[str]:
    """The classes and type aliases of a module, private ones included, variables of types not."""
    for node in statements(tree.body):
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation).endswith("TypeAlias"):
            yield ast.unparse(node.target)
        elif isinstance(node, ast.Assign) and not is_variable(node.value):
            for target in node.targets:
                yield from re.findall(r"^_?[A-Z]+[a-z]\w*$", ast.unparse(target))


def is_variable(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func).endswith(
        ("TypeVar", "ParamSpec")
    )


def test_each_type_name_stands_once() -> None:
    found = defaultdict(list)
    for path, tree in modules().items():
        if room(path) != "mock":
            for name in {each for each in types(tree) if not each.startswith("_")}:
                found[name].append(name_of(path))
    doubled = [f"{name}: {', '.join(places)}" for name, places in found.items() if places[1:]]
    assert doubled == [], "\n".join(doubled)


def test_only_graph_speaks_to_microsofts_packages_and_github_to_pygithub() -> None:
    wrong = []
    for path in modules():
        outer = {name.split(".")[0] for name in imports(path)}
        if room(path) != "graph":
            wrong += [(path, name) for name in outer & MICROSOFTS]
        if path.relative_to(PACKAGE).as_posix() not in ASK_GITHUB:
            wrong += [(path, name) for name in outer & {"github"}]
    assert wrong == []


def test_the_pure_rooms_read_and_write_nothing_but_text_of_their_own() -> None:
    """They read it with `files(__package__)`. A method `open` of their own is no file's."""
    wrong = []
    for path, tree in modules().items():
        if not pure(path):
            continue
        wrong += [
            f"{path}: imports {name}"
            for name in imports(path)
            if not {name, name.split(".")[0]} & PURE_PACKAGES
            and (path, name) != (PACKAGE / "model" / "__init__.py", "importlib")  # of its own
        ]
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            owner, _, method = called.rpartition(".")
            if called in {"open", "input", "__import__"} or (
                method in ASKS_THE_DISK
                and owner not in {"", "self"}
                and not owner.startswith("files(__package__).")
            ):
                wrong.append(f"{path}:{node.lineno}: {called}")
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
