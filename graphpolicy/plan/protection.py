"""What protects the tenant from a plan, compared with the base of a pull request. Pure.

A pull request may change no setting and still disarm what would stop the next one. So a plan shows
each difference in guards, holds, helpdesk rules and the like, and what gets weaker is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TypeVar, get_args

from graphpolicy import model
from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.facts import FactTimeline
from graphpolicy.catalogue.kinds import Collection, Entries, Object, Property, Targets
from graphpolicy.catalogue.values import identity
from graphpolicy.compare.labels import label, target_label
from graphpolicy.compare.resolve import resolve
from graphpolicy.guards.levels import AT_MOST, ORDER
from graphpolicy.model import POLICY, Finding, Json, Place
from graphpolicy.plan.emergency_entries import EMERGENCY, emergency_entries
from graphpolicy.plan.expectation_entries import expectation_entries
from graphpolicy.plan.rollout_changes import rollout_entries

T = TypeVar("T")

RULE = "protection-weakened"
TENANT = "tenant"
MAXIMA = ("maxLifetimeInMinutes",)
"""Helpdesk rules that are weaker the larger they are."""


def protection(
    now: model.ResolvedPolicy,
    base: model.ResolvedPolicy,
    names: Mapping[str, str],
    accounts: Sequence[model.Account] = (),
) -> tuple[model.Protection, ...]:
    """Every difference between two versions of a policy in what protects its tenant.

    `names` are names of groups by folded id, `accounts` what the directory knows about each entry
    of `emergencyAccess` in `now`.
    """
    return (
        *emergency_entries(base.emergency_access, now.emergency_access, names, accounts),
        *_guards(base.guards, now.guards),
        *_freeze(base.freeze, now.freeze),
        *_helpdesk(base.helpdesk, now.helpdesk),
        *_unmanaged(base.unmanaged, now.unmanaged),
        *_passes("acknowledge", _accepted, base.acknowledgements, now.acknowledgements),
        *_passes("hold", _held, base.holds, now.holds),
        *expectation_entries(base.expectations, now.expectations, names),
        *rollout_entries(base.rollouts, now.rollouts),
        *_undeclared(base.resources, now.resources, names),
    )


def of_files(now: model.Desired, base: model.Desired) -> tuple[model.Protection, ...]:
    """The same without the tenant: names are not looked up."""
    nobody, nothing = model.Directory(), model.Observed({})
    after, before = (resolve(each, nobody, nothing).desired for each in (now, base))
    return protection(after, before, {})


def default_entries(
    before: Mapping[str, Json], after: Mapping[str, Json]
) -> Iterator[model.Protection]:
    """Defaults for flags. With others a run may leave out tenants or records that it had before."""
    for name, was, is_ in _differing(before, after):
        fewer = name != "tenant" or (is_ is not None and not (was and {*was} <= {*is_}))
        weaker = fewer and name in ("paths", "tenant", "state-dir", "auth", "client-id")
        yield model.Protection("defaults", name, was, is_, weaker=weaker)


def weakened(found: Iterable[model.Protection], file: str) -> Iterator[Finding]:
    """What a pull request makes weaker: one finding for each key, and each lost account."""
    weaker: dict[str, list[model.Protection]] = {}
    for item in found:
        if item.weaker:
            weaker.setdefault(item.key, []).append(item)
    for key, items in weaker.items():
        lost = [item for item in items if key == EMERGENCY and item.after is None]
        for item in lost:
            yield Finding(
                RULE,
                "error",
                f"{EMERGENCY} no longer names the account that is {item.path} in the base, so no "
                "guard keeps a method for it",
                "restore the entry; or make sure that another account works, and accept this with "
                f"--allow {RULE}",
                path=key,
                source=Place(file),
            )
        rest = [item for item in items if item not in lost]
        if rest:
            listed = "; ".join(map(protection_words, rest))
            message = f"the files protect this tenant less than the base does: {listed}"
            fix = "make sure that this is intended, and who wants it"
            yield Finding(RULE, "warning", message, fix, path=key, source=Place(file))


def base_lost(file: str) -> Finding:
    """The finding that the files of the base have errors, so protection was not compared."""
    message = "the files in the base have errors, so what protects this tenant was not compared"
    fix = "give --base a revision whose files have no errors"
    return Finding(RULE, "warning", message, fix, source=Place(file))


def tenant_lost(tenant: model.Tenant) -> Finding:
    """The finding that the base has a file for a tenant and the planned files do not."""
    message = (
        f"the base has a file for the tenant {tenant.name} ({tenant.id}), but none of the planned "
        "files is for it: plan, apply and drift no longer look at that tenant"
    )
    fix = "restore the file and its tenant.id, unless the tenant is no longer managed"
    return Finding(RULE, "warning", message, fix, path=TENANT)


def without_tenant(tenant: model.Tenant) -> model.Protection:
    """The same as a difference; the plans of all other tenants show it."""
    return model.Protection(TENANT, tenant.name, {"id": tenant.id}, None, weaker=True)


def protection_words(item: model.Protection) -> str:
    """One difference in words: its name, the old value and the new one."""
    name = ": ".join(filter(None, (item.key, item.path)))
    before, after = _words(item.before), _words(item.after)
    if item.before is None or item.after is None:
        what, value = ("new", after) if item.before is None else ("removed", before)
        return f"{name} is {what}" + ("" if item.path.endswith(value) else f" ({value})")
    return f"{name}: {before} -> {after}"


def _words(value: Json) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_words(member)}" for name, member in value.items())
    if isinstance(value, list):
        return f"[{', '.join(map(_words, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _guards(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[model.Protection]:
    """A policy can only make guards stricter, so a removed line is weaker."""
    for rule, was, is_ in _differing(before, after):
        yield model.Protection("guards", rule, was, is_, weaker=_milder(rule, was, is_))


def _milder(rule: str, was: Json, is_: Json) -> bool:
    """Whether the level is lower, or the number higher. The guard has a default number."""
    levels = [ORDER.index(each) if isinstance(each, str) else 0 for each in (was, is_)]
    numbers = [
        each["atMost"] if isinstance(each, Mapping) else AT_MOST.get(rule, 0) for each in (was, is_)
    ]
    return bool(levels[1] < levels[0] or numbers[1] > numbers[0])


def _freeze(before: model.Scope | None, after: model.Scope | None) -> Iterator[model.Protection]:
    old, new = (scope and _scope(scope) for scope in (before, after))
    if old != new:
        ends = before is not None and (after is None or after.expires < before.expires)
        yield model.Protection("freeze", "", old, new, weaker=ends)


def _unmanaged(before: model.Watch, after: model.Watch) -> Iterator[model.Protection]:
    if before != after:
        strict = get_args(model.Watch)
        weaker = strict.index(after) < strict.index(before)
        yield model.Protection("unmanaged", "", before, after, weaker=weaker)


def _helpdesk(before: Mapping[str, Json], after: Mapping[str, Json]) -> Iterator[model.Protection]:
    """Helpdesk rules; a value of another type counts as weaker."""
    for rule, was, is_ in _differing(before, after):
        if rule == "refuse":
            old, new = ({_words(entry): entry for entry in side or ()} for side in (was, is_))
            for name, one, other in _differing(old, new):
                yield model.Protection(
                    "helpdesk", f"refuse {name}", one, other, weaker=other is None
                )
        elif was is None or is_ is None or rule in MAXIMA:
            weaker = is_ is None or (was is not None and is_ > was)
            yield model.Protection("helpdesk", rule, was, is_, weaker=weaker)
        else:
            yield model.Protection("helpdesk", rule, was, is_, weaker=is_ is not True)


def _passes(
    key: str, described: Callable[[T], tuple[str, Json]], before: Iterable[T], after: Iterable[T]
) -> Iterator[model.Protection]:
    """Acknowledgements or holds: each lets something pass, so a new or changed one is weaker."""
    old, new = list(map(described, before)), list(map(described, after))
    gone = [each for each in old if each not in new]
    come = [each for each in new if each not in old]
    for name in dict.fromkeys(name for name, _ in (*gone, *come)):  # several can have the same name
        sides = ([value for other, value in side if other == name] for side in (gone, come))
        for was, is_ in zip_longest(*sides):
            weaker = is_ is not None and not (was and _narrower(was, is_))
            yield model.Protection(key, name, was, is_, weaker=weaker)


def _narrower(was: Mapping[str, Json], is_: Mapping[str, Json]) -> bool:
    """Whether only the date is earlier or the number lower."""
    limits = {"expires", "atMost"}
    same = all(was.get(name) == is_.get(name) for name in (was.keys() | is_.keys()) - limits)
    most = (was.get("atMost"), is_.get("atMost"))
    lower = most[0] is None or (most[1] is not None and most[1] <= most[0])
    return bool(same and lower and is_["expires"] <= was["expires"])


def _accepted(entry: model.Acknowledgement) -> tuple[str, Json]:
    at_most = {} if entry.at_most is None else {"atMost": entry.at_most}
    name = " ".join(filter(None, (entry.rule, _where(entry.scope))))
    return name, {**at_most, **_scope(entry.scope)}


def _held(hold: model.ResolvedHold) -> tuple[str, Json]:
    live = {"live": hold.live.tree} if hold.live else {}
    return _where(hold.scope), {**live, **_scope(hold.scope)}


def _where(scope: model.Scope) -> str:
    return ".".join(filter(None, (scope.resource, *scope.path)))


def _scope(scope: model.Scope) -> dict[str, Json]:
    return {"reason": scope.reason, "owner": scope.owner, "expires": scope.expires}


def _undeclared(
    before: Iterable[model.Resolved], after: Iterable[model.Resolved], names: Mapping[str, str]
) -> Iterator[model.Protection]:
    """Settings that the base declares and the files do not: they are no longer watched."""
    now = {resource.title: resource.tree for resource in after}
    for resource in before:
        rows, tree = RESOURCES[resource.resource].properties, now.get(resource.title, {})
        for name, words in _lost(rows, resource.tree, tree, resource.title, names):
            yield model.Protection(POLICY, name, words, None, weaker=True)


def _lost(
    rows: Iterable[Property],
    before: Mapping[str, Json],
    after: Mapping[str, Json],
    above: str,
    names: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    """The members of an object that are no longer declared, each with its old value in words.

    It recurses into objects, and into list entries that are still declared: Graph keeps their
    undeclared members.
    """
    for row in rows:
        if row.name not in before:
            continue
        value, name, kind = before[row.name], f"{above}.{row.name}", row.kind
        if isinstance(kind, Object) and isinstance(value, Mapping):
            yield from _lost(kind.members, value, after.get(row.name, {}), name, names)
        elif row.name not in after:
            yield name, label(kind, value, names, FactTimeline(None, ()))
        elif isinstance(kind, Entries):
            yield from _lost_in_entries(kind, value, after[row.name], name, names)


def _lost_in_entries(
    kind: Entries,
    before: Iterable[Mapping[str, Json]],
    after: Iterable[Mapping[str, Json]],
    above: str,
    names: Mapping[str, str],
) -> Iterator[tuple[str, str]]:
    now = {identity(kind, entry): entry for entry in after}
    for entry in before:
        which = identity(kind, entry)
        if isinstance(kind, Targets):
            name = target_label(entry, names)
        else:
            name = str(entry[kind.key] if kind.key else " ".join(map(str, which)))
        if which in now:
            yield from _lost(kind.members, entry, now[which], f"{above}: {name}", names)
        elif isinstance(kind, Collection) and kind.key:  # only the entries are managed
            yield f"{above}: {name}", "declared"


def _differing(
    before: Mapping[str, Json], after: Mapping[str, Json]
) -> Iterator[tuple[str, Json, Json]]:
    """(name, old, new) for each name that differs, in the old order."""
    for name in (*before, *(name for name in after if name not in before)):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)
