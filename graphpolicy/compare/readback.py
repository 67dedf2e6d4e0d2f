"""What a resource read again shows of a write: whether it took effect, what else changed. Pure.

The functions take the documents of one resource by API version, before the write and now, and
return dotted paths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set as AbstractSet
from dataclasses import replace

from graphpolicy.catalogue.kinds import Collection, Entries, Kind, Resource, Targets
from graphpolicy.catalogue.values import canonical, identity, leaves, overlay, same, sendable
from graphpolicy.compare.diff import compare, for_everyone
from graphpolicy.compare.documents import Documents
from graphpolicy.compare.requests import PROFILES, Write, given_ids, with_ids
from graphpolicy.model import Cloud, Json, Path
from graphpolicy.model.tree import member


def moved_since_plan(write: Write, now: Documents, cloud: Cloud) -> list[str]:
    """Settings that a write would overwrite and that have changed since it was planned."""
    planned = {difference.path: difference for difference in write.differences}
    left = {
        difference.path: difference
        for difference in compare(write.comparison.declared, now, cloud).differences
        if write.carries(difference.path) and difference.alone == write.alone
    }
    written = {difference.top for difference in write.whole}
    as_planned = {
        path
        for path, plan in planned.items()
        if (plan.row.follows in written and plan.before is None)
        or (
            path in left
            and same(_own(plan.row.kind, written, plan.before), left[path].before, plan.before)
        )
    }
    return [".".join(path) for path in dict.fromkeys((*planned, *left)) if path not in as_planned]


def not_shown(write: Write, now: Documents, cloud: Cloud) -> list[str]:
    """Settings of a write that Graph does not show yet."""
    declared = write.comparison.declared
    if ids := given_ids(declared, now):
        declared = replace(declared, tree=with_ids(declared.tree, ids))
    comparison = compare(declared, now, cloud)
    left = {difference.path for difference in comparison.differences}
    shown = {path for path, _, _ in comparison.settings}
    return [
        ".".join(planned.path)
        for planned in write.differences
        if planned.path in left or ".".join(planned.path) not in shown
    ]


def given_another_id(write: Write, now: Documents) -> list[str]:
    """Names of passkey profiles that a file gives an id, where Graph chose another one."""
    live = [each for document in now.values() for each in document.get(PROFILES) or ()]
    names = {each["name"] for each in live}
    ids = {each["id"].casefold() for each in live}
    return [
        each["name"]
        for each in write.comparison.declared.tree.get(PROFILES) or ()
        if each["id"].casefold() not in ids and each["name"] in names
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


def replaced_another(write: Write, before: Documents, answer: Json) -> list[str]:
    """Settings that had a third value when an action replaced them, as its answer says.

    Somebody changed them after they were read, and that change is lost. The value that was sent is
    not a third value: an earlier attempt may have set it.
    """
    found = []
    for sent in write.differences:
        kind, was = sent.row.kind, member(answer, sent.row.previous)
        read = member(before.get(sent.home), *sent.path)
        if was is not None and not same(kind, was, read) and not same(kind, was, sent.after):
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
            own = kind and _own(kind, tops, value)
            if path in expected or path[0] in follow or _equal(own, value, current.get(path)):
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


def _own(kind: Kind, written: AbstractSet[str], before: Json) -> Kind:
    """A kind of targets without the members that Graph may set when `written` is written.

    That counts only where no target had them: Microsoft gives targets a passkey profile when the
    tenant opts in.
    """
    if not isinstance(kind, Targets):
        return kind
    set_by_graph = [row for row in kind.members if row.follows in written]
    if any(entry.get(row.name) for row in set_by_graph for entry in before or ()):
        return kind
    return replace(kind, members=tuple(row for row in kind.members if row not in set_by_graph))


def _equal(kind: Kind | None, left: Json, right: Json) -> bool:
    return bool(left == right if kind is None else same(kind, left, right))
