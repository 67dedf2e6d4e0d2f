"""pull: the tenant's live policy as a policy file, or as the raw documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphpolicy.graph.directory import look_up
from graphpolicy.graph.read import read_policy
from graphpolicy.model import Directory, Observed, Tenant, Version
from graphpolicy.policyfile.write import policy_yaml
from graphpolicy.resolve import target_ids
from graphpolicy.snapshot import Snapshot

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph


async def pull(graph: Graph, tenant: Tenant) -> str:
    """The YAML of everything that the tenant has and the catalogue knows.

    Raises:
        GraphFailure: something could not be read.
    """
    observed, directory = await _live(graph, tenant)
    return policy_yaml(tenant, observed, directory)


async def take_snapshot(graph: Graph, tenant: Tenant, taken_at: str) -> Snapshot:
    """The raw documents of both versions, and the names of the groups that they mention.

    Raises:
        GraphFailure: something could not be read.
    """
    observed, directory = await _live(graph, tenant)
    return Snapshot(tenant, taken_at, observed, directory.names)


async def _live(graph: Graph, tenant: Tenant) -> tuple[Observed, Directory]:
    versions: tuple[Version, ...] = ("beta",) if tenant.cloud == "china" else ("v1.0", "beta")
    observed = await read_policy(graph, versions)
    ids = {id_.casefold() for id_ in target_ids(*observed.documents.values())}
    return observed, await look_up(graph, (), ids)
