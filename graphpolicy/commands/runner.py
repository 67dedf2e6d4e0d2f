"""A run that writes: each tenant under its lock, ring by ring, and recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from graphpolicy.commands.plan import guarded
from graphpolicy.commands.run_recorder import RunRecord, RunRecorder
from graphpolicy.graph.protocols import WritePace
from graphpolicy.graph.read import together
from graphpolicy.graph.write import apply_writes
from graphpolicy.journal.folder import RunError
from graphpolicy.journal.lock import locked
from graphpolicy.journal.run import Run
from graphpolicy.model import Desired, Failure, Finding, Json, Plan, Result, Tenant, Unsent
from graphpolicy.model.errors import Exit, GraphPolicyError
from graphpolicy.model.records import dataclass
from graphpolicy.plan.make import Planned
from graphpolicy.plan.verdict import NOT_KEPT, Report
from graphpolicy.rollouts.rings import Ring, by_ring, phrase, stopped_by

if TYPE_CHECKING:
    from graphpolicy.graph.read import Reader
    from graphpolicy.graph.session import Session


Approve = Callable[[Sequence[Planned]], Sequence[bool]]
"""Asks for approval of all plans, once in a run and before anything is written: one answer each.

There are fewer answers than plans if a no ended the questions."""

Planner = Callable[[Desired], Awaitable["Planned | Failure"]]


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a run writes: approval, waiting times, progress, and where it is recorded."""

    approve: Approve
    pace: WritePace
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
    soak: int = 0
    """Seconds to wait after a ring that was written to."""

    async def settle(self, graph: Reader, runs: Iterable[Run]) -> tuple[Finding, ...]:
        """See `RunRecorder.settle`."""
        return await self.keeper.settle(graph, runs, self.pace, self.progress)


async def run_alone(
    session: Session, policies: Sequence[Desired], plan: Planner, writing: WriteOptions
) -> Report:
    """Plan and apply each tenant under its lock: no other run on this machine writes to it.

    `plan` plans a tenant again before a later ring; a plan that differs then is a failure.
    """
    with ExitStack() as every:
        rings = {each.tenant.ring for each in policies}
        locks = {ring: every.enter_context(ExitStack()) for ring in rings}
        busy = [_lock(locks[each.tenant.ring], each, writing.verb) for each in policies]
        items = await together(
            _kept(desired, failure, plan) for desired, failure in zip(policies, busy, strict=True)
        )
        wanted = {desired.tenant.id: desired for desired in policies}
        run = _Run(session, writing, plan, wanted, dict(zip(wanted, items, strict=True)))
        return await run.carry_out(locks)


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


