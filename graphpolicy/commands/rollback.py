"""rollback: plan the inverse of a recorded run, or the return to a snapshot, and apply it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from graphpolicy.catalogue import EXTERNAL, RESOURCES
from graphpolicy.commands.base_revision import base_policies, last_commit, reverting
from graphpolicy.commands.defaults import policies_there
from graphpolicy.commands.plan import guarded, plan_tenant
from graphpolicy.commands.run_recorder import noted
from graphpolicy.commands.runner import WriteOptions, run_alone
from graphpolicy.compare.documents import items_of, known_as, lists_needed, versions_of
from graphpolicy.graph.read import read_policy
from graphpolicy.graph.strength_usage import demanded
from graphpolicy.guards.strength_view import required_by
from graphpolicy.journal.folder import load
from graphpolicy.journal.recovery import (
    Undoing,
    as_given,
    created_since,
    empties,
    gained_since,
    moved_since,
    not_restorable,
    spared,
    undo,
    whole,
)
from graphpolicy.journal.run import Run
from graphpolicy.journal.snapshot import Snapshot
from graphpolicy.model import (
    Declared,
    Desired,
    Directory,
    Failure,
    Finding,
    Observed,
    Tenant,
    Unread,
)
from graphpolicy.model.command import again, command, joined
from graphpolicy.model.errors import Exit, InputError, UsageError
from graphpolicy.plan.make import Planned
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.plan.verdict import Report
from graphpolicy.policyfile.assembly import judge
from graphpolicy.policyfile.export import policy_yaml
from graphpolicy.policyfile.load import load as load_policies
from graphpolicy.policyfile.pointers import place_of, pointer_of
from graphpolicy.policyfile.strict_yaml import Pointer, parse
from graphpolicy.rules.custom_strengths import strength_of

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph, Session


def own_policy(tenant: Tenant, applied: str = "") -> Desired | None:
    """A tenant's policy: the one under policies/, else the file that a run `applied`, if any.

    Raises:
        UsageError: the files have errors, so it is not known what protects the tenant.
    """
    for paths in (policies_there(), (applied,) if applied else ()):
        policies = load_policies(paths)
        own = next((one for one in policies.desired if one.tenant.id == tenant.id), None)
        if own:
            return own
        if policies.files and not policies.sound:
            raise UsageError(
                f"the files at {', '.join(paths)} have errors, so the emergency accounts, guards "
                f"and freezes of {tenant.name} are not known; nothing was written",
                "fix what `graphpolicy validate` finds; in a folder without policy files (-C DIR) "
                "a run is undone without them",
                Exit.FAILED,
            )
    return None


def around(tenant: Tenant, file: str, own: Desired | None) -> Desired:
    """A policy without settings or holds, with the accounts and exceptions of the tenant's own.

    So the guards protect the tenant also if a rollback writes to it.
    """
    nothing: tuple[Declared, ...] = ()
    if own is None:
        return Desired(file, tenant, nothing)
    return replace(own, file=file, resources=nothing, holds=())


async def rollback(
    session: Session,
    run: Run,
    policy: Desired,
    writing: WriteOptions,
    *,
    override: bool,
    plan_context: PlanContext,
    own: Desired | None = None,
) -> Report:
    """Undo what a run wrote, if nobody changed it since, or in any case with `override`.

    `own` is the tenant's policy: if it still asks for what was undone, the report says so.
    """

    async def planned(desired: Desired) -> Planned | Failure:
        graph = session.tenant(desired.tenant)
        notes = await writing.settle(graph, [load(Path(run.folder))])
        known = load(Path(run.folder))
        about = [(known_as(one.type, one.resource), one.api) for one in known.attempts]
        kinds = lists_needed(one for one, _ in about)
        observed = await read_policy(graph, versions_of(about), kinds) if about else None
        written = as_given(known.written, observed) if observed else known.written
        moved = list(moved_since(written, observed)) if observed else []
        if moved and not override:
            return Failure(
                desired.tenant,
                desired.file,
                "rollback-moved",
                f"changed since run {run.name}; nothing was written",
                "look at what has changed, and ask who changed it; to undo the run anyway: "
                f"{again(writing.typed, '--override')}",
                Exit.STALE,
                details=tuple(moved),
            )
        undoing = await _spare(graph, undo(written), observed or Observed({}))
        wanted = replace(desired, resources=undoing.resources)
        made = await plan_tenant(graph, wanted, plan_context)
        if isinstance(made, Failure):
            return made
        return noted(made, (*notes, *_left(made, undoing.findings)))

    report = await run_alone(session, [policy], planned, writing)
    return await _against_files(
        session, own, report, run=run, writing=writing, plan_context=plan_context
    )


async def _spare(graph: Graph, undoing: Undoing, observed: Observed) -> Undoing:
    """Leave out what Conditional Access may require, and what is gone; add findings that say so.

    A strength that the run created is never deleted: a rollback takes its combinations away.
    """
    why: dict[str, str] = {}
    created = {one.title: one for one in undoing.resources if empties(one)}
    live = {name: [item for _, item in items_of(one, observed)] for name, one in created.items()}
    found = {name: strength_of(items[0]) for name, items in live.items() if items}
    uses = await demanded(graph, found.values())
    for name in created.keys() - found.keys():
        why[name] = "the tenant no longer has one with this name: it was deleted or renamed"
    for name, strength in zip(found, uses, strict=True):
        use = strength.demanded_by
        if isinstance(use, Unread):
            why[name] = f"it is not known whether Conditional Access requires it ({use.why})"
        elif use:
            why[name] = f"Conditional Access requires it {required_by(use)}"
        elif strength.named_by:
            policies = ", ".join(map(repr, strength.named_by))
            why[name] = f"Conditional Access names it in {policies}, which is disabled"
    undoing = spared(undoing, why)
    stays = "it stays, without combinations, because graphpolicy never deletes one"
    left = (not_restorable(one, one, (), stays) for one in created if one not in why)
    return replace(undoing, findings=(*undoing.findings, *left))


async def _against_files(
    session: Session,
    own: Desired | None,
    report: Report,
    *,
    run: Run,
    writing: WriteOptions,
    plan_context: PlanContext,
) -> Report:
    """The report, with a warning if the files still ask for something that was undone."""
    [item] = report.plans
    results = report.results.get(item.tenant.id, ())
    carried_out = bool(results) and not any(result.exit_code for result in results)
    if own is None or isinstance(item, Failure) or not carried_out:
        return report
    made = await guarded(own, plan_tenant(session.tenant(own.tenant), own, plan_context))
    if isinstance(made, Failure):
        writing.progress(f"it is not known whether the files still ask for it: {made.message}")
        return report
    undone = {(change.resource, change.path) for change in item.changes}
    asked = [one for one in made.plan.changes if (one.resource, one.path) in undone]
    if not asked:
        return report
    revert = await _revert(
        session, own, {(one.resource, one.path) for one in asked}, run, plan_context
    )
    if isinstance(revert, tuple):
        flags = zip(writing.common[::2], writing.common[1::2], strict=True)
        folder = [word for pair in flags if pair[0] == "-C" for word in pair]
        revert = f"revert that change of the files: `{joined(('git', *folder, *revert))}`"
    update = command("pull", "--update", own.file, *writing.common)
    finding = Finding(
        "files-still-ask",
        "warning",
        "the files still ask for what was undone, so the next apply writes it again: "
        f"{', '.join(f'{one.title}.{one.path}' for one in asked)}",
        f"{revert}; or update the files from the tenant: {update}",
        source=asked[0].source,
    )
    plan = replace(item, findings=(*item.findings, finding))
    return replace(report, plans=(plan,))


def _left(made: Planned, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings about what can't be restored: errors if the plan has no changes, else warnings."""
    for found in findings:
        yield found if made.plan.changes else replace(found, level="error")


