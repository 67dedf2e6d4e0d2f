"""More requests for a plan that ends a method: who signs in with it, and what requires it.

Most plans end nothing. People's methods and Conditional Access are read only if a plan does, so
only then does a plan take one or two more rounds of requests.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graphpolicy.compare.diff import Comparison, Difference
from graphpolicy.graph.emergency_accounts import nested, peopled, registered
from graphpolicy.graph.read import demanded, each_of
from graphpolicy.guards.methods import MULTIFACTOR
from graphpolicy.guards.plan_level import EXCLUSIONS
from graphpolicy.model import Account, Directory, Strength, Unread, Version
from graphpolicy.plan.make import Planned

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph


async def second_lookup(graph: Graph, made: Planned) -> Directory:
    """The plan's directory, with what the second lookup found."""
    accounts, strengths = await each_of(_accounts(graph, made), _strengths(graph, made))
    return replace(made.directory, accounts=accounts, strengths=strengths)


async def _accounts(graph: Graph, made: Planned) -> tuple[Account, ...]:
    """The emergency accounts, with as much about them as the plan's changes need.

    If something narrows: whether a group has people, and for a method also their registered
    methods. If an exclusion changes: the groups inside a group.
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
    """The authentication strengths, with the policies that require them if one may be stranded."""
    strengths = made.directory.strengths
    stranded = any(finding.rule == "strength-stranded" for finding in made.plan.findings)
    if isinstance(strengths, Unread) or not stranded:
        return strengths
    return await demanded(graph, strengths)
