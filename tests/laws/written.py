"""Declared trees as people write them: in YAML, in one file, or shared out between two.

It goes by the kinds of the catalogue's rows, and knows nothing of the code that reads files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from hypothesis import strategies as st

from graphpolicy.catalogue import LISTED, RESOURCES
from graphpolicy.catalogue.kinds import (
    Collection,
    Flags,
    Kind,
    Object,
    Property,
    Target,
    Targets,
)
from graphpolicy.model import EVERYONE, NOBODY, POLICY
from graphpolicy.policyfile.dump import dump
from tests.laws.generated import GROUPS, NAMES, declared
from tests.laws.situations import TENANT_ID, Held

Rows: TypeAlias = Iterable[Property]
Draw: TypeAlias = Callable[..., Any]
Files: TypeAlias = dict[str, str]
"""Texts by name; `policy.yaml` is the tenant's own."""


@dataclass(frozen=True)
class Altered:
    """A list of targets as a file that extends a base writes it."""

    add: list[Any]
    remove: list[Any]


def one_file(draw: Draw, trees: Held) -> Files:
    """All of it in the tenant's own file."""
    return _files(draw, {}, trees)


def base_alone(draw: Draw, trees: Held) -> Files:
    """All of it in the base."""
    return _files(draw, trees, {})


def over_other_values(draw: Draw, trees: Held) -> Files:
    """The base has other values for some settings."""
    other = {name: _some_other(draw, RESOURCES[name].properties, trees[name]) for name in trees}
    return _files(draw, other, trees)


def in_halves(draw: Draw, trees: Held) -> Files:
    """Each setting in one of the two files."""
    halves: tuple[Held, Held] = ({}, {})
    for name, tree in trees.items():
        parts = _halves(draw, RESOURCES[name].properties, tree)
        for half, part in zip(halves, parts, strict=True):
            half[name] = part
    return _files(draw, *halves)


def lists_altered(draw: Draw, trees: Held) -> Files:
    """The base has other targets, and the tenant's file adds and removes."""
    base: Held = {}
    child: Held = {}
    for name, tree in trees.items():
        base[name], child[name] = _altered(draw, RESOURCES[name].properties, tree)
    return _files(draw, base, child)


WAYS = (one_file, base_alone, over_other_values, in_halves, lists_altered)


def _files(draw: Draw, base: Held, child: Held) -> Files:
    head = {"version": 1, "extends": ["base.yaml"], "tenant": {"name": "contoso", "id": TENANT_ID}}
    groups = {"groups": {_alias(id_): {"id": id_} for id_ in GROUPS}}
    return {
        "base.yaml": dump({"version": 1, **_policy(draw, base)}),
        "policy.yaml": dump({**head, **groups, **_policy(draw, child)}),
    }


def _alias(id_: str) -> str:
    return f"group-{id_[-1]}"


def _policy(draw: Draw, trees: Held) -> dict[str, Any]:
    """What the language has below its head for trees by resource."""
    policy: dict[str, Any] = {}
    methods: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, tree in trees.items():
        data = _members(draw, RESOURCES[name].properties, tree)
        if not data:
            continue
        named = {NAMES[name]: data} if name in NAMES else data
        if name == POLICY:
            policy = data
        elif RESOURCES[name] in LISTED:
            others[name] = named
        else:
            methods[name] = named
    if methods:
        policy["authenticationMethodConfigurations"] = methods
    return {**({POLICY: policy} if policy else {}), **others}


def _members(draw: Draw, rows: Rows, tree: Mapping[str, Any]) -> dict[str, Any]:
    return {row.name: _said(draw, row.kind, tree[row.name]) for row in rows if row.name in tree}


def _said(draw: Draw, kind: Kind, value: Any) -> Any:
    match kind:
        case Flags():
            return value.split(",")
        case Target():
            return _target(draw, (), value, bare=True)
        case Targets(members=rows):
            if isinstance(value, Altered):
                keys = {"add": value.add, "remove": value.remove}
                return {
                    key: [_target(draw, rows, entry) for entry in entries]
                    for key, entries in keys.items()
                    if entries or key == "add"
                }
            return [_target(draw, rows, entry) for entry in value]
        case Object(members=rows, short=short):
            if list(value) == [short] and draw(st.booleans()):
                return value[short]
            return _members(draw, rows, value)
        case Collection(members=rows, key=key) if key:
            rest = [row for row in rows if row.name != key]
            return {entry[key]: _members(draw, rest, entry) for entry in value}
        case Collection(members=rows):
            return [_members(draw, rows, entry) for entry in value]
    return value


