"""How long a wave has been in force: from the records of runs, the audit log, or the commits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from graphpolicy.commands.base_revision import git
from graphpolicy.compare.audit_events import touching
from graphpolicy.graph.audit_log import read_audit_log
from graphpolicy.journal.run import Run
from graphpolicy.model import AuditLog, Change, Directory, InForce, Json, RolloutFacts
from graphpolicy.model.errors import Exit, InputError
from graphpolicy.model.tree import member
from graphpolicy.policyfile.strict_yaml import parse
from graphpolicy.rollouts.status import Opening

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph
    from graphpolicy.plan.make import Planned
    from graphpolicy.plan.plan_context import PlanContext

MOST_COMMITS = 200
"""Commits of a file that are looked through for the one that opened a wave."""


def recorded(runs: Iterable[Run], today: str) -> dict[str, dict[str, RolloutFacts]]:
    """What the records of runs say, by tenant id and rollout; `runs` are oldest first.

    A wave is in force from the first verified run that had it open. A rollback ends that: whether
    the wave is still in force is not known then.
    """
    since: dict[str, dict[str, dict[str, str]]] = {}
    for run in runs:
        of_tenant = since.setdefault(run.tenant.id, {})
        if run.begun["verb"] != "apply":
            of_tenant.clear()
        elif run.exit_code == Exit.DONE:
            known, day = dict(of_tenant), str(run.begun["at"])[:10]
            of_tenant.clear()
            for name, waves in run.rollouts.items():
                of_tenant[name] = {wave: known.get(name, {}).get(wave, day) for wave in waves}
    return {
        tenant: {
            name: RolloutFacts(
                frozenset(waves),
                {
                    wave: InForce(days, f"applied on {day}")
                    for wave, day in waves.items()
                    if (days := _days(day, today)) is not None
                },
            )
            for name, waves in rollouts.items()
        }
        for tenant, rollouts in since.items()
    }


async def soaked(
    graph: Graph,
    facts: Mapping[str, RolloutFacts],
    opening: Collection[Opening],
    made: Planned,
    plan_context: PlanContext,
) -> dict[str, RolloutFacts]:
    """`with_days`, with the audit log if no record says how long a wave has been in force."""
    directory = made.directory
    if directory.log is None and any(map(partial(_untold, facts), opening)):
        directory = replace(directory, log=await read_audit_log(graph, plan_context.moment))
    return with_days(facts, opening, directory, made.plan.changes, plan_context.today)


def _untold(facts: Mapping[str, RolloutFacts], opening: Opening) -> bool:
    known, wave = facts.get(opening.rollout.name, RolloutFacts()), opening.soaks
    return wave is not None and wave.name not in known.in_force


def with_days(
    facts: Mapping[str, RolloutFacts],
    opening: Iterable[Opening],
    directory: Directory,
    changes: Iterable[Change],
    today: str,
) -> dict[str, RolloutFacts]:
    """The facts with the days of each wave that another one waits for, if they are known."""
    found, changes = dict(facts), tuple(changes)
    for each in opening:
        wave = each.soaks
        if wave is None or not _untold(found, each):
            continue
        known = found.get(each.rollout.name, RolloutFacts())
        told = _agrees(each, changes, "edit", "unknown") and _logged(each, directory, today)
        told = told or (_agrees(each, changes, "edit") and _committed(each, wave.name, today))
        if told:
            in_force = {**known.in_force, wave.name: told}
            found[each.rollout.name] = replace(known, in_force=in_force)
    return found


def _logged(opening: Opening, directory: Directory, today: str) -> InForce | None:
    """From the audit log: the days since the newest record of a setting of the rollout."""
    events = directory.log.events if isinstance(directory.log, AuditLog) else ()
    try:
        days = [
            event.at[:10]
            for each in opening.rolled
            for event, _ in touching(events, each.title, each.path)
        ]
    except Exception:  # noqa: BLE001 - a record of an unknown shape: the log says nothing
        return None
    count = _days(max(days), today) if days else None
    return None if count is None else InForce(count, f"the audit log's last record, {max(days)}")


def _agrees(opening: Opening, changes: Iterable[Change], *causes: str) -> bool:
    """Whether the wave before is in force: the tenant differs for these causes alone.

    A wave that is merged and was never applied has no days, however old the last record is.
    """
    settings = {(each.title, ".".join(each.path)) for each in opening.rolled}
    holders = {(title, path.rpartition(".")[0]) for title, path in settings}
    switches = {(title, f"{path}.state".lstrip(".")) for title, path in holders}
    own = [each for each in changes if (each.title, each.path) in settings | switches]
    rollout = opening.rollout
    if opening.wave not in rollout.waves[: rollout.opened]:
        return not own
    return all(each.cause in causes for each in own)


def _committed(opening: Opening, wave: str, today: str) -> InForce | None:
    """From git: the days since the commit that opened the wave."""
    place = opening.rollout.place
    if place is None:
        return None
    since = ""
    for commit, day in _commits(place.file):
        if _open_at(commit, place.file, opening.rollout.name) == wave:
            since = day
        elif since:
            break
    days = _days(since, today) if since else None
    return None if days is None else InForce(days, f"the commit of {since} that opened it")


def _commits(file: str) -> list[tuple[str, str]]:
    """The commits that changed a file, newest first, each with its day; none without git."""
    path = Path(file)
    try:
        said = git(
            "log",
            "--first-parent",
            f"-{MOST_COMMITS}",
            "--date=format-local:%Y-%m-%d",
            "--format=%H %cd",
            "--",
            path.name,
            folder=path.parent,
            environment={"TZ": "UTC"},
        )
    except InputError:
        return []
    return [(commit, day) for commit, _, day in (line.partition(" ") for line in said.splitlines())]


def _open_at(commit: str, file: str, rollout: str) -> Json:
    """The last open wave of a rollout as a file had it in a commit."""
    path = Path(file)
    try:
        text = git("show", f"{commit}:./{path.name}", folder=path.parent)
    except InputError:
        return None
    return member(parse(text.encode(), file).data, "rollouts", rollout, "open")


def _days(day: str, today: str) -> int | None:
    try:
        return (date.fromisoformat(today) - date.fromisoformat(day)).days
    except ValueError:
        return None
