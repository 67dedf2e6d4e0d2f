"""The writes of a resource that Graph takes in several steps: creation, actions, lists below it.

A set that gains and loses members is written twice: first with all old and new ones, last as
declared. So people have a way that works at every moment between two requests.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from graphpolicy.catalogue.kinds import Strings
from graphpolicy.catalogue.values import canonical, sendable
from graphpolicy.compare.comparison import Comparison, Difference
from graphpolicy.compare.listed import listed_by, sharing, write
from graphpolicy.model import HttpMethod, Json, Path, Resolved
from graphpolicy.model.records import recast

WIDENS, NEUTRAL, ENDS, NARROWS, EMPTIES = range(5)


def steps(comparison: Comparison) -> Iterator[tuple[Comparison, tuple[Difference, ...]]]:
    """The differences of each write, with the comparison that it is made from."""
    groups: dict[Path, list[Difference]] = {}
    for each in comparison.differences:
        row = comparison.resource.at((each.top,))
        key: Path = (row.action,) if comparison.documents else ()
        if listed_by(row):
            live = next(iter(comparison.documents.values()), {})
            key = (row.name, *sharing(row, live, each.path[1]))
        groups.setdefault(key, []).append(each)
    for group in groups.values():
        between = [_union(comparison, each) for each in group]
        if between == [each.after for each in group]:
            yield comparison, tuple(group)
            continue
        pairs = list(zip(group, between, strict=True))
        wider = _with(comparison, {each.path: value for each, value in pairs})
        yield wider, tuple(replace(each, after=value) for each, value in pairs)
        yield comparison, tuple(replace(each, before=value) for each, value in pairs)


def direction(comparison: Comparison, difference: Difference) -> int:
    """Whether a change of a set accepts more, fewer, or others; a change to an empty set goes last.

    Graph may refuse that, and a run stops at the first write that is refused. A restriction is
    written directly after its combination is allowed, and removed directly before its combination
    is no longer allowed: so every key or certificate is accepted for as short a time as possible.
    """
    if not isinstance(difference.row.kind, Strings):
        return NEUTRAL
    old, new = _sets(difference)
    if _restricts(comparison, difference) and not (old and new):
        top = comparison.resource.at((difference.top,))
        of, allowed = difference.path[1], comparison.resource.at((top.follows,))
        then = next(iter(comparison.documents.values()), {}).get(allowed.name)
        now = comparison.wanted.get(allowed.name, then)
        then, now = (canonical(allowed.kind, each or []) for each in (then, now))
        if new:  # an empty restriction accepts everything
            return NARROWS if of in then else WIDENS
        return WIDENS if of in now else ENDS
    if not new:
        return EMPTIES
    return WIDENS if old < new else NARROWS if new < old else NEUTRAL


def shape(
    comparison: Comparison, differences: Sequence[Difference], live: Mapping[str, Json]
) -> tuple[HttpMethod, str, dict[str, Json]]:
    """One step as (method, URL, body); `live` is the resource as it is now, empty if there is none.

    Sources: Graph, "Create authenticationStrengthPolicy", "Update authenticationStrengthPolicy",
    "updateAllowedCombinations", "Create combinationConfiguration" and the pages beside it.
    """
    resource, wanted = comparison.resource, comparison.wanted
    row = resource.at((differences[0].top,))
    url = f"{resource.url}/{live.get('id')}"
    if listed_by(row):
        return write(f"{url}/{row.name}", row, differences[0].path[1], live, wanted)
    tops = dict.fromkeys(each.top for each in differences)
    values = {name: sendable(resource.at((name,)).kind, wanted[name]) for name in tops}
    if not live:
        return "POST", resource.url, {"displayName": comparison.declared.name, **values}
    return ("POST", f"{url}/{row.action}", values) if row.action else ("PATCH", url, values)


def _union(comparison: Comparison, difference: Difference) -> Json:
    """The value of a set before it loses members, with those that it gains; else the value."""
    if isinstance(difference.row.kind, Strings) and comparison.documents:
        old, new = _sets(difference)
        if old - new and new - old and new:
            return [*difference.after, *sorted(old - new)]
    return difference.after


def _sets(difference: Difference) -> tuple[frozenset[str], frozenset[str]]:
    kind = difference.row.kind
    before, after = (canonical(kind, value) for value in (difference.before, difference.after))
    return frozenset(before), frozenset(after)


def _restricts(comparison: Comparison, difference: Difference) -> bool:
    return bool(listed_by(comparison.resource.at((difference.top,))))


def _with(comparison: Comparison, values: Mapping[Path, Json]) -> Comparison:
    """The comparison of a declaration with other values at some paths."""
    declared = comparison.declared
    tree = _placed(declared.tree, values)
    return replace(
        comparison,
        declared=recast(Resolved, declared, tree=tree),
        wanted=_placed(comparison.wanted, values),
    )


def _placed(tree: Mapping[str, Json], values: Mapping[Path, Json]) -> dict[str, Json]:
    result = dict(tree)
    for path, value in values.items():
        inner = {path[1:]: value} if path[1:] else {}
        result[path[0]] = _placed(result[path[0]], inner) if inner else value
    return result
