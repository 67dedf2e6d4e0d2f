"""Users, their groups and roles, and the members of groups.

Sources: Microsoft's pages "user: get", "user: List transitiveMemberOf" (groups, directory roles and
administrative units, including nested ones; an object that may not be read in full still has its
type and id), "group: List transitiveMembers". Memberships do not show roles that are scoped to a
unit, custom, or eligible: "List unifiedRoleAssignments" and "List
roleEligibilityScheduleInstances" (both filter by `principalId`; a role that is held through a group
names the group).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from graphpolicy.graph.directory import look_up
from graphpolicy.graph.emergency_accounts import GONE_SINCE, look_up_entries
from graphpolicy.graph.failures import GraphError
from graphpolicy.graph.members import people_url
from graphpolicy.graph.read import or_none, or_unread, together
from graphpolicy.helpdesk.house_rules import HouseRules, RefusedGroup, key_of
from graphpolicy.helpdesk.person import Memberships, Person
from graphpolicy.model import Json, Unread
from graphpolicy.model.errors import Exit

if TYPE_CHECKING:
    from graphpolicy.graph.session import Graph

WHERE = "/roleManagement/directory"
ASSIGNED, ELIGIBLE = f"{WHERE}/roleAssignments", f"{WHERE}/roleEligibilityScheduleInstances"
TENANT = ("", "/")
MOST_HOLDERS = 20
"""Groups that are looked up if the directory does not say which of them may hold a role."""


async def with_all_roles(graph: Graph, id_: str, belongs: Memberships) -> Memberships:
    """`belongs`, with the roles that memberships do not show, and why some are missing."""
    holders = [id_, *sorted(belongs.holders)]
    asked, more = holders[: MOST_HOLDERS + 1], holders[MOST_HOLDERS + 1 :]
    answers = await together(
        _of(graph, where, holder) for where in (ASSIGNED, ELIGIBLE) for holder in asked
    )
    unread = [each for each in answers if isinstance(each, Unread)]
    if more:
        why = f"the roles of {len(more)} groups were not looked up"
        unread.append(Unread(why, "grant Group.Read.All, which shows the groups that hold roles"))
    found = [row for each in answers if not isinstance(each, Unread) for row in each]
    names = await together(_role(graph, row) for row in found)
    roles = dict.fromkeys((*belongs.roles, *sorted(names)))
    return replace(belongs, roles=tuple(roles), unread=tuple(dict.fromkeys(unread)))


async def _of(graph: Graph, where: str, holder: str) -> list[Mapping[str, Json]] | Unread:
    condition = quote(f"principalId eq '{holder}'", safe="")
    rows = await or_unread(graph.get_all("v1.0", f"{where}?$filter={condition}"))
    if isinstance(rows, Unread):
        return rows
    return [
        {**row, "eligible": where == ELIGIBLE}
        for row in rows
        if isinstance(row, Mapping) and str(row.get("principalId", "")).casefold() == holder
    ]


async def _role(graph: Graph, row: Mapping[str, Json]) -> str:
    """A role's label: its name, or its id if the name may not be read; then state and scope."""
    id_ = str(row.get("roleDefinitionId", ""))
    url = f"{WHERE}/roleDefinitions/{quote(id_, safe='')}"
    found = await or_unread(graph.get("v1.0", url))
    name = None if isinstance(found, Unread) else found.get("displayName")
    scope = str(row.get("directoryScopeId") or "")
    words = ["eligible"] if row.get("eligible") else []
    words += [] if scope in TENANT else [f"for {scope}"]
    return ", ".join((str(name or id_), *words))


SHOWN = "id,userPrincipalName,displayName,userType"


def address(person: str) -> str:
    """The path of a user by id or user principal name; a guest's name contains a `#`."""
    return f"/users/{quote(person, safe='')}"


async def find_person(graph: Graph, user: str) -> Person:
    """The user with this user principal name or id.

    Raises:
        GraphError: there is no such user, or the directory may not be read.
    """
    row = await or_none(graph.get("v1.0", f"{address(user)}?$select={SHOWN}"))
    if row is None:
        raise GraphError(
            f"there is no user {user!r} in {graph.tenant.name} ({graph.tenant.id})",
            "give the full user principal name, such as mia.lopez@contoso.com, or the object id",
            status=404,
        )
    return _person(row)


