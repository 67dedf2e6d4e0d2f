"""What emergency accounts have registered.

Asked only where a plan could take a method away: who may read it may see how people sign in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.errors import REFUSED, GraphFailure
from graphpolicy.graph.together import together
from graphpolicy.model import Account, Json, Person, Version

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

MEMBERS = "transitiveMembers/microsoft.graph.user?$select=id,userPrincipalName&$top=999"
"""The people in a group, nested groups included (Graph: "List group transitive members")."""

MOST_PEOPLE = 20
"""More people than that in a group are no handful of emergency accounts; then nobody is asked."""

ENDING = "authenticationmethod"


async def registered(
    graph: Graph, accounts: Iterable[Account], version: Version
) -> tuple[Account, ...]:
    """The same accounts, with who they are and what these have registered.

    `people` is None where that may not be read, or where they are too many to ask.

    Raises:
        GraphFailure: Graph could not answer.
    """
    return tuple(await together(_closer(graph, account, version) for account in accounts))


async def _closer(graph: Graph, account: Account, version: Version) -> Account:
    if not account.id:
        return account
    try:
        who = await _members(graph, account) if account.group else {account.id: account.label}
        if len(who) > MOST_PEOPLE:
            return replace(account, people=None)
        people = await together(_person(graph, version, id_, label) for id_, label in who.items())
    except GraphFailure as failure:
        if failure.status not in REFUSED:
            raise
        return replace(account, people=None)
    return replace(account, people=tuple(people))


async def _members(graph: Graph, account: Account) -> Mapping[str, str]:
    rows = await graph.get_all("v1.0", f"/groups/{quote(account.id, safe='')}/{MEMBERS}")
    return {
        str(row["id"]): f"user {str(row.get('userPrincipalName') or row['id'])!r}"
        for row in rows
        if isinstance(row, Mapping) and row.get("id")
    }


async def _person(graph: Graph, version: Version, id_: str, label: str) -> Person:
    rows = await graph.get_all(version, f"/users/{quote(id_, safe='')}/authentication/methods")
    return Person(label, frozenset(_kind(row) for row in rows if isinstance(row, Mapping)))


def _kind(row: Mapping[str, Json]) -> tuple[str, str]:
    """`#microsoft.graph.fido2AuthenticationMethod` is `fido2`."""
    name = str(row.get("@odata.type") or "").rsplit(".", 1)[-1].casefold()
    return name.removesuffix(ENDING), str(row.get("aaGuid") or "").casefold()
