"""impact: the people that a plan affects, or a day on which Microsoft takes something away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from graphpolicy.commands.count_people import CountedPeople, count_people, whole
from graphpolicy.commands.plan import guarded, plan_tenant
from graphpolicy.commands.trend import Trend
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.read import together
from graphpolicy.model import DatedImpact, Desired, Failure
from graphpolicy.people.work_list import work_list
from graphpolicy.plan.impact_assessment import Assessed, question
from graphpolicy.plan.make import Planned
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.plan.retirement_impact import AHEAD_DAYS, dated_facts, dated_question, next_day

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph, Session


RECORDED = ("people", "without_any", "without_mfa", "not_known")
"""The numbers of a run that are recorded besides those about the day."""


def with_last(trend: Trend, found: Assessed) -> DatedImpact | None:
    """What a day changes, with the numbers of the last run; records those of this one."""
    if found.dated is None or found.counted is None:
        return found.dated
    everyone = found.counted.everyone
    numbers = {
        "policy_scope": found.dated.scope,
        "registered": everyone.lose,
        **{name: getattr(everyone, name) for name in RECORDED},
    }
    last = trend.last({"tenant": found.tenant.id, "on": found.dated.on}, numbers)
    return replace(found.dated, earlier=last or None)


async def assess_each(
    session: Session,
    policies: Sequence[Desired],
    plan_context: PlanContext,
    day: str,
    trend: Trend,
    *,
    named: bool,
) -> tuple[Assessed | Failure, ...]:
    """Assess every tenant: what Microsoft changes by a day, or with '' what the files would."""

    async def one(desired: Desired) -> Assessed | Failure:
        graph = session.tenant(desired.tenant)
        made = await plan_tenant(graph, desired, plan_context)
        if isinstance(made, Failure):
            return made
        if not day:
            return await _assess(graph, desired, made, plan_context, named=named)
        found = await assess_day(graph, made, plan_context, day, named=named)
        return replace(found, dated=with_last(trend, found))

    return tuple(await together(guarded(desired, one(desired)) for desired in policies))


async def _assess(
    graph: Graph, desired: Desired, made: Planned, plan_context: PlanContext, *, named: bool
) -> Assessed:
    asked = question(await whole(graph, made), made.plan.changes, made.observed.documents.values())
    found = await count_people(graph, asked, plan_context.today, named=named)
    if not isinstance(found, CountedPeople):
        raise found
    work = work_list(found.crowd, found.impact, found.emergency) if named else ()
    return Assessed(desired.tenant, desired.file, found.counted, None, work)


async def assess_day(
    graph: Graph, made: Planned, plan_context: PlanContext, day: str, *, named: bool = False
) -> Assessed:
    """What a day takes from people, if nothing is changed until then.

    Raises:
        GraphError: the registration report could not be read.
    """
    tenant, file = made.plan.tenant, made.plan.file
    facts = dated_facts(plan_context.facts, tenant.cloud, day, plan_context.today)
    if not facts:
        return Assessed(tenant, file, None, DatedImpact(day, ()))
    asked = dated_question(
        await whole(graph, made), day, plan_context.today, made.observed.documents.values()
    )
    found = await count_people(graph, asked, plan_context.today, named=named)
    if not isinstance(found, CountedPeople):
        raise found
    scope = found.within([reach for each in asked.moved for reach in each.before])
    work = work_list(found.crowd, found.impact, found.emergency) if named else ()
    return Assessed(
        tenant, file, found.counted, DatedImpact(day, facts, scope, found.counted), work
    )


async def with_next_day(
    session: Session,
    made: Iterable[Planned | Failure],
    plan_context: PlanContext,
    trend: Trend,
) -> list[Planned | Failure]:
    """The same plans, each with what Microsoft takes away on the next day that is near."""
    until = (date.fromisoformat(plan_context.today) + timedelta(AHEAD_DAYS)).isoformat()

    async def one(item: Planned | Failure) -> Planned | Failure:
        if isinstance(item, Failure):
            return item
        tenant = item.plan.tenant
        day = next_day(plan_context.facts, tenant.cloud, plan_context.today, until)
        if not day:
            return item
        try:
            found = await assess_day(session.tenant(tenant), item, plan_context, day)
        except GraphError as failure:
            facts = dated_facts(plan_context.facts, tenant.cloud, day, plan_context.today)
            dated: DatedImpact | None = DatedImpact(day, facts, counted=failure.unread)
        else:
            dated = with_last(trend, found)
        return replace(item, plan=replace(item.plan, dated=dated))

    return await together(map(one, made))
