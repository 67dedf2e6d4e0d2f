"""What a tenant returns and the catalogue does not know: reported, never changed, never lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.kinds import (
    Collection,
    Enum,
    Flags,
    Kind,
    Object,
    Property,
    Target,
    Targets,
)
from graphpolicy.catalogue.values import (
    OBSOLETE_TARGET_KEYS,
    TARGET_TYPES,
    canonical,
    split_flags,
    target_type,
)
from graphpolicy.compare.diff import CONFIGURATIONS
from graphpolicy.model import POLICY, Json, Observed

TARGET_KEYS = OBSOLETE_TARGET_KEYS | {"id", "targetType", "isRegistrationRequired"}


def unmodelled(observed: Observed) -> tuple[str, ...]:
    """Methods, properties and enum members that Graph returns and the catalogue does not know."""
    found: dict[str, None] = {}
    policy = RESOURCES[POLICY]
    for document in observed.documents.values():
        found.update(dict.fromkeys(_unknown(policy.properties, document, policy.id, policy.known)))
        for item in document.get(CONFIGURATIONS) or ():
            name = str(item.get("id"))
            type_ = str(item.get("@odata.type", "")).removeprefix("#microsoft.graph.")
            row = next((row for row in RESOURCES.values() if row.type == type_), None)
            if row is None:
                row = next(
                    (r for r in RESOURCES.values() if r.id.casefold() == name.casefold()), None
                )
            if row is None:
                found[f"method {name} ({type_ or 'no type'})"] = None
            else:
                found.update(dict.fromkeys(_unknown(row.properties, item, row.id, row.known)))
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
        case Object(members=members) if isinstance(value, Mapping):
            yield from _unknown(members, value, name, frozenset())
        case Enum(members=members):
            if canonical(kind, value) not in members:
                yield f"value {value!r} of {name}"
        case Flags(members=members):
            for part in split_flags(value):
                if canonical(kind, part)[0] not in members:
                    yield f"value {part!r} of {name}"
        case Target():
            yield from _unknown_target((), value, name)
        case Targets(members=members):
            for entry in value:
                yield from _unknown_target(members, entry, name)
        case Collection(members=members):
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
