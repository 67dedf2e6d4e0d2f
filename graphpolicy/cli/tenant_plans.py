"""The plans of all wanted tenants, for `plan`, `drift` and `announce`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graphpolicy.cli.connect import connected, policies_for
from graphpolicy.cli.options import Context
from graphpolicy.cli.plan_context import base_of, plan_context

if TYPE_CHECKING:
    from graphpolicy.catalogue.facts import Facts
    from graphpolicy.model import Report


def plans(
    context: Context,
    verb: str,
    path: tuple[str, ...],
    *,
    facts: Facts,
    format_: str,
    output: tuple[str, ...],
    base: str | None = None,
    allow: tuple[str, ...] = (),
    against: tuple[str, ...] = (),
) -> Report:
    """Plan each tenant, live or against snapshots (`against`), without writing anything.

    Raises:
        click.exceptions.Exit: the files have errors, which were printed.
    """
    from graphpolicy.commands.plan import beside_base, plan_each
    from graphpolicy.model import Failure, Origin, Report
    from graphpolicy.plan.verdict import undoing

    policies = policies_for(context, path, facts, format_=format_, output=output, planned=True)
    before, lost = base_of(context, base, path, policies)
    occasion = plan_context(context, facts, allow, base, lost)
    if against:
        from graphpolicy.commands.plan_from_snapshot import edited, plan_against, read_snapshots

        snapshots = read_snapshots(against)
        found = dict.fromkeys((*occasion.findings, *edited(against)))
        occasion = replace(occasion, findings=tuple(found))
        made = plan_against(snapshots, policies, occasion, before)
        taken = sorted({f"{one.taken_at}, from a snapshot" for one in snapshots.values()})
        items = tuple(item if isinstance(item, Failure) else item.plan for item in made)
        items = beside_base(items, policies, occasion, before)
        return Report(verb, items, base=base or "", origin=Origin(at="; ".join(taken[:1])))
    planned = connected(
        context,
        lambda session, _say: plan_each(
            session, policies, occasion, before, attribute=verb == "drift"
        ),
    )
    live = tuple(item if isinstance(item, Failure) else item.plan for item in planned)
    if verb == "drift":
        live = tuple(item if isinstance(item, Failure) else undoing(item) for item in live)
    items = beside_base(live, policies, occasion, before)
    return Report(verb, items, base=base or "")
