"""The record of a run: its folder, the lines of its journal, and runs that were interrupted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from graphpolicy import __version__
from graphpolicy.compare.author_words import without_addresses
from graphpolicy.compare.documents import known_as, lists_needed, versions_of
from graphpolicy.compare.requests import Write
from graphpolicy.journal.folder import (
    BEFORE,
    PLAN,
    RUNS,
    RunError,
    RunFolder,
    load,
    run_names,
    runs,
)
from graphpolicy.journal.provenance import origin
from graphpolicy.journal.recovery import as_given, write_outcome
from graphpolicy.journal.run import FORMAT_VERSION, Attempt, Run, WriteOutcome
from graphpolicy.journal.run_name import name_after
from graphpolicy.journal.snapshot import Snapshot, as_json
from graphpolicy.model import Finding, Json, Plan, Request, Result, Tenant
from graphpolicy.model.command import command
from graphpolicy.model.errors import Exit
from graphpolicy.model.records import dataclass
from graphpolicy.plan.make import Planned
from graphpolicy.plan.verdict import Report
from graphpolicy.render import Style
from graphpolicy.render.as_json import envelope, tenant_json
from graphpolicy.render.plan_json import document

if TYPE_CHECKING:
    from graphpolicy.graph.protocols import WritePace
    from graphpolicy.graph.read import Reader


@dataclass(slots=True)
class RunRecorder:
    """Records runs below `state_dir`.

    `now` returns the time in UTC, like 2026-11-24T13:50:01Z; `stopped` the exit code of a run that
    a signal ended.
    """

    state_dir: str
    environment: Mapping[str, str]
    now: Callable[[], str]
    stopped: Callable[[], int] = lambda: Exit.INTERRUPTED
    common: tuple[str, ...] = ()
    """Flags to repeat in every command that a message suggests."""
    open_runs: list[Run] | None = field(default=None, init=False, compare=False)
    """Runs of all tenants with an open request, read once: many tenants have many runs."""
    unfinished: list[RunError] = field(default_factory=list, init=False, compare=False)
    """Why the last line of a run could not be written; all requests of these runs are recorded."""

    def begin(self, planned: Planned, verb: str, consent: Mapping[str, Json]) -> RunRecord:
        """Make a run's folder with the snapshot, the plan and the journal's first line.

        Raises:
            RunError: it can't be written; the tenant may not be written to then.
        """
        plan, now = planned.plan, self.now()
        name = name_after(run_names(self.state_dir), datetime.fromisoformat(now), plan.tenant.name)
        folder = RunFolder.make(self.state_dir, name)
        before = Snapshot(plan.tenant, now, planned.observed, planned.directory.names)
        folder.keep(BEFORE, as_json(before))
        # More people can read the record than may see the names of --names, or the address of the
        # device from which somebody changed the tenant.
        nameless = replace(
            plan,
            findings=tuple(replace(one, names=()) for one in plan.findings),
            changes=tuple(
                replace(one, changed_by=without_addresses(one.changed_by)) for one in plan.changes
            ),
            held=tuple(
                replace(one, changed_by=without_addresses(one.changed_by)) for one in plan.held
            ),
            unmanaged=tuple(
                replace(one, changed_by=without_addresses(one.changed_by)) for one in plan.unmanaged
            ),
        )
        folder.keep(PLAN, envelope(document(Report("plan", (nameless,)), Style())))
        keeping = RunRecord(folder, self.now, self.stopped)
        keeping.say(
            "begun",
            format_version=FORMAT_VERSION,
            tool_version=__version__,
            run=folder.name,
            verb=verb,
            tenant=tenant_json(plan.tenant),
            file=plan.file,
            digest=plan.digest,
            origin=origin(self.environment),
            consent=dict(consent),
            **({"rollouts": open_} if (open_ := _open_waves(plan)) else {}),
        )
        return keeping

    def cut_off(self, tenant: Tenant, elsewhere: Run | None = None) -> list[Run]:
        """A tenant's runs that have an open request: sent, without a known result.

        `elsewhere` is a run whose folder may be anywhere; it is read again and included.
        """
        if self.open_runs is None:
            self.open_runs = [run for run in runs(self.state_dir) if run.open]
        known = [*self.open_runs, *([load(Path(elsewhere.folder))] if elsewhere else [])]
        ours = [run for run in known if run.open and run.tenant.id == tenant.id]
        return list({Path(run.folder).resolve(): run for run in ours}.values())

    async def settle(
        self, graph: Reader, runs: Iterable[Run], pace: WritePace, progress: Callable[[str], None]
    ) -> tuple[Finding, ...]:
        """Read how the open requests of earlier runs ended, and record it.

        Returns a note for each. A write that does not show may still be replicating, so it gets the
        time that any write gets, counted from when its request would have timed out.
        """
        from graphpolicy.graph.read import read_policy

        runs = tuple(runs)
        pending = [(run, attempt) for run in runs for attempt in run.open]
        if not pending:
            return ()
        about = [(known_as(each.type, each.resource), each.api) for _, each in pending]
        versions, kinds = versions_of(about), lists_needed(one for one, _ in about)
        names = ", ".join(dict.fromkeys(run.name for run, _ in pending))

        def say(waited: float) -> None:
            progress(f"run {names} was interrupted: waiting for its write to show ({waited:.0f} s)")

        spent = self._spent([attempt for _, attempt in pending])
        pace = replace(pace, verify_timeout=max(0.0, pace.verify_timeout - spent))
        async for _ in pace.looks(say):
            observed = await read_policy(graph, versions, kinds)
            fates = [
                write_outcome(attempt, observed)
                for run in runs
                for attempt in as_given(run.attempts, observed)
                if attempt.fate is None
            ]
            if not {"not written", "written"} & set(fates):
                break
        found = tuple(
            self._settled(run, attempt, known)
            for (run, attempt), known in zip(pending, fates, strict=True)
        )
        for finding in found:  # now: if no plan can be made, its findings are never shown
            progress(finding.message)
        return found

    def _spent(self, attempts: Iterable[Attempt]) -> float:
        """The seconds that all of these have had to show; at least 0.

        The times may be from another machine's clock, or one that was set back.
        """
        from graphpolicy.graph.transport import REQUEST_SECONDS

        now = datetime.fromisoformat(self.now())
        sent = max(attempt.sent for attempt in attempts)
        try:
            age = (now - datetime.fromisoformat(sent)).total_seconds()
        except (ValueError, TypeError):  # a journal that was edited: wait the whole time
            return 0.0
        return max(0.0, age - REQUEST_SECONDS)

    def _settled(self, run: Run, attempt: Attempt, known: WriteOutcome) -> Finding:
        """Record how an open request ended; the note about it."""
        keeping = RunRecord(RunFolder.at(run.folder), self.now, self.stopped)
        keeping.say("settled", request=attempt.number, fate=known)
        paths = ", ".join(".".join(setting.path) for setting in attempt.settings)
        return Finding(
            "interrupted-write",
            "note",
            f"run {run.name} was interrupted while it wrote {attempt.title}: {paths}; reading "
            f"shows: {WORDS[known]}",
            f"{command('rollback', self._named(run), *self.common)} undoes that run",
            attempt.resource,
        )

    def _named(self, run: Run) -> str:
        """The argument that names a run: its name, or its folder if that is not in `state_dir`."""
        kept = Path(self.state_dir, RUNS, run.name).resolve() == Path(run.folder).resolve()
        return run.name if kept else run.folder


WORDS: Mapping[WriteOutcome, str] = {
    "verified": "it took effect",
    "written": "a part of it took effect",
    "not written": "it did not take effect",
    "unknown": "another value, which somebody else wrote",
}


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run's journal while it runs: the `Record` that `graph.write` needs."""

    folder: RunFolder
    now: Callable[[], str]
    stopped: Callable[[], int]

    def say(self, event: str, **more: Json) -> None:
        """Add a line."""
        self.folder.append({"event": event, "at": self.now(), **more})

    def sending(self, number: int, write: Write, request: Request) -> None:
        """A request is about to be sent."""
        self.say(
            "sending",
            request=number,
            resource=request.resource,
            type=write.comparison.resource.id,
            title=request.title,
            api=request.api,
            url=request.url,
            settings=[
                {"path": ".".join(one.path), "before": one.before, "after": one.after}
                for one in write.differences
            ],
            body=request.body,
        )

    def ended(self, number: int, result: Result) -> None:
        """A write has ended, read back or not."""
        self.say(
            "result",
            request=number,
            outcome=result.outcome,
            fate=_fate(result),
            request_id=result.request_id,
            error=result.error,
        )

    def finished(self, exit_code: int) -> None:
        """The run ended, well or not."""
        code = self.stopped() if exit_code == Exit.INTERRUPTED else exit_code
        self.say("finished", exit_code=code)


def _open_waves(plan: Plan) -> dict[str, list[str]]:
    """The names of the open waves, by rollout: what a later plan compares its files with."""
    return {
        each.rollout.name: [one.wave.name for one in each.waves if one.state != "waiting"]
        for each in plan.rollouts
    }


def _fate(result: Result) -> WriteOutcome | None:
    if result.outcome == "verified":
        return "verified"
    if result.outcome == "unknown":
        return None  # the next run reads how it ended
    if result.outcome == "not_persisted" and not result.written:
        return "unknown"  # Graph accepted it, so it may still appear
    if result.outcome == "conflict" and result.written:
        return "unknown"  # the value that shows is somebody else's
    return "written" if result.written else "not written"


def noted(planned: Planned, findings: tuple[Finding, ...]) -> Planned:
    """The plan with these findings after its own."""
    plan = replace(planned.plan, findings=(*planned.plan.findings, *findings))
    return replace(planned, plan=plan)
