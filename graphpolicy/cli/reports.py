"""The plans of all tenants: as one report, or each written as soon as it is made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, NoReturn

import click

from graphpolicy.cli.connect import WrongFiles, connected, policies_of_rings
from graphpolicy.cli.fleet import LINES, streamed
from graphpolicy.cli.options import Context
from graphpolicy.cli.planning import WATCHED, keeping, plan_context_of

if TYPE_CHECKING:
    from graphpolicy.graph.session import Session
    from graphpolicy.model import Desired, Failure, Tenant
    from graphpolicy.plan.make import Planned
    from graphpolicy.plan.plan_context import PlanContext
    from graphpolicy.plan.verdict import Report
    from graphpolicy.rollouts.rings import Ring

Say = Callable[[str], None]

EVERY_SECONDS = 1.0
"""How often files that are watched are looked at."""


@dataclass
class Plans:
    """The plans that a verb asks for; nothing is written to a tenant."""

    context: Context
    verb: str
    path: tuple[str, ...]
    base: str | None = None
    allow: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    names: bool = False
    impact: bool = False
    cache_for: int | None = None
    since: str = ""
    strict: bool = False
    ring: tuple[Ring, ...] = ()
    only: tuple[str, ...] = ()
    detailed: bool = False
    wrong: WrongFiles | None = None

    def show(self) -> int:
        """Show them, and return the exit code.

        If lines are wanted, each is written as soon as its plan is made.
        """
        console = self.context.console
        if LINES in console.formats and not self.against:
            return streamed(self.context, self._one_by_one, self.policies, people=self.impact)
        report = self.report()
        console.report(report)
        return report.exit_code

    def watch(self) -> NoReturn:
        """Show them, and again whenever a policy file changes, until Ctrl-C."""
        from graphpolicy.plan.tally import number

        console = self.context.console
        seen: object = None
        while True:
            files = self._files()
            if files != seen:
                seen = files
                with suppress(click.exceptions.Exit):  # the files have errors, which were printed
                    replace(self).show()
                console.say(f"watching {number(len(files), 'file')}; Ctrl-C ends it")
            sleep(EVERY_SECONDS)

    def _files(self) -> dict[str, tuple[int, int]]:
        """The policy files and their bases, each with its time and size."""
        from graphpolicy.policyfile.load import load

        found = {}
        for name in load(self.path, self.context.facts).files:
            with suppress(OSError):
                stat = Path(name).stat()
                found[name] = (stat.st_mtime_ns, stat.st_size)
        return found

    def report(self) -> Report:
        """All of them, live or `against` snapshots."""
        if not self.against:
            made = connected(self.context, self._all, self.policies, people=self.impact)
            return self._report(made)
        from graphpolicy.commands.kept_snapshot import unless_kept
        from graphpolicy.commands.plan_from_snapshot import edited, plan_against, read_snapshots

        snapshots = read_snapshots(self.against)
        edits = unless_kept(edited(self.against), self.policies if self.base else ())
        found = tuple(dict.fromkeys((*self.plan_context.findings, *edits)))
        made = plan_against(snapshots, self.policies, replace(self.plan_context, findings=found))
        times = (f"{one.taken_at}, from a snapshot" for one in snapshots.values())
        return self._report(made, min(times, default=""))

    @cached_property
    def policies(self) -> list[Desired]:
        """The policies of the files, ring by ring."""
        return self._found[0]

    @cached_property
    def _found(self) -> tuple[list[Desired], tuple[Tenant, ...]]:
        return policies_of_rings(self.context, self.path, self.ring, wrong=self.wrong, planned=True)

    @cached_property
    def plan_context(self) -> PlanContext:
        """What the plans depend on besides the tenants."""
        from graphpolicy.compare.selection import parts_of

        drift = self.verb == "drift"
        plan_context = plan_context_of(
            self.context,
            self.allow,
            self.base,
            self.path,
            self.policies,
            count="always" if self.impact and not drift else "required",
            attribute=drift,
            watch=WATCHED,
            tenants=self._found[1],
        )
        return replace(
            plan_context,
            proposal=not drift and self.base is not None,
            names=self.names,
            since=self.since,
            examine=drift,
            strict=self.strict,
            only=parts_of(self.only, self.policies),
        )

    def _report(self, made: Iterable[Planned | Failure], at: str = "") -> Report:
        from graphpolicy.commands.plan import beside_base
        from graphpolicy.model import Failure, Origin
        from graphpolicy.plan.verdict import Report, undoing

        items = [item if isinstance(item, Failure) else item.plan for item in made]
        if self.verb == "drift":
            items = [item if isinstance(item, Failure) else undoing(item) for item in items]
        whole = beside_base(items, self.policies, self.plan_context)
        origin = Origin(at=at)
        return Report(self.verb, whole, base=self.base or "", origin=origin, detailed=self.detailed)

    async def _all(self, session: Session, say: Say) -> Sequence[Planned | Failure]:
        from graphpolicy.commands.plan import plan_each

        session = keeping(session, self.cache_for, say)
        drift = self.verb == "drift"
        made = await plan_each(session, self.policies, self.plan_context, attribute=drift)
        return await self._dated(session, made)

    async def _one_by_one(self, session: Session, say: Say) -> AsyncIterator[Report]:
        from graphpolicy.commands.plan import plans_as_made, tenant_of

        session = keeping(session, self.cache_for, say)
        drift = self.verb == "drift"
        made = plans_as_made(session, self.policies, self.plan_context, attribute=drift)
        async for item in made:
            yield self._report(await self._dated(session, [item]))
            session.forget(tenant_of(item))

    async def _dated(
        self, session: Session, made: Sequence[Planned | Failure]
    ) -> Sequence[Planned | Failure]:
        """The same, with what Microsoft takes away on its next day if a drift counts people."""
        if self.verb != "drift" or not self.impact:
            return made
        from graphpolicy.commands.impact import with_next_day
        from graphpolicy.commands.trend import Trend
        from graphpolicy.journal.ledger import IMPACT, Ledger

        context = self.context
        ledger = Ledger(context.state_dir, context.now, {}, IMPACT)
        trend = Trend(ledger, context.console.warn)
        return await with_next_day(session, made, self.plan_context, trend)
