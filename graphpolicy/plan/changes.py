"""The changes of a plan as a reviewer reads them: values in words, people reached, why. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.catalogue.facts import Facts
from graphpolicy.catalogue.values import canonical, overlay, same, sendable
from graphpolicy.compare.authors import Evidence, MovedSetting, announced, authors
from graphpolicy.compare.comparison import Comparison, Difference
from graphpolicy.compare.documents import documents_of, matches
from graphpolicy.compare.labels import entries, label, listed, target_label
from graphpolicy.compare.requests import Write
from graphpolicy.compare.resolve import target_ids
from graphpolicy.guards.plan_view import PlanView
from graphpolicy.model import (
    EVERYONE,
    NOBODY,
    Audience,
    Cause,
    Change,
    Directory,
    Json,
    KeptSnapshot,
    Notice,
    Path,
    Resolved,
    ResolvedPolicy,
)
from graphpolicy.model.tree import member

TARGET_PAIRS = (("includeTargets", "excludeTargets"), ("includeTarget", "excludeTarget"))


def described(
    comparisons: Iterable[Comparison],
    ordered: Iterable[Write],
    seen: PlanView,
    after: Mapping[str, Mapping[str, Json]],
    *,
    base: ResolvedPolicy | None,
    evidence: Evidence,
    kept: KeptSnapshot | None = None,
) -> Iterator[Change]:
    """Every difference as a change. `after` has each compared resource as it would be, by id.

    `kept` is the snapshot beside the file: it may say when a setting was last as declared.
    """
    api = {
        (write.comparison.id, difference.path): write.version
        for write in ordered
        for difference in write.differences
    }
    before = {**after, **{both.id: both.before for both in seen.resources}}
    emergency, names = seen.emergency.ids, seen.names
    for comparison in comparisons:
        for one in comparison.differences:
            kind, path = one.row.kind, ".".join(one.path)
            managed = seen.facts.managed_value(comparison.resource.id, path, seen.cloud)
            why = _cause(comparison, one, base.resources if base else None)
            # Without the log drift looks like an edit: a plan without a base names nobody.
            moved = MovedSetting(
                comparison.id,
                one.path,
                one.before,
                one.after,
                kind,
                _last_seen(comparison, one, kept),
                _notice(seen, evidence, comparison, one),
            )
            changed_by = () if why == "edit" else authors(evidence, moved)
            # A method that is switched off affects the people that it applies to now.
            values = (before if one.after == "disabled" else after)[comparison.id]
            yield Change(
                resource=comparison.id,
                path=path,
                before=_shown(one, one.before),
                after=_shown(one, one.after),
                before_label=label(kind, one.before, names, managed),
                after_label=label(kind, one.after, names, managed),
                api=api[comparison.id, one.path],
                source=comparison.declared.place(one.path),
                audience=audience_of(values, comparison.wanted, one.path, names),
                cause=why,
                title=comparison.declared.title,
                label=": ".join(row.label for row in comparison.resource.along(one.path)[-2:]),
                entries=entries(kind, one.before, one.after, names) if listed(kind) else (),
                changed_by=changed_by,
                emergency=not emergency.isdisjoint(_moved(one)),
            )


def _notice(
    seen: PlanView, evidence: Evidence, comparison: Comparison, difference: Difference
) -> Notice | None:
    """What Microsoft announced and a live value fits; None if the file has all live entries."""
    kind = difference.row.kind
    live, wanted = canonical(kind, difference.before), canonical(kind, difference.after)
    if isinstance(live, list) and _holds(wanted, live):
        return None  # Microsoft adds to lists
    about = (comparison.resource.id, difference.path)
    return announced(seen.facts, seen.cloud, about, (kind, difference.before), evidence)


def _last_seen(comparison: Comparison, difference: Difference, kept: KeptSnapshot | None) -> str:
    """When the snapshot was taken, if it has the declared value; '' if it does not."""
    if kept is None or kept.observed is None:
        return ""
    for document in documents_of(comparison.declared, kept.observed).values():
        then = member(document, *difference.path)
        if then is not None and same(difference.row.kind, then, difference.after):
            return kept.taken_at
    return ""


def _holds(whole: Json, part: Json) -> bool:
    """Whether all that is in one canonical value is in another."""
    match part:
        case Mapping():
            return isinstance(whole, Mapping) and all(
                _holds(whole.get(name), each) for name, each in part.items()
            )
        case list():
            return isinstance(whole, list) and all(
                any(_holds(each, item) for each in whole) for item in part
            )
    return bool(whole == part)


def opt_outs(facts: Facts, documents: Iterable[Mapping[str, Json]]) -> frozenset[str]:
    """The dotted settings of the policy with which a tenant has opted out of what Microsoft does.

    `documents` are the policy as one or both versions of Graph return it.
    """
    known = {row.unless for row in facts.rewritings if row.unless}
    return frozenset(
        each
        for document in documents
        for each in known
        if member(document, *each.split(".")) is True
    )


def _moved(difference: Difference) -> set[str]:
    """The folded ids of the targets that a difference adds, removes or changes."""
    before, after = (
        value if isinstance(value, list) else [value]
        for value in (difference.before, difference.after)
    )
    moved = (
        *(entry for entry in before if entry not in after),
        *(entry for entry in after if entry not in before),
    )
    return {id_.casefold() for id_ in target_ids(*moved)}


def _shown(difference: Difference, value: Json) -> Json:
    return None if value is None else sendable(difference.row.kind, value)


def audience_of(
    values: Mapping[str, Json], wanted: Mapping[str, Json], path: Path, names: Mapping[str, str]
) -> Audience | None:
    """Who a setting applies to: the targets of the nearest object around it; None without any."""
    for depth in range(len(path) - 1, -1, -1):
        container = member(values, *path[:depth])
        for include, exclude in TARGET_PAIRS:
            if isinstance(container, Mapping) and container.get(include) is not None:
                return Audience(
                    tuple(_targets(container[include], names)),
                    tuple(_targets(container.get(exclude), names)),
                    member(wanted, *path[:depth], include) is not None,
                )
    return None


def _targets(value: Json, names: Mapping[str, str]) -> Iterator[str]:
    for target in value if isinstance(value, list) else [value] if value else []:
        if target.get("id") != NOBODY:
            yield target_label(target, names)


def _cause(
    comparison: Comparison, difference: Difference, base: Iterable[Resolved] | None
) -> Cause:
    """The cause of one difference. `base` is what the base declares; None if there is no base.

    B is declared in the base, D is declared now, L is live. If B = D it is drift. If there is no B,
    or B = L, it is an edit. If all three differ it is both.
    """
    if base is None:
        return "unknown"
    said = (_at(item.tree, difference.path) for item in base if _same_resource(item, comparison))
    found, value = next((each for each in said if each[0]), (False, None))
    if not found:
        return "edit"
    kind = difference.row.kind
    then = overlay(kind, difference.before, value)
    if same(kind, then, difference.after):
        return "drift"
    return "edit" if same(kind, then, difference.before) else "both"


def _same_resource(item: Resolved, comparison: Comparison) -> bool:
    """Whether a declaration is about the compared resource, an external method by id or name.

    The tenant may lack it: somebody deleted what the base declares.
    """
    return item.resource == comparison.resource.id and (
        item.name == comparison.declared.name
        or any(matches(item, document) for document in comparison.documents.values())
    )


def _at(tree: Json, path: Path) -> tuple[bool, Json]:
    """Whether a tree sets a setting, and its value, which may be null."""
    for name in path:
        if not isinstance(tree, Mapping) or name not in tree:
            return False, None
        tree = tree[name]
    return True, tree


def names_of(directory: Directory, comparisons: Iterable[Comparison]) -> dict[str, str]:
    """Names by folded id: groups from the directory, passkey profiles from both sides."""
    names = {id_.casefold(): name for id_, name in directory.names.items()}
    for hits in directory.by_name.values():
        names.update({id_.casefold(): name for id_, name in hits})
    for comparison in comparisons:
        sides = (*comparison.documents.values(), comparison.wanted)
        for profile in (p for side in sides for p in side.get("passkeyProfiles") or ()):
            names[str(profile["id"]).casefold()] = profile["name"]
    names.pop(EVERYONE, None)
    return names


def mentioned_names(
    names: Mapping[str, str], comparisons: Iterable[Comparison], after: Mapping[str, Json]
) -> dict[str, str]:
    """The names of the targets before or after the plan."""
    documents = (each for comparison in comparisons for each in comparison.documents.values())
    ids = (id_.casefold() for id_ in target_ids(*documents, *after.values()))
    return {id_: names[id_] for id_ in sorted(ids) if id_ in names}
