"""The directory: groups, objects by id, and the organization."""

from typing import Final

from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..graph.odata import listed, selected
from ..rules import enforces

MAXIMUM_IDS: Final = 1000

_FILTERABLE: Final = ("id", "displayName")


def list_groups(call: Call) -> Answer:
    """Answer the groups that a filter names."""
    return listed(call, call.tenant.groups, "groups", _FILTERABLE)


def get_group(call: Call) -> Answer:
    """Answer one group."""
    identifier = call.names[0]
    for group in call.tenant.groups:
        if group["id"].lower() == identifier.lower():
            context = f"{call.message.root}/{call.version}/$metadata#groups/$entity"
            return Answer(200, {"@odata.context": context, **selected(call, [group])[0]})
    raise _missing(identifier)


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
        row = call.tenant.objects.get(identifier.lower())
        if row is not None and (everything or row["@odata.type"].lower() in wanted):
            found.append(row)
        elif call.switches.getbyids_missing == "404":
            raise _missing(identifier)
    context = f"{call.message.root}/{call.version}/$metadata#directoryObjects"
    return Answer(200, {"@odata.context": context, "value": found})


@enforces("organization")
def get_organization(call: Call) -> Answer:
    """Answer the tenant itself."""
    row = {"id": call.tenant.id, "displayName": call.tenant.display_name, "tenantType": "AAD"}
    return listed(call, [row], "organization", _FILTERABLE)


def _missing(identifier: str) -> GraphError:
    return GraphError(
        "object-missing",
        f"Resource '{identifier}' does not exist or one of its queried reference-property "
        "objects are not present.",
    )
