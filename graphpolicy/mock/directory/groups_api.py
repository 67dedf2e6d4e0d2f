"""Groups and their members, objects by id, and the organization."""

from typing import Final

from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..graph.odata import by_name, counted, entity, listed
from ..rules import enforces
from ..tables import JsonObject
from .directory import GROUP, USER

MAXIMUM_IDS: Final = 1000

_GROUPS: Final = by_name("groups")
_OBJECTS: Final = by_name("directoryObjects")
_PEOPLE: Final = by_name("users", "userPrincipalName")
_ORGANIZATION: Final = by_name("organization")


def list_groups(call: Call) -> Answer:
    """Answer the groups that a filter names."""
    return listed(call, call.tenant.groups, _GROUPS)


def get_group(call: Call) -> Answer:
    """Answer one group."""
    return entity(call, group(call), "groups")


@enforces("member-lists")
def list_members(call: Call) -> Answer:
    """Answer the members of a group, direct or through groups in it."""
    found = group(call)["id"]
    directory = call.tenant.directory
    path = call.message.path.lower()
    members = (
        directory.transitive_members(found)
        if "transitivemembers" in path
        else directory.members(found)
    )
    if "microsoft.graph.user" in path:
        people = members.of_type(USER)
        return counted(call, people) if path.endswith("$count") else listed(call, people, _PEOPLE)
    if path.endswith("$count"):
        return counted(call, members)
    return listed(call, members, _OBJECTS)


def get_by_ids(call: Call) -> Answer:
    """Answer the objects of a list of ids."""
    body = call.json()
    ids, types = body.get("ids"), body.get("types", ["directoryObject"])
    for value in (ids, types):
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise GraphError("ids-body", "ids and types are collections of strings.")
    if len(ids or ()) > MAXIMUM_IDS:
        raise GraphError("ids-max", f"At most {MAXIMUM_IDS} ids are allowed.")
    wanted = {f"#microsoft.graph.{each}".lower() for each in types}
    everything = "#microsoft.graph.directoryobject" in wanted
    found = []
    for identifier in ids or ():
        row = None if "@" in identifier else call.tenant.directory.find(identifier)
        if row is not None and (everything or row["@odata.type"].lower() in wanted):
            found.append(row)
        elif call.switches.getbyids_missing == "404":
            raise absent(identifier)
    context = f"{call.message.root}/{call.version}/$metadata#directoryObjects"
    return Answer(200, {"@odata.context": context, "value": found})


@enforces("organization")
def get_organization(call: Call) -> Answer:
    """Answer the tenant itself."""
    row = {"id": call.tenant.id, "displayName": call.tenant.display_name, "tenantType": "AAD"}
    return listed(call, [row], _ORGANIZATION)


def group(call: Call) -> JsonObject:
    """The group that a path names, or a refusal."""
    found = call.tenant.directory.find(call.names[0])
    if found is None or found["@odata.type"] != GROUP:
        raise absent(call.names[0])
    return found


def absent(identifier: str) -> GraphError:
    """Refuse an object that is not there."""
    return GraphError(
        "object-missing",
        f"Resource '{identifier}' does not exist or one of its queried reference-property "
        "objects are not present.",
    )
