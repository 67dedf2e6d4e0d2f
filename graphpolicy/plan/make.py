"""The plan of one tenant: changes, findings, requests and the digest that binds them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from graphpolicy.catalogue.facts import Facts, ManagedValue, Standing
from graphpolicy.catalogue.values import sendable
from graphpolicy.compare.answers import repeated, unmodelled
from graphpolicy.compare.audit_log import author
from graphpolicy.compare.cause import cause
from graphpolicy.compare.diff import Comparison, Difference, compare
from graphpolicy.compare.documents import documents_of, external_methods
from graphpolicy.compare.holds import active, expired, held, managed, moved
from graphpolicy.compare.labels import entries, label, listed, target_label
from graphpolicy.compare.requests import Write, writes
from graphpolicy.compare.resolve import Resolution, target_ids
from graphpolicy.guards import emergency_of, judge, view_of
from graphpolicy.guards.acknowledgements import accepted
from graphpolicy.guards.drift_and_freeze import frozen, not_attributed, reverting
from graphpolicy.guards.emergency import takes_a_method, unknown_accounts
from graphpolicy.guards.levels import Levels, read_levels, strictest
from graphpolicy.helpdesk.house_rules import unknown_groups
from graphpolicy.model import (
    EVERYONE,
    NOBODY,
    Audience,
    Bound,
    Cause,
    Change,
    Directory,
    Event,
    Finding,
    Json,
    Observed,
    Path,
    Plan,
    ResolvedPolicy,
    Tenant,
    Unread,
    Version,
)
from graphpolicy.model.records import dataclass
from graphpolicy.model.tree import member
from graphpolicy.plan.access_matrix import access
from graphpolicy.plan.digest import digest, terms
from graphpolicy.plan.protection import (
    base_lost as files_of_base_lost,
    protection,
    tenant_lost,
    weakened,
    without_tenant,
)
from graphpolicy.rules.lookalikes import look_alikes, mentioned

TARGET_PAIRS = (("includeTargets", "excludeTargets"), ("includeTarget", "excludeTarget"))
LEVELS = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what an apply needs besides."""

    plan: Plan
    comparisons: tuple[Comparison, ...]
    writes: tuple[Write, ...]
    observed: Observed
    directory: Directory


@dataclass(frozen=True, slots=True)
class PlanContext:
    """What a plan depends on besides the policy and the tenant.

    `today` is the date in UTC, YYYY-MM-DD: it decides what has expired. `allowed` are the rules
    that --allow accepts. `findings` are about the whole change under review; `lost` are tenants
    that only the base has a file for.
    """

    today: str
    facts: Facts = field(default_factory=Facts.shipped)
    allowed: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()
    lost: tuple[Tenant, ...] = ()


