"""Emergency access in the directory: the accounts, their groups, members and registered methods.

Members and registered methods are read only if a plan could take a method away: the permission for
registered methods shows how people sign in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from graphpolicy.graph.directory import look_up
from graphpolicy.graph.failures import REFUSED, GraphError
from graphpolicy.graph.members import members_url, people_url
from graphpolicy.graph.read import or_none, or_unread, together
from graphpolicy.model import Account, DirectoryUser, Json, Unread, Version

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

GROUPS = "transitiveMemberOf/microsoft.graph.group?$select=id&$top=999"
"""All groups of a user or group, including nested ones (Graph: user, group: List transitive
memberOf). The cast in the path needs no advanced query."""

GONE_SINCE = (
    "try again in a few minutes; if it fails again, check in the Entra admin center whether the "
    "object was deleted"
)


async def look_up_accounts(graph: Graph, emergency: Json) -> tuple[Account, ...]:
    """The accounts of `emergencyAccess`, each with the groups that it is in.

    `within` is None if the groups may not be read. `id` is "" if the account does not exist.
    """
    entries = emergency if isinstance(emergency, list) else []
    return await look_up_entries(graph, entries, within=True)


async def look_up_refused(graph: Graph, helpdesk: Mapping[str, Json]) -> tuple[Account, ...]:
    """The groups of `helpdesk.refuse`."""
    entries = [entry for entry in helpdesk.get("refuse") or () if "group" in entry]
    return await look_up_entries(graph, entries, within=False)


async def look_up_entries(
    graph: Graph, entries: Sequence[Mapping[str, Json]], *, within: bool
) -> tuple[Account, ...]:
    """The users and groups that the entries name, in order; entries without either are skipped."""
    some = [entry for entry in entries if entry.keys() & {"user", "group"}]
    hits = await _hits(graph, [entry["group"] for entry in some if "group" in entry])

    async def account(entry: Mapping[str, Json]) -> Account:
        found = await (_group(graph, entry, hits) if "group" in entry else _user(graph, entry))
        return await _within(graph, found) if within and found.id else found

    return tuple(await together(map(account, some)))


async def _hits(
    graph: Graph, names: list[str]
) -> Mapping[str, tuple[tuple[str, str], ...]] | Unread:
    """The groups with these names, ignoring case; or why they could not be looked up."""
    if not names:
        return {}
    found = await or_unread(look_up(graph, names, ()))
    return found if isinstance(found, Unread) else found.by_name


async def _group(
    graph: Graph,
    entry: Mapping[str, Json],
    hits: Mapping[str, tuple[tuple[str, str], ...]] | Unread,
) -> Account:
    name = str(entry["group"])
    account = Account(f"group {name!r}", "", group=True)
    same = () if isinstance(hits, Unread) else hits.get(name, ())
    exact = tuple(id_.casefold() for id_, shown in same if shown == name)
    if "id" in entry:
        return await _pinned(graph, account, entry, name, exact)
    if isinstance(hits, Unread):
        return replace(account, readable=False, unread=hits)
    return _one_of(account, exact, same)


async def _user(graph: Graph, entry: Mapping[str, Json]) -> Account:
    name = str(entry["user"])
    account = Account(f"user {name!r}", "")
    found = await or_unread(_id_of(graph, account, name))
    if isinstance(found, Unread):
        id_ = str(entry.get("id", "")).casefold()
        return replace(account, readable=False, id=id_, unread=found)
    if "id" in entry:
        return await _pinned(graph, account, entry, name, (found,) if found else ())
    return replace(account, id=found)


async def _pinned(
    graph: Graph, account: Account, entry: Mapping[str, Json], name: str, others: tuple[str, ...]
) -> Account:
    """An account by the id in the file. `called` is its name in the directory if that differs."""
    id_ = str(entry["id"]).casefold()
    kind, shown = ("groups", "displayName") if account.group else ("users", "userPrincipalName")
    try:
        row = await graph.get("v1.0", f"/{kind}/{quote(id_, safe='')}?$select=id,{shown}")
    except GraphError as failure:
        if failure.status == 404:
            gone = f"is written with the id {id_}, which is not in the directory"
            fix = "write the id of the account that is meant, or the name alone"
            return replace(account, unread=Unread(gone, fix))
        if failure.status in REFUSED:
            return replace(account, id=id_, unread=failure.unread)
        raise
    called = str(row.get(shown) or "")
    same = called == name if account.group else name.casefold() in (called.casefold(), id_)
    other = tuple(each for each in others if each != id_)
    if same or not called:
        return replace(account, id=id_)
    return replace(account, id=id_, called=called, other=other)


def _one_of(account: Account, exact: tuple[str, ...], same: tuple[tuple[str, str], ...]) -> Account:
    """The one group with exactly this name; without an id, and with the reason, if not one."""
    if len(exact) == 1:
        return replace(account, id=exact[0])
    if exact:
        several = f"is the name of several groups: {', '.join(exact)}"
        return replace(account, unread=Unread(several, "add the id of the right group as `id:`"))
    if same:
        spelled = ", ".join(f"{shown!r} ({id_})" for id_, shown in same)
        return replace(
            account,
            unread=Unread(
                f"is spelled differently in the directory: {spelled}",
                "write the name exactly as in the directory",
            ),
        )
    return account


async def _id_of(graph: Graph, account: Account, name: str) -> str:
    """The id of the user with this name; "" if there is no such user."""
    user = await or_none(graph.get("v1.0", f"/users/{quote(name, safe='')}?$select=id"))
    if user is None:
        return ""
    if not isinstance(user.get("id"), str):
        raise GraphError(
            f"Graph's answer about {account.label} of emergencyAccess has no id",
            help="try again; graphpolicy does not use incomplete answers",
        )
    return str(user["id"]).casefold()


async def _within(graph: Graph, account: Account) -> Account:
    """The account with the groups that it is in; `id` becomes "" if it was deleted."""
    account = replace(account, id=account.id.casefold())
    try:
        return replace(account, within=await groups_of(graph, account.id, group=account.group))
    except GraphError as failure:
        if failure.status == 404:
            gone = f"has the id {account.id}, but Graph answers 404 for its groups"
            return replace(account, id="", unread=Unread(gone, GONE_SINCE))
        if failure.status in REFUSED:
            return replace(account, readable=False, unread=failure.unread)
        raise


async def groups_of(graph: Graph, id_: str, *, group: bool = False) -> frozenset[str]:
    """The lower-case ids of all groups that a user, or a group, is in, including nested ones."""
    kind = "groups" if group else "users"
    rows = await graph.get_all("v1.0", f"/{kind}/{quote(id_, safe='')}/{GROUPS}")
    return frozenset(str(row.get("id", "")).casefold() for row in rows if isinstance(row, Mapping))


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
    """
    return tuple(await together(_closer(graph, account, version) for account in accounts))


