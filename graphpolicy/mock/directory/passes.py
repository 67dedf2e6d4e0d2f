"""Temporary Access Passes: created within the policy's limits, used, expired."""

import secrets
import string
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..rules import enforces
from ..tables import JsonObject
from .actor import Actor
from .audit import record_method
from .kinds import PASS, kinds
from .people_api import person
from .reach import check_reach, guest, reaches
from .registered import moment

if TYPE_CHECKING:
    from ..tenant import Tenant

_ALPHABET: Final = string.ascii_letters + string.digits + "+-*/=&%$#@!?"
_SENT: Final = frozenset({"startDateTime", "lifetimeInMinutes", "isUsableOnce"})
_LONGEST: Final = timedelta(minutes=43200)
_V1_ONLY: Final = ("isUsable", "methodUsabilityReason")


@enforces("pass-create", "pass-once")
def create_pass(call: Call) -> Answer:
    """Create a pass for a person; only this answer has its secret."""
    found = person(call)
    check_reach(call, found)
    policy = _configuration(call.tenant)
    _check_receiver(call, found, policy)
    body = {key: value for key, value in call.json().items() if not key.startswith("@")}
    unknown = next((name for name in body if name not in _SENT), None)
    if unknown:
        raise unknown_property(unknown, kinds()[PASS].type)
    if not isinstance(body.get("isUsableOnce", False), bool):
        raise GraphError("value-type", "Cannot convert isUsableOnce to Boolean.")
    lifetime = body.get("lifetimeInMinutes", policy["defaultLifetimeInMinutes"])
    _check_lifetime(lifetime, policy)
    earlier = call.tenant.registered.access_pass(found["id"])
    if (
        earlier is not None
        and call.switches.tap_second == "reject_400"
        and usability(call.tenant, found, earlier) == "EnabledByPolicy"
    ):
        raise GraphError("pass-second", "The user already has a Temporary Access Pass.")
    now = call.tenant.clock()
    row: JsonObject = {
        "@odata.type": kinds()[PASS].type,
        "id": str(uuid.uuid4()),
        "temporaryAccessPass": None,
        "createdDateTime": _stamp(now),
        "startDateTime": _stamp(_start(body.get("startDateTime"), now)),
        "lifetimeInMinutes": lifetime,
        "isUsableOnce": bool(policy["isUsableOnce"] or body.get("isUsableOnce", False)),
    }
    length = policy["defaultLength"]
    secret = "".join(secrets.choice(_ALPHABET) for _ in range(length))
    call.tenant.registered.replace_pass(found["id"], row)
    call.tenant.secrets[str(row["id"])] = secret
    record_method(
        call.tenant,
        Actor.of(call.token),
        found,
        "Admin registered temporary access pass method for user",
        did="registered",
        access_pass=row,
    )
    shown = {**shown_pass(call, row), "temporaryAccessPass": secret}
    context = (
        f"{call.message.root}/{call.version}/$metadata#users('{found['id']}')"
        "/authentication/temporaryAccessPassMethods/$entity"
    )
    return Answer(201, {"@odata.context": context, **shown})


def unknown_property(name: str, type_name: str) -> GraphError:
    """Refuse a property that a method's type does not have."""
    return GraphError(
        "property-unknown",
        f"The property '{name}' does not exist on type '{type_name.removeprefix('#')}'. Make sure "
        "to only use property names that are defined by the type.",
    )


@enforces("pass-secret")
def shown_pass(call: Call, row: JsonObject) -> JsonObject:
    """A pass as a read shows it: without its secret; beta does not say whether it is usable."""
    reason = usability(call.tenant, person(call), row)
    shown = {name: value for name, value in row.items() if name != "used"}
    shown |= {"isUsable": reason == "EnabledByPolicy", "methodUsabilityReason": reason}
    return {
        name: value
        for name, value in shown.items()
        if call.version == "v1.0" or name not in _V1_ONLY
    }


@enforces("pass-life")
def usability(tenant: "Tenant", owner: JsonObject, row: JsonObject) -> str:
    """Why a pass can or can't be used now, in Graph's words."""
    begins = moment(row["startDateTime"])
    now = tenant.clock()
    if row.get("used"):
        return "OneTimeUsed"
    if now >= begins + timedelta(minutes=row["lifetimeInMinutes"]):
        return "Expired"
    if not reaches(_configuration(tenant), owner["id"], tenant.directory):
        return "DisabledByPolicy"
    return "EnabledByPolicy" if now >= begins else "NotYetValid"


def sign_in_with(tenant: "Tenant", name: str, secret: str) -> str:
    """Use a pass as on the sign-in page; returns `Accepted`, or why it failed."""
    owner = tenant.directory.person(name)
    if owner is None:
        raise KeyError(name)
    row = tenant.registered.access_pass(owner["id"])
    if row is None or tenant.secrets.get(row["id"]) != secret:
        return "Wrong"
    reason = usability(tenant, owner, row)
    if reason != "EnabledByPolicy":
        return reason
    if row["isUsableOnce"]:
        tenant.registered.replace_pass(owner["id"], {**row, "used": True})
    return "Accepted"


def _configuration(tenant: "Tenant") -> JsonObject:
    found = tenant.find("TemporaryAccessPass")
    return found or {"state": "disabled"}


def _check_receiver(call: Call, found: JsonObject, policy: JsonObject) -> None:
    if policy["state"] != "enabled":
        raise GraphError("pass-disabled", "Temporary Access Pass is disabled by policy.")
    if guest(found):
        raise GraphError(
            "pass-guest", "Temporary Access Pass cannot be added to an external guest user."
        )
    check_own(call, found)


def check_own(call: Call, found: JsonObject) -> None:
    """Refuse people who create or delete a pass of their own."""
    if call.token.person and call.token.person.id.lower() == found["id"].lower():
        raise GraphError("pass-own", "Request Authorization failed")


def _check_lifetime(lifetime: object, policy: JsonObject) -> None:
    low, high = policy["minimumLifetimeInMinutes"], policy["maximumLifetimeInMinutes"]
    if isinstance(lifetime, bool) or not isinstance(lifetime, int) or not low <= lifetime <= high:
        raise GraphError(
            "pass-lifetime",
            f"Invalid LifetimeInMinutes specified. The valid range between {low} and {high}.",
            repeated=True,
        )


def _start(sent: object, now: datetime) -> datetime:
    if sent is None:
        return now
    try:
        begins = max(moment(str(sent)), now)
        _ = begins + _LONGEST  # within what a date can say
    except (ValueError, OverflowError) as error:
        raise GraphError("value-type", f"Cannot convert '{sent}' to DateTimeOffset.") from error
    return begins


def _stamp(at: datetime) -> str:
    """A moment as the pages write it: no fraction where there is none."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
