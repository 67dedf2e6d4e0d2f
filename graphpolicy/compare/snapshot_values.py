"""Values as a snapshot has them: laid back over live ones, and told apart. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from graphpolicy.catalogue.kinds import (
    Collection,
    Entries,
    Kind,
    Object,
    ProfileRef,
    ProfileRefs,
    Property,
    Target,
    Targets,
)
from graphpolicy.catalogue.values import OBSOLETE_TARGET_KEYS, canonical, identity
from graphpolicy.compare.conformance import row_of
from graphpolicy.model import Json, Observed

TIMES = frozenset(
    {"createdDateTime", "modifiedDateTime", "lastModifiedDateTime", "deletedDateTime"}
)
"""Members that say when something changed, not what it is."""

REFERENCE = frozenset({"id", "targetType"}) | OBSOLETE_TARGET_KEYS


def rewound(kind: Kind, live: Json, then: Json, declared: Json = None) -> Json:
    """A live value with all that no file declares of it as it was `then`.

    What Graph no longer returns stays as it is.
    """
    if not isinstance(kind, Entries) or (then is None and declared is None):
        return then if declared is None else live
    then = then or []
    wanted = {_key(kind, entry): entry for entry in declared or ()}
    old = {_key(kind, entry): entry for entry in reversed(then)}
    whole = declared is not None and not (isinstance(kind, Collection) and kind.key)
    result, seen = [], set()
    for entry in live:
        key = _key(kind, entry)
        seen.add(key)
        if key in old and (key in wanted or not whole):
            result.append(_rewound_entry(kind.members, entry, old[key], wanted.get(key, {})))
        elif key in wanted or whole:
            result.append(entry)
    if not whole:
        result += [entry for key, entry in old.items() if key not in seen and key not in wanted]
    return result


def _rewound_entry(
    rows: Sequence[Property],
    live: Mapping[str, Json],
    then: Mapping[str, Json],
    declared: Mapping[str, Json],
) -> dict[str, Json]:
    result = dict(live)
    for row in rows:
        has, had, said = live.get(row.name), then.get(row.name), declared.get(row.name)
        if isinstance(row.kind, Object) and isinstance(has, Mapping) and isinstance(had, Mapping):
            inner = said if isinstance(said, Mapping) else {}
            result[row.name] = _rewound_entry(row.kind.members, has, had, inner)
        elif said is None and (has is not None or row.absent is not None):
            result[row.name] = had
    for name in live.keys() - {row.name for row in rows} - REFERENCE:
        if "@" not in name:
            result[name] = then.get(name)
    return result


def _key(kind: Entries, entry: Mapping[str, Json]) -> Json:
    """What pairs an entry with the same one elsewhere: its name, where a file has it by name."""
    if isinstance(kind, Collection) and kind.key:
        return entry.get(kind.key) or identity(kind, entry)
    return identity(kind, entry)


def alike(
    kind: Kind, live: Json, then: Json, profiles: tuple[Mapping[str, str], Mapping[str, str]]
) -> bool:
    """Whether two values mean the same, unknown members included.

    `profiles` are the names of passkey profiles, live and then. It is enough that either the ids or
    the names of profiles are the same: a profile that is new, gone or renamed is a difference of
    its own.
    """
    by_id: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
    return any(form(kind, live, now) == form(kind, then, old) for now, old in (by_id, profiles))


def form(kind: Kind, value: Json, profiles: Mapping[str, str]) -> Json:
    """`canonical`, with what the catalogue does not know.

    Passkey profiles stand by name (`profiles`, by folded id), so that a new id alone is not a
    change.
    """
    match kind:
        case ProfileRef():
            return profiles.get(canonical(kind, value), canonical(kind, value))
        case ProfileRefs():
            return sorted(profiles.get(id_, id_) for id_ in canonical(kind, value))
        case Target():
            return {**(canonical(kind, value) or {}), **_unknown((), value or {}, REFERENCE)}
        case Object(members=members):
            return _form_of(members, value or {}, profiles)
        case Targets(members=members):
            entries = [
                {
                    **dict(zip(("targetType", "id"), identity(kind, entry), strict=True)),
                    **_form_of(members, entry, profiles, REFERENCE),
                }
                for entry in value or ()
            ]
            return _sorted(entries)
        case Collection(members=members, identity=own, key=key):
            entries = []
            for entry in value or ():
                named = key and profiles.get(str(entry.get("id")).casefold()) == entry.get(key)
                rows = [row for row in members if not (named and row.name in own)]
                entries.append(_form_of(rows, entry, profiles, frozenset(own)))
            return _sorted(entries)
        case _:
            return canonical(kind, value)


def _form_of(
    rows: Sequence[Property],
    value: Mapping[str, Json],
    profiles: Mapping[str, str],
    known: frozenset[str] = frozenset(),
) -> dict[str, Json]:
    result: dict[str, Json] = {}
    for row in rows:
        member = form(row.kind, value.get(row.name), profiles)
        if member not in (form(row.kind, None, profiles), row.absent):
            result[row.name] = member
    return {**result, **_unknown(rows, value, known)}


def _unknown(
    rows: Sequence[Property], value: Mapping[str, Json], known: frozenset[str]
) -> dict[str, Json]:
    """The members of an object that the catalogue does not know."""
    names = value.keys() - {row.name for row in rows} - known - TIMES
    known_as = ((f"?{name}", bare(value[name])) for name in names if "@" not in name)
    return {name: member for name, member in known_as if member is not None}


def bare(value: Json) -> Json:
    """A value of an unknown kind without annotations, nulls, times and order."""
    if isinstance(value, Mapping):
        inner = {name: bare(each) for name, each in value.items() if "@" not in name}
        return {
            name: each for name, each in inner.items() if each is not None and name not in TIMES
        }
    return _sorted(map(bare, value)) if isinstance(value, list) else value


def _sorted(values: Iterable[Json]) -> list[Json]:
    """Values in one order, each once: Graph's lists are sets."""
    by_text = {json.dumps(value, sort_keys=True): value for value in values}
    return [by_text[text] for text in sorted(by_text)]


def filled_up(first: Json, second: Json) -> Json:
    """An object with the members that only another one has."""
    if first is None:
        return second
    if not isinstance(first, Mapping) or not isinstance(second, Mapping):
        return first
    names = (*first, *(second.keys() - first.keys()))
    return {name: filled_up(first.get(name), second.get(name)) for name in names}


def profile_names(observed: Observed) -> dict[str, str]:
    """The names of passkey profiles that only one of them has, by folded id."""
    found: dict[str, str] = {}
    for _, item in observed.methods:
        known = row_of(item)
        if known and known.property("passkeyProfiles"):
            for profile in item.get("passkeyProfiles") or ():
                found[str(profile.get("id")).casefold()] = str(profile.get("name") or "")
    taken = Counter(found.values())
    return {id_: name for id_, name in found.items() if name and taken[name] == 1}