def make_plan(
    resolution: Resolution,
    observed: Observed,
    directory: Directory,
    occasion: PlanContext,
    base: ResolvedPolicy | None = None,
    *,
    base_lost: bool = False,
) -> Planned:
    """Compare, judge and describe. The result depends only on the arguments.

    `base` is the policy before the change under review; None if it is not known.
    `base_lost` is whether --base was given but its files have errors.
    """
    facts, today = occasion.facts, occasion.today
    desired = resolution.desired
    cloud = desired.tenant.cloud
    holds = active(desired.holds, today)
    others = external_methods(observed, desired.resources)
    comparisons = tuple(
        compare(declared, documents_of(declared, observed), cloud, others)
        for declared in managed(desired.resources, holds)
    )
    names = names_of(directory, comparisons)
    kept = tuple(held(desired, holds, observed, names, facts))
    ordered = writes(comparisons)
    requests = tuple(write.request(write.comparison.documents) for write in ordered)
    after = {comparison.id: comparison.after(cloud) for comparison in comparisons}
    api = {
        (write.comparison.id, difference.path): write.version
        for write in ordered
        for difference in write.differences
    }
    seen = view_of(
        comparisons,
        after,
        observed,
        directory,
        names=names,
        emergency=emergency_of(desired.emergency_access, names, directory.accounts),
        levels=read_levels(desired.guards)[0],
        facts=facts,
        cloud=cloud,
    )
    live = {**after, **{both.id: both.before for both in seen.resources}}
    emergency = seen.emergency.ids
    changes = tuple(
        _change(
            comparison,
            difference,
            api[comparison.id, difference.path],
            # A method that is switched off affects the people that it applies to now.
            _audience(
                (live if difference.after == "disabled" else after)[comparison.id],
                comparison.wanted,
                difference.path,
                names,
            ),
            names,
            managed=facts.managed_value(comparison.resource.id, ".".join(difference.path), cloud),
            cause=cause(comparison, difference, base.resources if base else None),
            events=() if isinstance(directory.events, Unread) else directory.events,
            emergency=not emergency.isdisjoint(_moved(difference)),
        )
        for comparison in comparisons
        for difference in comparison.differences
    )
    protected = protection(desired, base, names, directory.accounts) if base else ()
    # A pull request can't lower the level of findings about its own weakening of guards.
    levels = read_levels(strictest([base.guards, desired.guards]))[0] if base else Levels()
    found = [
        *occasion.findings,
        *map(tenant_lost, occasion.lost),
        *desired.findings,
        *resolution.findings,
        *(each for declared in desired.resources for each in repeated(declared, observed, cloud)),
        *map(levels.raised, weakened(protected, desired.file)),
        *([files_of_base_lost(desired.file)] if base_lost else ()),
        *(finding for comparison in comparisons for finding in comparison.findings),
        *judge(comparisons, requests, directory, seen, desired.resources),
        *reverting(changes, base_lost=base_lost),
        *not_attributed(changes, directory.events),
        *expired(desired.holds, today),
        *moved(kept),
        *map(
            seen.levels.raised,
            unknown_accounts(
                directory.accounts,
                desired.places,
                changes=bool(changes),
                taking=takes_a_method(seen.resources),
            ),
        ),
        *unknown_groups(directory.refused, desired),
        *look_alikes(mentioned(resolution, directory)),
    ]
    titles = {comparison.id: comparison.declared.title for comparison in comparisons}
    findings = accepted(found, desired.acknowledgements, occasion.allowed, titles, today)
    findings = sorted(findings, key=lambda finding: LEVELS[finding.level])
    bound = _bound(resolution, comparisons, terms(desired, occasion.allowed, findings))
    plan = Plan(
        tenant=desired.tenant,
        file=desired.file,
        changes=changes,
        findings=(
            *frozen(desired.freeze, today, changes),
            *findings,
        ),
        requests=requests,
        unmodelled=unmodelled(observed),
        versions=tuple(observed.documents),
        digest=digest(bound),
        bound=bound,
        observed={comparison.id: dict(comparison.documents) for comparison in comparisons},
        compared=sum(len(comparison.settings) for comparison in comparisons),
        held=kept,
        protection=(*map(without_tenant, occasion.lost), *protected),
        matrix=access(seen.resources, names),
        names=_mentioned(names, comparisons, after),
    )
    if plan.refused:  # nobody can approve it
        plan = replace(plan, digest="")
    return Planned(plan, comparisons, ordered, observed, directory)


def _change(
    comparison: Comparison,
    difference: Difference,
    api: Version,
    audience: Audience | None,
    names: Mapping[str, str],
    *,
    managed: Standing[ManagedValue],
    cause: Cause,
    events: Sequence[Event],
    emergency: bool,
) -> Change:
    kind = difference.row.kind
    return Change(
        resource=comparison.id,
        path=".".join(difference.path),
        before=_shown(difference, difference.before),
        after=_shown(difference, difference.after),
        before_label=label(kind, difference.before, names, managed),
        after_label=label(kind, difference.after, names, managed),
        api=api,
        source=comparison.declared.place(difference.path),
        audience=audience,
        cause=cause,
        title=comparison.declared.title,
        label=": ".join(row.label for row in comparison.resource.along(difference.path)[-2:]),
        entries=entries(kind, difference.before, difference.after, names) if listed(kind) else (),
        event=None if cause == "edit" else author(events, comparison.id, difference.path),
        emergency=emergency,
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


def _audience(
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


def _mentioned(
    names: Mapping[str, str], comparisons: Iterable[Comparison], after: Mapping[str, Json]
) -> dict[str, str]:
    """The names of the targets before or after the plan."""
    documents = (each for comparison in comparisons for each in comparison.documents.values())
    ids = (id_.casefold() for id_ in target_ids(*documents, *after.values()))
    return {id_: names[id_] for id_ in sorted(ids) if id_ in names}


def _bound(
    resolution: Resolution, comparisons: Iterable[Comparison], agreed: Mapping[str, Sequence[Json]]
) -> Bound:
    tenant = resolution.desired.tenant
    settings = [
        (comparison.id, *setting) for comparison in comparisons for setting in comparison.settings
    ]
    mentioned = target_ids(*(comparison.declared.tree for comparison in comparisons))
    groups = (row for row in resolution.groups.items() if row[1] in mentioned)
    return Bound(
        tenant.id,
        tenant.cloud,
        tuple(sorted(settings, key=lambda row: row[:2])),
        tuple(sorted(groups)),
        agreed,
    )
