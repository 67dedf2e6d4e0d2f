"""What protects the tenant from a plan, compared with the base of a pull request. Pure.

A pull request may change no setting and still disarm what would stop the next one. So each
difference in the guards, the holds, the house rules and the like is told, and what gets weaker is a
finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.facts import Standing
from graphpolicy.catalogue.kinds import Kind, Object
from graphpolicy.guards.levels import ORDER
from graphpolicy.labels import label
from graphpolicy.model import (
    POLICY,
    Acknowledgement,
    Declared,
    Desired,
    Finding,
    Hold,
    Json,
    Path,
    Place,
    Protection,
    Scope,
)

T = TypeVar("T")

RULE = "protection-weakened"
EMERGENCY = "emergencyAccess"
MAXIMA = ("maxLifetimeInMinutes",)
"""House rules that are weaker the larger they are."""


def protection(now: Desired, base: Desired, names: Mapping[str, str]) -> tuple[Protection, ...]:
    """Every difference between two versions of a policy in what protects its tenant.

    Both are resolved; `names` are names of groups by folded id.
    """
    return (
        *_emergency(base.emergency_access, now.emergency_access),
        *_guards(base.guards, now.guards),
        *_freeze(base.freeze, now.freeze),
        *_helpdesk(base.helpdesk, now.helpdesk),
        *_passes("acknowledge", _accepted, base.acknowledgements, now.acknowledgements),
        *_passes("hold", _held, base.holds, now.holds),
        *_undeclared(base.resources, now.resources, names),
    )


def weakened(found: Iterable[Protection], file: str) -> Iterator[Finding]:
    """What a pull request makes weaker: one finding for each key, and one for each lost account."""
    weaker: dict[str, list[Protection]] = {}
    for item in found:
        if item.weaker:
            weaker.setdefault(item.key, []).append(item)
    for key, items in weaker.items():
        lost = [item for item in items if key == EMERGENCY and item.before is not None]
        for item in lost:
            yield Finding(
                RULE,
                "error",
                f"{EMERGENCY} no longer names {item.path}, so no guard keeps a method for it",
                "put the entry back; or prove that another account works, and accept this with "
                f"--allow {RULE}",
                path=key,
                source=Place(file),
            )
        rest = [item for item in items if item not in lost]
        if rest:
            listed = "; ".join(map(protection_words, rest))
            yield Finding(
                RULE,
                "warning",
                f"the files protect this tenant less than the base does: {listed}",
                "make sure that this is meant, and by whom",
                path=key,
                source=Place(file),
            )


def base_lost(file: str) -> Finding:
    """That the files of the base can't be read, so nobody can tell what protected the tenant."""
    return Finding(
        RULE,
        "warning",
        "the files in the base have errors, so what protects this tenant was not compared",
        "give --base a revision whose files have no errors",
        source=Place(file),
    )


def protection_words(item: Protection) -> str:
    """One difference in words: what it is, before, and now."""
    name = ": ".join(filter(None, (item.key, item.path)))
    before, after = _words(item.before), _words(item.after)
    if item.before is None or item.after is None:
        what, value = ("new", after) if item.before is None else ("gone", before)
        return f"{name} is {what}" + ("" if item.path.endswith(value) else f" ({value})")
    return f"{name}: {before} -> {after}"


def _words(value: Json) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_words(member)}" for name, member in value.items())
    if isinstance(value, list):
        return f"[{', '.join(map(_words, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _emergency(before: Json, after: Json) -> Iterator[Protection]:
    """An account that is lost is weaker; `{none: REASON}` names nobody."""
    old, new = _accounts(before), _accounts(after)
    for name in (*old, *(name for name in new if name not in old)):
        was, is_ = old.get(name), new.get(name)
        if was != is_:
            pinned = bool(was and is_ and "id" not in was)  # the same name, now with its id
            yield Protection(EMERGENCY, name, was, is_, weaker=bool(was) and not pinned)
    if isinstance(before, Mapping) and after is None:
        yield Protection(EMERGENCY, "none", before.get("none"), None, weaker=False)
    if isinstance(after, Mapping) and before != after:
        reason = before.get("none") if isinstance(before, Mapping) else None
        yield Protection(EMERGENCY, "none", reason, after.get("none"), weaker=reason is None)


def _accounts(data: Json) -> dict[str, Mapping[str, Json]]:
    entries = data if isinstance(data, list) else ()
    return {
        f"{'user' if 'user' in entry else 'group'} {entry.get('user') or entry.get('group')}": entry
        for entry in entries
    }


