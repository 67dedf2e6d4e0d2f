"""The plan of one tenant: changes, findings, requests and the digest that binds them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field, replace

from graphpolicy import model
from graphpolicy.catalogue.strengths import STRENGTHS
from graphpolicy.compare.authors import Evidence, modified
from graphpolicy.compare.comparison import Comparison
from graphpolicy.compare.conformance import repeated, unmodelled
from graphpolicy.compare.diff import compare
from graphpolicy.compare.documents import as_returned, documents_of, external_methods
from graphpolicy.compare.holds import active, expired, held, managed, moved
from graphpolicy.compare.requests import Write, writes
from graphpolicy.compare.resolve import Resolution
from graphpolicy.compare.selection import (
    left_out,
    limited,
    part_name,
    profiles_left_out,
    selected,
)
from graphpolicy.compare.unwritable_settings import only_read
from graphpolicy.guards import judge
from graphpolicy.guards.acknowledgements import UNUSED, accepted
from graphpolicy.guards.drift_and_freeze import frozen, not_attributed, reverting
from graphpolicy.guards.emergency_access import takes_a_method, unknown_accounts
from graphpolicy.guards.levels import Levels, read_levels, strictest
from graphpolicy.guards.lockout import not_counted
from graphpolicy.guards.plan_view import PlanView, emergency_of, sizes, view_of
from graphpolicy.guards.unmet_expectations import (
    PeopleToRead,
    asked,
    due,
    expectation_findings,
    not_judged,
)
from graphpolicy.helpdesk.house_rules import unknown_groups
from graphpolicy.model import Emergencies
from graphpolicy.model.records import dataclass
from graphpolicy.plan.access_matrix import access
from graphpolicy.plan.changes import described, mentioned_names, names_of, opt_outs
from graphpolicy.plan.digest import bound_of, digest, terms
from graphpolicy.plan.emergency_findings import emergency_findings, verified
from graphpolicy.plan.emergency_health import judged, numbers
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.plan.protection import (
    base_lost as files_of_base_lost,
    protection,
    tenant_lost,
    weakened,
    without_tenant,
)
from graphpolicy.plan.rollout_changes import Waves, waves
from graphpolicy.plan.unmanaged_findings import UnmanagedWatch, Watched
from graphpolicy.plan.verdict import UNHEALTHY
from graphpolicy.rules.lookalikes import look_alikes, mentioned

LEVELS = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with what an apply needs besides."""

    plan: model.Plan
    comparisons: tuple[Comparison, ...]
    writes: tuple[Write, ...]
    observed: model.Observed
    directory: model.Directory
    seen: PlanView
    asked: PeopleToRead = field(default_factory=PeopleToRead)
    """The people that must be read to judge what the files expect."""
    watch: UnmanagedWatch | None = None
    """What it compares of undeclared settings; None if it compares nothing."""
    rolling: Waves | None = None


def make_plan(
    resolution: Resolution,
    observed: model.Observed,
    directory: model.Directory,
    plan_context: PlanContext,
    base: model.ResolvedPolicy | None = None,
    *,
    base_lost: bool = False,
    watched: Watched | None = None,
) -> Planned:
    """Compare, judge and describe: see `draft`. The result depends only on the arguments."""
    drafted = draft(
        resolution, observed, directory, plan_context, base, base_lost=base_lost, watched=watched
    )
    return drafted.judged()


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """A plan with its changes and without any finding, which shows what must be read besides.

    `judged` makes the whole plan of it.
    """

    made: Planned
    judged: Callable[[], Planned]