async def belonging(graph: Graph, person: Person) -> Memberships:
    """A user's groups and active directory roles, direct or through groups."""
    url = f"{address(person.id)}/transitiveMemberOf?$top=999"
    rows = await or_none(graph.get_all("v1.0", url))
    if rows is None:
        raise GraphError(
            f"Graph answers 404 for the groups and roles of {person.label} (id {person.id}) in "
            f"{graph.tenant.name} ({graph.tenant.id})",
            GONE_SINCE,
            status=404,
        )
    objects = [row for row in rows if isinstance(row, dict)]
    roles = [row for row in objects if _is_role(row)]
    others = [row for row in objects if not _is_role(row)]
    # isAssignableToRole is null if the group can't hold a role, and missing if it may not be read.
    holders = (row for row in others if row.get("isAssignableToRole", True) and not _is_unit(row))
    return Memberships(
        _ids(others),
        tuple(sorted(str(row.get("displayName") or row.get("id")) for row in roles)),
        _ids(holders),
    )


async def refused_groups(graph: Graph, house: HouseRules) -> tuple[RefusedGroup, ...]:
    """The groups that the helpdesk rules name, looked up in the directory.

    Raises:
        GraphError: a group does not exist, or its id in the file is that of another group, so
            that it is not clear who is in it. The exit code is that of a refusal.
    """
    entries = house.groups
    pinned = [(entry, emergency) for entry, emergency in entries if "id" in entry]
    accounts = await look_up_entries(graph, [entry for entry, _ in pinned], within=False)
    for (entry, emergency), account in zip(pinned, accounts, strict=True):
        if account.other:
            lead, key = house.place(entry, emergency=emergency), key_of(emergency=emergency)
            raise GraphError(
                f"{lead}{account.label} of {key} has the id {account.id} in the policy file, but "
                f"that is the id of the group {account.called!r}; nothing was done",
                f"correct the entry in the policy file: the group with that name has the id "
                f"{', '.join(account.other)}",
                exit_code=Exit.REFUSED,
            )
    names = {str(entry["group"]) for entry, _ in entries if "id" not in entry}
    found = (await look_up(graph, names, ())).by_name if names else {}
    refused = []
    for entry, emergency in entries:
        name = str(entry["group"])
        ids = [entry["id"]] if "id" in entry else [id_ for id_, _ in found[name]]
        if not ids:
            lead, key = house.place(entry, emergency=emergency), key_of(emergency=emergency)
            raise GraphError(
                f"{lead}{key} names the group {name!r}, which does not exist in the directory; "
                "nothing was done",
                "correct the name in the policy file",
                exit_code=Exit.REFUSED,
            )
        label = f"the group {name}"
        refused.append(RefusedGroup(label, frozenset(id_.casefold() for id_ in ids), emergency))
    return tuple(refused)


async def members(graph: Graph, group: str) -> tuple[str, list[Person]]:
    """A group by name or id: its label for messages, and its people sorted by name.

    The people of nested groups are included.

    Raises:
        GraphError: no group has that name or id, or several groups have that name.
    """
    directory = await look_up(graph, [group], [group])
    exact = [id_ for id_, name in directory.by_name[group] if name == group]
    if group in directory.names:
        exact = [group]
    if len(exact) != 1:
        candidates = ", ".join(f"{name} ({id_})" for id_, name in directory.by_name[group])
        raise GraphError(
            f"{'several groups are' if len(exact) > 1 else 'no group is'} named exactly {group!r}",
            f"give the id of one of: {candidates}" if candidates else "check the spelling",
        )
    rows = await graph.get_all("v1.0", people_url(exact[0], SHOWN))
    named = directory.names.get(exact[0], group)
    people = [_person(row) for row in rows if isinstance(row, dict)]
    people.sort(key=lambda person: person.name.casefold())
    return f"the group {named!r} ({exact[0]})", people


def _person(row: dict[str, Any]) -> Person:
    return Person(
        str(row.get("id", "")).casefold(),
        str(row.get("userPrincipalName") or row.get("id", "")),
        str(row.get("displayName") or ""),
        str(row.get("userType") or ""),
    )


def _ids(rows: Iterable[dict[str, Any]]) -> frozenset[str]:
    return frozenset(str(row.get("id", "")).casefold() for row in rows)


def _is_unit(row: Json) -> bool:
    return str(row.get("@odata.type", "")).casefold().endswith(".administrativeunit")


def _is_role(row: Json) -> bool:
    return str(row.get("@odata.type", "")).casefold().endswith(".directoryrole")
