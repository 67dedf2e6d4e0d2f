"""The accounts that must get in when everything else fails: what the file may say of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from graphpolicy.model import EVERYONE, Finding, Json, Place
from graphpolicy.policyfile.pointers import finding
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.wording import shown

if TYPE_CHECKING:
    from graphpolicy.policyfile.layer import Layer

AT: Pointer = ("emergencyAccess",)
NOBODY_FIX = "write {none: REASON} if there really are none"


def broken_emergency_access(document: Document, data: Json) -> Iterator[Finding]:
    """What contradicts itself in `emergencyAccess`; entries that are None are left out."""
    if isinstance(data, dict) and not data:
        yield _finding(document, AT, "says neither who nor why nobody")
    elif data == []:
        yield _finding(document, AT, "names nobody", NOBODY_FIX)
    elif isinstance(data, list):
        seen: dict[tuple[str, str], int] = {}
        for index, entry in enumerate(data):
            if entry is not None:
                yield from _entry(document, (*AT, index), entry, seen)


def _entry(
    document: Document, at: Pointer, entry: dict[str, Json], seen: dict[tuple[str, str], int]
) -> Iterator[Finding]:
    names = [name for name in ("user", "group") if name in entry]
    if len(names) > 1:
        fix = "write two entries, one with the user and one with the group"
        yield _finding(document, at, "has a user and a group in one entry", fix)
        return
    if not names:
        fix = "write user: NAME or group: NAME beside the id"
        yield _finding(document, at, "has an id without saying whose it is", fix)
        return
    (kind,) = names
    if entry[kind] == EVERYONE:
        fix = "name the few accounts that are kept for an emergency"
        yield _finding(document, at, "can't be everyone", fix)
    key = (kind, str(entry.get("id") or entry[kind]).casefold())
    line = document.place(at).line
    if key in seen:
        problem = f"lists the {kind} {shown(entry[kind])} twice, on line {seen[key]} and here"
        yield _finding(document, at, problem, "keep one of the two")
    seen.setdefault(key, line)


def _finding(document: Document, at: Pointer, problem: str, fix: str = "") -> Finding:
    fix = fix or "write a list of '- user: NAME' and '- group: NAME', or {none: REASON}"
    return finding(document, at, "emergency-access", f"emergencyAccess {problem}", fix)


def united(layers: Iterable[Layer]) -> tuple[Json, tuple[Finding, ...]]:
    """The accounts of all files together, each once; None where no file says anything."""
    entries: dict[tuple[str, str], dict[str, Json]] = {}
    reason: dict[str, Json] | None = None
    said: list[Layer] = []
    findings: list[Finding] = []
    for layer in layers:
        data = layer.data.get("emergencyAccess")
        if not data:
            continue
        if said and isinstance(data, dict) != (reason is not None):
            where = said[0].document.key_place(AT)
            fix = "say in one file alone that there are none, or name the accounts"
            problem = f"says otherwise than {where}: accounts in one file, none in the other"
            findings.append(_finding(layer.document, AT, problem, fix))
            continue
        said.append(layer)
        if isinstance(data, dict):
            reason = data
            continue
        for entry in filter(None, data):
            entries.setdefault(_key(entry), entry)
    return (reason or list(entries.values()) if said else None), tuple(findings)


def places(layers: Iterable[Layer]) -> Iterator[Place]:
    """Where the accounts of all files together are written, in the order of `united`."""
    seen: set[tuple[str, str]] = set()
    for layer in layers:
        data = layer.data.get("emergencyAccess")
        for index, entry in enumerate(data if isinstance(data, list) else ()):
            if entry is not None and _key(entry) not in seen:
                seen.add(_key(entry))
                yield layer.document.place((*AT, index))


def _key(entry: Mapping[str, Json]) -> tuple[str, str]:
    kind = "user" if "user" in entry else "group"
    return kind, str(entry.get("id") or entry.get(kind)).casefold()
