"""The members of groups, nested ones included.

Source: Graph, "List group transitive members". Microsoft asks for an advanced query where a type is
in the path; Graph answers without one, and then not from an index that lags behind.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph


def members_url(group: str, shown: str = "id", top: int = 999) -> str:
    """The path of everything in a group, by its id: people, groups, devices and applications."""
    return f"/groups/{quote(group, safe='')}/transitiveMembers?$select={shown}&$top={top}"


def people_url(group: str, shown: str = "id", top: int = 999) -> str:
    """The path of the people in a group, with the properties `shown` and `top` of them a page."""
    return members_url(group, shown, top).replace("?", "/microsoft.graph.user?", 1)


async def members(graph: Graph, group: str) -> AsyncIterator[frozenset[str]]:
    """The folded ids of the people in a group, page by page: `async for ids in members(…)`.

    A reader who stops early reads no further page. A page may be empty, and a group too.

    Raises:
        GraphError: the group does not exist (404), its members may not be read (403), or Graph
            could not answer.
    """
    async for rows in graph.pages("v1.0", people_url(group)):
        yield frozenset(
            str(row["id"]).casefold() for row in rows if isinstance(row, Mapping) and row.get("id")
        )
