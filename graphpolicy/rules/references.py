"""Whom a target refers to, by name or by id, and when two of them are surely the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphpolicy.model import EVERYONE, NOBODY, Json, Named, Path

LISTS = ("includeTargets", "excludeTargets")
SINGLES = ("includeTarget", "excludeTarget")


@dataclass(frozen=True, slots=True)
class Reference:
    """Whom a target refers to. A name and an id can't be compared before the name is resolved."""

    type: str
    by: str
    value: str

    def __str__(self) -> str:
        named = repr(self.value) if self.by == "name" else self.value
        return named if self.type == "group" else f"{self.type} {named}"


ALL = Reference("group", "id", EVERYONE)


def reference(target: Mapping[str, Json]) -> Reference:
    """Whom one target refers to; ids without regard to case, names letter by letter."""
    type_, id_ = str(target.get("targetType") or "group"), target.get("id")
    if isinstance(id_, Named) and id_.id is None:
        return Reference(type_, "name", id_.name)
    return Reference(type_, "id", str(id_.id if isinstance(id_, Named) else id_).casefold())


def references(targets: Json) -> list[Reference]:
    """Whom a list of targets, one target or none refers to, in order."""
    listed: Iterable[Json] = targets if isinstance(targets, list) else [targets] if targets else []
    return [found for found in map(reference, listed) if found.value != NOBODY]


def audiences(values: Json, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Json]]]:
    """Every object among a resource's values that includes or excludes, with its path."""
    if not isinstance(values, Mapping):
        return
    if any(name in values for name in (*LISTS, *SINGLES)):
        yield path, values
    for name, value in values.items():
        if name not in (*LISTS, *SINGLES):
            yield from audiences(value, (*path, name))
