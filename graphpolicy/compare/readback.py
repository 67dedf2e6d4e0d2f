"""What a resource read again shows of a write: whether it took effect, what else changed. Pure.

The functions take the documents of one resource by API version, before the write and now, and
return dotted paths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphpolicy.catalogue.kinds import Collection, Entries, Kind, Resource
from graphpolicy.catalogue.values import canonical, identity, leaves, overlay, same, sendable
from graphpolicy.compare.diff import compare, for_everyone
from graphpolicy.compare.documents import Documents
from graphpolicy.compare.requests import Write
from graphpolicy.model import Cloud, Json, Path, Resolved
from graphpolicy.model.tree import mapped, member


def moved_since_plan(write: Write, now: Documents, cloud: Cloud) -> list[str]:
    """Settings that a write would overwrite and that have changed since it was planned."""
    planned = {difference.path: difference for difference in write.differences}
    left = {
        difference.path: difference
        for difference in compare(write.comparison.declared, now, cloud).differences
        if difference.top in write.tops and difference.alone == write.alone
    }
    as_planned = {
        path
        for path, difference in left.items()
        if path in planned and same(difference.row.kind, difference.before, planned[path].before)
    }
    return [".".join(path) for path in dict.fromkeys((*planned, *left)) if path not in as_planned]


def not_shown(write: Write, before: Documents, now: Documents, cloud: Cloud) -> list[str]:
    """Settings of a write that Graph does not show yet."""
    declared = _adopted(write.comparison.declared, before, now)
    comparison = compare(declared, now, cloud)
    left = {difference.path for difference in comparison.differences}
    shown = {path for path, _, _ in comparison.settings}
    return [
        ".".join(planned.path)
        for planned in write.differences
        if planned.path in left or ".".join(planned.path) not in shown
    ]


def anything_of_it_shows(write: Write, before: Documents, now: Documents) -> bool:
    """Whether any property that a write carries has changed."""
    carried = [row for row in write.comparison.resource.properties if row.name in write.tops]
    return any(
        not same(row.kind, document.get(row.name), now.get(version, {}).get(row.name))
        for version, document in before.items()
        for row in carried
    )


def shows_another(write: Write, now: Documents) -> list[str]:
    """Settings of a write that have a third value, neither the old one nor the one sent.

    What Graph may have made of the write does not count: its default, or old and new entries
    joined.
    """
    found = []
    for sent in write.differences:
        kind = sent.row.kind
        live = member(now.get(sent.home), *sent.path)
        known = [None, "default", *_parts(kind, sent.before), *_parts(kind, sent.after)]
        if any(part not in known for part in _parts(kind, live)):
            found.append(".".join(sent.path))
    return found


def _parts(kind: Kind, value: Json) -> list[Json]:
    """The entries of a list by their identity, or a single value."""
    if isinstance(kind, Entries):
        keyed = isinstance(kind, Collection) and kind.key
        return [] if keyed else [identity(kind, entry) for entry in value or ()]
    plain = canonical(kind, value)
    return plain if isinstance(plain, list) else [plain]


def moved_beside(write: Write, before: Documents, now: Documents) -> list[str]:
    """Settings of the same resource that changed although the write was not about them."""
    resource = write.comparison.resource
    tops = set(write.tops)
    expected = {difference.path for difference in write.differences}
    follow = {row.name for row in resource.properties if row.follows in tops}
    moved: dict[Path, None] = {}
    for version, document in before.items():
        for_all = _still_for_everyone(resource, document, now.get(version, {}))
        current = {
            path: value
            for path, _, value in leaves(resource.properties, now.get(version, {}), resource.known)
        }
        for path, kind, value in leaves(resource.properties, document, resource.known):
            if path in expected or path[0] in follow or _equal(kind, value, current.get(path)):
                continue
            if path[:2] in for_all:
                continue
            moved[path] = None
    return [".".join(path) for path in moved]


def _still_for_everyone(
    resource: Resource, before: Mapping[str, Json], now: Mapping[str, Json]
) -> set[Path]:
    """Enforced members that apply to everyone before and now, however Graph spells that.

    Absent means enforced, and `default` is `enabled` (Entra how-to-mfa-number-match).
    """
    return {
        (row.name, inner.name)
        for row in resource.properties
        for inner in row.members
        if inner.enforced
        and all(
            for_everyone((document.get(row.name) or {}).get(inner.name) or {"state": "default"})
            for document in (before, now)
        )
    }


def enforced_as_before(
    write: Write, before: Documents, now: Documents, moved: Sequence[str]
) -> dict[str, Json] | None:
    """The PATCH body that restores an enforced member; None if anything else changed too.

    Every other body leaves number matching out, because Graph may refuse it. If Graph replaces
    nested objects and still keeps the setting, such a body resets it to its default.
    """
    resource = write.comparison.resource
    for row in resource.properties:
        for inner in row.members:
            own = f"{row.name}.{inner.name}."
            old = (before.get("beta", {}).get(row.name) or {}).get(inner.name)
            if inner.enforced and old and all(path.startswith(own) for path in moved):
                value = overlay(row.kind, now.get("beta", {}).get(row.name), {inner.name: old})
                return {
                    "@odata.type": f"#microsoft.graph.{resource.type}",
                    row.name: sendable(row.kind, value, inner.name),
                }
    return None


def _adopted(declared: Resolved, before: Documents, now: Documents) -> Resolved:
    """`declared` with the ids that Graph gave to new passkey profiles instead of ours.

    Microsoft does not document who chooses the id of a new profile, so they are matched by name.
    """
    known, given = _profiles(before), _profiles(now)
    fresh = {name: id_ for id_, name in given.items() if id_ not in known}
    renamed = {
        profile["id"]: fresh[profile["name"]]
        for profile in declared.tree.get("passkeyProfiles") or ()
        if profile["id"] in declared.chosen - given.keys() and profile["name"] in fresh
    }

    def new_id(value: Json) -> Json:
        return renamed.get(value, value) if isinstance(value, str) else value

    return replace(declared, tree=mapped(declared.tree, new_id)) if renamed else declared


def _profiles(documents: Documents) -> dict[str, str]:
    return {
        profile["id"].casefold(): profile["name"]
        for document in documents.values()
        for profile in document.get("passkeyProfiles") or ()
    }


def _equal(kind: Kind | None, left: Json, right: Json) -> bool:
    return bool(left == right if kind is None else same(kind, left, right))
