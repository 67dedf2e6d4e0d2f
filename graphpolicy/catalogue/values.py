"""What values of each kind mean: when two are the same, how one is laid over another, what is sent.

The diff, every body and every read-back rest on `same`, `overlay` and `sendable`.

All work on Graph's wire shape (Graph: one canonical form, since the service may reorder lists and
flags, fill in members and change the case of ids).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from graphpolicy.catalogue.kinds import (
    Bool,
    Collection,
    Entries,
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
from graphpolicy.model import NOBODY, Json, Path, Written

TARGET_TYPES = ("group", "user", "administrativeUnit", "role")
"""What a target may refer to (Graph: authenticationMethodTargetType, featureTargetType)."""

OBSOLETE_TARGET_KEYS = frozenset(
    {
        "outlookMobileAllowedState",
        "displayAppInformationRequiredState",
        "numberMatchingRequiredState",
        "featureSettings",
    }
)
"""Keys of the schema before 2022 that may still be read on targets and must not be sent."""


def canonical(kind: Kind, value: Json) -> Json:
    """The canonical form: values that mean the same are equal in it. JSON, ordered, hashable text.

    An absent or null set equals the empty one. Members that the catalogue does not know are left
    out, because no file can declare them.
    """
    match kind:
        case Bool() | Int():
            return value
        case Text(ignore_case=ignore_case):
            return value.casefold() if ignore_case and isinstance(value, str) else value
        case Enum(members=members):
            return _spelled(members, value)
        case ProfileRef():
            return value.casefold() if isinstance(value, str) else value
        case Flags(members=members):
            return sorted({_spelled(members, part) for part in split_flags(value)})
        case Strings(members=members):
            known = {_parts(member): member for member in members}
            return sorted({known.get(_parts(item), _folded(item)) for item in value or ()})
        case ProfileRefs():
            return sorted({_folded(item) for item in value or ()})
        case Target(nobody=nobody):
            if not value:
                return {"id": NOBODY, "targetType": "group"} if nobody else None
            if value.get("id") == NOBODY:
                return {"id": NOBODY, "targetType": "group"}
            return _reference(value)
        case Targets(members=members):
            entries = [_reference(entry) | _members(members, entry) for entry in value or ()]
            return _once(sorted(entries, key=lambda entry: (entry["targetType"], entry["id"])))
        case Object(members=members):
            return _members(members, value or {})
        case Collection(members=members):
            entries = [_members(members, entry) for entry in value or ()]
            return _once(sorted(entries, key=lambda entry: str(sorted(entry.items()))))


def same(kind: Kind, left: Json, right: Json) -> bool:
    """Whether two values in Graph's shape mean the same."""
    return bool(left == right or canonical(kind, left) == canonical(kind, right))


def overlay(kind: Kind, live: Json, declared: Json) -> Json:
    """The live value with the declared one laid over it, whole, unknown members kept.

    A value that means the same as the live one is returned as it is live.
    """
    match kind:
        case Object(members=members):
            result = dict(live or {})
            for row in members:
                if row.name in declared:
                    result[row.name] = overlay(row.kind, result.get(row.name), declared[row.name])
            return result
        case Targets(members=members):
            merged = _paired(kind, members, live or (), declared)
        case Collection(members=members, key=key):
            merged = _paired(kind, members, live or (), declared, keep=bool(key))
        case _:
            merged = declared
    return live if live is not None and same(kind, live, merged) else merged


def sendable(kind: Kind, value: Json, alone: str = "") -> Json:
    """A value in Graph's shape without annotations, nulls, obsolete and enforced members.

    An enforced member is sent only if `alone` names it. A null is left out because Microsoft does
    not say whether Graph merges or replaces an object: either way it is null afterwards.
    """
    match kind:
        case Object(members=members):
            enforced = {row.name for row in members if row.enforced} - {alone}
            return _sent(members, value, dropped=enforced)
        case Targets(members=members):
            return [_sent(members, entry, dropped=OBSOLETE_TARGET_KEYS) for entry in value or ()]
        case Target():
            return _sent((), value, dropped=OBSOLETE_TARGET_KEYS)
        case Collection(members=members):
            return [_sent(members, entry) for entry in value or ()]
        case _:
            return value


def identity(kind: Entries, entry: Mapping[str, Written]) -> tuple[Json, ...]:
    """What pairs an entry of a collection with the same entry on the other side."""
    if isinstance(kind, Targets):
        reference = _reference(entry)
        return (reference["targetType"], reference["id"])
    kinds = {row.name: row.kind for row in kind.members}
    return tuple(canonical(kinds[name], entry.get(name)) for name in kind.identity)


def target_type(target: Mapping[str, Written]) -> str:
    """What kind of object a target refers to, in Graph's spelling."""
    return str(_spelled(TARGET_TYPES, target.get("targetType") or "group"))


