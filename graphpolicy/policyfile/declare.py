"""From a policy file's data to what it declares: shorthands become Graph's own shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

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
from graphpolicy.catalogue.shared import GUID
from graphpolicy.model import (
    EVERYONE,
    NOBODY,
    Declared,
    Finding,
    Json,
    Named,
    Path,
    Place,
    ProfileName,
)
from graphpolicy.policyfile.strict_yaml import Document, Pointer
from graphpolicy.policyfile.structure import title

POLICY_POINTER: Pointer = ("authenticationMethodsPolicy",)
METHODS_KEY = "authenticationMethodConfigurations"
REFERENCES = ("group", "id", "role", "administrativeUnit")


def declare(document: Document) -> tuple[tuple[Declared, ...], list[Finding]]:
    """What a structurally sound document declares by resource, and what is wrong in it."""
    policy = document.data.get(POLICY_POINTER[0], {})
    methods = policy.get(METHODS_KEY, {})
    findings: list[Finding] = []
    declared: list[Declared] = []

    def add(row: Resource, data: Mapping[str, Json], pointer: Pointer, name: str | None) -> None:
        reader = _Reader(document, findings)
        tree = reader.members(row.properties, data, pointer, ())
        if tree:
            declared.append(Declared(row.id, tree, reader.places, name))

    root = {name: value for name, value in policy.items() if name != METHODS_KEY}
    add(AUTHENTICATION_METHODS_POLICY, root, POLICY_POINTER, None)
    for key, data in methods.items():
        pointer = (*POLICY_POINTER, METHODS_KEY, key)
        if key == EXTERNAL.id:
            for name, external in data.items():
                add(EXTERNAL, external, (*pointer, name), name)
        else:
            add(RESOURCES[key], data, pointer, None)
    return tuple(declared), findings


@dataclass
class _Reader:
    """Reads one resource; collects places by path in Graph's shape, and findings."""

    document: Document
    findings: list[Finding]
    places: dict[Path, Place] = field(default_factory=dict)

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
                return ProfileName(data, self.places[path])
            case ProfileRefs():
                return [ProfileName(name, self.places[path]) for name in data]
            case Target(types=types):
                return self.target(data, pointer, (), types)
            case Targets(members=members, types=types):
                return self.targets(data, pointer, members, types)
            case Collection(members=members, key=key):
                return list(self.entries(data, pointer, members, key))
            case _:
                return data

    def entries(
        self, data: Json, pointer: Pointer, members: Iterable[Property], key: str
    ) -> Iterator[dict[str, Json]]:
        for step, entry in data.items() if key else enumerate(data):
            own = {key: step} if key else {}
            yield own | self.inside(members, entry, (*pointer, step))

    def inside(
        self, members: Iterable[Property], data: Mapping[str, Json], pointer: Pointer
    ) -> dict[str, Json]:
        """The members of an entry, which have no path, hence no place, of their own."""
        return _Reader(self.document, self.findings).members(members, data, pointer, ())

    def targets(
        self, data: Json, pointer: Pointer, members: Iterable[Property], types: tuple[str, ...]
    ) -> list[Json]:
        return [
            self.target(entry, (*pointer, index), members, types)
            for index, entry in enumerate(data)
        ]

    def target(
        self, data: Json, pointer: Pointer, members: Iterable[Property], types: tuple[str, ...]
    ) -> dict[str, Json]:
        if isinstance(data, str):
            return {"targetType": "group", "id": NOBODY if data == "none" else EVERYONE}
        properties = self.inside(members, data, pointer)
        type_, id_ = self.reference(data, pointer, types)
        return {"targetType": type_, "id": id_, **properties}

    def reference(
        self, data: Mapping[str, Json], pointer: Pointer, types: tuple[str, ...]
    ) -> tuple[str, Json]:
        """The target's type and id; whatever contradicts itself is a finding."""
        place = self.document.place(pointer)
        type_ = data.get("targetType", "group")
        given = [name for name in REFERENCES if name in data]
        group, id_ = data.get("group"), data.get("id")
        for name in ("role", "administrativeUnit"):
            if given == [name]:
                return name, data[name]
        if group == EVERYONE and "id" not in data:
            return "group", EVERYONE
        if id_ == EVERYONE and given == ["id"]:
            return "group", EVERYONE
        if given not in (["group"], ["id"], ["group", "id"]):
            self._complain(
                pointer,
                f"{title(pointer)} must name one target, and has "
                + (" and ".join(f"'{name}'" for name in given) or "none"),
                "write {group: DISPLAY NAME}, {id: OBJECT ID} or both"
                + "".join(f", or {{{name}: ID}}" for name in REFERENCES[2:] if name in types),
            )
        elif id_ is not None and not re.fullmatch(GUID, id_):
            self._complain(
                (*pointer, "id"),
                f"{title(pointer)} has the id {id_!r}, which is not an object id",
                "write the group's object id (a GUID), or {group: DISPLAY NAME}",
            )
        elif group is not None and type_ != "group":
            self._complain(
                pointer,
                f"{title(pointer)} names a group and says that it is a {type_}",
                f"write {{id: OBJECT ID, targetType: {type_}}}",
            )
        if group is not None:
            return "group", Named(group, id_, place)
        return type_, id_

    def _complain(self, pointer: Pointer, message: str, fix: str) -> None:
        self.findings.append(
            Finding(
                "target-reference",
                "error",
                message,
                fix,
                path=title(pointer),
                source=self.document.place(pointer),
            )
        )
