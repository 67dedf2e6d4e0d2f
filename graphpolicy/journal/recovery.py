"""Settles and undoes a run: which writes took effect, and the declarations that undo them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from graphpolicy.catalogue import LISTED, RESOURCES
from graphpolicy.catalogue.kinds import (
    Collection,
    Entries,
    Kind,
    ProfileRefs,
    Property,
    Strings,
    Target,
    Targets,
)
from graphpolicy.catalogue.values import identity, leaves, overlay, same, sendable
from graphpolicy.compare.comparison import Comparison
from graphpolicy.compare.documents import documents_of, known_as
from graphpolicy.journal.run import Attempt, WriteOutcome, WrittenSetting
from graphpolicy.model import (
    NOBODY,
    Declared,
    Finding,
    Json,
    Observed,
    Path,
)
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import mapped, member

EMPTY: Mapping[type, Json] = {
    Targets: [],
    Strings: [],
    ProfileRefs: [],
    Target: {"targetType": "group", "id": NOBODY},
}
"""The value that clears a setting that was absent before, for the types that have one."""


def write_outcome(attempt: Attempt, observed: Observed) -> WriteOutcome:
    """The outcome of a write without an answer, judged by the policy as it is now."""
    # The journal says only that the request was about to be sent: if the run was killed before the
    # answer, Graph may have applied it or not. Reading shows which, and the request is never sent a
    # second time. A third value is unknown: somebody may have changed the setting since.
    shown = [_took_effect(attempt, one, observed) for one in attempt.settings]
    if all(shown):
        return "verified"
    if any(shown):
        return "written"
    before = [_is_as_before(attempt, one, observed) for one in attempt.settings]
    return "not written" if all(before) else "unknown"


def as_given(attempts: Iterable[Attempt], observed: Observed) -> tuple[Attempt, ...]:
    """Attempts with the ids that Graph gave to entries that they added, which it may choose.

    Such an entry is found by its name: no live entry has the id that was sent.
    """
    attempts = tuple(attempts)
    ids: dict[str, str] = {}
    for attempt in attempts:
        for one in attempt.settings:
            kind = _row(attempt, one.path).kind
            if isinstance(kind, Collection) and kind.key:
                live = _live(attempt, one, observed) or ()
                named = {each[kind.key]: each["id"] for each in live}
                for each in one.after or ():
                    if each["id"] not in named.values() and each[kind.key] in named:
                        ids[each["id"]] = named[each[kind.key]]
    if not ids:
        return attempts

    def given(value: Json) -> Json:
        return mapped(value, lambda each: ids.get(each, each) if isinstance(each, str) else each)

    return tuple(
        replace(
            attempt,
            settings=tuple(replace(one, after=given(one.after)) for one in attempt.settings),
        )
        for attempt in attempts
    )


def moved_since(attempts: Iterable[Attempt], observed: Observed) -> Iterator[str]:
    """Names of settings that have neither a value that the run wrote nor the value before.

    A set that gains and loses members is written twice, so a setting may have several values.
    """
    known: dict[str, bool] = {}
    for attempt in attempts:
        for one in attempt.settings:
            name = ".".join((attempt.title, *one.path))
            found = _took_effect(attempt, one, observed) or _is_as_before(attempt, one, observed)
            known[name] = known.get(name, False) or found
    yield from (name for name, found in known.items() if not found)


@dataclass(frozen=True, slots=True)
class Undoing:
    """The declarations that undo a run, and findings about settings that can't be undone."""

    resources: tuple[Declared, ...]
    findings: tuple[Finding, ...]


def undo(attempts: Iterable[Attempt]) -> Undoing:
    """The inverse of the writes that took effect, or may have."""
    trees: dict[tuple[str, str], dict[str, Json]] = {}
    findings: list[Finding] = []
    seen: set[tuple[str, Path]] = set()
    for attempt in attempts:
        tree = trees.setdefault((attempt.type, attempt.resource), {})
        for one in attempt.settings:
            if (attempt.resource, one.path) in seen:  # a retry: the first attempt has `before`
                continue
            seen.add((attempt.resource, one.path))
            kind = _row(attempt, one.path).kind
            value = one.before if one.before is not None else EMPTY.get(type(kind))
            if value is None:
                findings.append(_lost(attempt, one.path, "it had no value before"))
                continue
            value = sendable(kind, value)
            if isinstance(kind, Entries):
                gained = tuple(_gained(kind, value, one.after))
                findings += [_lost(attempt, one.path, why) for why in gained]
            _put(tree, one.path, value)
            findings += _kept_profiles(attempt, one, kind)
    return Undoing(
        tuple(
            replace(known_as(type_, resource), tree=tree)
            for (type_, resource), tree in trees.items()
            if tree
        ),
        tuple(findings),
    )


def empties(one: Declared) -> bool:
    """Whether a declaration undoes a creation: it leaves nothing that the resource needs."""
    rows = RESOURCES[one.resource].properties
    return any(row.required and one.tree.get(row.name) == [] for row in rows)