def _is_the_same(at: Pointer, then: Observed, now: Observed) -> bool:
    """Whether a method is the same in both, including what the policy language can't express."""
    resource, name = place_of(at)
    if resource is None or resource is EXTERNAL or resource.single:
        return False
    declared = Declared(resource.id, {}, {}, name)
    old, new = dict(items_of(declared, then)), dict(items_of(declared, now))
    both = old.keys() & new.keys()
    return bool(both) and all(old[version] == new[version] for version in both)


async def _revert(
    session: Session, own: Desired, asked: set[tuple[str, str]], run: Run, plan_context: PlanContext
) -> str | tuple[str, ...]:
    """How to revert the change of the files that a run applied: git's arguments, or a sentence.

    The commit is the one that the run came from, else the last one of the file. Arguments are given
    only if the files before it did not ask for any of `asked` (resource and path): else reverting
    it would not help.
    """
    known = str(run.begun.get("origin", {}).get("commit", ""))
    words = f"revert commit {known[:12]}" if known else "revert that change of the files"
    commit = known or last_commit(own.file)
    git = reverting(commit) if re.fullmatch("[0-9a-f]{40,64}", commit) else ()
    if not git:
        return words
    try:
        found = base_policies(f"{commit}^1", [own.file], frozenset({own.tenant.id}))
    except InputError:
        return words
    before = next((one for one in found.desired if one.tenant.id == own.tenant.id), None)
    if before is None:
        return git if found.sound else words
    made = await guarded(before, plan_tenant(session.tenant(own.tenant), before, plan_context))
    if isinstance(made, Failure):
        return words
    still = {(change.resource, change.path) for change in made.plan.changes}
    return words if still & asked else git


