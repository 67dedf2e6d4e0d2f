"""Turns a policy file's data into declarations: shorthands become Graph's own shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import TypeAlias

from graphpolicy import model
from graphpolicy.catalogue import (
    AUTHENTICATION_METHODS_POLICY,
    LISTED,
    RESOURCES,
    Resource,
)
from graphpolicy.catalogue.kinds import (
    Collection,
    Enum,
    Flags,
    Int,
    Kind,
    Object,
    ProfileRef,
    ProfileRefs,
    Property,
    Strings,
    Target,
    Targets,
)
from graphpolicy.catalogue.values import canonical, identity
from graphpolicy.model import EVERYONE, NOBODY, Finding, Json, Path, Place, Written
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import member
from graphpolicy.policyfile.pointers import ALTERATIONS, METHODS_AT, finding, title
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.wording import excludes_everyone, in_braces, shown

DeclaredEntry: TypeAlias = tuple[Place, dict[str, Written]]
"""Where an entry of a list is written, and the entry in Graph's shape."""


def declare(
    document: Document, data: Mapping[str, Json]
) -> tuple[tuple[model.DeclaredSource, ...], list[Finding]]:
    """What a document declares, by resource, and what contradicts itself in it.

    `data` is the sound part of its data; entries of lists that are None are skipped.
    """
    findings: list[Finding] = []
    declared: list[model.DeclaredSource] = []
    for row, pointer, settings, name in _resources(data):
        reader = _Reader(document, findings)
        tree = reader.members(row.properties, settings, pointer, ())
        if tree:
            declared.append(
                model.DeclaredSource(row.id, tree, reader.places, name, entries=reader.entries)
            )
    return tuple(declared), findings


def _resources(
    data: Mapping[str, Json],
) -> Iterator[tuple[Resource, Pointer, Mapping[str, Json], str | None]]:
    """The map of each resource in a file, in the file's order: row, pointer, map, and its name."""
    methods = [RESOURCES[key] for key in member(data, *METHODS_AT) or {}]
    for row in (AUTHENTICATION_METHODS_POLICY, *methods, *LISTED):
        settings = member(data, *row.keys) or {}
        for name in settings if row.several else [None]:
            inner = settings[name] if row.several else settings
            yield row, (row.keys if name is None else (*row.keys, name)), inner, name