def split_flags(value: Json) -> list[str]:
    """The members of a flags value, which Graph joins with commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if value else []


def as_map(resource: Resource, item: Mapping[str, Json]) -> Mapping[str, Json]:
    """A live resource in the shape of a file: what `Object.listed_by` lists is a map here.

    `@id` and `@members` of each entry are its id in Graph and all members that it stands for.
    """
    for row in resource.properties:
        kind, listed = row.kind, item.get(row.name)
        if isinstance(kind, Object) and kind.listed_by and isinstance(listed, list):
            item = {**item, row.name: _as_map(kind, listed)}
    return item


def _as_map(kind: Object, listed: Sequence[Json]) -> dict[str, Json]:
    members = Strings(members=tuple(row.name for row in kind.members))
    left_out = {"id", kind.listed_by, *kind.follow}
    named: dict[str, Json] = {}
    for entry in listed:
        by = entry.get(kind.listed_by) if isinstance(entry, Mapping) else None
        of = canonical(members, by if isinstance(by, list) else ())
        own = {"@id": entry.get("id"), "@members": of} if of else {}
        for name in of:
            rest = {key: value for key, value in entry.items() if key not in left_out}
            named.setdefault(name, {**rest, **own})
    return named


def leaves(
    rows: Iterable[Property], value: Mapping[str, Json], known: Iterable[str] = (), path: Path = ()
) -> Iterator[tuple[Path, Kind | None, Json]]:
    """Every setting in an object as (path, kind, value); an object is split into its members.

    The kind is None if the catalogue does not know the member. Annotations and `known` members are
    left out.
    """
    by_name = {row.name: row for row in rows}
    for name, member in value.items():
        row = by_name.get(name)
        if row is None:
            if "@" not in name and name not in known:
                yield (*path, name), None, member
        elif isinstance(row.kind, Object) and isinstance(member, Mapping):
            yield from leaves(row.kind.members, member, (), (*path, name))
        else:
            yield (*path, name), row.kind, member


def _paired(
    kind: Entries,
    members: Sequence[Property],
    live: Sequence[Json],
    declared: Sequence[Json],
    *,
    keep: bool = False,
) -> list[Json]:
    """Declared entries laid over the live ones, each once: in live order, so that Graph sees no
    reordering, and new ones last."""
    wanted = {identity(kind, entry): entry for entry in declared}
    known = {row.name: row.kind for row in members}
    result: list[Json] = []
    seen: set[tuple[Json, ...]] = set()
    for entry in live:
        key = identity(kind, entry)
        if key in seen:
            continue
        seen.add(key)
        if key in wanted:
            # What pairs the two, such as an id, stays as Graph spells it: pairing ignores case, and
            # another spelling in the request would look like a change.
            merged = dict(entry)
            for name, value in wanted[key].items():
                merged[name] = (
                    overlay(known[name], entry.get(name), value)
                    if name in known
                    else entry.get(name, value)
                )
            result.append(merged)
        elif keep:
            result.append(entry)
    new = (entry for key, entry in wanted.items() if key not in seen)
    return result + [_spelled_as_live(members, entry, live) for entry in new]


def _spelled_as_live(rows: Iterable[Property], entry: Json, live: Sequence[Json]) -> Json:
    """A new entry. It spells a value that Graph spells in two ways as the entries beside it do."""
    for row in rows:
        if isinstance(row.kind, Enum) and row.kind.also:
            beside = (each.get(row.name) for each in live)
            as_live = [each for each in beside if same(row.kind, each, entry.get(row.name))]
            entry = {**entry, row.name: as_live[0]} if as_live else entry
    return entry


def _once(entries: list[dict[str, Json]]) -> list[dict[str, Json]]:
    """Sorted entries, each once: a collection is a set, but a tenant may hold an entry twice."""
    return [entry for n, entry in enumerate(entries) if not n or entry != entries[n - 1]]


def _members(rows: Iterable[Property], value: Mapping[str, Json]) -> dict[str, Json]:
    """The known members of an entry that mean something else than if they were absent."""
    result: dict[str, Json] = {}
    for row in rows:
        if value.get(row.name) is not None:
            member = canonical(row.kind, value[row.name])
            if member not in (canonical(row.kind, None), row.absent):
                result[row.name] = member
    return result


def _sent(
    rows: Iterable[Property], value: Mapping[str, Json], dropped: Iterable[str] = ()
) -> dict[str, Json]:
    kinds = {row.name: row.kind for row in rows}
    return {
        name: sendable(kinds[name], member) if name in kinds else _bare(member)
        for name, member in value.items()
        if member is not None and "@" not in name and name not in dropped
    }


def _bare(value: Json) -> Json:
    """A live value that the catalogue does not know, without annotations and nulls."""
    if isinstance(value, Mapping):
        return _sent((), value)
    return [_bare(item) for item in value] if isinstance(value, list) else value


def _reference(target: Mapping[str, Written]) -> dict[str, str]:
    return {"id": str(target.get("id") or "").casefold(), "targetType": target_type(target)}


def _spelled(members: tuple[str, ...], value: Json) -> Json:
    return _by_fold(members).get(value.casefold(), value) if isinstance(value, str) else value


@cache
def _by_fold(members: tuple[str, ...]) -> Mapping[str, str]:
    return {member.casefold(): member for member in members}


def _parts(value: Json) -> Json:
    """The parts of a text that is joined with commas, in one order and case."""
    if not isinstance(value, str):
        return value
    return ",".join(sorted(part.strip().casefold() for part in value.split(",")))


def _folded(value: Json) -> Json:
    return value.casefold() if isinstance(value, str) else value
