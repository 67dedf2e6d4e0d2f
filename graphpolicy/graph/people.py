"""What the directory says of the accounts that must get in when everything else fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.directory import look_up
from graphpolicy.graph.errors import REFUSED, GraphFailure
from graphpolicy.graph.together import together
from graphpolicy.model import Account, Json, Unread

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

GROUPS = "transitiveMemberOf/microsoft.graph.group?$select=id&$top=999"
"""All groups that somebody is in, nested ones included (Graph: user, group: List transitive
memberOf); with a cast, which needs no advanced query."""


async def look_up_accounts(graph: Graph, emergency: Json) -> tuple[Account, ...]:
    """The accounts of `emergencyAccess`, each with the groups that it is in.

    What may not be read is left open: `within` is None. An account that the directory does not
    have has an empty id.

    Raises:
        GraphFailure: Graph could not answer.
    """
    entries = emergency if isinstance(emergency, list) else []
    groups = [entry["group"] for entry in entries if "group" in entry and "id" not in entry]
    named = await _named(graph, groups)
    return tuple(await together(_account(graph, entry, named) for entry in entries))


async def _named(graph: Graph, groups: list[str]) -> Mapping[str, Account]:
    """The groups of these names, as far as they are known; exact matches alone."""
    if not groups:
        return {}
    try:
        found = (await look_up(graph, groups, ())).by_name
    except GraphFailure as failure:
        if failure.status in REFUSED:
            return {name: _unread(_group(name), failure) for name in groups}
        raise
    exact = {name: [id_ for id_, shown in hits if shown == name] for name, hits in found.items()}
    return {name: _one_of(name, ids) for name, ids in exact.items()}


def _one_of(name: str, ids: list[str]) -> Account:
    """The group of a name; where there are several it is not known which, so it is none."""
    if len(ids) < 2:
        return replace(_group(name), id="".join(ids))
    several = f"stands for several groups: {', '.join(ids)}"
    return replace(_group(name), unread=Unread(several, "write the id of the one that is meant"))


def _group(name: str) -> Account:
    return Account(f"group {name!r}", "", group=True)


def _unread(account: Account, failure: GraphFailure) -> Account:
    return replace(account, readable=False, unread=failure.unread)


async def _account(
    graph: Graph, entry: Mapping[str, Json], named: Mapping[str, Account]
) -> Account:
    if "group" in entry:
        name = entry["group"]
        account = replace(_group(name), id=str(entry["id"])) if "id" in entry else named[name]
        return await _within(graph, account) if account.id else account
    account = Account(f"user {entry['user']!r}", str(entry.get("id", "")))
    if account.id:
        return await _within(graph, account)
    try:
        user = await graph.get("v1.0", f"/users/{quote(entry['user'], safe='')}?$select=id")
    except GraphFailure as failure:
        if failure.status == 404:
            return account
        if failure.status in REFUSED:
            return _unread(account, failure)
        raise
    if not isinstance(user.get("id"), str):
        raise GraphFailure(
            f"Graph answered without an id when asked for {account.label} of emergencyAccess",
            help="nothing is concluded from half an answer; try again",
        )
    return await _within(graph, replace(account, id=user["id"]))


async def _within(graph: Graph, account: Account) -> Account:
    """The account with the groups that it is in; one that is gone has no id any more."""
    account = replace(account, id=account.id.casefold())
    try:
        return replace(account, within=await groups_of(graph, account.id, group=account.group))
    except GraphFailure as failure:
        if failure.status == 404:
            return replace(account, id="")
        if failure.status in REFUSED:
            return _unread(account, failure)
        raise


async def groups_of(graph: Graph, id_: str, *, group: bool = False) -> frozenset[str]:
    """The folded ids of all groups that a person, or a group, is in.

    Raises:
        GraphFailure: that could not be read.
    """
    kind = "groups" if group else "users"
    rows = await graph.get_all("v1.0", f"/{kind}/{quote(id_, safe='')}/{GROUPS}")
    return frozenset(str(row.get("id", "")).casefold() for row in rows if isinstance(row, Mapping))
