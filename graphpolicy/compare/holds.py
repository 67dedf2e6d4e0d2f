"""Held settings: not compared, but shown beside the comparison and watched. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from graphpolicy import model
from graphpolicy.catalogue import Resource
from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.kinds import Object
from graphpolicy.catalogue.values import same
from graphpolicy.compare.authors import Evidence, MovedSetting, authors
from graphpolicy.compare.diff import compare
from graphpolicy.compare.documents import documents_of, kind_of, known_as
from graphpolicy.compare.labels import NOT_SET, label
from graphpolicy.model import Finding, Json, Path
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
    *,
    evidence: Evidence,
) -> Iterator[model.Held]:
    """Every held setting with its live value, the declared one, and the one the hold allows."""
    cloud = desired.tenant.cloud

    def words(resource: Resource, where: str, value: Json) -> str:
        default = facts.managed_value(resource.id, where, cloud)
        kind = resource.at(tuple(where.split("."))).kind
        return NOT_SET if value is None else label(kind, value, names, default)

    for hold in holds:
        title, path = hold.scope.resource, hold.scope.path
        declared = next((one for one in desired.resources if one.title == title), None)
        part = declared and replace(declared, tree=_only(declared.tree, path))
        sides = [
            compare(one, documents_of(one, observed), cloud) if one else None
            for one in (part, hold.live)
        ]
        said = [{row[0]: row for row in one.settings} if one else {} for one in sides]
        if not any(said):
            yield _undeclared(hold, observed, words)
            continue
        known = next(one for one in sides if one)
        for where in said[0] | said[1]:
            wanted, allowed = (side[where][1] if where in side else None for side in said)
            live = (said[1] | said[0])[where][2]
            at = tuple(where.split("."))
            kind = known.resource.at(at).kind
            differs = allowed is not None and not same(kind, live, allowed)
            found = (
                authors(evidence, MovedSetting(known.id, at, live, allowed, kind))
                if differs
                else ()
            )
            yield model.Held(
                resource=known.id,
                title=title,
                path=where,
                live=live,
                live_label=words(known.resource, where, live),
                declared_label="" if wanted is None else words(known.resource, where, wanted),
                allowed_label="" if allowed is None else words(known.resource, where, allowed),
                moved=differs,
                scope=hold.scope,
                changed_by=found,
            )


def _undeclared(
    hold: model.Hold, observed: model.Observed, words: Callable[[Resource, str, Json], str]
) -> model.Held:
    """A held setting that no file declares; an object or a method as a whole has no label."""
    title, path = hold.scope.resource, hold.scope.path
    resource = kind_of(title)
    documents = documents_of(known_as(resource.id, title), observed).values()
    value = next((found for one in documents if (found := member(one, *path)) is not None), None)
    where = ".".join(path)
    if not path or isinstance(resource.at(path).kind, Object):
        value, said = None, "whatever it is"
    else:
        said = words(resource, where, value)
    return model.Held(title, title, where, value, said, "", "", False, hold.scope)


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
