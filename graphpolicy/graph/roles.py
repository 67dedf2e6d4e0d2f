"""Directory roles that memberships do not show: scoped to a unit, custom, or eligible.

Sources: Microsoft's pages "List unifiedRoleAssignments" and "List roleEligibilityScheduleInstances"
(both filter by `principalId`). If a role is held through a group, the row names the group. Rows
that may not be read, because a permission or a licence is missing, are reported as not verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.concurrency import together
from graphpolicy.graph.errors import REFUSED, GraphError
from graphpolicy.helpdesk.person import Belongs
from graphpolicy.model import Json, Unread

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

WHERE = "/roleManagement/directory"
ASSIGNED, ELIGIBLE = f"{WHERE}/roleAssignments", f"{WHERE}/roleEligibilityScheduleInstances"
TENANT = ("", "/")
MOST_HOLDERS = 20
"""Groups that are looked up if the directory does not say which of them may hold a role."""


async def with_all_roles(graph: Graph, id_: str, belongs: Belongs) -> Belongs:
    """`belongs`, with the roles that memberships do not show, and the reasons for what is missing.

    Raises:
        GraphError: Graph could not answer.
    """
    holders = [id_, *sorted(belongs.holders)]
    asked, more = holders[: MOST_HOLDERS + 1], holders[MOST_HOLDERS + 1 :]
    answers = await together(
        _of(graph, where, holder) for where in (ASSIGNED, ELIGIBLE) for holder in asked
    )
    unread = [each for each in answers if isinstance(each, Unread)]
    if more:
        why = f"the roles of {len(more)} groups were not looked up"
        unread.append(Unread(why, "grant Group.Read.All, which shows the groups that hold roles"))
    found = [row for each in answers if not isinstance(each, Unread) for row in each]
    names = await together(_named(graph, row) for row in found)
    roles = dict.fromkeys((*belongs.roles, *sorted(names)))
    return replace(belongs, roles=tuple(roles), unread=tuple(dict.fromkeys(unread)))


async def _of(graph: Graph, where: str, holder: str) -> list[Mapping[str, Json]] | Unread:
    condition = quote(f"principalId eq '{holder}'", safe="")
    try:
        rows = await graph.get_all("v1.0", f"{where}?$filter={condition}")
    except GraphError as failure:
        if failure.status not in REFUSED:
            raise
        return failure.unread
    return [
        {**row, "eligible": where == ELIGIBLE}
        for row in rows
        if isinstance(row, Mapping) and str(row.get("principalId", "")).casefold() == holder
    ]


async def _named(graph: Graph, row: Mapping[str, Json]) -> str:
    """A role's label: its name, or its id if the name may not be read; then state and scope."""
    id_ = str(row.get("roleDefinitionId", ""))
    name: Json = None
    try:
        definition = await graph.get("v1.0", f"{WHERE}/roleDefinitions/{quote(id_, safe='')}")
        name = definition.get("displayName")
    except GraphError as failure:
        if failure.status not in REFUSED:
            raise
    scope = str(row.get("directoryScopeId") or "")
    words = ["eligible"] if row.get("eligible") else []
    words += [] if scope in TENANT else [f"for {scope}"]
    return ", ".join((str(name or id_), *words))
