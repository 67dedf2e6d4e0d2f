"""Directory roles: who has one, for what, and who may activate one."""

from typing import Final

from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..graph.odata import Shape, by_name, entity, listed
from ..rules import enforces
from ..tables import JsonObject, data
from .directory import ROLE
from .groups_api import absent

_ROLES: Final = by_name("directoryRoles", "roleTemplateId")
_TEMPLATES: Final = by_name("directoryRoleTemplates")
_DEFINITIONS: Final = by_name("roleManagement/directory/roleDefinitions")
_FILTERED: Final = {
    "principalId": ("eq",),
    "roleDefinitionId": ("eq",),
    "directoryScopeId": ("eq",),
}
_ASSIGNMENTS: Final = Shape("roleManagement/directory/roleAssignments", _FILTERED)
_ELIGIBLE: Final = Shape("roleManagement/directory/roleEligibilityScheduleInstances", _FILTERED)


def list_roles(call: Call) -> Answer:
    """Answer the directory roles that have been activated."""
    return listed(call, call.tenant.directory.of_type(ROLE), _ROLES)


def list_role_templates(call: Call) -> Answer:
    """Answer all directory roles, activated or not."""
    return listed(call, _all(), _TEMPLATES)


def list_definitions(call: Call) -> Answer:
    """Answer the definitions of all roles."""
    return listed(call, _all(), _DEFINITIONS)


def get_definition(call: Call) -> Answer:
    """Answer the definition of one role."""
    for row in _all():
        if row["id"] == call.names[0].lower():
            return entity(call, row, "roleManagement/directory/roleDefinitions")
    raise absent(call.names[0])


@enforces("role-assignments")
def list_assignments(call: Call) -> Answer:
    """Answer who has which directory role, for the whole tenant or for a part of it."""
    directory = call.tenant.directory
    rows = [
        _row(member["id"], role["roleTemplateId"], "/")
        for role in directory.of_type(ROLE)
        for member in directory.members(role["id"])
    ]
    return listed(call, [*rows, *(_row(*each) for each in directory.scoped)], _ASSIGNMENTS)


@enforces("role-eligible")
def list_eligible(call: Call) -> Answer:
    """Answer who may activate which directory role."""
    if call.switches.role_eligibility == "license_400":
        raise GraphError(
            "role-eligible-license",
            "The tenant needs to have Microsoft Entra ID P2 or Microsoft Entra ID Governance "
            "license.",
        )
    if call.switches.role_eligibility == "refused_403":
        raise GraphError("role-eligible-refused", "Attempted to perform an unauthorized operation.")
    rows = [
        {**_row(*each), "memberType": "Direct", "startDateTime": None, "endDateTime": None}
        for each in call.tenant.directory.eligible
    ]
    return listed(call, rows, _ELIGIBLE)


def _row(principal: str, role: str, scope: str) -> JsonObject:
    return {
        "id": f"{role}-{principal}-{scope.rpartition('/')[2] or 1}",
        "principalId": principal,
        "roleDefinitionId": role,
        "directoryScopeId": scope,
    }


def _all() -> list[JsonObject]:
    return [
        {"id": identifier, "displayName": name, "description": None}
        for name, identifier in data("roles.json").items()
    ]
