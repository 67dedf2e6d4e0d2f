"""Conditional Access policies: which strength each demands, and from which people."""

from collections.abc import Iterable
from typing import Any, Final

from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..graph.odata import by_name, entity, listed
from ..rules import enforces
from ..tables import JsonObject, data
from .view import built_in, shown

_PLACE: Final = "identity/conditionalAccess/policies"
_LIST: Final = by_name(_PLACE, "state")
_USERS: Final = ("Users", "Groups", "Roles")
_MADE: Final = "2024-03-01T08:00:00Z"
STATES: Final = ("enabled", "disabled", "enabledForReportingButNotEnforced")


@enforces("conditional-access-read")
def list_demands(call: Call) -> Answer:
    """Answer the Conditional Access policies."""
    return listed(call, [whole(call, each) for each in call.tenant.demands], _LIST)


def get_demand(call: Call) -> Answer:
    """Answer one Conditional Access policy."""
    for each in call.tenant.demands:
        if each["id"].lower() == call.names[0].lower():
            return entity(call, whole(call, each), _PLACE)
    raise GraphError("object-missing", f"Resource '{call.names[0]}' does not exist.")


def demanded_by(demands: Iterable[JsonObject], strength: str) -> list[str]:
    """The ids of the Conditional Access policies that name a strength, in whatever state."""
    return [each["id"] for each in demands if str(each.get("strength")).lower() == strength.lower()]


def grants_mfa(demand: JsonObject, satisfied: str) -> bool:
    """Whether people who pass a policy have an MFA claim: no if another control is enough."""
    others = [each for each in demand.get("controls", ()) if each != "mfa"]
    return satisfied == "mfa" and not (others and demand.get("operator", "OR") == "OR")


def checked(demand: JsonObject) -> JsonObject:
    """A demand of a seed or of a test; ValueError if a part of it is not valid.

    It is `{id, displayName, strength}` and, if it says so, `state` (one of STATES), `users`
    (`includeUsers`, `excludeGroups`, …; roles by name or template id; without it everybody),
    `applications`, `operator` and `controls`, the other grant controls.
    """
    known = {"id", "displayName", "strength", "state", "users", "applications"}
    unknown = sorted(demand.keys() - known - {"operator", "controls"})
    if unknown or not {"id", "displayName"} <= demand.keys():
        raise ValueError(f"a demand has id and displayName, and no {', '.join(unknown) or 'other'}")
    if demand.get("state", "enabled") not in STATES:
        raise ValueError(f"state must be one of {', '.join(STATES)} (got {demand['state']!r})")
    sides = {f"{side}{kind}" for side in ("include", "exclude") for kind in _USERS}
    for name in demand.get("users", {}):
        if name not in sides:
            raise ValueError(f"users has no {name!r}: it has {', '.join(sorted(sides))}")
    return demand


def whole(call: Call, demand: JsonObject) -> JsonObject:
    """A Conditional Access policy as an answer shows it."""
    return {
        "id": demand["id"],
        "templateId": None,
        "displayName": demand["displayName"],
        "createdDateTime": _MADE,
        "modifiedDateTime": None,
        "state": demand.get("state", "enabled"),
        "sessionControls": None,
        "conditions": {
            "userRiskLevels": [],
            "signInRiskLevels": [],
            "clientAppTypes": ["all"],
            "servicePrincipalRiskLevels": [],
            "insiderRiskLevels": None,
            "platforms": None,
            "locations": None,
            "devices": None,
            "clientApplications": None,
            "authenticationFlows": None,
            "applications": {
                "includeApplications": ["All"],
                "excludeApplications": [],
                "includeUserActions": [],
                "includeAuthenticationContextClassReferences": [],
                "applicationFilter": None,
                **demand.get("applications", {}),
            },
            "users": _users(demand.get("users", {"includeUsers": ["All"]})),
        },
        "grantControls": _controls(call, demand),
    }


def _users(given: JsonObject) -> JsonObject:
    users: JsonObject = {}
    for kind in _USERS:
        for side in ("include", "exclude"):
            values: list[Any] = given.get(f"{side}{kind}", [])
            if kind == "Roles":
                values = [data("roles.json").get(each, each) for each in values]
            users[f"{side}{kind}"] = list(values)
    return {**users, "includeGuestsOrExternalUsers": None, "excludeGuestsOrExternalUsers": None}


def _controls(call: Call, demand: JsonObject) -> JsonObject:
    place = f"{_PLACE}('{demand['id']}')/grantControls/authenticationStrength"
    wanted = demand.get("strength")
    row = call.tenant.strengths.find(wanted or "", [*call.tenant.strengths.rows, *built_in()])
    return {
        "operator": demand.get("operator", "OR"),
        "builtInControls": list(demand.get("controls", ())),
        "customAuthenticationFactors": [],
        "termsOfUse": [],
        "authenticationStrength@odata.context": (
            f"{call.message.root}/{call.version}/$metadata#{place}/$entity"
        ),
        "authenticationStrength": None if row is None else shown(call, row, place=place),
    }
