"""rollback: the inverse of a recorded run, or the way back to a snapshot, applied like any plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from graphpolicy.commands.apply import Writing, run_alone
from graphpolicy.commands.keeping import noted
from graphpolicy.commands.planning import plan_tenant
from graphpolicy.graph.read import read_policy
from graphpolicy.journal.folder import load
from graphpolicy.model import Declared, Desired, Directory, Failure, Report, Tenant
from graphpolicy.plan import Occasion, Planned
from graphpolicy.policyfile.load import judge
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.policyfile.write import policy_yaml
from graphpolicy.run import Run
from graphpolicy.settle import moved_since, undo
from graphpolicy.snapshot import Snapshot

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session

MOVED = 3


def around(tenant: Tenant, file: str, policies: Sequence[Desired]) -> Desired:
    """What guards a tenant whatever is written: the accounts and exceptions of its own policy."""
    own = next((one for one in policies if one.tenant.id == tenant.id), None)
    nothing: tuple[Declared, ...] = ()
    if own is None:
        return Desired(file, tenant, nothing)
    return replace(own, file=file, resources=nothing, holds=())


async def rollback(
    session: Session,
    run: Run,
    policy: Desired,
    writing: Writing,
    *,
    override: bool,
    occasion: Occasion,
) -> Report:
    """Undo what a run wrote, where it still is as the run left it, or wherever with `override`."""

    async def planned(desired: Desired) -> Planned | Failure:
        graph = session.tenant(desired.tenant)
        notes = await writing.settle(graph, [load(Path(run.folder))])
        known = load(Path(run.folder))
        versions = tuple(dict.fromkeys(attempt.api for attempt in known.attempts))
        observed = await read_policy(graph, versions) if versions else None
        moved = list(moved_since(known.written, observed)) if observed else []
        if moved and not override:
            return Failure(
                desired.tenant,
                desired.file,
                "rollback-moved",
                f"changed since run {run.name}; nothing was written",
                "look at the plan with --override, which undoes the run all the same",
                MOVED,
                details=tuple(moved),
            )
        undoing = undo(known.written)
        wanted = replace(desired, resources=undoing.resources)
        made = await plan_tenant(graph, wanted, occasion)
        return made if isinstance(made, Failure) else noted(made, (*notes, *undoing.findings))

    return await run_alone(session, [policy], planned, writing)


async def restore(
    session: Session,
    snapshot: Snapshot,
    policy: Desired,
    writing: Writing,
    occasion: Occasion,
) -> Report:
    """Bring back every setting of a snapshot that the language can say."""
    directory = Directory(names=snapshot.names)
    text = policy_yaml(snapshot.tenant, snapshot.observed, directory).text
    wanted = judge(parse(text.encode(), policy.file)).desired
    resources = (
        tuple(replace(one, places={}, entries={}) for one in wanted.resources) if wanted else ()
    )

    async def planned(desired: Desired) -> Planned | Failure:
        graph = session.tenant(desired.tenant)
        notes = await writing.settle(graph, writing.keeper.cut_off(desired.tenant))
        wanted = replace(desired, resources=resources)
        made = await plan_tenant(graph, wanted, occasion)
        return made if isinstance(made, Failure) else noted(made, notes)

    return await run_alone(session, [policy], planned, writing)
