"""apply: plan again, ask for approval, write in a safe order, read every write back, record it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING

from graphpolicy.commands.approved_plan import ApprovedPlan, outdated, stale
from graphpolicy.commands.plan import beside_base, guarded, plan_tenant
from graphpolicy.commands.plan_file import review
from graphpolicy.commands.run_recorder import RunRecord, RunRecorder, noted
from graphpolicy.graph.protocols import Pace
from graphpolicy.graph.read import together
from graphpolicy.graph.write import apply_writes
from graphpolicy.journal.folder import RunError
from graphpolicy.journal.lock import locked
from graphpolicy.journal.run import Run
from graphpolicy.model import Desired, Failure, Finding, Json, Result, Tenant, Unsent
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass
from graphpolicy.plan.make import PlanContext, Planned
from graphpolicy.plan.verdict import NOT_KEPT, Report
from graphpolicy.rules.table import RULES

if TYPE_CHECKING:
    from graphpolicy.graph.read import Reader
    from graphpolicy.graph.session import Session


Approve = Callable[[Sequence[Planned]], Sequence[bool]]
"""Asks for approval of all plans, once in a run and before anything is written: one answer each.

There are fewer answers than plans if a no ended the questions."""

Planner = Callable[[Desired], Awaitable["Planned | Failure"]]


@dataclass(frozen=True, slots=True)
class Writing:
    """How a run writes: approval, waiting times, progress, and where it is recorded."""

    approve: Approve
    pace: Pace
    progress: Callable[[str], None]
    keeper: RunRecorder
    verb: str = "apply"
    consent: Mapping[str, Json] = field(default_factory=dict)
    """What the journal says about the approval: a given digest, the run that is resumed."""
    common: tuple[str, ...] = ()
    """Flags to repeat in every command that a message suggests."""
    typed: tuple[str, ...] = ()
    """The command that is running, without the program."""
    keep_going: bool = False
    """Apply each tenant independently. If False, one tenant that is not ready stops all."""

    async def settle(self, graph: Reader, runs: Iterable[Run]) -> tuple[Finding, ...]:
        """See `RunRecorder.settle`."""
        return await self.keeper.settle(graph, runs, self.pace, self.progress)


async def apply(
    session: Session,
    policies: Sequence[Desired],
    writing: Writing,
    occasion: PlanContext,
    *,
    expected: Mapping[str, ApprovedPlan],
    again: Sequence[str] = ("plan",),
    resume: tuple[str, ...] = (),
    resumes: Run | None = None,
) -> Report:
    """Apply each tenant's plan in turn, if it has changes, is not refused and is approved.

    `expected` has by tenant id the plan that was approved before; a different plan is stale.
    `resumes` is the run to go on with. `again` are the arguments of the command that plans the same
    again, `resume` those of the command that resumes a run, without the run's name.
    """

    async def planned(desired: Desired) -> Planned | Failure:
        graph = session.tenant(desired.tenant)
        cut_off = writing.keeper.cut_off(desired.tenant, resumes)
        notes = await writing.settle(graph, cut_off)
        made = await plan_tenant(graph, desired, occasion)
        if isinstance(made, Failure):
            return made
        known = expected.get(desired.tenant.id)
        if known and outdated(known, made.plan):
            # Only a plan that counts people finds what refuses this one.
            counts = any(
                each.rule in RULES and RULES[each.rule].counted for each in made.plan.refusing
            )
            moved.append(review((*again, *["--impact"] * counts)))
        return (known and stale(known, made.plan, again)) or noted(made, notes)

    moved: list[str] = []
    report = await run_alone(session, policies, planned, writing)
    items = beside_base(report.plans, policies, occasion)
    return replace(report, plans=items, outdated=next(iter(moved), ""), resume=resume)


async def run_alone(
    session: Session, policies: Sequence[Desired], plan: Planner, writing: Writing
) -> Report:
    """Plan and apply each tenant under its lock: no other run on this machine writes to it."""
    with ExitStack() as locks:
        busy = [_lock(locks, desired, writing.verb) for desired in policies]
        items = await together(
            _kept(desired, failure, plan) for desired, failure in zip(policies, busy, strict=True)
        )
        return await _carry_out(session, items, writing)


def _lock(locks: ExitStack, desired: Desired, verb: str) -> Failure | None:
    """Take a tenant's lock until the run ends; a failure if another run has it."""
    try:
        locks.enter_context(locked(desired.tenant, verb))
    except RunError as failure:
        return _not_kept(desired.tenant, desired.file, "run-locked", failure)
    return None


