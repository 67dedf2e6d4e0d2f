"""What the directory says of the accounts that must get in when everything else fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.directory import look_up
from graphpolicy.graph.errors import REFUSED, GraphFailure
from graphpolicy.graph.together import together
from graphpolicy.model import Account, Json

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
    ids = {name: hits[0][0] for name, hits in (await _named(graph, groups)).items() if hits}
    return tuple(await together(_account(graph, entry, ids) for entry in entries))


async def _named(graph: Graph, groups: list[str]) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Exact matches alone; several of one name count as none, since it is not known which."""
    if not groups:
        return {}
    try:
        found = (await look_up(graph, groups, ())).by_name
    except GraphFailure as failure:
        if failure.status in REFUSED:
            return {}
        raise
    exact = {name: tuple(h for h in hits if h[1] == name) for name, hits in found.items()}
    return {name: hits for name, hits in exact.items() if len(hits) == 1}


async def _account(graph: Graph, entry: Mapping[str, Json], ids: Mapping[str, str]) -> Account:
    if "group" in entry:
        label = f"group {entry['group']!r}"
        id_ = str(entry.get("id") or ids.get(entry["group"], ""))
        if not id_:
            return Account(label, "", group=True)
        return replace(await _within(graph, "groups", id_, label), group=True)
    label = f"user {entry['user']!r}"
    if "id" in entry:
        return await _within(graph, "users", str(entry["id"]), label)
    try:
        user = await graph.get("v1.0", f"/users/{quote(entry['user'], safe='')}?$select=id")
    except GraphFailure as failure:
        if failure.status in REFUSED:
            return Account(label, "", readable=failure.status == 404)
        raise
    if not isinstance(user.get("id"), str):
        raise GraphFailure(
            f"Graph answered without an id when it was asked for {label} of emergencyAccess",
            help="nothing is concluded from half an answer; try again",
        )
    return await _within(graph, "users", user["id"], label)


async def _within(graph: Graph, kind: str, id_: str, label: str) -> Account:
    try:
        groups = await graph.get_all("v1.0", f"/{kind}/{quote(id_, safe='')}/{GROUPS}")
    except GraphFailure as failure:
        if failure.status not in REFUSED:
            raise
        return Account(label, id_.casefold())
    known = (str(group.get("id", "")).casefold() for group in groups if isinstance(group, dict))
    return Account(label, id_.casefold(), frozenset(known))
