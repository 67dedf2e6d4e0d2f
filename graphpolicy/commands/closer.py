"""A closer look at a plan that ends something: who signs in with it, and who demands it.

Most plans end nothing. Only where one does are people's methods and Conditional Access looked at,
and so only then does a plan take one or two rounds of requests more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graphpolicy.graph.registered import registered
from graphpolicy.graph.strengths import demanded
from graphpolicy.graph.together import each_of
from graphpolicy.guards.methods import MULTIFACTOR
from graphpolicy.model import Account, Directory, Strength, Version
from graphpolicy.plan import Planned

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

NARROWING = ("state", "includeTargets", "excludeTargets", "keyRestrictions", "passkeyProfiles")
"""Settings that decide who may use a method, and with what that is registered."""


async def look_closer(graph: Graph, made: Planned) -> Directory:
    """What the plan was made from, with what the closer look showed."""
    accounts, strengths = await each_of(_accounts(graph, made), _strengths(graph, made))
    return replace(made.directory, accounts=accounts, strengths=strengths)


async def _accounts(graph: Graph, made: Planned) -> tuple[Account, ...]:
    """The emergency accounts, with what they have registered where some of that may be lost."""
    narrows = any(
        comparison.resource.id in MULTIFACTOR and difference.path[0] in NARROWING
        for comparison in made.comparisons
        for difference in comparison.differences
    )
    accounts = made.directory.accounts
    version: Version = "beta" if made.plan.tenant.cloud == "china" else "v1.0"
    return await registered(graph, accounts, version) if narrows else accounts


async def _strengths(graph: Graph, made: Planned) -> tuple[Strength, ...] | None:
    """The strengths, with who demands them where one may be stranded."""
    strengths = made.directory.strengths
    stranded = any(finding.rule == "strength-stranded" for finding in made.plan.findings)
    return await demanded(graph, strengths) if strengths and stranded else strengths
