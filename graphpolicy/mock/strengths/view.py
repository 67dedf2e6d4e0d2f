"""How answers show strengths, their combinations and their configurations."""

from collections.abc import Iterable
from typing import Any, Final

from ..graph.call import Call
from ..policy.wire import SENTINEL, members
from ..rules import enforces
from ..tables import JsonObject, data
from .combinations import satisfies
from .custom_strengths import CONFIGURED

STAMP: Final = "2021-12-01T00:00:00Z"
ROOTS: Final = (
    "policies/authenticationStrengthPolicies",
    "identity/conditionalAccess/authenticationStrength/policies",
)

_MODES: Final = "authenticationMethodModes"
_ISSUER: Final = "CUSTOMIDENTIFIER:"


@enforces("strengths-built-in")
def built_in() -> list[JsonObject]:
    """Microsoft's own strengths, in the shape of stored ones."""
    return [
        {**row, "createdDateTime": STAMP, "modifiedDateTime": STAMP, CONFIGURED: []}
        for row in data("strengths.json")["builtIn"]
    ]


def is_built_in(row: JsonObject) -> bool:
    """Whether a strength is one of Microsoft's own."""
    return any(each["id"] == row["id"] for each in data("strengths.json")["builtIn"])


def root_of(call: Call) -> str:
    """Under which of the two paths the call asked."""
    return ROOTS[call.message.path.lower().split("/")[2] == "identity"]


@enforces("strength-read")
def shown(call: Call, row: JsonObject, *, place: str | None = None) -> JsonObject:
    """A strength as an answer shows it; `place` is its path in the context, here its own."""
    body = {
        "id": identifier(call, row["id"]),
        "createdDateTime": row["createdDateTime"],
        "modifiedDateTime": row["modifiedDateTime"],
        "displayName": row["displayName"],
        "description": row["description"],
        "policyType": "builtIn" if is_built_in(row) else "custom",
        "requirementsSatisfied": satisfies(row["allowedCombinations"]),
        "allowedCombinations": combinations(call, row["allowedCombinations"]),
    }
    body |= {name: value for name, value in row.items() if name not in body and name != CONFIGURED}
    if not _expanded(call):
        return body
    at = place or f"{root_of(call)}('{body['id']}')"
    context = f"{call.message.root}/{call.version}/$metadata#{at}/{CONFIGURED}"
    configurations = [configured(call, each) for each in row[CONFIGURED]]
    return {
        **body,
        f"{CONFIGURED}@odata.context": context,
        CONFIGURED: call.view.ordered(configurations),
    }


def configured(call: Call, row: JsonObject) -> JsonObject:
    """A combination configuration as an answer shows it."""
    body: JsonObject = {}
    for name, value in row.items():
        if name == "appliesToCombinations":
            body[name] = combinations(call, value)
        elif name == "id":
            body[name] = identifier(call, value)
        elif name == "allowedAAGUIDs":
            body[name] = call.view.ordered([identifier(call, each) for each in value])
        else:
            body[name] = call.view.ordered(value) if isinstance(value, list) else value
    if call.switches.allowed_issuers == "shown" and "allowedIssuerSkis" in body:
        body["allowedIssuers"] = [f"{_ISSUER}{each}" for each in body["allowedIssuerSkis"]]
    return body


def combinations(call: Call, texts: Iterable[str]) -> list[Any]:
    """Combinations in the order and the spelling of the switches."""
    joint = ", " if call.switches.combination_text == "spaced" else ","
    found = [
        joint.join(call.view.ordered([_mode(call, part) for part in each.split(",")]))
        for each in texts
    ]
    return call.view.ordered(found)


def identifier(call: Call, text: str) -> str:
    """A GUID in the case of the switches."""
    return text.upper() if call.switches.strength_ids == "upper" else text


def _mode(call: Call, name: str) -> str:
    names = members(_MODES) or ()
    later = name in names and names.index(name) > names.index(SENTINEL)
    return SENTINEL if later and not call.view.prefers_unknown else name


def _expanded(call: Call) -> bool:
    """Whether the answer has the configurations of a strength with it."""
    choice = call.switches.strength_expanded
    asked = (call.query("$expand") or "").lower() == CONFIGURED.lower()
    return choice == "shown" or (choice == "on_expand" and asked)