def _target(draw: Draw, rows: Rows, entry: Mapping[str, Any], *, bare: bool = False) -> Any:
    """One target in one of the ways that the language has for it."""
    type_, id_ = entry["targetType"], entry["id"]
    own = _members(draw, rows, entry)
    if id_ == NOBODY and bare:
        return "none"
    if id_ == EVERYONE:
        if not own and draw(st.booleans()):
            return EVERYONE
        return {draw(st.sampled_from(["group", "id"])): EVERYONE, **own}
    if type_ in ("role", "administrativeUnit"):
        return {type_: id_, **own}
    if type_ != "group":
        return {"id": id_, "targetType": type_, **own}
    ways = [{"id": id_}, {"id": id_, "targetType": "group"}]
    if id_ in GROUPS:
        ways.append({"alias": _alias(id_)})
    return {**draw(st.sampled_from(ways)), **own}


def _some_other(draw: Draw, rows: Rows, tree: Mapping[str, Any]) -> dict[str, Any]:
    return {
        row.name: _other(draw, row.kind, tree[row.name])
        for row in rows
        if row.name in tree and draw(st.integers(0, 3))
    }


def _other(draw: Draw, kind: Kind, value: Any) -> Any:
    """Another value, which the given one replaces, member by member where maps merge."""
    match kind:
        case Object(members=rows):
            return _some_other(draw, rows, value)
        case Collection(members=rows, key=key) if key:
            rest = [row for row in rows if row.name != key]
            return [{key: entry[key], **_some_other(draw, rest, entry)} for entry in value]
    return draw(declared(kind))


def _halves(
    draw: Draw, rows: Rows, tree: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    halves: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for row in rows:
        if row.name not in tree:
            continue
        value = tree[row.name]
        if isinstance(row.kind, Object):
            parts: tuple[Any, Any] = _halves(draw, row.kind.members, value)
        elif isinstance(row.kind, Collection) and row.kind.key and value:
            parts = _halved_entries(draw, row.kind, value)
        else:
            parts = (value, None) if draw(st.booleans()) else (None, value)
        for half, part in zip(halves, parts, strict=True):
            if part not in (None, {}):
                half[row.name] = part
    return halves


def _halved_entries(draw: Draw, kind: Collection, value: list[Any]) -> tuple[list[Any], list[Any]]:
    halves: tuple[list[Any], list[Any]] = ([], [])
    rest = [row for row in kind.members if row.name != kind.key]
    for entry in value:
        for half, part in zip(halves, _halves(draw, rest, entry), strict=True):
            half.append({kind.key: entry[kind.key], **part})
    return halves


def _altered(
    draw: Draw, rows: Rows, tree: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    base: dict[str, Any] = {}
    child: dict[str, Any] = {}
    for row in rows:
        if row.name not in tree:
            continue
        value = tree[row.name]
        if isinstance(row.kind, Targets):
            base[row.name], child[row.name] = _altered_list(draw, row.kind, value)
        elif isinstance(row.kind, Object):
            base[row.name], child[row.name] = _altered(draw, row.kind.members, value)
        else:
            child[row.name] = value
    return {name: part for name, part in base.items() if part != {}}, child


def _altered_list(draw: Draw, kind: Targets, value: list[Any]) -> tuple[list[Any], Altered]:
    """A base's list, and the change that makes the given one of it."""
    wanted = {_key(entry) for entry in value}
    strange = [entry for entry in draw(declared(kind)) if _key(entry) not in wanted]
    kept, added, before = [], [], []
    for entry in value:
        if draw(st.booleans()):
            kept.append(entry)
        else:
            added.append(entry)
            if draw(st.booleans()):  # it was there, with other properties
                before.append({"targetType": entry["targetType"], "id": entry["id"]})
    removed = [{"targetType": entry["targetType"], "id": entry["id"]} for entry in strange]
    return [*kept, *strange, *before], Altered(added, removed)


def _key(entry: Mapping[str, Any]) -> tuple[str, str]:
    return entry["targetType"], entry["id"]
