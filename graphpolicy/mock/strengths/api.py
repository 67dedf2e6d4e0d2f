"""Authentication strengths: read, create, update, delete, and who demands them."""

from typing import Final

from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..graph.odata import Shape, entity, listed
from ..rules import enforces
from ..tables import JsonObject, data
from .combinations import satisfies, weaker
from .custom_strengths import CONFIGURED
from .demands import demanded_by, grants_mfa, whole
from .view import built_in, combinations, identifier, root_of, shown
from .write import Write, commit, created, hold_custom, hold_unused, recombined, renamed

_COMBINATIONS: Final = "allowedCombinations"
_OPTIONS: Final = ("$filter", "$select", "$expand", "$top", "$skiptoken", "$count", "$orderby")
_EQUAL: Final = ("eq", "in")
_FILTERED: Final = {"displayName": _EQUAL, "policyType": _EQUAL, _COMBINATIONS: ("has",)}
_LOWERED: Final = (
    "You have lowered the security of the {} authentication strength by adding a lower security "
    "combination. This Authentication Strength is referenced by one or more Conditional Access "
    "policies. Review conditionalAccessReferences to understand which Conditional Access policies "
    "were impacted by this change. To reverse your changes back, use updateAllowedCombinations "
    "action with the previousCombinations values."
)


def list_strengths(call: Call) -> Answer:
    """Answer the strengths, custom ones first."""
    _hold_expand(call)
    rows = [shown(call, each) for each in (*call.tenant.strengths.seen(), *built_in())]
    shape = Shape(root_of(call), _FILTERED, ("displayName",), _OPTIONS, negatable=True)
    return listed(call, rows, shape)


def get(call: Call) -> Answer:
    """Answer one strength."""
    _hold_expand(call)
    return entity(call, shown(call, found(call, call.tenant.strengths.seen())), root_of(call))


def create(call: Call) -> Answer:
    """Create a custom strength."""
    row = created(call, call.json())
    commit(call, Write("Policy Create", None, row))
    return Answer(201, entity(call, shown(call, row), root_of(call)).body)


def patch(call: Call) -> Answer:
    """Change the name or the description of a custom strength."""
    before = hold_custom(true(call))
    after = renamed(call, before, call.json())
    commit(call, Write("Policy Update", before, after))
    if call.switches.strength_patch == "200_entity":
        return entity(call, shown(call, after), root_of(call))
    return Answer(204)


def delete(call: Call) -> Answer:
    """Delete a custom strength that nothing demands."""
    before = hold_custom(true(call))
    hold_unused(call, before)
    commit(call, Write("Policy Delete", before, None))
    return Answer(204)


def update_combinations(call: Call) -> Answer:
    """Replace the combinations of a custom strength."""
    before = hold_custom(true(call))
    after = recombined(call, before, call.json())
    commit(call, Write("Policy Update", before, after))
    used_by = demanded_by(call.tenant.demands, before["id"])
    lowered = used_by and weaker(before[_COMBINATIONS], after[_COMBINATIONS])
    return Answer(
        200,
        {
            "@odata.context": _context(call, "updateAllowedCombinationsResult"),
            "previousCombinations": combinations(call, before[_COMBINATIONS]),
            "currentCombinations": combinations(call, after[_COMBINATIONS]),
            "conditionalAccessReferences": used_by,
            "additionalInformation": _LOWERED.format(before["displayName"]) if lowered else None,
        },
    )


@enforces("strength-usage")
def get_usage(call: Call) -> Answer:
    """Answer the Conditional Access policies that demand a strength."""
    row = true(call)
    users: dict[str, list[JsonObject]] = {"mfa": [], "none": []}
    for each in call.tenant.demands:
        if not demanded_by([each], row["id"]):
            continue
        grants = grants_mfa(each, satisfies(row[_COMBINATIONS]))
        users["mfa" if grants else "none"].append(_user(call, each, row))
    return Answer(200, {"@odata.context": _context(call, "authenticationStrengthUsage"), **users})


def _user(call: Call, demand: JsonObject, row: JsonObject) -> JsonObject:
    """A Conditional Access policy as usage shows it."""
    if call.switches.strength_usage == "whole":
        return whole(call, demand)
    controls = {
        "operator": demand.get("operator", "OR"),
        "builtInControls": list(demand.get("controls", ())),
        "authenticationStrength": {"id": identifier(call, row["id"])},
    }
    return {"id": demand["id"], "displayName": demand["displayName"], "grantControls": controls}


@enforces("strength-modes")
def list_modes(call: Call) -> Answer:
    """Answer the methods of which combinations are made."""
    return listed(
        call, data("strengths.json")["modes"], Shape("authenticationMethodModeDetail", {})
    )


def list_combinations(call: Call) -> Answer:
    """Answer the combinations of which strengths are made."""
    place = "identity/conditionalAccess/authenticationStrength/combinations"
    address = f"{call.message.root}/{call.version}/$metadata#{place}"
    value = combinations(call, data("strengths.json")["combinations"])
    return Answer(200, {"@odata.context": address, "value": value})


def found(call: Call, rows: list[JsonObject]) -> JsonObject:
    """The strength of the URL among Microsoft's own and these, or a refusal."""
    wanted = call.names[0].lower()
    for each in (*built_in(), *rows):
        if each["id"].lower() == wanted:
            return each
    raise missing(call.names[0])


def true(call: Call) -> JsonObject:
    """The strength of the URL as it is, whatever reads see."""
    return found(call, call.tenant.strengths.rows)


def missing(identifier: str) -> GraphError:
    """Refuse a strength, or a part of one, that does not exist."""
    return GraphError(
        "object-missing",
        f"Resource '{identifier}' does not exist or one of its queried reference-property "
        "objects are not present.",
    )


def _context(call: Call, type_name: str) -> str:
    return f"{call.message.root}/{call.version}/$metadata#microsoft.graph.{type_name}"


def _hold_expand(call: Call) -> None:
    """Refuse $expand of anything but the configurations, and of these where the switch says so."""
    asked = call.query("$expand")
    if asked is None:
        return
    if asked.lower() != CONFIGURED.lower() or call.switches.strength_expanded == "own_get":
        raise GraphError("query-unsupported", f"The expansion '{asked}' is not supported.")
