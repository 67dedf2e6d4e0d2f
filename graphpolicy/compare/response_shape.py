"""Whether a policy has the shape that Graph documents, so that later code can rely on it. Pure.

Absent and null members are accepted, and so is one scalar instead of another. Unknown members are
reported by `unmodelled`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.catalogue import EXTERNAL, METHODS, RESOURCES
from graphpolicy.catalogue.kinds import (
    Collection,
    Flags,
    Kind,
    Object,
    ProfileRefs,
    Property,
    Resource,
    Strings,
    Target,
    Targets,
    Text,
)
from graphpolicy.compare.diff import CONFIGURATIONS
from graphpolicy.model import POLICY, Json

REFERENCE = (
    Property("id", Text(), "", ""),
    Property("targetType", Text(), "", ""),
)
"""The members that say who a target is (Graph: authenticationMethodTarget)."""


def misshapen(document: Mapping[str, Json]) -> Iterator[str]:
    """Each place in a policy that has another shape, in words.

    `document` is a policy with its configurations, a list of objects.
    """
    yield from _members(RESOURCES[POLICY].properties, document, "")
    for item in document[CONFIGURATIONS]:
        row = _row(item)
        if row is not None:
            name = row.id if row is not EXTERNAL else f"{row.id} {item.get('id')}"
            yield from _members(row.properties, item, name)


def filled(value: Json) -> Json:
    """A document without the null entries of its lists."""
    if isinstance(value, dict):
        return {name: filled(member) for name, member in value.items()}
    if isinstance(value, list):
        return [filled(item) for item in value if item is not None]
    return value


def _row(item: Mapping[str, Json]) -> Resource | None:
    """The resource that an item is, by its type, else by its id."""
    type_ = str(item.get("@odata.type", "")).removeprefix("#microsoft.graph.")
    id_ = str(item.get("id")).casefold()
    return next(
        (row for row in METHODS if row.type == type_),
        next((row for row in METHODS if row.id.casefold() == id_), None),
    )


def _members(rows: Iterable[Property], value: Mapping[str, Json], at: str) -> Iterator[str]:
    for row in rows:
        member = value.get(row.name)
        if member is not None:
            yield from _odd(row.kind, member, f"{at}.{row.name}" if at else row.name)


def _odd(kind: Kind, value: Json, at: str) -> Iterator[str]:
    match kind:
        case Object(members=members):
            yield from _object(members, value, at)
        case Target():
            yield from _object(REFERENCE, value, at)
        case Targets(members=members):
            yield from _list(value, at, (*REFERENCE, *members))
        case Collection(members=members, identity=identity, key=key):
            yield from _list(value, at, members, needed=(*identity, key) if key else ())
        case Strings() | ProfileRefs():
            yield from _list(value, at)
        case Flags() if not isinstance(value, str):
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
