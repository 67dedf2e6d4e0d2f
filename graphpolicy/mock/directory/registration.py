"""The report of registered methods: `userRegistrationDetails`."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, overload

from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..graph.odata import Shape, entity, listed
from ..policy.wire import CONFIGURATIONS
from ..rules import enforces
from ..tables import JsonObject
from .groups_api import absent
from .kinds import STRONG, kinds
from .reach import reaches, reaches_all

if TYPE_CHECKING:
    from ..tenant import Tenant

_UPDATED: Final = "2026-01-15T06:00:00.0000000Z"
_FLAGS: Final = (
    "isAdmin",
    "isMfaRegistered",
    "isMfaCapable",
    "isPasswordlessCapable",
    "isSsprRegistered",
    "isSsprEnabled",
    "isSsprCapable",
    "isSystemPreferredAuthenticationMethodEnabled",
)
_TEXTS: Final = ("id", "userPrincipalName", "userDisplayName", "userType")
_LIST: Final = Shape(
    "reports/authenticationMethods/userRegistrationDetails",
    {
        **dict.fromkeys(_FLAGS, ("eq",)),
        **dict.fromkeys(_TEXTS, ("eq", "in", "startswith")),
        "methodsRegistered": ("any",),
    },
    orderable=("userPrincipalName", "userDisplayName"),
    options=("$filter", "$orderby", "$top", "$select", "$skiptoken"),
    page=1000,
    largest=1000,
)
_PREFERRED: Final = (
    ("fido2", "fido2"),
    ("microsoftAuthenticator", "push"),
    ("softwareOath", "oath"),
    ("hardwareOath", "oath"),
    ("mobilePhone", "sms"),
)


class Report(Sequence[JsonObject]):
    """Rows that are created on access."""

    def __init__(self, people: Sequence[JsonObject], row: Callable[[JsonObject], JsonObject]):
        """Report on people."""
        self._people = people
        self._row = row

    def __len__(self) -> int:
        """Count without making a row."""
        return len(self._people)

    @overload
    def __getitem__(self, place: int) -> JsonObject: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[JsonObject]: ...
    def __getitem__(self, place: int | slice) -> JsonObject | Sequence[JsonObject]:
        """One row, or a page of them."""
        if isinstance(place, slice):
            return [self._row(each) for each in self._people[place]]
        return self._row(self._people[place])


@enforces("registration-report")
def list_registrations(call: Call) -> Answer:
    """Answer the report in pages; people whose accounts are disabled are not in it."""
    people = call.tenant.directory.enabled_people
    return listed(call, Report(people, _maker(call.tenant, call.version)), _LIST)


def get_registration(call: Call) -> Answer:
    """Answer the report's row about one person."""
    found = call.tenant.directory.person(call.names[0])
    if found is None or not found["accountEnabled"]:
        raise absent(call.names[0])
    return entity(call, _maker(call.tenant, call.version)(found), _LIST.context)


@enforces("registered-by-method")
def get_registered_by_method(call: Call) -> Answer:
    """Answer how many people, of all kinds, have registered each method."""
    if {each.lower() for each in call.names} != {"all"}:
        raise GraphError("registered-scope", "The mock counts all users in all roles.")
    people = call.tenant.directory.enabled_people
    counts = Counter(
        name
        for each in people
        for name in _reported(call.tenant.registered.kinds_of(each["id"].lower()))
    )
    context = f"{call.message.root}/{call.version}/$metadata#microsoft.graph"
    rows = [{"authenticationMethod": name, "userCount": counts[name]} for name in sorted(counts)]
    return Answer(
        200,
        {
            "@odata.context": f"{context}.userRegistrationMethodSummary",
            "totalUserCount": len(people),
            "userTypes": "all",
            "userRoles": "all",
            "userRegistrationMethodCounts": rows,
        },
    )


def _maker(tenant: "Tenant", version: str) -> Callable[[JsonObject], JsonObject]:
    """What makes a row for a person, with all that is the same for everybody looked up once."""
    directory, registered, policy = tenant.directory, tenant.registered, tenant.policy
    methods = {each["id"]: each for each in policy[CONFIGURATIONS]}
    decided = {name: reaches_all(each) for name, each in methods.items()}
    administers = directory.administers()
    chooses = (policy.get("systemCredentialPreferences") or {}).get("state") != "disabled"
    shared: dict[tuple[str, ...], JsonObject] = {}

    def usable(name: str, person: str) -> bool:
        kind = kinds()[name]
        if not kind.second_factor or not kind.configurations:
            return kind.second_factor
        return any(
            reaches(methods[each], person, directory) if decided[each] is None else decided[each]
            for each in kind.configurations
            if each in methods
        )

    def answers(names: tuple[str, ...], person: str) -> JsonObject:
        """What follows from the methods: the same for all who have them, if targets allow."""
        if names in shared:
            return shared[names]
        found = _answers(names, [name for name in names if usable(name, person)], chooses)
        asked = {each for name in names for each in kinds()[name].configurations}
        if all(decided.get(each, False) is not None for each in asked):
            shared[names] = found
        return found

    def row(person: JsonObject) -> JsonObject:
        key = person["id"].lower()
        preferred = registered.preference(key) or "none"
        shown: JsonObject = {
            "id": person["id"],
            "userPrincipalName": person["userPrincipalName"],
            "userDisplayName": person["displayName"],
            "userType": person["userType"].lower(),
            "isAdmin": administers(key),
            **answers(tuple(registered.kinds_of(key)), key),
            "userPreferredMethodForSecondaryAuthentication": preferred,
            "lastUpdatedDateTime": _UPDATED,
        }
        if version == "beta":
            shown["defaultMfaMethod"] = preferred
        return shown

    return row


def _answers(names: Sequence[str], usable: Sequence[str], chooses: bool) -> JsonObject:
    strongest = next((says for name, says in _PREFERRED if name in usable), None)
    return {
        "isSsprRegistered": len(names) > 1,
        "isSsprEnabled": True,
        "isSsprCapable": len(names) > 1,
        "isMfaRegistered": any(kinds()[name].second_factor for name in names),
        "isMfaCapable": bool(usable),
        "isPasswordlessCapable": any(name in STRONG for name in usable),
        "methodsRegistered": _reported(names),
        "isSystemPreferredAuthenticationMethodEnabled": chooses,
        "systemPreferredAuthenticationMethods": [strongest] if strongest and chooses else [],
    }


def _reported(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(each for name in names for each in kinds()[name].reported))