@dataclass(slots=True)
class _Run:
    """What a run has planned, and what it has written so far; all by tenant id."""

    session: Session
    writing: WriteOptions
    plan: Planner
    wanted: Mapping[str, Desired]
    items: dict[str, Planned | Failure]
    results: dict[str, tuple[Result, ...]] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)
    unsent: dict[str, Unsent] = field(default_factory=dict)
    stopped: str = ""
    """Why nothing else is written."""

    async def carry_out(self, locks: Mapping[Ring, ExitStack]) -> Report:
        """Write the plans that are ready and approved, ring by ring, one tenant after the other.

        All questions are asked before the first write. Unless `keep_going` is set, nothing is
        written if a tenant is not ready or was declined, and the first failed write ends the run:
        tenants that belong together must not be left half applied. In any case nothing is written
        to a ring if a tenant of the ring before is not in order.
        """
        approved = self.approved()
        for ring, own in by_ring(self.wanted.values(), lambda each: each.tenant):
            todo = [each for each in own if each.tenant.id in approved]
            if todo and self.results and not self.stopped:
                todo = await self.planned_again(ring, todo)
            for number, each in enumerate(todo):
                if self.stopped:
                    self.unsent |= _held_up(todo[number:], self.stopped)
                    break
                await self.write(each.tenant)
            locks[ring].close()
            reasons = "; ".join(self.reasons(each.tenant for each in own))
            self.stopped = self.stopped or (f"{phrase(ring)} ({reasons})" if reasons else "")
        return Report(
            self.writing.verb,
            tuple(map(_plan_of, self.items.values())),
            self.results,
            runs=self.runs,
            unsent=self.unsent,
            untried=any(id_ not in self.results for id_ in approved),
        )

    def reasons(self, tenants: Iterable[Tenant]) -> Iterator[str]:
        """See `stopped_by`."""
        declined = {id_ for id_, each in self.unsent.items() if each.declined}
        items = [_plan_of(self.items[tenant.id]) for tenant in tenants]
        return stopped_by(items, self.results, declined)

    def approved(self) -> set[str]:
        """The tenants whose plans are ready and approved."""
        going = self.writing.keep_going
        ready: list[Planned] = []
        why = "" if going else "; ".join(self.reasons(each.tenant for each in self.wanted.values()))
        for ring, own in by_ring(self.wanted.values(), lambda each: each.tenant):
            plans = [self.items[each.tenant.id] for each in own]
            found = [item for item in plans if isinstance(item, Planned) and _is_ready(item)]
            if why:
                tenants = [self.wanted[item.plan.tenant.id] for item in found]
                self.unsent |= _held_up(tenants, why, shown=False)
                continue
            ready += found
            reasons = "; ".join(self.reasons(each.tenant for each in own))
            why = f"{phrase(ring)} ({reasons})" if reasons else ""
        answers = [] if self.unsent and not going else self.writing.approve(ready)
        known = [item.plan.tenant for item in ready]
        approved = {tenant.id for tenant, yes in zip(known, answers, strict=False) if yes}
        declined = [tenant for tenant, yes in zip(known, answers, strict=False) if not yes]
        if declined:
            names = ", ".join(tenant.name for tenant in declined)
            waiting = [self.wanted[each.id] for each in known[len(answers) if going else 0 :]]
            self.unsent |= _held_up(waiting, f"{names}: declined")
            approved = approved if going else set()
        self.unsent |= {tenant.id: DECLINED for tenant in declined}
        return approved

    async def planned_again(self, ring: Ring, todo: Sequence[Desired]) -> list[Desired]:
        """Wait for the soak, and plan a ring again; the tenants that can still be written to.

        Hours may have passed since its plans were approved.
        """
        try:
            await self.soaked(ring)
            made = await together(map(self.kept_again, todo))
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task:
                task.uncancel()  # so that the run can still report what was written
            self.stopped = INTERRUPTED
            return [*todo]
        self.items |= {each.tenant.id: item for each, item in zip(todo, made, strict=True)}
        reasons = "; ".join(self.reasons(each.tenant for each in todo))
        if not self.writing.keep_going:
            self.stopped = reasons
        return [
            each
            for each, item in zip(todo, made, strict=True)
            if isinstance(item, Planned) and _is_ready(item)
        ]

    async def kept_again(self, desired: Desired) -> Planned | Failure:
        """A tenant's plan; any error is its failure, because other tenants were written to."""
        try:
            return await _kept(desired, None, self.plan)
        except GraphPolicyError as error:
            tenant, text = desired.tenant, error.text
            return Failure(tenant, desired.file, "graph-error", text, error.help, error.exit_code)

    async def soaked(self, ring: Ring) -> None:
        """Wait until a ring may begin."""
        seconds = self.writing.soak
        if seconds:
            end = datetime.fromisoformat(self.writing.keeper.now()) + timedelta(seconds=seconds)
            self.writing.progress(
                f"waiting: {phrase(ring)} begins no earlier than {end:%Y-%m-%d %H:%M} UTC; an "
                "interrupt before then ends the run"
            )
            await self.writing.pace.sleep(seconds)

    async def write(self, tenant: Tenant) -> None:
        """Write to a tenant and record it."""
        item = self.items[tenant.id]
        assert isinstance(item, Planned)  # noqa: S101 - it was ready
        try:
            keeping = self.writing.keeper.begin(item, self.writing.verb, self.writing.consent)
            self.runs[tenant.id] = keeping.folder.name
            self.results[tenant.id] = await _one(self.session, item, keeping, self.writing)
        except RunError as failure:
            self.items[tenant.id] = _not_kept(tenant, item.plan.file, NOT_KEPT, failure)
        ended = {result.exit_code for result in self.results.get(tenant.id, ())}
        if Exit.INTERRUPTED in ended:
            self.stopped = INTERRUPTED
        elif not self.writing.keep_going and (ended - {0} or tenant.id not in self.results):
            self.stopped = f"{tenant.name}: not completely applied"


DECLINED = Unsent("Declined; nothing was written", declined=True)
INTERRUPTED = "an interrupt"


def _plan_of(item: Planned | Failure) -> Plan | Failure:
    return item if isinstance(item, Failure) else item.plan


def _is_ready(item: Planned) -> bool:
    return bool(item.plan.changes) and not item.plan.refused


def _held_up(ready: Iterable[Desired], why: str, *, shown: bool = True) -> dict[str, Unsent]:
    """These tenants as not sent, for the reason `why`."""
    unsent = Unsent(f"Nothing was written here, held up by {why}", shown=shown)
    return {desired.tenant.id: unsent for desired in ready}


async def _one(
    session: Session, item: Planned, keeping: RunRecord, writing: WriteOptions
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
