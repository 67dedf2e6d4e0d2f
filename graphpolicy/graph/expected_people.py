"""The people whom expectations are about: members of groups, single persons, and their names.

What may not be read stands as `Unread`, so that it never counts as an empty group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.directory import IDS_AT_ONCE, sign_in_names
from graphpolicy.graph.emergency_accounts import groups_of
from graphpolicy.graph.errors import REFUSED, GraphError
from graphpolicy.graph.members import members, people_url
from graphpolicy.graph.read import each_of, or_unread, together
from graphpolicy.guards.expectations import Asked
from graphpolicy.model import Members, Person, Unread

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph
    from graphpolicy.plan.make import Planned


async def members_of(graph: Graph, asked: Asked) -> dict[str, Members]:
    """The people of the groups that are asked for, by folded id; of a named group if it is empty.

    A group is read to its end, however many people are in it.
    """
    groups, named = sorted(asked.groups), sorted(asked.named)
    whole, first = await each_of(
        together(_members(graph, each) for each in groups),
        together(or_unread(_anybody(graph, each)) for each in named),
    )
    known = dict(zip(groups, whole, strict=True))
    return known | {
        id_: Members() for id_, some in zip(named, first, strict=True) if some == frozenset()
    }


async def _members(graph: Graph, group: str) -> Members:
    found: set[str] = set()
    try:
        async for ids in members(graph, group):
            found |= ids
    except GraphError as failure:
        if failure.status not in REFUSED:
            raise
        return Members(frozenset(found), failure.unread)
    return Members(frozenset(found))


async def people_of(graph: Graph, asked: Asked) -> dict[str, Person | Unread | None]:
    """The persons who are asked for, by folded name; None for one who is not in the directory."""
    names = sorted(asked.people)
    found = await together(_person(graph, each, groups=asked.people[each]) for each in names)
    return dict(zip(names, found, strict=True))


async def _anybody(graph: Graph, group: str) -> frozenset[str]:
    """One member of a group, for whether there is any."""
    rows = await graph.get_all("v1.0", people_url(group, top=1), 0)
    return frozenset(str(row.get("id", "")) for row in rows if isinstance(row, Mapping))


async def _person(graph: Graph, name: str, *, groups: bool) -> Person | Unread | None:
    """A user, with all their groups if these are wanted; None if there is no such user."""
    try:
        row = await graph.get("v1.0", f"/users/{quote(name, safe='')}?$select=id")
        id_ = str(row.get("id", "")).casefold()
        return Person(name, id_, await groups_of(graph, id_) if groups else None, None)
    except GraphError as failure:
        if failure.status == 404:
            return None
        if failure.status in REFUSED:
            return failure.unread
        raise


async def with_names(graph: Graph, made: Planned) -> Planned:
    """A plan whose findings name people, as far as these may be read, in place of their ids."""
    ids = sorted({id_ for found in made.plan.findings for id_ in found.names})
    some = (ids[at : at + IDS_AT_ONCE] for at in range(0, len(ids), IDS_AT_ONCE))
    known: dict[str, str] = {}
    for names in await together(sign_in_names(graph, each) for each in some):
        known |= names
    findings = tuple(
        replace(found, names=tuple(sorted(known.get(id_, id_) for id_ in found.names)))
        for found in made.plan.findings
    )
    return replace(made, plan=replace(made.plan, findings=findings)) if ids else made
