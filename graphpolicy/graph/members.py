"""The people of groups, nested ones included, and of directory roles.

Sources: Graph, "List group transitive members", "List members of a directory role", "List
roleEligibilityScheduleInstances". With a type in the path a list of members is an advanced query.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Set as AbstractSet
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.directory import IDS_AT_ONCE, objects_of
from graphpolicy.graph.failures import REFUSED, GraphError
from graphpolicy.graph.page_cache import pages
from graphpolicy.graph.paging import ListStore
from graphpolicy.graph.read import or_none, together
from graphpolicy.graph.transport import COUNTED
from graphpolicy.model import Json, Members, Party, Unread

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph


def members_url(group: str, shown: str = "id", top: int = 999) -> str:
    """The path of everything in a group, by its id: people, groups, devices and applications."""
    return f"/groups/{quote(group, safe='')}/transitiveMembers?$select={shown}&$top={top}"


def people_url(group: str, shown: str = "id", top: int = 999) -> str:
    """The path of the people in a group, with the properties `shown` and `top` of them a page."""
    return members_url(group, shown, top).replace("?", "/microsoft.graph.user?", 1)


async def members(
    graph: Graph, group: str, cache: ListStore | None = None
) -> AsyncIterator[frozenset[str]]:
    """The folded ids of the people in a group, page by page: `async for ids in members(…)`.

    A reader who stops early reads no further page. A page may be empty, and a group too. With a
    `cache` the list may be as old as that allows.

    Raises:
        GraphError: the group does not exist (404), its members may not be read (403), or Graph
            could not answer.
    """
    async for rows in pages(graph, people_url(group) + COUNTED, cache):
        yield _ids(rows)


MOST_PEOPLE = 50_000
MOST_GROUPS = 50
"""Larger groups, and more of them, are not read to the end: a plan takes seconds, not minutes."""

CHECK = "check in the Entra admin center whether anybody is left"
USER, GROUP = ".user", ".group"
UNFINISHED = Unread("not all of its members were read", "try again")
GONE = Unread(
    "the directory does not have it",
    "restore the group, or name another one in Conditional Access or in the policy",
)
TOO_MANY = Unread(f"it has more than {MOST_PEOPLE:,} members", CHECK)
TOO_MANY_GROUPS = Unread(f"the members of more than {MOST_GROUPS} groups and roles decide", CHECK)


async def members_needed(
    graph: Graph,
    needed: Callable[[Mapping[str, Members]], AbstractSet[Party]],
    known: Mapping[str, Members],
) -> dict[str, Members]:
    """The people of groups, roles and users, by folded id, as far as something depends on them.

    `needed` gets what is known, at first `known`, and returns whose people may decide. Of each of
    them a page is read at a time, all at once, until none is left that has more.

    Raises:
        GraphError: Graph could not answer. What it refuses is in the result as the reason.
    """
    before, known = len(known), dict(known)
    reading: dict[Party, AsyncIterator[frozenset[str]]] = {}
    while asked := [each for each in sorted(needed(known)) if _more(known, each[1])]:
        for party in asked:
            reading.setdefault(party, _people(graph, party))
        found = await together(
            _with_next(reading[party], known.get(party[1], Members())) for party in asked
        )
        known |= {id_: each for (_, id_), each in zip(asked, found, strict=True)}
        if len(known) - before > MOST_GROUPS:
            return {
                id_: Members(each.ids, TOO_MANY_GROUPS) if each.unread is UNFINISHED else each
                for id_, each in known.items()
            }
    return known


def _more(known: Mapping[str, Members], id_: str) -> bool:
    return id_ not in known or known[id_].unread is UNFINISHED


async def _with_next(pages: AsyncIterator[frozenset[str]], known: Members) -> Members:
    """The members with those of the next page, and why there may be more."""
    try:
        ids = known.ids | await anext(pages)
    except StopAsyncIteration:
        return Members(known.ids)
    except GraphError as failure:
        if failure.status not in REFUSED:
            raise
        return Members(known.ids, GONE if failure.status == 404 else failure.unread)
    return Members(ids, TOO_MANY if len(ids) > MOST_PEOPLE else UNFINISHED)


async def _people(graph: Graph, party: Party) -> AsyncIterator[frozenset[str]]:
    kind, id_ = party
    if kind == "user":
        yield frozenset({id_})
    elif kind in PAGES:
        async for ids in PAGES[kind](graph, id_):
            yield ids
    else:
        raise GraphError(f"graphpolicy does not look up {kind}", CHECK, status=400)


async def holders(graph: Graph, role: str) -> AsyncIterator[frozenset[str]]:
    """The folded ids of people who have a directory role, then of those who may activate it.

    `role` is the id of its template. Roles for a part of the tenant are left out, as in Conditional
    Access.

    Raises:
        GraphError: as for `members`.
    """
    url = f"/directoryRoles(roleTemplateId='{quote(role, safe='')}')/members?$select=id"
    rows = await or_none(graph.get_all("v1.0", url))  # None for a role that nobody ever had
    async for ids in _principals(graph, rows or ()):
        yield ids
    condition = quote(f"roleDefinitionId eq '{role}'", safe="")
    url = f"/roleManagement/directory/roleEligibilityScheduleInstances?$filter={condition}"
    try:
        rows = await graph.get_all("v1.0", url)
    except GraphError as failure:
        if failure.status == 400:  # the tenant has no licence for it, so nobody is eligible
            return
        raise
    eligible = sorted(
        str(row.get("principalId")).casefold()
        for row in rows
        if isinstance(row, Mapping) and row.get("directoryScopeId") == "/"
    )
    for start in range(0, len(eligible), IDS_AT_ONCE):
        some = await objects_of(graph, eligible[start : start + IDS_AT_ONCE])
        async for ids in _principals(graph, some):
            yield ids


async def _principals(graph: Graph, rows: Iterable[Json]) -> AsyncIterator[frozenset[str]]:
    """The people among the holders of a role, then those in the groups among them."""
    rows = list(rows)
    yield _ids(row for row in rows if _is(row, USER))
    for group in sorted(_ids(row for row in rows if _is(row, GROUP))):
        async for ids in members(graph, group):
            yield ids


PAGES: Mapping[str, Callable[[Graph, str], AsyncIterator[frozenset[str]]]] = {
    "group": members,
    "role": holders,
}


def _ids(rows: Iterable[Json]) -> frozenset[str]:
    return frozenset(
        str(row["id"]).casefold() for row in rows if isinstance(row, Mapping) and row.get("id")
    )


def _is(row: Json, ending: str) -> bool:
    return isinstance(row, Mapping) and str(row.get("@odata.type", "")).casefold().endswith(ending)
