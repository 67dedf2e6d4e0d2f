"""Findings about what a file declares and no request can bring about. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphpolicy.catalogue.facts import FactTimeline
from graphpolicy.catalogue.kinds import Property
from graphpolicy.compare.comparison import Comparison
from graphpolicy.compare.labels import label
from graphpolicy.model import NOBODY, Json, Path

SWITCHES = ("state", "isEnforced", "isEnabled")
"""Members that decide whether the rest of their object has any effect."""

ALWAYS_RETURNED = (*SWITCHES, "includeTargets", "excludeTargets")
"""Members that Graph returns for everything that a tenant has. If one is missing, it is not known
whether the method or feature is on, or which people it is on for.
"""

AGAIN = "run it again; if this persists, compare with the portal and report it to Microsoft"

NAMED = 5
"""The most external methods that a message lists."""


def not_found(result: Comparison, others: Mapping[str, bool]) -> None:
    """Add a finding for an external method that the tenant lacks: it may have been renamed."""
    tree, on = result.declared.tree, [name for name, is_on in others.items() if is_on]
    if on and not _asks_for_something(tree):
        message = (
            f"this tenant does not offer {result.declared.title}, which the file declares off, but "
            f"{_some(on)} is on and not in the file: it may be the same method with another name"
        )
        result.note("not-offered", "error", message, (), fix=_renamed(on))
    else:
        not_offered(result, tree, (), _renamed(list(others)))


def not_creatable(result: Comparison, needed: Sequence[str]) -> None:
    """Add an error for a resource that can't be created from what the file says."""
    message = (
        f"this tenant has no {result.declared.title}, and the file lists no "
        f"{' and '.join(needed)}: it can't be created"
    )
    fix = "write them, or the name that it has now; `graphpolicy pull` shows what the tenant has"
    result.note("incomplete-entry", "error", message, (), fix=fix)


def absent(result: Comparison) -> None:
    """Add an error for a resource of a kind that is only read, if the tenant lacks it."""
    resource, title = result.resource, result.declared.title
    message = f"this tenant has no {title}, and graphpolicy only reads {resource.id}"
    fix = "create it in the portal, write the name that it has now, or remove it from the file"
    result.note(resource.read_only, "error", message, (), fix=fix)


def only_read(result: Comparison, names: Mapping[str, str]) -> None:
    """Turn the differences of a kind that is only read into errors. `names` are by folded id."""
    resource = result.resource
    if not resource.read_only:
        return
    for each in result.differences:
        live, declared = (
            label(each.row.kind, value, names, FactTimeline(None, ()))
            for value in (each.before, each.after)
        )
        message = (
            f"{'.'.join((result.declared.title, *each.path))} is {live} in this tenant, and the "
            f"file declares {declared}; graphpolicy only reads {resource.id}"
        )
        fix = "change it in the portal, or the file: `graphpolicy pull --update`"
        result.note(resource.read_only, "error", message, each.path, fix=fix)
    result.differences, result.wanted = [], {}


def built_in(result: Comparison) -> None:
    message = f"{result.declared.title} is built in: nobody can change it"
    result.note("built-in", "error", message, (), fix="remove it, or write one with another name")


def not_parted(result: Comparison, row: Property, names: Sequence[str]) -> None:
    """Leave an entry that stands for several names as it is, if it would have to become two."""
    paths = [each.path for each in result.differences if each.path[:1] == (row.name,)]
    paths = [path for path in paths if path[1] in names]
    result.differences = [each for each in result.differences if each.path not in paths]
    message = (
        f"one configuration of {result.declared.title} stands for {' and '.join(names)} in this "
        "tenant: it can't be changed for one of them alone"
    )
    fix = (
        "write the same for both; or, to separate them, write empty lists for one, apply, and "
        "then write what it should have"
    )
    result.note("configuration-shared", "error", message, paths[0][:2], fix=fix)


def _renamed(others: Sequence[str]) -> str:
    """The way out for an external method that the tenant lacks: it may have been renamed."""
    if not others:
        return "the tenant has no other external method: remove it from the file, or create it"
    return (
        f"the tenant has {_some(others)}: if it was renamed, write the new name or the id in the "
        "file; if it was deleted, remove it from the file or create it again"
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:NAMED]) + (", …" if len(names) > NAMED else "")


def not_returned(result: Comparison, declared: Json, path: Path) -> None:
    """Add an error for something that exists, but whose state or targets Graph does not return."""
    name = ".".join((result.declared.title, *path))
    message = f"Graph did not return {name}, so its value in this tenant is not known"
    if isinstance(declared, str | bool):
        message += f"; the file declares {str(declared).lower()}"
    result.note("setting-not-told", "error", message, path, fix=AGAIN)


def not_offered(result: Comparison, declared: Json, path: Path, fix: str = "") -> None:
    name = ".".join((result.declared.title, *path))
    if _asks_for_something(declared):
        message = f"this tenant does not offer {name}: Graph does not return it"
        fix = fix or "remove it from the file, or ask Microsoft why the tenant lacks it"
        result.note("not-offered", "error", message, path, fix=fix)
    else:
        message = f"this tenant does not offer {name}, and the file declares it off: nothing to do"
        result.note("not-offered", "note", message, path)


def _asks_for_something(declared: Json) -> bool:
    if isinstance(declared, Mapping):
        for switch in SWITCHES:
            if switch in declared:
                return str(declared[switch]).casefold() in ("enabled", "true")
        if declared.get("id") == NOBODY:
            return False
        return any(_asks_for_something(value) for value in declared.values())
    value = declared.casefold() if isinstance(declared, str) else declared
    return value not in (False, "disabled", "default", [], "", None)
