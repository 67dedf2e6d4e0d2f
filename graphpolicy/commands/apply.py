"""apply: plan again, ask, write in a safe order, read every write back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from graphpolicy.catalogue.facts import Facts
from graphpolicy.commands.planning import Approve, plan_each
from graphpolicy.graph.write import Pace, apply_writes
from graphpolicy.model import Desired, Failure, Report, Result
from graphpolicy.plan import Planned

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session


async def apply(
    session: Session,
    policies: Sequence[Desired],
    approve: Approve,
    pace: Pace,
    progress: Callable[[str], None],
    *,
    today: str,
    facts: Facts | None = None,
) -> Report:
    """Apply each tenant's plan in turn, where it has changes, is not refused and is approved."""
    planned = await plan_each(session, policies, facts, today=today)
    ready = [
        item
        for item in planned
        if isinstance(item, Planned) and item.plan.changes and not item.plan.refused
    ]
    approved = [item for item in ready if approve(item)]
    results: dict[str, tuple[Result, ...]] = {}
    for item in approved:
        tenant = item.plan.tenant
        results[tenant.id] = await apply_writes(
            session.tenant(tenant),
            item.writes,
            item.plan.versions,
            cloud=tenant.cloud,
            pace=pace,
            progress=partial(_told, progress, tenant.name),
        )
    plans = tuple(item if isinstance(item, Failure) else item.plan for item in planned)
    return Report("apply", plans, results)


def _told(progress: Callable[[str], None], name: str, text: str) -> None:
    progress(f"{name}: {text}")
