"""What is odd about Graph's answers: their shape, what the catalogue does not know. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphpolicy import model
from graphpolicy.catalogue import (
    AUTHENTICATION_METHODS_POLICY,
    EXTERNAL,
    LISTED,
    METHODS,
    RESOURCES,
    kinds,
)
from graphpolicy.catalogue.kinds import Kind, Property, Resource
from graphpolicy.catalogue.values import (
    OBSOLETE_TARGET_KEYS,
    TARGET_TYPES,
    as_map,
    canonical,
    split_flags,
    target_type,
)
from graphpolicy.compare.diff import compare
from graphpolicy.compare.documents import items_of
from graphpolicy.compare.unwritable_settings import AGAIN
from graphpolicy.model import Cloud, Finding, Json, Version

REFERENCE = (Property("id", kinds.Text(), "", ""), Property("targetType", kinds.Text(), "", ""))
"""The members that say who a target is (Graph: authenticationMethodTarget)."""

_BY_TYPE = {row.type: row for row in METHODS}
_BY_ID = {row.id.casefold(): row for row in METHODS}

TARGET_KEYS = OBSOLETE_TARGET_KEYS | {"id", "targetType", "isRegistrationRequired"}


def _type(item: Mapping[str, Json]) -> str:
    return str(item.get("@odata.type", "")).removeprefix("#microsoft.graph.")


def row_of(item: Mapping[str, Json]) -> Resource | None:
    """The method that an item is, by its type, else by its id."""
    return _BY_TYPE.get(_type(item)) or _BY_ID.get(str(item.get("id")).casefold())


# What is returned more than once


def repeated(declared: model.Resolved, observed: model.Observed, cloud: Cloud) -> Iterator[Finding]:
    """A resource that an answer contains more than once, with different values.

    The plan uses the first one. It is an error if a managed setting differs, because it is not
    clear which value is in force.
    """
    answered: dict[Version, list[Mapping[str, Json]]] = {}
    for version, item in items_of(declared, observed):
        answered.setdefault(version, []).append(item)
    for version, (first, *others) in answered.items():
        if RESOURCES[declared.resource].by_name or all(other == first for other in others):
            continue
        answers = [_said(declared, version, item, cloud) for item in (first, *others)]
        unclear = sorted({path for one in answers for path, _ in one ^ answers[0]})
        which = "settings that the file does not manage"
        if unclear:
            which = f"{', '.join(unclear)}, which the file manages"
        yield Finding(
            "method-repeated",
            "error" if unclear else "warning",
            f"Graph {version} returned {declared.title} {len(others) + 1} times, with different "
            f"values of {which}; this plan uses the first",
            AGAIN,
            declared.title,
            source=declared.place(()),
        )


def _said(
    declared: model.Resolved, version: Version, item: Mapping[str, Json], cloud: Cloud
) -> frozenset[tuple[str, str]]:
    """The managed settings in one answer: (path, value or finding)."""
    made = compare(declared, {version: item}, cloud)
    return frozenset(
        [
            *((path, repr(observed)) for path, _, observed in made.settings),
            *((found.path, f"{found.level} {found.rule}") for found in made.findings),
        ]
    )


# What the catalogue does not know


def unmodelled(observed: model.Observed) -> tuple[str, ...]:
    """Methods, properties and enum members that Graph returns and the catalogue does not know."""
    found: dict[str, None] = {}
    policy = AUTHENTICATION_METHODS_POLICY
    for _, document in observed.items(policy.root):
        found.update(dict.fromkeys(_unknown(policy.properties, document, policy.id, policy.known)))
    for _, item in observed.methods:
        if (row := row_of(item)) is None:
            found[f"method {item.get('id')} ({_type(item) or 'no type'})"] = None
        else:
            found.update(dict.fromkeys(_unknown(row.properties, item, row.id, row.known)))
    for row in LISTED:
        for _, item in observed.items(row.root):
            if item.get(row.builtin[0]) != row.builtin[1]:
                shown = as_map(row, item)
                found.update(dict.fromkeys(_unknown(row.properties, shown, row.id, row.known)))
    return tuple(found)


def _unknown(
    rows: tuple[Property, ...], value: Mapping[str, Json], name: str, known: frozenset[str]
) -> Iterator[str]:
    by_name = {row.name: row for row in rows}
    for key, member in value.items():
        if "@" in key or key in known:
            continue
        if key not in by_name:
            yield f"property {name}.{key}"
        elif member is not None:
            yield from _unknown_inside(by_name[key].kind, member, f"{name}.{key}")


def _unknown_inside(kind: Kind, value: Json, name: str) -> Iterator[str]:
    match kind:
        case kinds.Object(members=members) if isinstance(value, Mapping):
            yield from _unknown(members, value, name, frozenset())
        case kinds.Enum(members=members):
            if canonical(kind, value) not in members:
                yield f"value {value!r} of {name}"
        case kinds.Flags(members=members):
            for part in split_flags(value):
                if canonical(kind, part)[0] not in members:
                    yield f"value {part!r} of {name}"
        case kinds.Strings(members=members) if members:
            for part in canonical(kind, value):
                if part not in members:
                    yield f"value {part!r} of {name}"
        case kinds.Target():
            yield from _unknown_target((), value, name)
        case kinds.Targets(members=members):
            for entry in value:
                yield from _unknown_target(members, entry, name)
        case kinds.Collection(members=members):
            for entry in value:
                yield from _unknown(members, entry, name, frozenset())
        case _:
            return


def _unknown_target(
    rows: tuple[Property, ...], target: Mapping[str, Json], name: str
) -> Iterator[str]:
    yield from _unknown(rows, target, name, TARGET_KEYS)
    type_ = target_type(target)
    if type_ not in TARGET_TYPES:
        yield f"value {type_!r} of {name}.targetType"


# What has another shape


def misshapen(document: Mapping[str, Json]) -> Iterator[str]:
    """Each place in a policy that has another shape than Graph documents, in words.

    Later code relies on the shape. `document` is a policy with its configurations, a list of
    objects. Absent and null members are accepted, and so is one scalar instead of another.
    """
    yield from _members(AUTHENTICATION_METHODS_POLICY.properties, document, "")
    for item in document[model.CONFIGURATIONS]:
        row = row_of(item)
        if row is not None:
            name = row.id if row is not EXTERNAL else f"{row.id} {item.get('id')}"
            yield from _members(row.properties, item, name)


def misshapen_items(resource: Resource, items: Iterable[Mapping[str, Json]]) -> Iterator[str]:
    """The same for the entries of a list of resources."""
    for item in items:
        name = f"{resource.id} {item.get('id')}"
        for needed in ("id", "displayName"):
            if not isinstance(item.get(needed), str):
                yield _mismatch(f"{name}.{needed}", item.get(needed), "a string")
        for row in resource.properties:
            listed_by = row.kind.listed_by if isinstance(row.kind, kinds.Object) else ""
            if listed_by and item.get(row.name) is not None:
                yield from _list(item[row.name], f"{name}.{row.name}", (), needed=("id", listed_by))
        yield from _members(resource.properties, as_map(resource, item), name)


def filled(value: Json) -> Json:
    """A document without the null entries of its lists."""
    if isinstance(value, dict):
        return {name: filled(member) for name, member in value.items()}
    if isinstance(value, list):
        return [filled(item) for item in value if item is not None]
    return value


def _members(rows: Iterable[Property], value: Mapping[str, Json], at: str) -> Iterator[str]:
    for row in rows:
        member = value.get(row.name)
        if member is not None:
            yield from _odd(row.kind, member, f"{at}.{row.name}" if at else row.name)


def _odd(kind: Kind, value: Json, at: str) -> Iterator[str]:
    match kind:
        case kinds.Object(members=members):
            yield from _object(members, value, at)
        case kinds.Target():
            yield from _object(REFERENCE, value, at)
        case kinds.Targets(members=members):
            yield from _list(value, at, (*REFERENCE, *members))
        case kinds.Collection(members=members, identity=identity, key=key):
            yield from _list(value, at, members, needed=(*identity, key) if key else ())
        case kinds.Strings() | kinds.ProfileRefs():
            yield from _list(value, at)
        case kinds.Flags() if not isinstance(value, str):
            yield _mismatch(at, value, "a string")
        case _ if isinstance(value, list | dict):
            yield _mismatch(at, value, "a single value")


def _object(
    rows: Iterable[Property], value: Json, at: str, needed: Iterable[str] = ()
) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _mismatch(at, value, "an object")
        return
    yield from _members(rows, value, at)
    for name in needed:
        if not isinstance(value.get(name), str | list | dict):  # otherwise already reported
            yield _mismatch(f"{at}.{name}", value.get(name), "a string")


def _list(
    value: Json, at: str, rows: Iterable[Property] | None = None, needed: Iterable[str] = ()
) -> Iterator[str]:
    """A list of objects with these members, or of strings."""
    if not isinstance(value, list):
        yield _mismatch(at, value, "a list")
        return
    for number, entry in enumerate(value):
        if rows is not None:
            yield from _object(rows, entry, f"{at}[{number}]", needed)
        elif not isinstance(entry, str):
            yield _mismatch(f"{at}[{number}]", entry, "a string")


def _mismatch(at: str, value: Json, documented: str) -> str:
    if value is None:
        return f"{at} is missing"
    return f"{at} is {_word(value)}, expected {documented}"


def _word(value: Json) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return "a string"
        case bool():
            return "true or false"
        case _:
            return "a number"