async def nested(graph: Graph, accounts: Iterable[Account]) -> tuple[Account, ...]:
    """The same accounts; for a group with the groups inside it, if they may be read."""
    return tuple(await together(_nested(graph, account) for account in accounts))


async def flag_empty_groups(graph: Graph, accounts: Iterable[Account]) -> tuple[Account, ...]:
    """The same accounts; for a group with `empty`, whether it has no people."""
    return tuple(await together(_flag_empty(graph, account) for account in accounts))


async def _members(graph: Graph, account: Account, url: str, most: int) -> list[Json] | None:
    """The members of a group; None for a user, or if they may not be read."""
    if not account.id or not account.group:
        return None
    rows = await or_unread(graph.get_all("v1.0", url, most))
    # Where they may not be read, the account's own groups may not be either, and the plan says so.
    return None if isinstance(rows, Unread) else rows


async def _flag_empty(graph: Graph, account: Account) -> Account:
    rows = await _members(graph, account, people_url(account.id, top=1), 0)
    return account if rows is None else replace(account, empty=not rows)


async def _nested(graph: Graph, account: Account) -> Account:
    rows = await _members(graph, account, members_url(account.id), MOST_PEOPLE)
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


async def _people(graph: Graph, account: Account) -> tuple[DirectoryUser, ...] | Unread:
    """The people of an account with all their groups; or that there are too many."""
    if not account.group:
        return (DirectoryUser(account.label, account.id, account.within, None),)
    url = people_url(account.id, "id,userPrincipalName")
    rows = await graph.get_all("v1.0", url, MOST_PEOPLE)
    people = [row for row in rows if isinstance(row, Mapping) and row.get("id")]
    if len(people) > MOST_PEOPLE:
        return TOO_MANY
    within = await together(groups_of(graph, str(row["id"])) for row in people)
    return tuple(
        DirectoryUser(
            f"user {str(row.get('userPrincipalName') or row['id'])!r}",
            str(row["id"]).casefold(),
            groups,
            None,
        )
        for row, groups in zip(people, within, strict=True)
    )


async def _methods(graph: Graph, version: Version, id_: str) -> frozenset[tuple[str, str]]:
    rows = await graph.get_all(version, f"/users/{quote(id_, safe='')}/authentication/methods")
    return frozenset(_kind(row) for row in rows if isinstance(row, Mapping))


def _kind(row: Mapping[str, Json]) -> tuple[str, str]:
    """The method's type and AAGUID: `#microsoft.graph.fido2AuthenticationMethod` is `fido2`."""
    name = str(row.get("@odata.type") or "").rsplit(".", 1)[-1].casefold()
    return name.removesuffix(ENDING), str(row.get("aaGuid") or "").casefold()