async def _kept(desired: Desired, busy: Failure | None, plan: Planner) -> Planned | Failure:
    if busy:
        return busy
    try:
        return await guarded(desired, plan(desired))
    except RunError as failure:
        return _not_kept(desired.tenant, desired.file, NOT_KEPT, failure)


def _not_kept(tenant: Tenant, file: str, code: str, failure: RunError) -> Failure:
    return Failure(tenant, file, code, failure.text, failure.help, failure.exit_code)


async def _carry_out(
    session: Session, items: Sequence[Planned | Failure], writing: Writing
) -> Report:
    """Write the plans that are ready and approved, one tenant after the other.

    All questions are asked before the first write. Unless `keep_going` is set, nothing is written
    if a tenant is not ready or was declined, and the first failed write ends the run: tenants that
    belong together must not be left half applied.
    """
    ready = [
        item
        for item in items
        if isinstance(item, Planned) and item.plan.changes and not item.plan.refused
    ]
    unsent = _held_up(ready, _not_ready(items), shown=False) if not writing.keep_going else {}
    answers = [] if unsent else writing.approve(ready)
    approved = [item for item, yes in zip(ready, answers, strict=False) if yes]
    declined = [item for item, yes in zip(ready, answers, strict=False) if not yes]
    if declined and not writing.keep_going:
        names = ", ".join(item.plan.tenant.name for item in declined)
        unsent |= _held_up(ready, f"{names}: declined")
        approved = []
    unsent |= {item.plan.tenant.id: DECLINED for item in declined}
    plans = {item.plan.tenant.id: item.plan for item in items if isinstance(item, Planned)}
    results: dict[str, tuple[Result, ...]] = {}
    failures: dict[str, Failure] = {}
    run_names: dict[str, str] = {}
    for number, item in enumerate(approved, 1):
        tenant = item.plan.tenant
        try:
            keeping = writing.keeper.begin(item, writing.verb, writing.consent)
            run_names[tenant.id] = keeping.folder.name
            results[tenant.id] = await _one(session, item, keeping, writing)
        except RunError as failure:
            failures[tenant.id] = _not_kept(tenant, item.plan.file, NOT_KEPT, failure)
        ended = {result.exit_code for result in results.get(tenant.id, ())}
        if Exit.INTERRUPTED in ended:
            unsent |= _held_up(approved[number:], "the run was interrupted")
            break
        if (ended - {0} or tenant.id in failures) and not writing.keep_going:
            unsent |= _held_up(approved[number:], f"{tenant.name}: not completely applied")
            break
    return Report(
        writing.verb,
        tuple(
            item
            if isinstance(item, Failure)
            else failures.get(item.plan.tenant.id, plans[item.plan.tenant.id])
            for item in items
        ),
        results,
        runs=run_names,
        unsent=unsent,
    )


DECLINED = Unsent("Declined; nothing was written", declined=True)


def _not_ready(items: Sequence[Planned | Failure]) -> str:
    """The tenants that can't be planned or are refused, each with the reason."""
    reasons = [
        f"{item.tenant.name}: {item.code}"
        if isinstance(item, Failure)
        else f"{item.plan.tenant.name}: refused: {item.plan.refused}"
        for item in items
        if isinstance(item, Failure) or item.plan.refused
    ]
    return "; ".join(reasons)


def _held_up(ready: Iterable[Planned], why: str, *, shown: bool = True) -> dict[str, Unsent]:
    """These tenants as not sent, for the reason `why`; none of them if `why` is empty."""
    unsent = Unsent(f"Nothing was written here, held up by {why}", shown=shown)
    return {item.plan.tenant.id: unsent for item in ready} if why else {}


async def _one(
    session: Session, item: Planned, keeping: RunRecord, writing: Writing
) -> tuple[Result, ...]:
    """Send one tenant's writes and record them."""
    tenant = item.plan.tenant
    results = await apply_writes(
        session.tenant(tenant),
        item.writes,
        item.plan.versions,
        cloud=tenant.cloud,
        pace=writing.pace,
        progress=partial(_told, writing.progress, tenant.name),
        record=keeping,
    )
    try:
        keeping.finished(Report(writing.verb, (item.plan,), {tenant.id: results}).exit_code)
    except RunError as failure:  # the writes are recorded; their results must still be reported
        writing.keeper.unfinished.append(failure)
    return results


def _told(progress: Callable[[str], None], name: str, text: str) -> None:
    progress(f"{name}: {text}")
