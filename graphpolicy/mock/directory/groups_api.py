"""Groups and their members, objects by id, and the organization."""

from collections.abc import Sequence
from typing import Final

from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..graph.odata import by_name, entity, listed
from ..rules import enforces
from ..tables import JsonObject
from .crowd import USER
from .directory import GROUP

MAXIMUM_IDS: Final = 1000

_GROUPS: Final = by_name("groups")
_OBJECTS: Final = by_name("directoryObjects")
_PEOPLE: Final = by_name("users", "userPrincipalName")
_ORGANIZATION: Final = by_name("organization")
_DOMAINS: Final = by_name("domains")


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
        return listed(call, members.of_type(USER), _PEOPLE)
    return listed(call, members, _OBJECTS)


@enforces("group-owners")
def list_owners(call: Call) -> Answer:
    """Answer that a group has no owners."""
    group(call)
    return listed(call, (), _OBJECTS)


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
def list_organization(call: Call) -> Answer:
    """Answer the tenant itself."""
    return listed(call, [_organization(call)], _ORGANIZATION)


def get_organization(call: Call) -> Answer:
    """Answer the tenant by its id."""
    return entity(call, _named(call, [_organization(call)]), "organization")


@enforces("domains")
def list_domains(call: Call) -> Answer:
    """Answer the domain of the tenant."""
    return listed(call, [_domain(call)], _DOMAINS)


def get_domain(call: Call) -> Answer:
    """Answer one domain."""
    return entity(call, _named(call, [_domain(call)]), "domains")


def _organization(call: Call) -> JsonObject:
    tenant = call.tenant
    verified = {"capabilities": "Email, OfficeCommunicationsOnline", "type": "Managed"}
    own = {**verified, "isDefault": True, "isInitial": False, "name": tenant.domain}
    return {
        "@odata.type": "#microsoft.graph.organization",
        "id": tenant.id,
        "displayName": tenant.display_name,
        "verifiedDomains": [own],
    }


def _domain(call: Call) -> JsonObject:
    return {"@odata.type": "#microsoft.graph.domain", "id": call.tenant.domain}


def _named(call: Call, rows: Sequence[JsonObject]) -> JsonObject:
    for row in rows:
        if row["id"].lower() == call.names[0].lower():
            return row
    raise absent(call.names[0])


def group(call: Call) -> JsonObject:
    """The group that a path names, or a refusal."""
    found = call.tenant.directory.find(call.names[0])
    if found is None or found["@odata.type"] != GROUP:
        raise absent(call.names[0])
    return found


def absent(identifier: str) -> GraphError:
    """Refuse an object that does not exist."""
    return GraphError(
        "object-missing",
        f"Resource '{identifier}' does not exist or one of its queried reference-property "
        "objects are not present.",
    )
