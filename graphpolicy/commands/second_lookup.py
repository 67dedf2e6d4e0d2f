"""A closer look at a plan that ends something: who signs in with it, and who demands it.

Most plans end nothing. Only where one does are people's methods and Conditional Access looked at,
and so only then does a plan take one or two rounds of requests more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graphpolicy.compare.diff import Comparison, Difference
from graphpolicy.graph.concurrency import each_of
from graphpolicy.graph.registered_methods import nested, peopled, registered
from graphpolicy.graph.strengths import demanded
from graphpolicy.guards.methods import MULTIFACTOR
from graphpolicy.guards.targets import EXCLUSIONS
from graphpolicy.model import Account, Directory, Strength, Unread, Version
from graphpolicy.plan.make import Planned

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph


async def second_lookup(graph: Graph, made: Planned) -> Directory:
    """What the plan was made from, with what the closer look showed."""
    accounts, strengths = await each_of(_accounts(graph, made), _strengths(graph, made))
    return replace(made.directory, accounts=accounts, strengths=strengths)


async def _accounts(graph: Graph, made: Planned) -> tuple[Account, ...]:
    """The emergency accounts, with what is in them where an exclusion changes, and with who they
    are and what they have registered where some of that may be lost.
    """
    changed = [
        (comparison.resource.id, difference.path, _narrows(comparison, difference))
        for comparison in made.comparisons
        for difference in comparison.differences
    ]
    accounts = made.directory.accounts
    version: Version = "beta" if made.plan.tenant.cloud == "china" else "v1.0"
    if any(narrows for *_, narrows in changed):
        accounts = await peopled(graph, accounts)
    if any(path[-1] in EXCLUSIONS for _, path, _ in changed):
        accounts = await nested(graph, accounts)
    if any(resource in MULTIFACTOR and narrows for resource, _, narrows in changed):
        accounts = await registered(graph, accounts, version)
    return accounts


def _narrows(comparison: Comparison, difference: Difference) -> bool:
    row = comparison.resource.property(difference.top)
    return row is not None and row.narrows


async def _strengths(graph: Graph, made: Planned) -> tuple[Strength, ...] | Unread:
    """The strengths, with who demands them where one may be stranded."""
    strengths = made.directory.strengths
    stranded = any(finding.rule == "strength-stranded" for finding in made.plan.findings)
    if isinstance(strengths, Unread) or not stranded:
        return strengths
    return await demanded(graph, strengths)
