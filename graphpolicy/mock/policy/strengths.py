"""The built-in authentication strengths, and the Conditional Access policies that require them."""

from typing import Final

from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..graph.odata import by_name, entity, listed
from ..rules import enforces
from ..tables import JsonObject, data

_STAMP: Final = "2021-12-01T08:00:00Z"
_LIST: Final = by_name("policies/authenticationStrengthPolicies", "policyType")


@enforces("strengths-built-in")
def list_strengths(call: Call) -> Answer:
    """Answer the strengths."""
    return listed(call, [_shown(each) for each in data("strengths.json")], _LIST)


def get_strength(call: Call) -> Answer:
    """Answer one strength."""
    return entity(call, _found(call), _LIST.context)


def get_usage(call: Call) -> Answer:
    """Answer the Conditional Access policies of the seed that require a strength."""
    identifier = _found(call)["id"]
    used = [
        {"id": each["id"], "displayName": each["displayName"]}
        for each in call.tenant.demands
        if each["strength"] == identifier
    ]
    context = f"{call.message.root}/{call.version}/$metadata#microsoft.graph"
    return Answer(
        200,
        {
            "@odata.context": f"{context}.authenticationStrengthUsage",
            "mfa": used,
            "none": [],
        },
    )


def _found(call: Call) -> JsonObject:
    for each in data("strengths.json"):
        if each["id"] == call.names[0].lower():
            return _shown(each)
    raise GraphError(
        "object-missing",
        f"Resource '{call.names[0]}' does not exist or one of its queried reference-property "
        "objects are not present.",
    )


def _shown(row: JsonObject) -> JsonObject:
    return {
        **row,
        "createdDateTime": _STAMP,
        "modifiedDateTime": _STAMP,
        "policyType": "builtIn",
        "requirementsSatisfied": "mfa",
        "combinationConfigurations": [],
    }