@dataclass
class _Reader:
    """Reads one resource. Collects findings, and places by path in Graph's shape."""

    document: Document
    findings: list[Finding]
    places: dict[Path, Place] = field(default_factory=dict)
    entries: dict[Path, tuple[Place, ...]] = field(default_factory=dict)

    def members(
        self, rows: Iterable[Property], data: Mapping[str, Json], pointer: Pointer, path: Path
    ) -> dict[str, Written]:
        return {
            row.name: self.value(row.kind, data[row.name], (*pointer, row.name), (*path, row.name))
            for row in rows
            if row.name in data
        }

    def value(self, kind: Kind, data: Json, pointer: Pointer, path: Path) -> Written:
        self.places[path] = self.document.key_place(pointer)
        match kind:
            case Object(members=members, short=short):
                if isinstance(data, str):
                    self.places[(*path, short)] = self.places[path]
                    return {short: data}
                return self.members(members, data, pointer, path)
            case Enum():
                return canonical(kind, data)
            case Flags(members=names):
                return ",".join(name for name in names if name in data)
            case Int():
                return int(data)
            case ProfileRef():
                return model.ProfileName(data, self.document.place(pointer))
            case ProfileRefs():
                return [
                    model.ProfileName(name, self.document.place((*pointer, index)))
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
            case Strings(members=names):
                given = [item for item in data if item is not None]
                return [*canonical(kind, given)] if names else given
            case _:
                return data

    def placed(self, path: Path, found: Iterable[DeclaredEntry]) -> list[dict[str, Written]]:
        """The entries of a list; their places are recorded."""
        entries = list(found)
        self.entries[path] = tuple(place for place, _ in entries)
        return [entry for _, entry in entries]

    def targets(self, data: Json, pointer: Pointer, kind: Targets) -> Iterator[DeclaredEntry]:
        seen: dict[Json, Pointer] = {}
        for index, entry in enumerate(data):
            at = (*pointer, index)
            if entry is None:
                continue
            read = target(entry, kind, self.document, at, self.findings.append)
            id_ = read["id"]
            name = id_.id or id_.name if isinstance(id_, model.Named) else id_
            if isinstance(id_, model.Alias | model.RolloutName):
                name = id_.name
            named = isinstance(id_, model.Alias | model.RolloutName) or (
                isinstance(id_, model.Named) and id_.id is None
            )
            # Names of groups may differ only in case; ids are compared without case.
            spelled = name if named or not name else name.casefold()
            key = (read["targetType"], type(id_) if named else str, spelled)
            if name is not None and not self.repeated(seen, key, at, who(entry)):
                properties = entry if isinstance(entry, dict) else {}
                inside = self.inside(kind.members, properties, at)
                yield self.document.place(at), {**read, **inside}

    def altered(
        self, data: Mapping[str, Json], pointer: Pointer, path: Path, kind: Targets
    ) -> model.Altered:
        """What to change in a base's list."""
        add, remove = (
            list(self.targets(data.get(name, ()), (*pointer, name), kind)) for name in ALTERATIONS
        )
        return model.Altered(
            self.placed(path, add),
            [entry for _, entry in remove],
            tuple(place for place, _ in remove),
        )

    def collected(self, data: Json, pointer: Pointer, kind: Collection) -> Iterator[DeclaredEntry]:
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
            # The rule binding-priority judges priorities, also those in the tenant.
            judged_elsewhere = kind.identity == ("priority",)
            if judged_elsewhere or not self.repeated(seen, identity(kind, read), at, what):
                yield self.document.place(at), read

    def inside(
        self, members: Iterable[Property], data: Mapping[str, Json], pointer: Pointer
    ) -> dict[str, Written]:
        """The members of an entry. They have no path and so no recorded place of their own."""
        return _Reader(self.document, self.findings).members(members, data, pointer, ())

    def repeated(self, seen: dict[Json, Pointer], key: Json, pointer: Pointer, what: str) -> bool:
        """Whether an entry repeats an earlier one; if so, that is a finding."""
        first = seen.setdefault(key, pointer)
        if first == pointer:
            return False
        line = self.document.place(first).line
        message = f"{title(pointer)} lists {what} twice, on line {line} and here"
        fix = "keep one of the two"
        self.findings.append(finding(self.document, pointer, "duplicate-entry", message, fix))
        return True


REFERENCES = ("group", "id", "alias", "rollout", "role", "administrativeUnit")


def target(
    data: Json,
    kind: Target | Targets,
    document: Document,
    pointer: Pointer,
    report: Callable[[Finding], None],
) -> dict[str, Written]:
    """One target in Graph's shape, without further properties such as `authenticationMode`."""
    if isinstance(data, str):
        return {"targetType": "group", "id": NOBODY if data == "none" else EVERYONE}
    problem = _problem(data, kind, title(pointer))
    if problem:
        message, fix, key = problem
        at = (*pointer, key) if key else pointer
        report(finding(document, at, "target-reference", message, fix))
    for type_ in ("role", "administrativeUnit"):
        if type_ in data:
            return {"targetType": type_, "id": data[type_]}
    group, id_ = data.get("group"), data.get("id")
    if EVERYONE in (group, id_):
        return {"targetType": "group", "id": EVERYONE}
    if "alias" in data:
        return {"targetType": "group", "id": model.Alias(data["alias"], document.place(pointer))}
    if "rollout" in data:
        name = model.RolloutName(data["rollout"], document.place(pointer))
        return {"targetType": "group", "id": name}
    if group is not None:
        place = document.place(pointer)
        return {"targetType": "group", "id": model.Named(group, id_, place)}
    return {"targetType": data.get("targetType", "group"), "id": id_}


def who(data: Json) -> str:
    """How a message names a target."""
    if isinstance(data, str):
        return data
    name = next((data[name] for name in REFERENCES if name in data), "")
    return name if name == EVERYONE else shown(name)


def _problem(
    data: Mapping[str, Json], kind: Target | Targets, name: str
) -> tuple[str, str, str] | None:
    """What contradicts itself: message, help, and the key to point at. None if it is sound."""
    given = [reference for reference in REFERENCES if reference in data]
    group, id_, type_ = data.get("group"), data.get("id"), data.get("targetType")
    other = [word for word in REFERENCES if word in kind.types and word != "group"]
    if not given:
        ways = ["{group: DISPLAY NAME}", "{id: OBJECT ID}", *(f"{{{word}: ID}}" for word in other)]
        return f"{name} has a target without a group or an id", f"write {' or '.join(ways)}", ""
    if EVERYONE in (group, id_):
        return _everyone(data, kind, name, given)
    if given not in (["group"], ["id"], ["group", "id"]) and len(given) > 1:
        listed = " and ".join(f"'{word}'" for word in given)
        several = isinstance(kind, Targets)
        fix = "write a separate entry for each" if several else "keep one: it takes one target"
        return f"one target in {name} has {listed}", fix, ""
    if given[0] in ("group", "alias", "rollout") and type_ not in (None, "group"):
        fix = f"write {{id: OBJECT ID, targetType: {type_}}}, or remove targetType"
        return f"one target in {name} names a group but has targetType {type_}", fix, ""
    if given[0] in other and type_ not in (None, given[0]):
        message = f"one target in {name} names a {given[0]} but has targetType {type_}"
        return message, "remove targetType", ""
    return None


def _everyone(
    data: Mapping[str, Json], kind: Target | Targets, name: str, given: list[str]
) -> tuple[str, str, str] | None:
    """What is wrong with an entry that has all_users."""
    if isinstance(kind, Targets) and not kind.everyone:
        return *excludes_everyone(name), ""
    others = [word for word in given if word not in ("group", "id") or data[word] != EVERYONE]
    if others:
        beside = others[0]
        message = f"one target in {name} has all_users and the {beside} {shown(data[beside])}"
        one = f"{{{beside}: {in_braces(data[beside])}}}"
        return message, f"write all_users for everyone, or {one} alone", ""
    if data.get("targetType", "group") != "group":
        message = f"one target in {name} is all_users but has targetType {data['targetType']}"
        return message, "remove targetType", ""
    return None
