"""Held settings: not compared, but shown beside the comparison and watched. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from graphpolicy import model
from graphpolicy.catalogue import EXTERNAL, RESOURCES
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.kinds import Kind, Object
from graphpolicy.catalogue.values import same
from graphpolicy.compare.diff import Comparison, compare
from graphpolicy.compare.documents import documents_of
from graphpolicy.compare.labels import NOT_SET, label
from graphpolicy.model import Cloud, Finding, Json, Path
from graphpolicy.model.tree import member


def active(holds: Iterable[model.ResolvedHold], today: str) -> tuple[model.ResolvedHold, ...]:
    """The holds that have not expired. `today` is YYYY-MM-DD in UTC; the last day counts."""
    return tuple(hold for hold in holds if today <= hold.scope.expires)


def expired(holds: Iterable[model.Hold], today: str) -> Iterator[Finding]:
    """A warning for each hold that has expired."""
    for hold in holds:
        scope = hold.scope
        if scope.expires < today:
            name = ".".join((scope.resource, *scope.path))
            yield Finding(
                "hold-expired",
                "warning",
                f"the hold on {name} expired on {scope.expires}; the setting is planned again",
                f"remove it, or ask {scope.owner} for a new date ({scope.reason})",
                scope.resource,
                ".".join(scope.path),
                scope.place,
            )


def managed(
    resources: Iterable[model.Resolved], holds: Iterable[model.Hold]
) -> tuple[model.Resolved, ...]:
    """The declarations without the settings that are held."""
    result = []
    for declared in resources:
        tree: Mapping[str, Json] = declared.tree
        for hold in holds:
            if hold.scope.resource == declared.title:
                tree = _without(tree, hold.scope.path)
        result.append(replace(declared, tree=tree))
    return tuple(result)


def held(
    desired: model.ResolvedPolicy,
    holds: Iterable[model.ResolvedHold],
    observed: model.Observed,
    names: Mapping[str, str],
    facts: Facts,
) -> Iterator[model.Held]:
    """Every held setting with its live value, the declared one, and the one the hold allows."""
    for hold in holds:
        title, path = hold.scope.resource, hold.scope.path
        declared = next((one for one in desired.resources if one.title == title), None)
        part = declared and replace(declared, tree=_only(declared.tree, path))
        wanted = _compared(part, observed, desired.tenant.cloud)
        allowed = _compared(hold.live, observed, desired.tenant.cloud)
        paths = dict.fromkeys(row[0] for one in (wanted, allowed) if one for row in one.settings)
        if not paths:
            yield _undeclared(hold, observed, desired.tenant.cloud, names, facts)
        for where in paths:
            kinds = {one.resource.id for one in (wanted, allowed) if one}
            resource = next(iter(kinds), title)
            default = facts.managed_value(resource, where, desired.tenant.cloud)
            yield _one(hold, where, wanted, allowed, partial(label, names=names, managed=default))


def _undeclared(
    hold: model.Hold, observed: model.Observed, cloud: Cloud, names: Mapping[str, str], facts: Facts
) -> model.Held:
    """A held setting that no file declares; an object or a method as a whole has no label."""
    title, path = hold.scope.resource, hold.scope.path
    resource = RESOURCES.get(title, EXTERNAL)
    documents = documents_of(model.Declared(resource.id, {}, {}, title), observed).values()
    value = next((found for one in documents if (found := member(one, *path)) is not None), None)
    where = ".".join(path)
    row = resource.at(path) if path else None
    if row is None or isinstance(row.kind, Object):
        value, words = None, "whatever it is"
    elif value is None:
        words = NOT_SET
    else:
        words = label(row.kind, value, names, facts.managed_value(resource.id, where, cloud))
    return model.Held(title, title, where, value, words, "", "", False, hold.scope)


def _compared(
    declared: model.Resolved | None, observed: model.Observed, cloud: Cloud
) -> Comparison | None:
    return compare(declared, documents_of(declared, observed), cloud) if declared else None


def _one(
    hold: model.Hold,
    where: str,
    wanted: Comparison | None,
    allowed: Comparison | None,
    label: Callable[[Kind, Json], str],
) -> model.Held:
    scope = hold.scope
    sides = [comparison for comparison in (wanted, allowed) if comparison]
    found = [row for one in sides for row in one.settings if row[0] == where]
    live = found[0][2] if found else None
    said = [_said(one, where) for one in (wanted, allowed)]
    row = sides[0].resource.at(tuple(where.split("."))) if found else None

    def words(value: Json) -> str:
        return NOT_SET if row is None or value is None else label(row.kind, value)

    return model.Held(
        resource=sides[0].id if sides else scope.resource,
        title=scope.resource,
        path=where,
        live=live,
        live_label=words(live),
        declared_label="" if said[0] is None else words(said[0]),
        allowed_label="" if said[1] is None else words(said[1]),
        moved=row is not None and said[1] is not None and not same(row.kind, live, said[1]),
        scope=scope,
    )


def moved(items: Iterable[model.Held]) -> Iterator[Finding]:
    """A warning for each held setting whose live value is not the one that its hold allows."""
    for item in items:
        if item.moved:
            yield Finding(
                "hold-live-differs",
                "warning",
                f"{item.name} is held at {item.allowed_label}, but is {item.live_label}",
                f"ask {item.scope.owner} ({item.scope.reason}); then restore the value by hand, or "
                "correct the hold",
                item.resource,
                item.path,
                item.scope.place,
            )


def _said(comparison: Comparison | None, where: str) -> Json:
    """The value that one side wants for a setting; None if it does not set it."""
    rows = comparison.settings if comparison else ()
    return next((desired for path, desired, _ in rows if path == where), None)


def _without(tree: Mapping[str, Json], path: Path) -> dict[str, Json]:
    if not path:
        return {}
    first, *rest = path
    result = {name: member for name, member in tree.items() if name != first}
    inner = _without(tree[first], tuple(rest)) if rest and first in tree else {}
    return {**result, first: inner} if inner else result


def _only(tree: Mapping[str, Json], path: Path) -> Mapping[str, Json]:
    if not path or path[0] not in tree:
        return {} if path else tree
    inner = tree[path[0]] if len(path) == 1 else _only(tree[path[0]], path[1:])
    return {path[0]: inner} if inner != {} or len(path) == 1 else {}