async def restore(
    session: Session,
    snapshot: Snapshot,
    policy: Desired,
    writing: WriteOptions,
    plan_context: PlanContext,
) -> Report:
    """Restore every setting of a snapshot that the language can express and graphpolicy writes."""
    directory = Directory(names=snapshot.names)
    pulled = policy_yaml(snapshot.tenant, snapshot.observed, directory)
    wanted = judge(parse(pulled.text.encode(), policy.file)).desired
    if wanted is None:
        raise UsageError(
            f"{policy.file} can't be turned into a policy; nothing was written",
            "it was altered, or its tenant is not valid: `graphpolicy pull --snapshot FILE` writes "
            "a new one",
            Exit.FAILED,
        )
    read = tuple(one for one in wanted.resources if RESOURCES[one.resource].read_only)
    written = (whole(one) for one in wanted.resources if one not in read)
    resources = tuple(replace(one, places={}, entries={}) for one in written)
    left = [
        (one.at, not_restorable("", one.title, (), f"{one.why} ({one.rule})"))
        for one in pulled.left_out
        if not one.title.startswith("tenant.")
    ]
    why = "graphpolicy only reads it"
    left += [(pointer_of(one), not_restorable("", one.title, (), why)) for one in read]

    async def planned(desired: Desired) -> Planned | Failure:
        graph = session.tenant(desired.tenant)
        notes = await writing.settle(graph, writing.keeper.cut_off(desired.tenant))
        made = await plan_tenant(graph, replace(desired, resources=resources), plan_context)
        if isinstance(made, Failure):
            return made
        lists = (await read_policy(graph, (), lists_needed(read))).lists
        now = replace(made.observed, lists={**made.observed.lists, **lists})
        gained = (
            *gained_since(snapshot.observed, made.comparisons),
            *created_since(snapshot.observed, now),
        )
        kept = (one for at, one in left if not _is_the_same(at, snapshot.observed, now))
        return noted(made, (*notes, *_left(made, (*kept, *gained))))

    return await run_alone(session, [policy], planned, writing)
