"""Desired compared with observed: settings that differ or that the tenant lacks. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from graphpolicy.catalogue import EXTERNAL, RESOURCES
from graphpolicy.catalogue.kinds import Object, Property, Target
from graphpolicy.catalogue.values import overlay, same
from graphpolicy.compare.comparison import Comparison, Difference
from graphpolicy.compare.documents import Documents, shown_by
from graphpolicy.compare.listed import parted
from graphpolicy.compare.unwritable_settings import (
    ALWAYS_RETURNED,
    absent,
    built_in,
    not_creatable,
    not_found,
    not_offered,
    not_parted,
    not_returned,
)
from graphpolicy.model import EVERYONE, NOBODY, Cloud, Json, Path, Resolved, Version


def compare(
    declared: Resolved,
    documents: Documents,
    cloud: Cloud,
    others: Mapping[str, bool] = MappingProxyType({}),
) -> Comparison:
    """Compare every declared setting of one resource with its live documents.

    `others` are the external methods that no entry names, and whether each is on.
    """
    resource = RESOURCES[declared.resource]
    result = Comparison(resource, declared, documents)
    if not documents and resource is EXTERNAL:
        not_found(result, others)
        return result
    if not documents and resource.read_only:
        absent(result)
        return result
    if not documents and not resource.created:
        not_offered(result, declared.tree, ())
        return result
    needed = [row.name for row in resource.properties if row.required]
    if not documents and not all(declared.tree.get(name) for name in needed):
        not_creatable(result, needed)
        return result
    if any(live.get(resource.builtin[0]) == resource.builtin[1] for live in documents.values()):
        built_in(result)
        return result
    for row in resource.properties:
        if row.name in declared.tree:
            version = shown_by(resource, row, cloud, documents)
            live = documents.get(version, {})
            _walk(result, row, live, declared.tree, (), version=version, wanted=result.wanted)
    for live in documents.values():
        for row, names in parted(resource, live, result.wanted):
            not_parted(result, row, names)
    return result


def _walk(
    result: Comparison,
    row: Property,
    container: Mapping[str, Json],
    tree: Mapping[str, Json],
    above: Path,
    *,
    version: Version,
    wanted: dict[str, Json],
) -> None:
    """Compare one declared property with `container`, its live object; recurse into objects.

    Adds differences, findings and settings to `result`, and what the tenant offers to `wanted`.
    """
    # It goes down to single members because a file manages only those that it writes: the others
    # must neither differ nor be bound by the digest. Enforcement comes first, because Graph may no
    # longer return a setting that Microsoft enforces, and that would look as if not offered.
    path, live, declared = (*above, row.name), container.get(row.name), tree[row.name]
    if live is None:
        live = row.absent
    if row.enforced and _settled_by_enforcement(result, row, live, declared, path):
        return
    if row.null_is and live is None:
        _fixed_null(result, row, declared, path)
        return
    nobody = isinstance(row.kind, Target) and row.kind.nobody
    if row.name not in container and row.absent is None and not nobody:
        (not_returned if row.name in ALWAYS_RETURNED else not_offered)(result, declared, path)
        return
    if isinstance(row.kind, Object):
        opened = live if live is not None else dict.fromkeys(declared)
        inner: dict[str, Json] = {}
        for member in row.kind.members:
            if member.name in declared:
                _walk(result, member, opened, declared, path, version=version, wanted=inner)
        if inner:
            wanted[row.name] = inner
        return
    wanted[row.name] = declared
    merged = overlay(row.kind, live, declared)
    result.bind(path, row.kind, merged, live)
    if not same(row.kind, live, merged):
        alone = any(each.enforced for each in result.resource.along(path))
        result.differences.append(Difference(path, row, live, merged, version, alone))


def _settled_by_enforcement(
    result: Comparison, row: Property, live: Json, declared: Json, path: Path
) -> bool:
    """Whether Microsoft's enforcement decides a declared setting; adds a note or an error then.

    Number matching (Entra how-to-mfa-number-match) is enforced for everyone since May 2023. If the
    answer lacks it, or its state, it is enforced. If it is returned, `default` and `enabled` mean
    the same as long as both apply to everyone.
    """
    rule, name = "number-matching-enforced", ".".join(path)
    if live is None or live.get("state") is None:
        if for_everyone({"state": "default", **declared}):
            message = f"Microsoft has enforced {name} for everyone since {row.enforced}"
            result.note(rule, "note", message, path)
        else:
            message = (
                f"{name} can't be limited to fewer people: Microsoft has enforced it for everyone "
                f"since {row.enforced}, and this tenant no longer returns it"
            )
            fix = "remove it from the file, or declare it enabled for all_users"
            result.note(rule, "error", message, path, fix=fix)
        return True
    after = overlay(row.kind, live, declared)
    if not (for_everyone(live) and for_everyone(after)):
        return False
    for member in row.members:
        if member.name in declared:
            wanted, had = after[member.name], live.get(member.name)
            result.bind((*path, member.name), member.kind, wanted, had)
    if not same(row.kind, live, after):
        message = (
            f"{name} is {live.get('state')} for everyone, which means the same as what the file "
            "declares"
        )
        result.note(rule, "note", message, path)
    return True


def for_everyone(feature: Mapping[str, Json]) -> bool:
    """Whether a feature is `enabled` or `default`, and applies to everyone."""
    include, exclude = feature.get("includeTarget"), feature.get("excludeTarget")
    return (
        str(feature.get("state")).casefold() in ("default", "enabled")
        and (include is None or str(include.get("id")).casefold() == EVERYONE)
        and (exclude is None or exclude.get("id") == NOBODY)
    )


def _fixed_null(result: Comparison, row: Property, declared: Json, path: Path) -> None:
    """Note a property that Graph returns as null: it means one value, and no write changes it."""
    if not same(row.kind, declared, row.null_is):
        message = (
            f"this tenant has no value for {'.'.join(path)}, which means {row.null_is}; "
            f"{declared} is not planned"
        )
        result.note("migration-state", "note", message, path, fix="remove it from the file")
