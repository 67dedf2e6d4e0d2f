"""What people have registered: the report about everybody, and the keys of some of them.

Sources: Graph, "List userRegistrationDetails" (one row for each person whose account is enabled;
it needs Microsoft Entra ID P1, and its rows are up to 36 hours old: Entra, "Authentication methods
activity"), "List users", "Get group", "List fido2AuthenticationMethod", "authenticationMethod"
(beta: lastUsedDateTime).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.catalogue.registered import RegisteredKind, kind_of, registers
from graphpolicy.graph.batch import ask_each, rows_of
from graphpolicy.graph.emergency_accounts import ENDING
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.methods import version
from graphpolicy.graph.page_cache import pages
from graphpolicy.graph.paging import ListStore
from graphpolicy.model import Json, Unread, Version
from graphpolicy.model.records import dataclass

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

REPORT = "/reports/authenticationMethods/userRegistrationDetails?$top=999"
USERS = "/users?$select=id,accountEnabled,userType&$top=999"

Rows = list[Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class GroupFacts:
    """A group's name, and whether a rule or another directory decides who is in it."""

    name: str
    dynamic: bool
    synchronised: bool


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A passkey that a person has: its model (AAGUID) and passkey type, folded; "" if not said."""

    model: str
    type_: str


@dataclass(frozen=True, slots=True)
class UsedMethod:
    """A method that a person has: its type as Graph writes it without the ending (`fido2`), the
    model of a key, and when it was last used, as Graph writes it; "" if Graph does not say.
    """

    kind: str
    model: str
    last: str


OLD_DAYS = 7
"""From this age on the registration report, which Graph makes each day, is no longer current."""


def days_old(as_of: str, today: str) -> int:
    """The age of a report in days if it is old; 0 if it is not, or does not say. Dates are ISO."""
    try:
        days = (date.fromisoformat(today) - date.fromisoformat(as_of[:10])).days
    except ValueError:
        return 0
    return days if days > OLD_DAYS else 0


async def report_pages(graph: Graph, cache: ListStore | None = None) -> AsyncIterator[Rows]:
    """The rows of the registration report, page by page, no faster than Graph answers them.

    Each row has an id. A person may have two rows, where the report changed between two pages.

    Raises:
        GraphError: a page could not be read or is not a page, so that the report is not complete.
    """
    async for rows in _pages(graph, REPORT, cache, paced=True):
        yield rows


async def user_pages(graph: Graph, cache: ListStore | None = None) -> AsyncIterator[Rows]:
    """Everybody in the directory, page by page: `id`, `accountEnabled` and `userType`.

    Raises:
        GraphError: as `report_pages`.
    """
    async for rows in _pages(graph, USERS, cache):
        yield rows


async def _pages(
    graph: Graph, url: str, cache: ListStore | None, *, paced: bool = False
) -> AsyncIterator[Rows]:
    async for entries in pages(graph, url, cache, paced=paced):
        for row in entries:
            if not isinstance(row, Mapping) or not isinstance(row.get("id"), str) or not row["id"]:
                where = url.partition("?")[0]
                raise GraphError(
                    f"the answer to GET /v1.0{where} has an entry without an id",
                    "try again; graphpolicy does not use incomplete answers",
                    method="GET",
                    url=where,
                )
        yield entries


async def read_groups(graph: Graph, ids: Collection[str]) -> dict[str, GroupFacts | Unread | None]:
    """What is known of these groups, by id as given; None for one that no longer exists.

    Raises:
        GraphError: Graph could not answer.
    """
    shown = "$select=displayName,groupTypes,onPremisesSyncEnabled"
    urls = {id_: f"/groups/{quote(id_, safe='')}?{shown}" for id_ in ids}
    answers = await ask_each(graph, "v1.0", urls, "groups")
    return {id_: _group(row) if isinstance(row, dict) else row for id_, row in answers.items()}


def _group(row: Mapping[str, Json]) -> GroupFacts:
    types = row.get("groupTypes")
    kinds = [str(each).casefold() for each in types] if isinstance(types, list) else []
    return GroupFacts(
        str(row.get("displayName") or ""),
        "dynamicmembership" in kinds,
        row.get("onPremisesSyncEnabled") is True,
    )


async def key_models(
    graph: Graph, ids: Collection[str]
) -> dict[str, tuple[HeldKey, ...] | Unread | None]:
    """People's passkeys, by id as given; None for a person who no longer exists.

    Raises:
        GraphError: Graph could not answer.
    """
    answers = await _of_people(graph, ids, version(graph), "fido2Methods", "the keys of people")
    return {
        id_: tuple(_key(row) for row in rows) if isinstance(rows, tuple) else rows
        for id_, rows in answers.items()
    }


def _key(row: Mapping[str, Json]) -> HeldKey:
    model, type_ = (str(row.get(name) or "").casefold() for name in ("aaGuid", "passkeyType"))
    return HeldKey(model, type_)


async def held_methods(
    graph: Graph, ids: Collection[str]
) -> dict[str, frozenset[str] | Unread | None]:
    """The methods of the policy that people have registered, by id as given; None as above.

    Only beta lists every type of method.

    Raises:
        GraphError: Graph could not answer.
    """
    answers = await registered_rows(graph, ids)
    return {
        id_: united(map(_kind, rows)) if isinstance(rows, tuple) else rows
        for id_, rows in answers.items()
    }


def _kind(row: Mapping[str, Json]) -> RegisteredKind | None:
    return kind_of(str(row.get("@odata.type") or ""), str(row.get("id") or ""))


def united(kinds: Iterable[RegisteredKind | None]) -> frozenset[str]:
    """The methods of the policy that these registrations serve."""
    return frozenset(chain.from_iterable(map(registers, kinds)))


async def last_used(
    graph: Graph, ids: Collection[str]
) -> dict[str, tuple[UsedMethod, ...] | Unread | None]:
    """People's methods and when each was last used, by id as given; None for a person who no longer
    exists.

    Raises:
        GraphError: Graph could not answer.
    """
    answers = await registered_rows(graph, ids)
    return {
        id_: tuple(_used(row) for row in rows) if isinstance(rows, tuple) else rows
        for id_, rows in answers.items()
    }


def _used(row: Mapping[str, Json]) -> UsedMethod:
    name = str(row.get("@odata.type") or "").rpartition(".")[2].casefold()
    last = row.get("lastUsedDateTime")
    return UsedMethod(
        name.removesuffix(ENDING),
        str(row.get("aaGuid") or "").casefold(),
        last if isinstance(last, str) else "",
    )


async def registered_rows(
    graph: Graph, ids: Collection[str]
) -> dict[str, tuple[Mapping[str, Json], ...] | Unread | None]:
    """Everything that people have registered, as Graph writes it, by id as given; None as above.

    Raises:
        GraphError: Graph could not answer.
    """
    return await _of_people(graph, ids, "beta", "methods", "the methods of people")


async def _of_people(
    graph: Graph, ids: Collection[str], api: Version, segment: str, doing: str
) -> dict[str, tuple[Mapping[str, Json], ...] | Unread | None]:
    urls = {id_: f"/users/{quote(id_, safe='')}/authentication/{segment}" for id_ in ids}
    found: dict[str, tuple[Mapping[str, Json], ...] | Unread | None] = {}
    for id_, answer in (await ask_each(graph, api, urls, doing)).items():
        if isinstance(answer, dict):
            found[id_] = tuple(await rows_of(graph, api, answer, f"/{api}{urls[id_]}"))
        else:
            found[id_] = answer
    return found
