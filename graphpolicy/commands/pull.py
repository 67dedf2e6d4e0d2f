"""pull: a tenant's live policy as a policy file, raw documents, or changes to its own file."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from graphpolicy.catalogue import LISTED
from graphpolicy.commands.kept_snapshot import RenewedSnapshot, is_kept, renewed
from graphpolicy.commands.plan import guarded, read_tenant
from graphpolicy.commands.tenants import tenant_of
from graphpolicy.compare.conformance import unmodelled
from graphpolicy.compare.documents import every_version
from graphpolicy.compare.resolve import group_names, target_ids
from graphpolicy.disk.folders import refuse_left
from graphpolicy.disk.json_text import decoded
from graphpolicy.graph.directory import look_up
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.read import each_of, or_unread, read_list, read_policy, together
from graphpolicy.journal.snapshot import Snapshot
from graphpolicy.model import (
    Desired,
    Directory,
    Failure,
    Finding,
    Json,
    Observed,
    Tenant,
    Unread,
)
from graphpolicy.model.errors import InputError, UsageError
from graphpolicy.plan.plan_context import PlanContext
from graphpolicy.policyfile.assembly import reread
from graphpolicy.policyfile.export import policy_yaml
from graphpolicy.policyfile.files import STDIN, changed_meanwhile, read_bytes, replace_bytes
from graphpolicy.policyfile.graph_answers import EXPECTED, SavedTenant, is_raw, put_together
from graphpolicy.policyfile.language import LeftOut
from graphpolicy.policyfile.placeholders import PLACEHOLDERS, TENANT_ID
from graphpolicy.policyfile.update import Update, update

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph, Session


NAMELESS = (
    "note: this sign-in may not read the directory: some ids have no name, and may not exist",
    "  help: grant GroupMember.Read.All for names of groups, Directory.Read.All for all ids",
)

Notes = tuple[str, ...]
"""Lines for a person about a result."""

PASSED_OVER_SHOWN = 5
"""How many files a note names."""

MOST_BYTES = 64 << 20
"""More than any tenant's policy takes; the same limit as for Graph's answers."""


async def pull(graph: Graph, tenant: Tenant) -> tuple[str, Notes] | Failure:
    """The YAML of everything in the tenant's policy that the catalogue knows, and notes."""
    return await guarded(_of(tenant), _pulled(graph, tenant))


async def take_snapshot(
    graph: Graph, tenant: Tenant, taken_at: str, names: Collection[str] = ()
) -> tuple[Snapshot, Notes] | Failure:
    """The raw documents of both Graph versions, with the groups that they mention.

    Groups with these display `names` are included, too: a plan from the snapshot needs their ids.
    `taken_at` is the time in UTC, like 2026-11-24T13:50:01Z.
    """
    return await guarded(_of(tenant), _snapshot(graph, tenant, taken_at, names))


def saved(places: Sequence[str]) -> SavedTenant:
    """A tenant's policy from files: Graph's own answers, or a snapshot.

    A folder stands for those of its .json files that are about the policy.
    """
    answers: list[Json] = []
    passed_over: list[str] = []
    for place in places:
        files = sorted(map(str, Path(place).rglob("*.json"))) if Path(place).is_dir() else [place]
        read = {file: _decoded(file) for file in files}
        found = [file for file, data in read.items() if file == place or is_raw(data)]
        if not found:
            raise InputError(f"{place} contains no .json file about the policy", EXPECTED)
        answers += [read.pop(file) for file in found]
        passed_over += read
    try:
        return replace(put_together(answers), passed_over=tuple(passed_over))
    except ValueError as error:
        raise InputError(
            f"{', '.join(places)} can't be read as a policy: {error}", EXPECTED
        ) from error


def _decoded(file: str) -> Json:
    try:
        if file == STDIN:
            raw = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            refuse_left(file)
            with Path(file).open("rb") as opened:
                raw = opened.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES >> 20} MiB")
        return decoded(raw)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{file} can't be read: {reason}", EXPECTED) from error


def from_saved(raw: SavedTenant, tenant: Tenant) -> tuple[str, Notes]:
    """The YAML of a saved policy, and notes; groups have ids if their names were not saved."""
    text, notes = _written(tenant, raw.observed, Directory(names=raw.names))
    if raw.lacks:
        notes = (*notes, f"note: left out, because it was not saved: {raw.lacks}")
    if raw.passed_over:
        some = ", ".join(raw.passed_over[:PASSED_OVER_SHOWN])
        more = len(raw.passed_over) - PASSED_OVER_SHOWN
        some += f" and {more} more" if more > 0 else ""
        notes = (*notes, f"note: left out, because it is not about the policy: {some}")
    if tenant.id == TENANT_ID:
        wanted = PLACEHOLDERS[TENANT_ID]
        notes = (*notes, f"note: the tenant is not known: replace {TENANT_ID} with {wanted}")
    return text, notes


def tenant_of_saved(raw: SavedTenant, wanted: str | None, environment: Mapping[str, str]) -> Tenant:
    """The tenant of a saved policy: as it says, else from flags, files or variables."""
    if raw.tenant is None:
        return tenant_of(wanted, environment)
    if wanted and wanted.lower() not in (raw.tenant.id.lower(), raw.tenant.name.lower()):
        raise UsageError(
            f"the snapshot is of tenant {raw.tenant.name} ({raw.tenant.id}), not of {wanted!r}",
            "leave out --tenant, or give another file",
        )
    return raw.tenant


def left_out_lines(one: LeftOut) -> Notes:
    return f"note: left out: {one.title}: {one.why} ({one.rule})", f"  help: {one.fix}"


