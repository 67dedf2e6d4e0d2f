"""Reading authentication strengths, and the Conditional Access policies that require them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.concurrency import together
from graphpolicy.graph.errors import REFUSED, GraphError
from graphpolicy.model import Json, Strength, Unread

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

URL = "/policies/authenticationStrengthPolicies"


async def list_strengths(graph: Graph) -> tuple[Strength, ...] | Unread:
    """All authentication strengths of the tenant, built-in and custom, or why they can't be read.

    `demanded_by` is not filled, see `demanded`. Source: Graph, "List
    authenticationStrengthPolicies".

    Raises:
        GraphError: Graph could not answer.
    """
    try:
        rows = await graph.get_all("v1.0", URL)
    except GraphError as failure:
        if failure.status not in REFUSED:
            raise
        return failure.unread
    return tuple(_strength(row) for row in rows if _whole(row))


async def demanded(graph: Graph, listed: Iterable[Strength]) -> tuple[Strength, ...] | Unread:
    """The same strengths with the policies that require each, or why these can't be read.

    Source: Graph, "authenticationStrengthPolicy: usage".

    Raises:
        GraphError: Graph could not answer.
    """
    try:
        usages = await together(
            graph.get("v1.0", f"{URL}/{quote(each.id, safe='')}/usage()") for each in listed
        )
    except GraphError as failure:
        if failure.status not in REFUSED:
            raise
        return failure.unread
    return tuple(
        replace(strength, demanded_by=tuple(_policies(usage)))
        for strength, usage in zip(listed, usages, strict=True)
    )


def _whole(row: Json) -> bool:
    return (
        isinstance(row, Mapping)
        and bool(row.get("id"))
        and isinstance(row.get("allowedCombinations"), list)
    )


def _strength(row: Mapping[str, Json]) -> Strength:
    return Strength(
        str(row["id"]),
        str(row.get("displayName") or row["id"]),
        tuple(
            frozenset(mode.strip().casefold() for mode in str(combination).split(","))
            for combination in row["allowedCombinations"]
        ),
    )


def _policies(usage: Mapping[str, Json]) -> Iterator[str]:
    """Names of the Conditional Access policies that are on or report-only."""
    for kind in ("mfa", "none"):
        rows = usage.get(kind)
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, Mapping) and row.get("state") != "disabled":
                yield str(row.get("displayName") or row.get("id"))