def draft(
    resolution: Resolution,
    observed: model.Observed,
    directory: model.Directory,
    plan_context: PlanContext,
    base: model.ResolvedPolicy | None = None,
    *,
    base_lost: bool = False,
    watched: Watched | None = None,
    earlier: DraftPlan | None = None,
) -> DraftPlan:
    """Compare and describe.

    `base` is the policy before the change under review; None if it is not known.
    `base_lost` is whether --base was given but its files have errors. `watched` is all that was
    read of the tenant, to compare what no file declares. `earlier` is a draft of the same answers
    with less of the directory: what it compared is the same.
    """
    facts, today = plan_context.facts, plan_context.today
    desired = resolution.desired
    cloud = desired.tenant.cloud
    holds = active(desired.holds, today)
    if earlier:
        comparisons, others_differ = earlier.made.comparisons, earlier.made.plan.left_out
    else:
        comparisons, others_differ = _compared(resolution, observed, plan_context)
    names = names_of(directory, comparisons)
    if not plan_context.adopting:
        for comparison in comparisons:
            only_read(comparison, names)
    kept_snapshot = plan_context.kept.get(desired.tenant.id)
    whole = watched.observed if watched else observed
    evidence = Evidence(
        directory.log,
        plan_context.own.get(desired.tenant.id, model.OwnRuns()),
        plan_context.since,
        modified(whole),
        directory.opted_out | opt_outs(facts, whole.documents.values()),
        today,
    )
    kept = tuple(held(desired, holds, observed, names, facts, evidence=evidence))
    strengths = directory.strengths if isinstance(directory.strengths, tuple) else ()
    in_use = {f"{STRENGTHS}/{each.name}" for each in strengths if each.custom and each.kept_by}
    ordered = writes(comparisons, in_use)
    requests = tuple(write.planned for write in ordered)
    after = {comparison.id: comparison.after(cloud) for comparison in comparisons}
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
    entries = judged(directory.emergencies or Emergencies(), desired.places)
    asking = (base.expectations if base else ()) if plan_context.proposal else None
    expected, later = due(desired.expectations, today, asking)
    changes = tuple(
        described(
            comparisons,
            ordered,
            seen,
            after,
            base=base,
            evidence=evidence,
            kept=kept_snapshot,
        )
    )
    known = directory.rollouts or plan_context.recorded.get(desired.tenant.id, {})
    far = {"offline": plan_context.offline, "ahead": plan_context.examine}
    rolling = waves(desired, base, known, changes, today=today, names=names, **far)
    seen = replace(seen, nested=rolling.nested)
    protected = protection(desired, base, names, directory.accounts) if base else ()
    # A pull request can't lower the level of findings about its own weakening of guards.
    levels = read_levels(strictest([base.guards, desired.guards]))[0] if base else Levels()
    watch = (
        UnmanagedWatch(desired, holds, watched, kept_snapshot, evidence, plan_context.strict)
        if watched and kept_snapshot
        else None
    )
    unmanaged = tuple(watch.differences(names, facts)) if watch else ()
    sketch = model.Plan(
        tenant=desired.tenant,
        file=desired.file,
        changes=changes,
        findings=(),
        requests=requests,
        unmodelled=(),
        versions=tuple(observed.documents),
        digest="",
        bound=model.Bound(desired.tenant.id, cloud, (), ()),
        observed={},
        compared=sum(len(comparison.settings) for comparison in comparisons),
        held=kept,
        protection=(*map(without_tenant, plan_context.lost), *plan_context.defaults, *protected),
        impact=directory.impact,
        emergency=tuple(map(numbers, entries)),
        audiences=desired.audiences,
        unmanaged=unmanaged,
        rollouts=rolling.states,
        nested=rolling.nested,
        only=tuple(map(part_name, plan_context.only)),
        left_out=others_differ,
    )
    who = asked(expected, seen)
    made = Planned(sketch, comparisons, ordered, observed, directory, seen, who, watch, rolling)

    def judged_whole() -> Planned:
        whole = replace(seen, sizes=sizes(observed, seen.resources))
        found = [
            *plan_context.findings,
            *map(tenant_lost, plan_context.lost),
            *desired.findings,
            *resolution.findings,
            *(
                each
                for declared in desired.resources
                for each in repeated(declared, observed, cloud)
            ),
            *map(levels.raised, weakened((*plan_context.defaults, *protected), desired.file)),
            *([files_of_base_lost(desired.file)] if base_lost else ()),
            *(finding for comparison in comparisons for finding in comparison.findings),
            *judge(comparisons, requests, directory, whole, desired.resources),
            *reverting(changes, base_lost=base_lost),
            *not_attributed(changes, directory.log, unmanaged),
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
            *not_counted(seen),
            *map(seen.levels.raised, rolling.findings),
            *unknown_groups(directory.refused, desired),
            *expectation_findings(expected, seen, directory, names=plan_context.names),
            *not_judged(later),
            *look_alikes(mentioned(resolution, directory)),
            *emergency_findings(entries, names=plan_context.names),
            *map(seen.levels.raised, watch.findings(names) if watch else ()),
        ]
        titles = {comparison.id: comparison.declared.title for comparison in comparisons}
        if plan_context.only:
            found += [
                limited(plan_context.only, others_differ),
                *profiles_left_out(comparisons, cloud),
            ]
        findings = accepted(
            found,
            desired.acknowledgements,
            plan_context.allowed,
            titles,
            today,
            hidden=frozenset() if verified(directory.emergencies) else {UNHEALTHY},
        )
        shown = (
            each if plan_context.names else replace(each, names=())
            for each in findings
            if not (plan_context.only and each.rule == UNUSED)  # it may be about what is left out
        )
        findings = sorted(shown, key=lambda finding: LEVELS[finding.level])
        bound = bound_of(
            resolution,
            comparisons,
            terms(desired, plan_context.allowed, findings, plan_context.only),
        )
        plan = replace(
            sketch,
            findings=(*frozen(desired.freeze, today, changes), *findings),
            unmodelled=unmodelled(observed),
            digest=digest(bound),
            bound=bound,
            observed={each.id: as_returned(each.declared, observed) for each in comparisons},
            matrix=access(seen.resources, names),
            names=mentioned_names(names, comparisons, after),
        )
        if plan.refused or (plan_context.offline and rolling.opening):  # nobody can approve it
            plan = replace(plan, digest="")
        return replace(made, plan=plan)

    return DraftPlan(made, judged_whole)


def _compared(
    resolution: Resolution, observed: model.Observed, plan_context: PlanContext
) -> tuple[tuple[Comparison, ...], tuple[str, ...]]:
    """Each resource of the plan beside the tenant's; others that differ are named."""
    desired = resolution.desired
    every = managed(desired.resources, active(desired.holds, plan_context.today))
    others = external_methods(observed, desired.resources)

    def beside(resources: Iterable[model.Resolved]) -> tuple[Comparison, ...]:
        cloud = desired.tenant.cloud
        return tuple(
            compare(each, documents_of(each, observed), cloud, others) for each in resources
        )

    found = beside(selected(every, plan_context.only))
    return found, left_out(beside(every), found) if plan_context.only else ()