def spared(undoing: Undoing, why: Mapping[str, str]) -> Undoing:
    """The same without what some resources would lose, by title, each with the reason."""
    told = (not_restorable(one, one, (), reason) for one, reason in why.items())
    kept = (one for one in undoing.resources if one.title not in why)
    return Undoing(tuple(kept), (*undoing.findings, *told))


def _gained(kind: Entries, before: Json, after: Json) -> Iterator[str]:
    """Clear the members that the run added to entries of `before`, by adding their empty values.

    A member that an entry leaves out keeps its live value, so leaving it out would not undo it.
    Yields a reason for each member that has no empty value.
    """
    given = {identity(kind, entry): entry for entry in after or ()}
    for entry in before:
        for row in kind.members:
            if row.name in given.get(identity(kind, entry), {}) and row.name not in entry:
                nothing = EMPTY.get(type(row.kind), row.absent)
                if nothing is None:
                    yield f"an entry had no {row.name} before"
                else:
                    entry[row.name] = nothing


def _kept_profiles(attempt: Attempt, one: WrittenSetting, kind: Kind) -> Iterator[Finding]:
    """Findings for named entries that the run added: they stay, as graphpolicy deletes none."""
    if isinstance(kind, Collection) and kind.key:
        old = {identity(kind, entry) for entry in one.before or ()}
        for entry in one.after or ():
            if identity(kind, entry) not in old:
                why = f"{entry.get(kind.key)!r} stays, because graphpolicy never deletes one"
                yield _lost(attempt, one.path, why)


def whole(one: Declared) -> Declared:
    """A declaration of a resource that graphpolicy creates, with empty values for what it lacks."""
    resource = RESOURCES[one.resource]
    return replace(one, tree=_filled(resource.properties, one.tree)) if resource.created else one


def _filled(rows: Iterable[Property], tree: Mapping[str, Json]) -> dict[str, Json]:
    return {
        row.name: _filled(row.members, tree.get(row.name, {}))
        if row.members
        else tree.get(row.name, row.absent)
        for row in rows
    }


def created_since(then: Observed, now: Observed) -> Iterator[Finding]:
    """Findings for what was created since a snapshot that has the kind."""
    for kind in LISTED:
        if kind.id in then.lists:
            known = {item.get("displayName") for item in then.lists[kind.id]}
            for name in (item.get("displayName") for _, item in now.items(kind.root)):
                if name not in known:
                    title = f"{kind.id}/{name}"
                    why = "it was created since, and graphpolicy never deletes one"
                    yield not_restorable(title, title, (), why)


def gained_since(then: Observed, comparisons: Iterable[Comparison]) -> Iterator[Finding]:
    """Findings for settings that have a value now but had none in a snapshot.

    Declaring the whole snapshot leaves them as they are.
    """
    for one in comparisons:
        known = documents_of(one.declared, then)
        if one.resource.created:  # `whole` declares what absence means
            continue
        rows = [row for row in one.resource.properties if not row.follows]
        told: set[Path] = set()
        for version in known.keys() & one.documents.keys():
            for path, kind, live in leaves(rows, one.documents[version], one.resource.known):
                before = member(known[version], *path)
                if kind is not None and path not in told and before is None and live:
                    told.add(path)
                    yield not_restorable(one.id, one.declared.title, path, "it had no value then")


def not_restorable(resource: str, title: str, path: Path, why: str) -> Finding:
    """The finding for a setting that a rollback can't restore."""
    name = ".".join(path)
    where = f"{title}.{name}" if name else title
    return Finding(
        "not-restorable",
        "warning",
        f"{where} can't be restored: {why}",
        "check it in the Entra admin center after the rollback",
        resource,
        name,
    )


def _lost(attempt: Attempt, path: Path, why: str) -> Finding:
    return not_restorable(attempt.resource, attempt.title, path, why)


def _took_effect(attempt: Attempt, one: WrittenSetting, observed: Observed) -> bool:
    """Whether a setting has the value that was written, plus what Graph fills in by itself."""
    kind, live = _row(attempt, one.path).kind, _live(attempt, one, observed)
    return same(kind, live, one.after) or (
        live is not None and same(kind, live, overlay(kind, live, one.after))
    )


def _is_as_before(attempt: Attempt, one: WrittenSetting, observed: Observed) -> bool:
    return same(_row(attempt, one.path).kind, _live(attempt, one, observed), one.before)


def _live(attempt: Attempt, one: WrittenSetting, observed: Observed) -> Json:
    """The live value of a setting, in the version that the write used, or what absence means."""
    live = member(_document(attempt, observed), *one.path)
    return _row(attempt, one.path).absent if live is None else live


def _document(attempt: Attempt, observed: Observed) -> Mapping[str, Json]:
    known = known_as(attempt.type, attempt.resource)
    return documents_of(known, observed).get(attempt.api, {})


def _row(attempt: Attempt, path: Path) -> Property:
    return RESOURCES[attempt.type].at(path)


def _put(tree: dict[str, Json], path: Path, value: Json) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value
