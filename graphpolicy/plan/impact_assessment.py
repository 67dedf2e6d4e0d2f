"""What must be read and judged to say which people a plan affects, and the report of it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from graphpolicy.catalogue import RESOURCES
from graphpolicy.catalogue.authenticator import AUTHENTICATOR
from graphpolicy.catalogue.x509 import X509_CERTIFICATE
from graphpolicy.guards.emergency_access import takes_a_method
from graphpolicy.guards.lockout import CERTIFICATES
from graphpolicy.guards.plan_view import BeforeAfter, PlanView
from graphpolicy.model import (
    EVERYONE,
    Change,
    Counted,
    DatedImpact,
    Failure,
    Finding,
    Json,
    Path,
    Tenant,
    Unread,
    WorkItem,
)
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import member, word
from graphpolicy.people.access import SWITCHES
from graphpolicy.people.affected import ReachChange
from graphpolicy.people.reach import Reach, reach
from graphpolicy.people.ways import Method
from graphpolicy.plan.verdict import TenantResults
from graphpolicy.rules.references import LISTS, SINGLES, Reference, references

FEATURES = "featureSettings"
SETTINGS = frozenset(row.setting for row in SWITCHES)


@dataclass(frozen=True, slots=True)
class Question:
    """The people that a plan affects, as far as documents can say it.

    `groups` are the folded ids whose members decide, `people` those of single people, `other` those
    of roles and units, whose members are not read. `named` are the groups that a change names,
    `emergency` the emergency accounts, by folded id.
    """

    methods: tuple[Method, ...]
    moved: tuple[ReachChange, ...]
    prompts: tuple[tuple[Reach, Reach], ...]
    groups: frozenset[str]
    people: frozenset[str]
    other: frozenset[str]
    named: frozenset[str]
    emergency: frozenset[str]
    notes: tuple[Unread, ...] = ()


def question(
    seen: PlanView, changes: Iterable[Change], documents: Iterable[Mapping[str, Json]] = ()
) -> Question:
    """The question of a plan. `documents` are the policy as Graph returns it."""
    methods = tuple(
        Method(both.id, both.kind, both.before, both.after)
        for both in seen.resources
        if both.is_method
    )
    by_id = {both.id: both for both in seen.resources}
    moved = tuple(_moved(by_id[one.resource], one) for one in changes if one.resource in by_id)
    prompts = tuple(_prompts(seen))
    targets = [who for each in methods for side in (each.before, each.after) for who in _all(side)]
    reaches = [each for one in moved for each in (*one.before, *one.after)]
    reaches += [each for pair in prompts for each in pair]
    named = {who for each in reaches for who in each.include | each.exclude}
    accounts = seen.emergency.accounts
    by_type = _by_type((*targets, *named))
    return Question(
        methods,
        moved,
        prompts,
        by_type["group"] | {each.id for each in accounts if each.group},
        by_type["user"] | {each.id for each in accounts if not each.group},
        by_type[""],
        _by_type(who for one in moved for who in _different(one))["group"],
        frozenset(each.id for each in accounts),
        (*_migrating(documents), *_certificates(seen)),
    )


MIGRATED = frozenset({"", "migrationcomplete"})
"""Folded migration states in which the legacy policies count for nothing; Graph may send none."""


def _migrating(documents: Iterable[Mapping[str, Json]]) -> Iterator[Unread]:
    """The note that the legacy policies, which Graph does not show, may also allow methods."""
    states = {str(each.get("policyMigrationState") or "") for each in documents}
    for state in sorted(states):
        if word(state) not in MIGRATED:
            yield Unread(
                "the migration of the legacy policies is not complete (policyMigrationState is "
                f"{state}), so a method that is taken away may still work through them",
                "complete the migration in the Entra admin center, and set migrationComplete",
            )


def _certificates(seen: PlanView) -> Iterator[Unread]:
    if takes_a_method(seen.of((X509_CERTIFICATE.id,))):
        yield CERTIFICATES


def _moved(both: BeforeAfter, change: Change) -> ReachChange:
    path: Path = tuple(change.path.split("."))
    row = RESOURCES[both.kind].property(path[0])
    inner = next((path[:n] for n in range(len(path), 0, -1) if _has_targets(both, path[:n])), None)
    sides = []
    for values in (both.before, both.after):
        found = [reach(values)] if both.is_method else []
        if inner:
            found.append(_reach(member(values, *inner)))
        sides.append(tuple(found))
    return ReachChange(
        both.id,
        path,
        both.id.casefold() if both.is_method else "",
        path[0] in SETTINGS or (row is not None and row.narrows),
        *sides,
    )


def _has_targets(both: BeforeAfter, path: Path) -> bool:
    found = [member(side, *path) for side in (both.before, both.after)]
    return any(
        isinstance(each, Mapping) and not each.keys().isdisjoint((*LISTS, *SINGLES))
        for each in found
    )


def _reach(values: Json) -> Reach:
    single = isinstance(values, Mapping) and not values.keys().isdisjoint(SINGLES)
    return reach(values, SINGLES if single else LISTS)


def _prompts(seen: PlanView) -> Iterator[tuple[Reach, Reach]]:
    """The people that see each part of the app's prompt; `default` is what Microsoft makes of it
    today.
    """
    for both in seen.of((AUTHENTICATOR.id,)):
        for row in AUTHENTICATOR.at((FEATURES,)).members:
            pair = [member(side, FEATURES, row.name) for side in (both.before, both.after)]
            if not row.prompt or None in pair:
                continue
            setting = f"{FEATURES}.{row.name}.state"
            managed = seen.facts.managed_value(both.kind, setting, seen.cloud).now
            off = managed is not None and not managed.on
            before, after = (
                reach({**each, "state": "disabled"}, SINGLES)
                if word(each.get("state")) == "default" and off
                else reach(each, SINGLES)
                for each in pair
            )
            yield before, after


def _all(values: Mapping[str, Json]) -> Iterator[Reference]:
    for name in LISTS:
        yield from references(values.get(name))


def _different(moved: ReachChange) -> Iterator[Reference]:
    """The targets that a change adds, removes or makes count."""
    before, after = moved.before[-1:], moved.after[-1:]
    for old, new in zip(before, after, strict=True):
        yield from (old.include ^ new.include) | (old.exclude ^ new.exclude)
        if old.on != new.on:
            yield from new.include | new.exclude


def _by_type(who: Iterable[Reference]) -> dict[str, frozenset[str]]:
    """The folded ids of groups, of users, and of anything else under ''."""
    found: dict[str, set[str]] = {"group": set(), "user": set(), "": set()}
    for each in who:
        if each.by == "id" and each.value != EVERYONE:
            found[each.type if each.type in found else ""].add(each.value)
    return {type_: frozenset(ids) for type_, ids in found.items()}


@dataclass(frozen=True, slots=True)
class Assessed:
    """The people that a plan, or a day, affects in one tenant.

    `counted` is None if nothing happens by the day. `work` is the work list, empty if people are
    not named.
    """

    tenant: Tenant
    file: str
    counted: Counted | None
    dated: DatedImpact | None = None
    work: tuple[WorkItem, ...] = ()


@dataclass(frozen=True, slots=True)
class ImpactReport(TenantResults):
    """What `impact` answers. With `names` people are named in text and JSON."""

    items: tuple[Assessed | Failure, ...]
    names: bool = False
    file_findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkList:
    """The work list of all tenants, as a table."""

    items: tuple[Assessed, ...]