def _guards(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Protection]:
    """A policy only ever makes guards stricter, so to take a line back is weaker."""
    for rule, was, is_ in _differing(before, after):
        yield Protection("guards", rule, was, is_, weaker=_milder(was, is_))


def _milder(was: Json, is_: Json) -> bool:
    if was is None or is_ is None:
        return is_ is None
    if isinstance(was, Mapping) and isinstance(is_, Mapping):
        return bool(is_.get("atMost", 0) > was.get("atMost", 0))
    if isinstance(was, str) and isinstance(is_, str):
        return ORDER.index(is_) < ORDER.index(was)
    return True


def _freeze(before: Scope | None, after: Scope | None) -> Iterator[Protection]:
    old, new = (scope and _scope(scope) for scope in (before, after))
    if old != new:
        ends = before is not None and (after is None or after.expires < before.expires)
        yield Protection("freeze", "", old, new, weaker=ends)


def _helpdesk(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[Protection]:
    """House rules; one of another kind of value counts as weaker."""
    for rule, was, is_ in _differing(before, after):
        if rule == "refuse":
            old, new = ({_words(entry): entry for entry in side or ()} for side in (was, is_))
            for name, one, other in _differing(old, new):
                yield Protection("helpdesk", f"refuse {name}", one, other, weaker=other is None)
        elif was is None or is_ is None or rule in MAXIMA:
            weaker = is_ is None or (was is not None and is_ > was)
            yield Protection("helpdesk", rule, was, is_, weaker=weaker)
        else:
            yield Protection("helpdesk", rule, was, is_, weaker=is_ is not True)


def _passes(
    key: str, described: Callable[[T], tuple[str, Json]], before: Iterable[T], after: Iterable[T]
) -> Iterator[Protection]:
    """Acknowledgements or holds: each lets something pass, so a new or another one is weaker."""
    for name, was, is_ in _differing(dict(map(described, before)), dict(map(described, after))):
        shorter = bool(was and is_) and {**was, "expires": ""} == {**is_, "expires": ""}
        weaker = is_ is not None and not (shorter and is_["expires"] < was["expires"])
        yield Protection(key, name, was, is_, weaker=weaker)


def _accepted(entry: Acknowledgement) -> tuple[str, Json]:
    at_most = {} if entry.at_most is None else {"atMost": entry.at_most}
    name = " ".join(filter(None, (entry.rule, _where(entry.scope))))
    return name, {**at_most, **_scope(entry.scope)}


def _held(hold: Hold) -> tuple[str, Json]:
    live = {"live": hold.live.tree} if hold.live else {}
    return _where(hold.scope), {**live, **_scope(hold.scope)}


def _where(scope: Scope) -> str:
    return ".".join(filter(None, (scope.resource, *scope.path)))


def _scope(scope: Scope) -> dict[str, Json]:
    return {"reason": scope.reason, "owner": scope.owner, "expires": scope.expires}


def _undeclared(
    before: Iterable[Declared], after: Iterable[Declared], names: Mapping[str, str]
) -> Iterator[Protection]:
    """Settings that the base declares and the files don't: nobody watches them any more."""
    now = {resource.title: resource.tree for resource in after}
    for resource in before:
        tree = now.get(resource.title, {})
        for path, kind, value in _settings(resource.resource, resource.tree):
            if not _declares(tree, path):
                name = ".".join((resource.title, *path))
                words = label(kind, value, names, Standing(None, ()))
                yield Protection(POLICY, name, words, None, weaker=True)


def _settings(
    resource: str, tree: Mapping[str, Json], above: Path = ()
) -> Iterator[tuple[Path, Kind, Json]]:
    """The settings below a place of a resource, objects opened."""
    for name, value in tree.items():
        path = (*above, name)
        kind = RESOURCES[resource].at(path).kind
        if isinstance(kind, Object) and isinstance(value, Mapping):
            yield from _settings(resource, value, path)
        else:
            yield path, kind, value


def _declares(tree: Json, path: Path) -> bool:
    for name in path:
        if not isinstance(tree, Mapping) or name not in tree:
            return False
        tree = tree[name]
    return True


def _differing(
    before: Mapping[str, Json], after: Mapping[str, Json]
) -> Iterator[tuple[str, Json, Json]]:
    """What differs by name, first what was there."""
    for name in (*before, *(name for name in after if name not in before)):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)
