"""Look up the groups that a plan names in the directory: ids by name, names by id.

A filter may join 15 conditions and getByIds takes 1000 ids (Microsoft Graph: "Use the $filter query
parameter", "directoryObject: getByIds"). Display names are not unique, and Graph ignores their
case; the plan decides which of them match exactly.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.failures import REFUSED, GraphError
from graphpolicy.graph.read import each_of, or_none, together
from graphpolicy.model import NOBODY, Directory, Json

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

NAMES_AT_ONCE = 15
FIRST_LETTERS = 2
IDS_AT_ONCE = 1000
LONGEST_FILTER = 2000
SHOWN = "$select=id,displayName&$top=999"

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TYPES = ("group", "user", "administrativeUnit", "directoryRole")


async def look_up(graph: Graph, names: Collection[str], ids: Collection[str]) -> Directory:
    """The groups with these display names, and the display names of these ids.

    If ids may not be looked up (403), groups are read with the permission for groups alone. If that
    does not find them all, `readable` is false, and `gone` is empty.

    Raises:
        GraphError: a name could not be looked up, or Graph could not answer.
    """
    asked = sorted({id_ for id_ in ids if _GUID.fullmatch(id_) and id_ != NOBODY})
    urls = (f"/groups?$filter={some}&{SHOWN}" for some in _filters(sorted(set(names))))
    by_id = (
        _by_id(graph, asked[start : start + IDS_AT_ONCE])
        for start in range(0, len(asked), IDS_AT_ONCE)
    )
    named, known = await each_of(
        together(graph.get_all("v1.0", url) for url in urls), together(by_id)
    )
    groups = _display_names(entry for some in named for entry in some)
    readable = all(whole for _, whole in known)
    objects = _display_names(entry for some, _ in known for entry in some)
    found = {id_: objects[id_.lower()] for id_ in asked if id_.lower() in objects}
    return Directory(
        by_name={name: _matches(name, groups) for name in names},
        names={id_: name for id_, name in found.items() if name},
        gone=frozenset(id_ for id_ in asked if id_ not in found) if readable else frozenset(),
        readable=readable,
    )


async def _by_id(graph: Graph, ids: Sequence[str]) -> tuple[list[Json], bool]:
    """What is known of the objects with these ids, and whether that is everything."""
    try:
        return await objects_of(graph, ids), True
    except GraphError as failure:
        if failure.status != 403:
            raise
        if failure.method != "POST":
            return [], False
    urls = (f"/groups?$filter={some}&{SHOWN}" for some in _filters(ids, "id"))
    try:
        pages = await together(graph.get_all("v1.0", url) for url in urls)
    except GraphError as failure:
        if failure.status not in REFUSED:
            raise
        return [], False
    rows = [entry for page in pages for entry in page]
    return rows, {id_.lower() for id_ in ids} <= _display_names(iter(rows)).keys()


async def sign_in_names(graph: Graph, ids: Sequence[str]) -> dict[str, str]:
    """The user principal names of at most `IDS_AT_ONCE` people, by folded id; none if refused."""
    rows = [row for row in await _known(graph, ids) or () if isinstance(row, dict)]
    return {
        str(row.get("id")).casefold(): name
        for row in rows
        if isinstance(name := row.get("userPrincipalName"), str)
    }


async def names_near(graph: Graph, names: Collection[str]) -> tuple[str, ...]:
    """Groups whose names begin like one of these, sorted: a page of those that share its first
    half, and one of those that share its first letters, for a mistake in that half.

    They only serve "did you mean": if Graph does not answer, the result is empty.
    """
    asked = sorted(set(names))[:NAMES_AT_ONCE]
    halves = {name[: max(FIRST_LETTERS, len(name) // 2)] for name in asked}
    letters = {name[:FIRST_LETTERS] for name in asked} - halves
    pages = await together([_beginning(graph, some) for some in (halves, letters) if some])
    return tuple(sorted({name for page in pages for name in page}))


async def _beginning(graph: Graph, beginnings: Collection[str]) -> list[str]:
    escaped = (beginning.replace("'", "''") for beginning in sorted(beginnings))
    begins = " or ".join(f"startswith(displayName,'{beginning}')" for beginning in escaped)
    try:
        answer = await graph.get("v1.0", f"/groups?$filter={quote(begins, safe='')}&{SHOWN}")
    except GraphError:
        return []
    found = answer.get("value")
    rows = found if isinstance(found, list) else []
    return [
        row["displayName"]
        for row in rows
        if isinstance(row, dict) and isinstance(row.get("displayName"), str)
    ]


def _filters(names: Sequence[str], key: str = "displayName") -> Iterator[str]:
    """As few filters as possible for these names, percent-encoded, within Graph's limits."""
    terms: list[str] = []
    for name in names:
        term = quote("{} eq '{}'".format(key, name.replace("'", "''")), safe="")
        if terms and (
            len(terms) == NAMES_AT_ONCE or len(_OR.join([*terms, term])) > LONGEST_FILTER
        ):
            yield _OR.join(terms)
            terms = []
        terms.append(term)
    if terms:
        yield _OR.join(terms)


_OR = quote(" or ")


async def _known(graph: Graph, ids: Sequence[str]) -> list[Json] | None:
    """The objects with these ids that exist; None if the directory may not be read."""
    try:
        return await objects_of(graph, ids)
    except GraphError as failure:
        if failure.status == 403:
            return None
        raise


async def objects_of(graph: Graph, ids: Sequence[str]) -> list[Json]:
    """The objects with these ids that exist, at most `IDS_AT_ONCE`.

    Raises:
        GraphError: they may not be read, or Graph could not answer.
    """
    try:
        answer = await graph.post_read(
            "v1.0", "/directoryObjects/getByIds", {"ids": list(ids), "types": list(_TYPES)}
        )
    except GraphError as failure:
        if failure.status != 404:
            raise
        # Not documented: Graph may answer 404 for all if one is deleted. Then ask one by one.
        singles = [or_none(graph.get("v1.0", f"/directoryObjects/{id_}")) for id_ in ids]
        return [single for single in await together(singles) if single is not None]
    found = answer.get("value")
    if not isinstance(found, list):
        raise GraphError(
            "the answer to POST /v1.0/directoryObjects/getByIds has no list",
            help="try again; graphpolicy does not use incomplete answers",
        )
    following = answer.get("@odata.nextLink")
    return found if following is None else found + await graph.get_all("v1.0", str(following))


def _display_names(entries: Iterator[Json]) -> dict[str, str]:
    """Display names by lower-case id; "" for an object without a name."""
    return {
        entry["id"].lower(): entry.get("displayName") or ""
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    }


def _matches(name: str, groups: dict[str, str]) -> tuple[tuple[str, str], ...]:
    same = [(id_, shown) for id_, shown in groups.items() if shown.casefold() == name.casefold()]
    return tuple(sorted(same, key=lambda match: (match[1] != name, match[1], match[0])))
