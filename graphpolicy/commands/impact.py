"""impact: whom a plan reaches, or a day on which Microsoft takes something away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from graphpolicy.commands.count_people import People, count_people, whole
from graphpolicy.commands.plan import guarded, plan_tenant
from graphpolicy.graph.errors import GraphError
from graphpolicy.graph.read import together
from graphpolicy.journal.folder import RunError
from graphpolicy.journal.ledger import IMPACT, Ledger, entries
from graphpolicy.model import Counted, Dated, Desired, Failure, Tenant
from graphpolicy.people.work_list import work_list
from graphpolicy.plan.dated import AHEAD_DAYS, dated_facts, dated_question, next_day
from graphpolicy.plan.impact import Assessed, question
from graphpolicy.plan.make import PlanContext, Planned

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph, Session


async def assess_each(
    session: Session, policies: Sequence[Desired], occasion: PlanContext, day: str, *, named: bool
) -> tuple[Assessed | Failure, ...]:
    """Assess every tenant: what a day takes away, or with '' what the files would change."""
    return tuple(
        await together(
            guarded(desired, _assess(session.tenant(desired.tenant), desired, occasion, day, named))
            for desired in policies
        )
    )


async def _assess(
    graph: Graph, desired: Desired, occasion: PlanContext, day: str, named: bool
) -> Assessed | Failure:
    made = await plan_tenant(graph, desired, occasion)
    if isinstance(made, Failure):
        return made
    if day:
        return await assess_day(graph, made, occasion, day, named=named)
    asked = question(await whole(graph, made), made.plan.changes, made.observed.documents.values())
    found = await count_people(graph, asked, occasion.today, named=named)
    if not isinstance(found, People):
        raise found
    work = work_list(found.crowd, found.impact, found.emergency) if named else ()
    return Assessed(desired.tenant, desired.file, found.counted, None, work)


async def assess_day(
    graph: Graph, made: Planned, occasion: PlanContext, day: str, *, named: bool = False
) -> Assessed:
    """What a day takes from people, if nothing is changed until then.

    Raises:
        GraphError: the registration report could not be read.
    """
    tenant, file = made.plan.tenant, made.plan.file
    facts = dated_facts(occasion.facts, tenant.cloud, day, occasion.today)
    if not facts:
        return Assessed(tenant, file, None, Dated(day, ()))
    asked = dated_question(
        await whole(graph, made), day, occasion.today, made.observed.documents.values()
    )
    found = await count_people(graph, asked, occasion.today, named=named)
    if not isinstance(found, People):
        raise found
    scope = found.within([reach for each in asked.moved for reach in each.before])
    work = work_list(found.crowd, found.impact, found.emergency) if named else ()
    return Assessed(tenant, file, found.counted, Dated(day, facts, scope, found.counted), work)


def recorded(dated: Dated, tenant: Tenant, counted: Counted, ledger: Ledger) -> Dated:
    """The same with the numbers of the last recorded run; records those of this one.

    Raises:
        RunError: the record can't be read or written.
    """
    before = [
        each
        for each in entries(ledger.state_dir, IMPACT)
        if (each.get("tenant"), each.get("on")) == (tenant.id, dated.on)
    ]
    everyone = counted.everyone
    ledger.add(
        "counted",
        tenant=tenant.id,
        on=dated.on,
        policy_scope=dated.scope,
        registered=everyone.lose,
        **{name: getattr(everyone, name) for name in RECORDED},
    )
    return replace(dated, earlier=before[-1] if before else None)


async def with_next_day(
    session: Session,
    made: Iterable[Planned | Failure],
    occasion: PlanContext,
    ledger: Ledger,
    warn: Callable[[str], None],
) -> list[Planned | Failure]:
    """The same plans, each with what Microsoft takes away on the next day that is near."""
    until = (date.fromisoformat(occasion.today) + timedelta(AHEAD_DAYS)).isoformat()

    async def one(item: Planned | Failure) -> Planned | Failure:
        if isinstance(item, Failure):
            return item
        tenant = item.plan.tenant
        day = next_day(occasion.facts, tenant.cloud, occasion.today, until)
        if not day:
            return item
        try:
            found = await assess_day(session.tenant(tenant), item, occasion, day)
        except GraphError as failure:
            facts = dated_facts(occasion.facts, tenant.cloud, day, occasion.today)
            dated: Dated | None = Dated(day, facts, counted=failure.unread)
        else:
            dated = _kept(found, ledger, warn)
        return replace(item, plan=replace(item.plan, dated=dated))

    return await together(map(one, made))


def _kept(found: Assessed, ledger: Ledger, warn: Callable[[str], None]) -> Dated | None:
    if found.dated is None or found.counted is None:
        return found.dated
    try:
        return recorded(found.dated, found.tenant, found.counted, ledger)
    except RunError as failure:
        warn(f"{failure.text}; {failure.help}")
        return found.dated


RECORDED = ("people", "without_any", "without_mfa", "not_known")
