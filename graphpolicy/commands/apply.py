"""apply: plan again, ask for approval, write in a safe order, read every write back, record it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from graphpolicy.commands.approved_plan import ApprovedPlan, outdated, resized, stale
from graphpolicy.commands.plan import beside_base, plan_tenant
from graphpolicy.commands.plan_file import review
from graphpolicy.commands.run_recorder import noted
from graphpolicy.commands.runner import WriteOptions, run_alone
from graphpolicy.journal.run import Run
from graphpolicy.model import Desired, Failure, Finding
from graphpolicy.plan.make import Planned
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.plan.verdict import Report
from graphpolicy.rules.table import RULES

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session


async def apply(
    session: Session,
    policies: Sequence[Desired],
    writing: WriteOptions,
    plan_context: PlanContext,
    *,
    expected: Mapping[str, ApprovedPlan],
    again: Sequence[str] = ("plan",),
    resume: tuple[str, ...] = (),
    resumes: Run | None = None,
) -> Report:
    """Apply each tenant's plan in turn, if it has changes, is not refused and is approved.

    `expected` has by tenant id the plan that was approved before; a different plan is stale. A
    later ring is planned again when its turn comes, and a plan that differs from the one approved
    in this run is stale, too. `resumes` is the run to continue. `again` are the arguments of the
    command that plans the same again, `resume` those of the command that resumes a run, without the
    run's name.
    """

    approved = dict(expected)
    notes: dict[str, tuple[Finding, ...]] = {}

    async def planned(desired: Desired) -> Planned | Failure:
        graph = session.tenant(desired.tenant)
        if desired.tenant.id not in notes:  # the first time
            cut_off = writing.keeper.cut_off(desired.tenant, resumes)
            notes[desired.tenant.id] = await writing.settle(graph, cut_off)
        now = writing.keeper.now()
        made = await plan_tenant(graph, desired, replace(plan_context, today=now[:10], now=now))
        if isinstance(made, Failure):
            return made
        known = approved.get(desired.tenant.id)
        approved[desired.tenant.id] = ApprovedPlan(made.plan.digest, made.plan.bound)
        if known and outdated(known, made.plan):
            # Only a plan that counts people finds what refuses this one.
            counts = any(
                each.rule in RULES and RULES[each.rule].counted for each in made.plan.refusing
            )
            moved.append(review((*again, *["--impact"] * counts)))
        if known is None:
            return noted(made, notes[desired.tenant.id])
        sizes = (*notes[desired.tenant.id], *resized(known, made.plan))
        return stale(known, made.plan, again) or noted(made, sizes)

    moved: list[str] = []
    report = await run_alone(session, policies, planned, writing)
    items = beside_base(report.plans, policies, plan_context)
    return replace(report, plans=items, outdated=next(iter(moved), ""), resume=resume)
