"""Live documents and declared trees, generated from the rows of the catalogue.

A **truth** is what a tenant holds of one resource, whatever the version; each API version shows
the part of it that it declares. A declared tree is in Graph's shape and resolved: ids, no names.
What Graph lists by the combinations that it applies to is a map in a truth, as in a file; entries
that are alike are one in Graph.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from hypothesis import settings, strategies as st

from graphpolicy.catalogue import EXTERNAL, LISTED, RESOURCES
from graphpolicy.catalogue.kinds import (
    Bool,
    Collection,
    Enum,
    Flags,
    Int,
    Kind,
    Object,
    ProfileRef,
    ProfileRefs,
    Property,
    Resource,
    Strings,
    Target,
    Targets,
    Text,
)
from graphpolicy.model import EVERYONE, NOBODY, POLICY, Observed, Version

VERSIONS: tuple[Version, ...] = ("v1.0", "beta")
GROUPS = tuple(f"0d1c2b3a-0000-4000-8000-00000000000{digit}" for digit in "123abc")
PROFILES = {f"5a5a5a5a-0000-4000-8000-00000000000{digit}": f"Profile {digit}" for digit in "1ab"}
GUIDS = tuple(f"c0ffee00-0000-4000-8000-00000000000{digit}" for digit in "12abcd")
HEX = ("0a", "ff01", "bead", "00c0ffee")
OIDS = ("1.2.3", "1.2.3.4", "2.5.29.32.0")
WORDS = ("alpha", "Alpha", "b c", "größe", "no", "0755", "it's: #1")
EXTERNAL_ID = "d0500000-0000-4000-8000-00000000000a"
EXTERNAL_NAME = "Duo"
LISTED_ID = "57000000-0000-4000-8000-000000000001"
LISTED_NAME = "Company keys"
NAMES = {EXTERNAL.id: EXTERNAL_NAME, **{row.id: LISTED_NAME for row in LISTED}}
"""The one of several that the truths are of, by kind."""

few = settings(max_examples=25)
some = settings(max_examples=60)


Make = TypeVar("Make", bound=Callable[..., Any])


def remembered(make: Make) -> Make:
    """Strategies are expensive to make, so they are kept by the identity of what they are for."""
    made: dict[int, tuple[Any, Any]] = {}  # with the object, or another one could get its id

    @functools.wraps(make)
    def found(of: Any) -> Any:
        if id(of) not in made:
            made[id(of)] = of, make(of)
        return made[id(of)][1]

    return cast("Make", found)


def resources(*, policy: bool = True) -> st.SearchStrategy[Resource]:
    rows = [row for row in RESOURCES.values() if policy or row.id != POLICY]
    return st.sampled_from(rows)


@remembered
def live(kind: Kind) -> st.SearchStrategy[Any]:
    """A value as Graph answers it, with every member."""
    return _value(kind, whole=True)


@remembered
def declared(kind: Kind) -> st.SearchStrategy[Any]:
    """A value as a file may declare it: in objects and entries some members, in Graph's shape."""
    return _value(kind, whole=False)


@remembered
def truths(resource: Resource) -> st.SearchStrategy[dict[str, Any]]:
    """What a tenant holds of a resource: every property, or all but a few."""
    everything = st.fixed_dictionaries({row.name: live(row.kind) for row in resource.properties})
    names = [row.name for row in resource.properties]
    missing = st.one_of(st.just(set[str]()), st.sets(st.sampled_from(names), max_size=2))
    return st.builds(
        lambda values, gone: (
            head(resource) | {name: value for name, value in values.items() if name not in gone}
        ),
        everything,
        missing,
    )


@remembered
def trees(resource: Resource) -> st.SearchStrategy[dict[str, Any]]:
    """What a file declares of a resource: something."""
    return _some_members(resource.properties, {}).filter(bool)


def head(resource: Resource) -> dict[str, Any]:
    """What identifies a resource in a document."""
    if resource.id == POLICY:
        return {"@odata.context": "https://graph/$metadata#policy", "id": POLICY}
    if resource in LISTED:
        own = {resource.builtin[0]: "custom"} if resource.builtin[0] else {}
        return {"id": LISTED_ID, "displayName": LISTED_NAME, **own}
    type_ = {"@odata.type": f"#microsoft.graph.{resource.type}"}
    if resource is EXTERNAL:
        return {**type_, "id": EXTERNAL_ID, "displayName": EXTERNAL_NAME}
    return {**type_, "id": resource.id}


def shown(resource: Resource, truth: Mapping[str, Any], version: Version) -> dict[str, Any] | None:
    """The answer of a version of Graph about a truth; None if it lacks the resource."""
    if resource.api not in ("both", version):
        return None
    return _shown(resource.properties, truth, version)


