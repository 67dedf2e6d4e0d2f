"""The report of registered methods: `userRegistrationDetails`."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, overload

from ..clock import stamp
from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..graph.odata import Shape, entity, listed
from ..policy.wire import CONFIGURATIONS
from ..rules import enforces
from ..tables import JsonObject
from .crowd import Without
from .groups_api import absent
from .kinds import KEYS, PHONES, STRONG, kinds
from .reach import reaches, reaches_all

if TYPE_CHECKING:
    from ..tenant import Tenant

_HOUR: Final = 6
"""The hour at which the report is made each day."""
_PHONES_END: Final = datetime(2027, 2, 1, tzinfo=UTC)
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
    *((name, "fido2") for name in KEYS),
    ("microsoftAuthenticator", "push"),
    ("softwareOath", "oath"),
    ("hardwareOath", "oath"),
    ("mobilePhone", "sms"),
)


class Report(Sequence[JsonObject]):
    """Rows that are created on access."""

    def __init__(
        self,
        people: Sequence[JsonObject],
        gap: int,
        row: Callable[[JsonObject], JsonObject],
    ) -> None:
        """Report on people, but not on every `gap`-th of them."""
        self._people = people
        self._places = Without(len(people), gap)
        self._row = row

    def __len__(self) -> int:
        """Count without making a row."""
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> JsonObject: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[JsonObject]: ...
    def __getitem__(self, place: int | slice) -> JsonObject | Sequence[JsonObject]:
        """One row, or a page of them."""
        if isinstance(place, slice):
            return [self._row(self._people[each]) for each in self._places[place]]
        return self._row(self._people[self._places[place]])


@enforces("registration-report")
def list_registrations(call: Call) -> Answer:
    """Answer the report in pages; people whose accounts are disabled are not in it."""
    make = _maker(call.tenant, call.version)
    return listed(call, Report(_people(call), call.switches.report_gap, make), _LIST)


def get_registration(call: Call) -> Answer:
    """Answer the report's row about one person."""
    people, every = _people(call), call.switches.report_gap
    found = call.tenant.directory.person(call.names[0])
    if found is None or not found["accountEnabled"] or _hidden(call.tenant, found["id"].lower()):
        raise absent(call.names[0])
    gaps = range(every - 1, len(people), every) if every else ()
    if any(people[place]["id"] == found["id"] for place in gaps):
        raise absent(call.names[0])
    return entity(call, _maker(call.tenant, call.version)(found), _LIST.context)


@enforces("report-age")
def _moment(tenant: "Tenant") -> datetime:
    """The time as of which the report is."""
    return tenant.clock() - timedelta(hours=tenant.switches.report_age_h)


def _people(call: Call) -> Sequence[JsonObject]:
    """Everybody that the report has a row for, except its gaps."""
    if call.switches.report_license != "premium":
        raise GraphError(
            "report-license", "Neither tenant is B2C or tenant doesn't have premium license"
        )
    told = call.tenant.registered.told
    hidden = {key for key in told if _hidden(call.tenant, key)}
    return call.tenant.directory.enabled_without(hidden)


def _hidden(tenant: "Tenant", key: str) -> bool:
    return tenant.registered.told.get(key, ()) is None


@enforces("registered-by-method")
def get_registered_by_method(call: Call) -> Answer:
    """Answer how many people, of all kinds, have registered each method."""
    if {each.lower() for each in call.names} != {"all"}:
        raise GraphError("registered-scope", "The mock counts all users in all roles.")
    make = _maker(call.tenant, call.version)
    people = Report(_people(call), call.switches.report_gap, make)
    counts = Counter(name for each in people for name in each["methodsRegistered"])
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
    """Makes the row of a person; what is the same for everybody is looked up once."""
    directory, registered, policy = tenant.directory, tenant.registered, tenant.policy
    moment, told, over = _moment(tenant), registered.told, _phones_end(tenant)
    day = (moment - timedelta(hours=_HOUR)).replace(minute=0, second=0, microsecond=0)
    updated = stamp(day.replace(hour=_HOUR))
    methods = {each["id"]: each for each in policy[CONFIGURATIONS]}
    decided = {name: reaches_all(each) for name, each in methods.items()}
    administers = directory.administers()
    chooses = (policy.get("systemCredentialPreferences") or {}).get("state") != "disabled"
    shared: dict[tuple[str, ...], JsonObject] = {}

    def usable(name: str, person: str) -> bool:
        kind = kinds()[name]
        if over and name in PHONES:
            return False
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
            **answers(tuple(registered.kinds_at(key, moment)), key),
            "userPreferredMethodForSecondaryAuthentication": preferred,
            "lastUpdatedDateTime": updated,
        }
        if key in told:
            shown["methodsRegistered"] = list(told[key] or ())
        if version == "beta":
            shown["defaultMfaMethod"] = preferred
        return shown

    return row


@enforces("february-2027")
def _phones_end(tenant: "Tenant") -> bool:
    """Whether texts and calls are no longer sent."""
    ends = tenant.switches.february_2027 == "on" and tenant.switches.cloud == "global"
    return ends and tenant.clock() >= _PHONES_END


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
