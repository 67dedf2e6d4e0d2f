"""pull: the tenant's live policy as a policy file, or as the raw documents, and what that lacks."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from graphpolicy.commands.planning import guarded
from graphpolicy.graph.directory import look_up
from graphpolicy.graph.errors import GraphFailure
from graphpolicy.graph.read import read_policy
from graphpolicy.model import Desired, Directory, Failure, Observed, Tenant, Version
from graphpolicy.policyfile.writable import LeftOut
from graphpolicy.policyfile.write import policy_yaml
from graphpolicy.resolve import target_ids
from graphpolicy.snapshot import Snapshot
from graphpolicy.unmodelled import unmodelled

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph


NAMELESS = (
    "note: the directory may not be read: groups are given by id alone, not checked to exist",
    "  help: GroupMember.Read.All gives their names, Directory.Read.All those of every id",
)

Notes = tuple[str, ...]
"""What to tell a person about a result."""


async def pull(graph: Graph, tenant: Tenant) -> tuple[str, Notes] | Failure:
    """The YAML of everything that the tenant has and the catalogue knows."""
    return await guarded(_of(tenant), _pulled(graph, tenant))


async def take_snapshot(
    graph: Graph, tenant: Tenant, taken_at: str, names: Collection[str] = ()
) -> tuple[Snapshot, Notes] | Failure:
    """The raw documents of both versions, and the groups that they mention or that have `names`."""
    return await guarded(_of(tenant), _snapshot(graph, tenant, taken_at, names))


def left_out_lines(one: LeftOut) -> Notes:
    return f"note: left out: {one.title}: {one.why} ({one.rule})", f"  help: {one.fix}"


def _of(tenant: Tenant) -> Desired:
    return Desired("", tenant, ())


async def _pulled(graph: Graph, tenant: Tenant) -> tuple[str, Notes]:
    observed, directory = await _live(graph, tenant)
    unknown = unmodelled(observed)
    done = policy_yaml(tenant, observed, directory, unknown)
    notes = [
        *(line for one in done.left_out for line in left_out_lines(one)),
        *(f"note: left out, not known to this release: {one}" for one in unknown),
    ]
    return done.text, (*notes, *_nameless(directory))


async def _snapshot(
    graph: Graph, tenant: Tenant, taken_at: str, names: Collection[str]
) -> tuple[Snapshot, Notes]:
    observed, directory = await _live(graph, tenant)
    named = await _named(graph, names)
    matches = {id_.casefold(): name for hits in named.by_name.values() for id_, name in hits}
    readable = directory if not directory.readable else named
    found = {**matches, **directory.names}
    return Snapshot(tenant, taken_at, observed, found), _nameless(readable)


async def _named(graph: Graph, names: Collection[str]) -> Directory:
    try:
        return await look_up(graph, names, ())
    except GraphFailure as failure:
        if failure.status != 403:
            raise
        return Directory(readable=False)


def _nameless(directory: Directory) -> Notes:
    return () if directory.readable else NAMELESS


async def _live(graph: Graph, tenant: Tenant) -> tuple[Observed, Directory]:
    versions: tuple[Version, ...] = ("beta",) if tenant.cloud == "china" else ("v1.0", "beta")
    observed = await read_policy(graph, versions)
    ids = {id_.casefold() for id_ in target_ids(*observed.documents.values())}
    return observed, await look_up(graph, (), ids)
