"""pull: the tenant's live policy as a policy file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphpolicy.graph.directory import look_up
from graphpolicy.graph.read import read_policy
from graphpolicy.model import Tenant, Version
from graphpolicy.policyfile.write import policy_yaml
from graphpolicy.resolve import target_ids

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph


async def pull(graph: Graph, tenant: Tenant) -> str:
    """The YAML of everything that the tenant has and the catalogue knows.

    Raises:
        GraphFailure: something could not be read.
    """
    versions: tuple[Version, ...] = ("beta",) if tenant.cloud == "china" else ("v1.0", "beta")
    observed = await read_policy(graph, versions)
    directory = await look_up(
        graph, (), {id_.casefold() for id_ in target_ids(*observed.documents.values())}
    )
    return policy_yaml(tenant, observed, directory)
