"""From a policy file's data to what it declares: shorthands become Graph's own shape."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import TypeAlias

from graphpolicy.catalogue import AUTHENTICATION_METHODS_POLICY, EXTERNAL, RESOURCES, Resource
from graphpolicy.catalogue.kinds import (
    Collection,
    Flags,
    Int,
    Kind,
    Object,
    ProfileRef,
    ProfileRefs,
    Property,
    Target,
    Targets,
)
from graphpolicy.catalogue.values import identity
from graphpolicy.model import (
    Alias,
    Altered,
    Declared,
    Finding,
    Json,
    Named,
    Path,
    Place,
    ProfileName,
)
from graphpolicy.model.records import dataclass
from graphpolicy.policyfile.pointers import ALTERATIONS, METHODS, METHODS_AT, finding, title
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.targets import target, who

Entry: TypeAlias = tuple[Place, dict[str, Json]]
"""An entry of a list in Graph's shape, and where it is written."""


def declare(
    document: Document, data: Mapping[str, Json]
) -> tuple[tuple[Declared, ...], list[Finding]]:
    """What a document declares by resource, and what contradicts itself in it.

    `data` is the sound part of the document's own: an entry of a list that is None is left out.
    """
    policy = data.get(METHODS_AT[0], {})
    methods = policy.get(METHODS, {})
    findings: list[Finding] = []
    declared: list[Declared] = []

    def add(row: Resource, data: Mapping[str, Json], pointer: Pointer, name: str | None) -> None:
        reader = _Reader(document, findings)
        tree = reader.members(row.properties, data, pointer, ())
        if tree:
            declared.append(Declared(row.id, tree, reader.places, name, entries=reader.entries))

    root = {name: value for name, value in policy.items() if name != METHODS}
    add(AUTHENTICATION_METHODS_POLICY, root, METHODS_AT[:1], None)
    for key, settings in methods.items():
        pointer = (*METHODS_AT, key)
        if key == EXTERNAL.id:
            for name, external in settings.items():
                add(EXTERNAL, external, (*pointer, name), name)
        else:
            add(RESOURCES[key], settings, pointer, None)
    return tuple(declared), findings


@dataclass
class _Reader:
    """Reads one resource; collects places by path in Graph's shape, and findings."""

    document: Document
    findings: list[Finding]
    places: dict[Path, Place] = field(default_factory=dict)
    entries: dict[Path, tuple[Place, ...]] = field(default_factory=dict)

    def members(
        self, rows: Iterable[Property], data: Mapping[str, Json], pointer: Pointer, path: Path
    ) -> dict[str, Json]:
        return {
            row.name: self.value(row.kind, data[row.name], (*pointer, row.name), (*path, row.name))
            for row in rows
            if row.name in data
        }

    def value(self, kind: Kind, data: Json, pointer: Pointer, path: Path) -> Json:
        self.places[path] = self.document.key_place(pointer)
        match kind:
            case Object(members=members, short=short):
                if isinstance(data, str):
                    self.places[(*path, short)] = self.places[path]
                    return {short: data}
                return self.members(members, data, pointer, path)
            case Flags(members=names):
                return ",".join(name for name in names if name in data)
            case Int():
                return int(data)
            case ProfileRef():
                return ProfileName(data, self.document.place(pointer))
            case ProfileRefs():
                return [
                    ProfileName(name, self.document.place((*pointer, index)))
                    for index, name in enumerate(data)
                    if name is not None
                ]
            case Target():
                return target(data, kind, self.document, pointer, self.findings.append)
            case Targets():
                if isinstance(data, list):
                    return self.placed(path, self.targets(data, pointer, kind))
                return self.altered(data, pointer, path, kind)
            case Collection():
                return self.placed(path, self.collected(data, pointer, kind))
            case _:
                if isinstance(data, list):
                    return [item for item in data if item is not None]
                return data

    def placed(self, path: Path, found: Iterable[Entry]) -> list[dict[str, Json]]:
        """The entries of a list, whose places are kept."""
        entries = list(found)
        self.entries[path] = tuple(place for place, _ in entries)
        return [entry for _, entry in entries]

    def targets(self, data: Json, pointer: Pointer, kind: Targets) -> Iterator[Entry]:
        seen: dict[Json, Pointer] = {}
        for index, entry in enumerate(data):
            at = (*pointer, index)
            if entry is None:
                continue
            read = target(entry, kind, self.document, at, self.findings.append)
            id_ = read["id"]
            name = id_.id or id_.name if isinstance(id_, Named) else id_
            if isinstance(id_, Alias):
                name = id_.name
            named = isinstance(id_, Alias) or (isinstance(id_, Named) and id_.id is None)
            # Two groups may be called alike but for case; ids are without it.
            spelled = name if named else _folded(name)
            key = (read["targetType"], type(id_) if named else str, spelled)
            if name is not None and not self.repeated(seen, key, at, who(entry)):
                properties = entry if isinstance(entry, dict) else {}
                inside = self.inside(kind.members, properties, at)
                yield self.document.place(at), {**read, **inside}

    def altered(
        self, data: Mapping[str, Json], pointer: Pointer, path: Path, kind: Targets
    ) -> Altered:
        """What is to change in a base's list."""
        add, remove = (
            list(self.targets(data.get(name, ()), (*pointer, name), kind)) for name in ALTERATIONS
        )
        return Altered(
            self.placed(path, add),
            [entry for _, entry in remove],
            tuple(place for place, _ in remove),
        )

    def collected(self, data: Json, pointer: Pointer, kind: Collection) -> Iterator[Entry]:
        if kind.key:
            for name, entry in data.items():
                at = (*pointer, name)
                inside = self.inside(kind.members, entry, at)
                yield self.document.key_place(at), {kind.key: name} | inside
            return
        seen: dict[Json, Pointer] = {}
        for index, entry in enumerate(data):
            at = (*pointer, index)
            if entry is None:
                continue
            read = self.inside(kind.members, entry, at)
            what = ", ".join(str(read[name]) for name in kind.identity if name in read)
            # A rule of its own judges priorities, also those that are live.
            judged_elsewhere = kind.identity == ("priority",)
            if judged_elsewhere or not self.repeated(seen, identity(kind, read), at, what):
                yield self.document.place(at), read

    def inside(
        self, members: Iterable[Property], data: Mapping[str, Json], pointer: Pointer
    ) -> dict[str, Json]:
        """The members of an entry, which have no path, hence no place, of their own."""
        return _Reader(self.document, self.findings).members(members, data, pointer, ())

    def repeated(self, seen: dict[Json, Pointer], key: Json, pointer: Pointer, what: str) -> bool:
        """Whether an entry was there before; if so, it is a finding."""
        first = seen.setdefault(key, pointer)
        if first == pointer:
            return False
        line = self.document.place(first).line
        message = f"{title(pointer)} lists {what} twice, on line {line} and here"
        fix = "keep one of the two"
        self.findings.append(finding(self.document, pointer, "duplicate-entry", message, fix))
        return True


def _folded(value: str | None) -> str | None:
    return value.casefold() if value else value