def _of(tenant: Tenant) -> Desired:
    return Desired("", tenant, ())


async def _pulled(graph: Graph, tenant: Tenant) -> tuple[str, Notes]:
    observed, directory, unread = await _live(graph, tenant)
    text, notes = _written(tenant, observed, directory)
    return text, (*notes, *unread, *_nameless(directory))


def _written(tenant: Tenant, observed: Observed, directory: Directory) -> tuple[str, Notes]:
    unknown = unmodelled(observed)
    done = policy_yaml(tenant, observed, directory, unknown)
    notes = (
        *(line for one in done.left_out for line in left_out_lines(one)),
        *(f"note: left out, not known to this release: {one}" for one in unknown),
    )
    return done.text, notes


async def _snapshot(
    graph: Graph, tenant: Tenant, taken_at: str, names: Collection[str]
) -> tuple[Snapshot, Notes]:
    observed, directory, unread = await _live(graph, tenant)
    named = await _named(graph, names)
    matches = {id_.casefold(): name for hits in named.by_name.values() for id_, name in hits}
    readable = directory if not directory.readable else named
    found = {**matches, **directory.names}
    return Snapshot(tenant, taken_at, observed, found), (*unread, *_nameless(readable))


async def _named(graph: Graph, names: Collection[str]) -> Directory:
    try:
        return await look_up(graph, names, ())
    except GraphError as failure:
        if failure.status != 403:
            raise
        return Directory(readable=False)


def _nameless(directory: Directory) -> Notes:
    return () if directory.readable else NAMELESS


async def _live(graph: Graph, tenant: Tenant) -> tuple[Observed, Directory, Notes]:
    """Everything that can be read, and notes about what can't. The policy itself must be."""
    observed, lists = await each_of(
        read_policy(graph, every_version(tenant.cloud)),
        together(or_unread(read_list(graph, kind)) for kind in LISTED),
    )
    read = {kind.id: each for kind, each in zip(LISTED, lists, strict=True)}
    notes = (
        line
        for name, each in read.items()
        if isinstance(each, Unread)
        for line in (f"note: left out: {name}: {each.why}", f"  help: {each.fix}")
    )
    known = {name: each for name, each in read.items() if not isinstance(each, Unread)}
    ids = {id_.casefold() for id_ in target_ids(*observed.documents.values())}
    return replace(observed, lists=known), await look_up(graph, (), ids), tuple(notes)


async def update_each(
    session: Session,
    policies: Sequence[Desired],
    plan_context: PlanContext,
    *,
    on_disk: bool = True,
) -> list[Update | Failure]:
    """Read all tenants at the same time, then rewrite one file after the other; results in order.

    A file that others extend is rewritten before them, so that they are checked with its new text.
    Without `on_disk` no file is changed: each result is what the file alone would become.
    """
    raws = {desired.file: read_bytes(desired.file) for desired in policies}
    asked = [_ask(session, desired, raws[desired.file], plan_context) for desired in policies]
    answers = dict(zip((d.file for d in policies), await together(asked), strict=True))
    done: dict[str, Update | Failure] = {}
    for desired in sorted(policies, key=lambda desired: len(desired.bases)):
        answer, raw = answers[desired.file], raws[desired.file]
        if isinstance(answer, Failure):
            done[desired.file] = answer
        elif isinstance(raw, bytes):
            writing = _updated(desired, raw, *answer, plan_context, on_disk=on_disk)
            done[desired.file] = await guarded(desired, writing)
    return [done[desired.file] for desired in policies]


async def _ask(
    session: Session, desired: Desired, raw: bytes | Finding, plan_context: PlanContext
) -> tuple[Observed, Directory] | Failure:
    """A tenant's live policy, with the groups that any of its files names."""
    if isinstance(raw, Finding):
        return _failure(desired, raw)
    file = reread(desired, raw, plan_context.facts)
    if file.desired is None or file.desired.tenant != desired.tenant:
        return _failure(desired, changed_meanwhile(desired.file))
    written = (one for some in file.declared for one in some)
    names = group_names((*desired.mentioned, *written))
    return await guarded(desired, read_tenant(session.tenant(desired.tenant), desired, names))


async def _updated(
    desired: Desired,
    raw: bytes,
    observed: Observed,
    directory: Directory,
    plan_context: PlanContext,
    *,
    on_disk: bool,
) -> Update | Failure:
    """One file, rewritten."""
    result = update(desired, raw, observed, directory, plan_context)
    if result.new == result.old or not on_disk:
        return result
    problem = replace_bytes(desired.file, result.old, result.new)
    return _failure(desired, problem) if problem else result


async def renew_each(
    session: Session, policies: Sequence[Desired], taken_at: str, *, on_disk: bool = True
) -> dict[str, RenewedSnapshot | Failure | None]:
    """By tenant id, the snapshots that are kept beside the policy files, brought up to date."""

    async def each(desired: Desired) -> RenewedSnapshot | Failure | None:
        if not is_kept(desired):
            return None
        names, graph = group_names(desired.mentioned), session.tenant(desired.tenant)
        taken = await take_snapshot(graph, desired.tenant, taken_at, names)
        if isinstance(taken, Failure):
            return taken
        result = renewed(desired, taken[0])
        if result is None or not on_disk:
            return result
        problem = replace_bytes(result.file, result.old, result.new)
        return _failure(desired, problem, result.file) if problem else result

    found = await together(map(each, policies))
    return dict(zip((one.tenant.id for one in policies), found, strict=True))


def _failure(desired: Desired, found: Finding, file: str = "") -> Failure:
    message = f"{file or desired.file} {found.message}"
    return Failure(desired.tenant, desired.file, found.rule, message, found.help)