def observed(
    found: Mapping[str, Mapping[str, Any]], versions: Iterable[Version] = VERSIONS
) -> Observed:
    """The documents of a tenant that holds these truths, by resource."""
    documents: dict[Version, Mapping[str, Any]] = {}
    for version in versions:
        views = {
            name: shown(RESOURCES[name], truth, version)
            for name, truth in found.items()
            if RESOURCES[name] not in LISTED
        }
        root = views.pop(POLICY, None) or {"id": POLICY}
        documents[version] = {
            **root,
            "authenticationMethodConfigurations": [view for view in views.values() if view],
        }
    lists = {row.id: (in_graph(row, found[row.id]),) for row in LISTED if row.id in found}
    return Observed(documents, lists)


def in_graph(resource: Resource, truth: Mapping[str, Any]) -> dict[str, Any]:
    """A truth with lists in place of maps, as Graph has them."""
    result = dict(truth)
    for row in resource.properties:
        if isinstance(row.kind, Object) and row.kind.listed_by and truth.get(row.name) is not None:
            result[row.name] = entries(row.kind, truth[row.name])
    return result


def entries(kind: Object, named: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The entries of a list, each for all the names that it stands for."""
    found: list[dict[str, Any]] = []
    for row in kind.members:
        if named.get(row.name) is not None and isinstance(row.kind, Object):
            own = {"@odata.type": f"#microsoft.graph.{row.kind.type}", **named[row.name]}
            same = [each for each in found if each.keys() - own == {"id", kind.listed_by}]
            same = [each for each in same if own.items() <= each.items()]
            if same:
                same[0][kind.listed_by].append(row.name)
            else:
                found.append({**own, "id": f"of-{row.name}", kind.listed_by: [row.name]})
    return found


def scrambled(kind: Kind, value: Any) -> st.SearchStrategy[Any]:
    """The same value in another order and with ids and enum members in another case."""
    if value is None:
        return st.none()
    match kind:
        case Flags():
            parts = st.permutations(value.split(","))
            return parts.map(", ".join)
        case Enum() | ProfileRef():
            return st.sampled_from([value, value.upper(), value.lower()])
        case Text(ignore_case=True):
            return st.sampled_from([value, value.upper()])
        case Strings(members=members) if members:
            return _reordered([st.permutations(item.split(",")).map(", ".join) for item in value])
        case Strings() | ProfileRefs():
            return _reordered([st.sampled_from([item, item.upper()]) for item in value])
        case Target():
            return _recased(value)
        case Targets(members=members):
            return _reordered(
                [_scrambled_members(members, entry).flatmap(_recased) for entry in value]
            )
        case Object(members=members):
            return _scrambled_members(members, value)
        case Collection(members=members):
            return _reordered([_scrambled_members(members, entry) for entry in value])
        case _:
            return st.just(value)


def scrambled_document(
    resource: Resource, document: Mapping[str, Any]
) -> st.SearchStrategy[dict[str, Any]]:
    return _scrambled_members(resource.properties, document)


def part(kind: Kind, value: Any) -> st.SearchStrategy[Any]:
    """A part of a live value, as a file that agrees with it may declare."""
    match kind:
        case Object(members=members):
            return part_of_members(members, value)
        case Targets(members=members):
            return _each(value, members, ("id", "targetType"))
        case Collection(members=members, identity=identity, key=key):
            return _each(value, members, (*identity, key))
        case _:
            return st.just(value)


def part_of_members(
    rows: Iterable[Property], value: Mapping[str, Any]
) -> st.SearchStrategy[dict[str, Any]]:
    choices = {row.name: part(row.kind, value[row.name]) for row in rows if row.name in value}
    return st.fixed_dictionaries({}, optional=choices)


def with_unknown(value: Any) -> Any:
    """A document where each object has a member that the catalogue does not know."""
    if isinstance(value, dict):
        inside = {name: with_unknown(member) for name, member in value.items()}
        return {**inside, "brandNew": {"since": 2027, "list": [{"a": 1}], "flag": False}}
    return [with_unknown(item) for item in value] if isinstance(value, list) else value


def _value(kind: Kind, *, whole: bool) -> st.SearchStrategy[Any]:
    match kind:
        case Bool():
            return st.booleans()
        case Int(minimum=minimum, maximum=maximum):
            return st.integers(minimum, min(maximum, minimum + 100))
        case Text(pattern=pattern, suggestions=suggestions):
            if pattern.startswith("https"):
                return st.sampled_from(["https://a.example/x", "https://b.example/x"])
            return st.sampled_from(suggestions or (GUIDS if pattern else WORDS))
        case Enum(members=members):
            return st.sampled_from(members)
        case Flags(members=members):
            return _subset(members, 1).map(",".join)
        case Strings(members=members) if members:
            return _subset(members)
        case Strings(pattern=pattern):
            fitting = [text for text in (*GUIDS, *HEX, *OIDS) if re.fullmatch(pattern, text)]
            return _subset(fitting)
        case ProfileRef():
            return st.sampled_from(sorted(PROFILES))
        case ProfileRefs():
            return _subset(sorted(PROFILES))
        case Target(types=types, nobody=nobody):
            return st.one_of(
                _pairs(types, GROUPS), _pairs(("group",), (EVERYONE, *([NOBODY] * nobody)))
            )
        case Targets(types=types, members=rows, everyone=everyone):
            anyone = (*GROUPS[:4], EVERYONE) if everyone else GROUPS[:4]
            entries = _pairs(types, anyone).flatmap(lambda own: _entry(rows, own, whole=whole))
            return st.lists(entries, max_size=3, unique_by=lambda e: (e["targetType"], e["id"]))
        case Object(members=rows):
            return _whole(rows) if whole else _some_members(rows, {}).filter(bool)
        case Collection(type="passkeyProfile", members=rows):
            return _subset(sorted(PROFILES)).flatmap(
                lambda ids: st.tuples(
                    *(_entry(rows, {"id": id_, "name": PROFILES[id_]}, whole=True) for id_ in ids)
                ).map(list)
            )
        case Collection(members=rows, identity=identity):
            own = [row for row in rows if row.name in identity]
            entries = _whole(own).flatmap(lambda found: _entry(rows, found, whole=whole))
            return st.lists(
                entries,
                max_size=3,
                unique_by=lambda entry: tuple(str(entry.get(name)).casefold() for name in identity),
            )
    raise AssertionError(kind)


def _whole(rows: Iterable[Property]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({row.name: live(row.kind) for row in rows})


def _some_members(
    rows: Iterable[Property], own: Mapping[str, Any]
) -> st.SearchStrategy[dict[str, Any]]:
    choices = {row.name: declared(row.kind) for row in rows if row.name not in own}
    return st.fixed_dictionaries({}, optional=choices).map(lambda found: {**own, **found})


def _entry(
    rows: Iterable[Property], own: Mapping[str, Any], *, whole: bool
) -> st.SearchStrategy[dict[str, Any]]:
    """An entry of a collection: what identifies it, what Graph demands, and all or some else."""
    kind = live if whole else declared
    rest = [row for row in rows if row.name not in own]
    return st.fixed_dictionaries(
        {row.name: kind(row.kind) for row in rest if whole or row.required},
        optional={row.name: kind(row.kind) for row in rest if not (whole or row.required)},
    ).map(lambda found: {**own, **found})


def _pairs(types: Iterable[str], ids: Iterable[str]) -> st.SearchStrategy[dict[str, str]]:
    anything = st.builds(
        lambda type_, id_: {"targetType": type_, "id": id_},
        st.sampled_from(list(types)),
        st.sampled_from(list(ids)),
    )
    return anything.map(
        lambda pair: {**pair, "targetType": "group"} if pair["id"] == EVERYONE else pair
    )


def _subset(items: Iterable[str], least: int = 0) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(items)), min_size=least, max_size=3, unique=True)


def _shown(rows: Iterable[Property], value: Mapping[str, Any], version: Version) -> dict[str, Any]:
    by_name = {row.name: row for row in rows}
    result: dict[str, Any] = {}
    for name, member in value.items():
        row = by_name.get(name)
        if row is None:
            result[name] = member
        elif row.api in ("both", version):
            inside = row.kind.members if isinstance(row.kind, Object) else ()
            opened = inside and isinstance(member, dict)
            result[name] = _shown(inside, member, version) if opened else member
    return result


def _scrambled_members(
    rows: Iterable[Property], value: Mapping[str, Any]
) -> st.SearchStrategy[dict[str, Any]]:
    kinds = {row.name: row.kind for row in rows}
    return st.permutations(list(value)).flatmap(
        lambda names: st.fixed_dictionaries(
            {
                name: scrambled(kinds[name], value[name]) if name in kinds else st.just(value[name])
                for name in names
            }
        )
    )


def _recased(target: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    if target["id"] == EVERYONE:
        return st.just(dict(target))
    return st.sampled_from([target["id"], target["id"].upper()]).map(
        lambda id_: {**target, "id": id_}
    )


def _reordered(items: list[st.SearchStrategy[Any]]) -> st.SearchStrategy[list[Any]]:
    return st.tuples(*items).flatmap(lambda found: st.permutations(list(found)))


def _each(
    entries: Iterable[Mapping[str, Any]], rows: Iterable[Property], own: Iterable[str]
) -> st.SearchStrategy[list[Any]]:
    """Every entry, with what identifies it and something of the rest."""

    def cut(entry: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        rest = [row for row in rows if row.name not in own]
        kept = {name: entry[name] for name in own if name in entry}
        return part_of_members(rest, entry).map(lambda found: {**kept, **found})

    return st.tuples(*(cut(entry) for entry in entries)).map(list)
