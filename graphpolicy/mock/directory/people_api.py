"""People, what they belong to, a role and administrative units."""

from typing import Final

from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..graph.odata import by_name, entity, listed
from ..graph.permissions import check, permissions
from ..rules import enforces
from ..tables import JsonObject
from .directory import GROUP, ROLE, UNIT
from .groups_api import absent

MAXIMUM_CHECKED: Final = 20

_PEOPLE: Final = by_name(
    "users", "userPrincipalName", "mail", accountEnabled=("eq",), userType=("eq",)
)
_OBJECTS: Final = by_name("directoryObjects")
_GROUPS: Final = by_name("groups")
_UNITS: Final = by_name("administrativeUnits")
_ROLES: Final = by_name("directoryRoles", "roleTemplateId")
_CASTS: Final = {
    "microsoft.graph.group": (GROUP, _GROUPS),
    "microsoft.graph.directoryrole": (ROLE, _ROLES),
    "microsoft.graph.administrativeunit": (UNIT, _UNITS),
}


def list_people(call: Call) -> Answer:
    """Answer people in pages."""
    _check_sign_ins(call)
    return listed(call, call.tenant.directory.people, _PEOPLE)


def get_person(call: Call) -> Answer:
    """Answer one person by id or user principal name."""
    if _check_sign_ins(call) and "@" in call.names[0]:
        raise GraphError(
            "sign-in-by-name", "Get By Key only supports UserId and the key has to be a valid Guid"
        )
    return entity(call, person(call), "users")


@enforces("sign-in-on-select")
def _check_sign_ins(call: Call) -> bool:
    """Say whether last sign-ins are selected, which needs a permission and a licence of its own."""
    selected = (call.query("$select") or "").lower().split(",")
    if "signinactivity" not in map(str.strip, selected):
        return False
    check(permissions()["registration-read"], call.token, call.switches)
    if call.switches.report_license != "premium":
        raise GraphError(
            "sign-in-license", "Neither tenant is B2C or tenant doesn't have premium license"
        )
    return True


def get_me(call: Call) -> Answer:
    """Answer the person of the token."""
    if call.token.person is None:
        raise GraphError(
            "me-application", "/me request is only valid with delegated authentication flow."
        )
    found = call.tenant.directory.person(call.token.person.id)
    if found is None:
        raise absent(call.token.person.id)
    return entity(call, found, "users")


@enforces("member-of")
def list_member_of(call: Call) -> Answer:
    """Answer the groups, roles and units of a person or group, directly or through groups."""
    path = call.message.path.rstrip("/").lower()
    found = call.tenant.directory.groups_of(
        _holder(call)["id"], transitive="transitivememberof" in path
    )
    cast = _CASTS.get(path.rpartition("/")[2])
    if cast is None:
        return listed(call, found, _OBJECTS)
    kind, shape = cast
    return listed(call, [each for each in found if each["@odata.type"] == kind], shape)


def check_member_groups(call: Call) -> Answer:
    """Answer which of some groups a person belongs to, also through groups."""
    wanted = call.json().get("groupIds")
    if not isinstance(wanted, list) or not all(isinstance(each, str) for each in wanted):
        raise GraphError("check-groups-body", "groupIds is a collection of strings.")
    if len(wanted) > MAXIMUM_CHECKED:
        raise GraphError("check-groups-max", f"At most {MAXIMUM_CHECKED} groups can be checked.")
    belongs = {each.lower() for each in _groups_of(call, security_only=False)}
    return _ids(call, [each for each in wanted if each.lower() in belongs])


def get_member_groups(call: Call) -> Answer:
    """Answer the ids of all groups of a person, also through groups."""
    only = call.json().get("securityEnabledOnly")
    if not isinstance(only, bool):
        raise GraphError("member-groups-body", "securityEnabledOnly is a Boolean.")
    return _ids(call, _groups_of(call, security_only=only))


def list_units(call: Call) -> Answer:
    """Answer the administrative units."""
    return listed(call, call.tenant.directory.of_type(UNIT), _UNITS)


def get_unit(call: Call) -> Answer:
    """Answer one administrative unit."""
    return entity(call, _found(call, UNIT), "administrativeUnits")


def get_role(call: Call) -> Answer:
    """Answer one activated directory role."""
    return entity(call, _found(call, ROLE), "directoryRoles")


def list_belonging(call: Call) -> Answer:
    """Answer the members of an administrative unit or of a directory role."""
    kind = UNIT if "administrativeunits" in call.message.path.lower() else ROLE
    return listed(call, call.tenant.directory.members(_found(call, kind)["id"]), _OBJECTS)


def person(call: Call) -> JsonObject:
    """The person in a path, or a refusal."""
    found = call.tenant.directory.person(call.names[0])
    if found is None:
        raise absent(call.names[0])
    return found


def _holder(call: Call) -> JsonObject:
    found = call.tenant.directory.find(call.names[0])
    if found is None:
        raise absent(call.names[0])
    return found


def _found(call: Call, kind: str) -> JsonObject:
    """The object of a kind in a path, a role also by its template where the path says so."""
    directory, name = call.tenant.directory, call.names[0]
    found = directory.find(name)
    if "roletemplateid=" in call.message.path.lower():
        same = (each for each in directory.of_type(ROLE) if each["roleTemplateId"] == name.lower())
        found = next(same, None)
    if found is None or found["@odata.type"] != kind:
        raise absent(name)
    return found


def _groups_of(call: Call, *, security_only: bool) -> list[str]:
    return [
        each["id"]
        for each in call.tenant.directory.groups_of(_holder(call)["id"])
        if each["@odata.type"] == GROUP and (each["securityEnabled"] or not security_only)
    ]


def _ids(call: Call, ids: list[str]) -> Answer:
    context = f"{call.message.root}/{call.version}/$metadata#Collection(Edm.String)"
    return Answer(200, {"@odata.context": context, "value": ids})
