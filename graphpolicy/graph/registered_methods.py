"""The emergency accounts' members, groups and registered methods.

Read only if a plan could take a method away: the permission for it shows how people sign in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.emergency_accounts import groups_of
from graphpolicy.graph.read import or_unread, together
from graphpolicy.model import Account, Json, Person, Unread, Version

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

PEOPLE = "/microsoft.graph.user?$select=id,userPrincipalName&$top=999"
ANYBODY = "/microsoft.graph.user?$select=id&$top=1"
EVERYTHING = "?$select=id&$top=999"
"""Everything in a group, including nested members (Graph: "List group transitive members"). The
cast in the paths above needs no advanced query."""

MOST_PEOPLE = 200
"""A group with more people does not consist of emergency accounts, and its members' methods are
not read. Two short requests for each person are 25 rounds of 16 at once."""

TOO_MANY = Unread(
    f"it has more than {MOST_PEOPLE} members, too many to read their methods one by one",
    "list the accounts themselves under emergencyAccess, or a group that has no other members",
)

ENDING = "authenticationmethod"
GROUP = ".group"


async def registered(
    graph: Graph, accounts: Iterable[Account], version: Version
) -> tuple[Account, ...]:
    """The same accounts, with their people, the people's groups and registered methods.

    `people` is None if they may not be read, or if there are more than `MOST_PEOPLE`.

    Raises:
        GraphError: Graph could not answer.
    """
    return tuple(await together(_closer(graph, account, version) for account in accounts))


async def nested(graph: Graph, accounts: Iterable[Account]) -> tuple[Account, ...]:
    """The same accounts; for a group with the groups inside it, if they may be read.

    Raises:
        GraphError: Graph could not answer.
    """
    return tuple(await together(_nested(graph, account) for account in accounts))


async def peopled(graph: Graph, accounts: Iterable[Account]) -> tuple[Account, ...]:
    """The same accounts; for a group with `empty`, whether it has no people.

    Raises:
        GraphError: Graph could not answer.
    """
    return tuple(await together(_peopled(graph, account) for account in accounts))


async def _members(graph: Graph, account: Account, query: str, most: int) -> list[Json] | None:
    """The members of a group; None for a user, or if they may not be read."""
    if not account.id or not account.group:
        return None
    rows = await or_unread(graph.get_all("v1.0", f"{_members_of(account)}{query}", most))
    # Where they may not be read, the account's own groups may not be either, and the plan says so.
    return None if isinstance(rows, Unread) else rows


async def _peopled(graph: Graph, account: Account) -> Account:
    rows = await _members(graph, account, ANYBODY, 0)
    return account if rows is None else replace(account, empty=not rows)


async def _nested(graph: Graph, account: Account) -> Account:
    rows = await _members(graph, account, EVERYTHING, MOST_PEOPLE)
    if rows is None:
        return account
    found = (row for row in rows if isinstance(row, Mapping))
    groups = (row for row in found if str(row.get("@odata.type", "")).casefold().endswith(GROUP))
    return replace(account, inner=frozenset(str(row.get("id", "")).casefold() for row in groups))


async def _closer(graph: Graph, account: Account, version: Version) -> Account:
    if not account.id:
        return account
    people = await or_unread(_people(graph, account))
    if isinstance(people, Unread):
        return replace(account, people=None, unread=people)
    asked = (_methods(graph, version, person.id) for person in people)
    held = await or_unread(together(asked))
    if isinstance(held, Unread):
        return replace(account, people=people, unread=held)
    pairs = zip(people, held, strict=True)
    return replace(account, people=tuple(replace(who, registered=has) for who, has in pairs))


async def _people(graph: Graph, account: Account) -> tuple[Person, ...] | Unread:
    """The people of an account with all their groups; or that there are too many."""
    if not account.group:
        return (Person(account.label, account.id, account.within, None),)
    rows = await graph.get_all("v1.0", f"{_members_of(account)}{PEOPLE}", MOST_PEOPLE)
    people = [row for row in rows if isinstance(row, Mapping) and row.get("id")]
    if len(people) > MOST_PEOPLE:
        return TOO_MANY
    within = await together(groups_of(graph, str(row["id"])) for row in people)
    return tuple(
        Person(
            f"user {str(row.get('userPrincipalName') or row['id'])!r}",
            str(row["id"]).casefold(),
            groups,
            None,
        )
        for row, groups in zip(people, within, strict=True)
    )


def _members_of(account: Account) -> str:
    return f"/groups/{quote(account.id, safe='')}/transitiveMembers"


async def _methods(graph: Graph, version: Version, id_: str) -> frozenset[tuple[str, str]]:
    rows = await graph.get_all(version, f"/users/{quote(id_, safe='')}/authentication/methods")
    return frozenset(_kind(row) for row in rows if isinstance(row, Mapping))


def _kind(row: Mapping[str, Json]) -> tuple[str, str]:
    """The method's type and AAGUID: `#microsoft.graph.fido2AuthenticationMethod` is `fido2`."""
    name = str(row.get("@odata.type") or "").rsplit(".", 1)[-1].casefold()
    return name.removesuffix(ENDING), str(row.get("aaGuid") or "").casefold()
