"""A person's sign-in methods: list, delete, choose the default; and end the sessions."""

import re
import zlib
from datetime import timedelta
from typing import Final

from ..clock import stamp
from ..graph.call import Answer, Call
from ..graph.errors import GraphError
from ..graph.permissions import role_id
from ..rules import enforces
from ..tables import JsonObject
from .actor import Actor
from .audit import record_method, record_person
from .kinds import PASS, PHONES, Kind, in_segment, kind_of, kinds
from .passes import check_own, shown_pass, unknown_property
from .people_api import person
from .reach import ABOVE_ALL, check_reach, guest, within_reach

_PREFERENCES: Final = frozenset(
    {"push", "oath", "voiceMobile", "voiceAlternateMobile", "voiceOffice", "sms"}
)
_LAST: Final = "lastUsedDateTime"
_DAYS: Final = 365
_STATES: Final = frozenset({"disabled", "enabled", "enforced"})
_WELL_FORMED: Final = {
    "phoneNumber": re.compile(r"\+\d{1,3} ?\d{4,15}(x\d+)?"),
    "emailAddress": re.compile(r"[^@\s]+@[^@\s]+"),
}


@enforces("methods-read")
def list_methods(call: Call) -> Answer:
    """Answer everything that a person has registered, in the version's own types."""
    found = person(call)
    rows = [
        _shown(call, each)
        for each in _methods(call, found)
        if call.version == "beta" or "v1.0" in kind_of(each).deletable or _is_password(each)
    ]
    return Answer(200, {"@odata.context": _context(call, found, "methods"), "value": rows})


def list_of_kind(call: Call) -> Answer:
    """Answer the methods at one segment."""
    found = person(call)
    segment = call.message.path.rstrip("/").rpartition("/")[2]
    rows = [
        {name: value for name, value in _shown(call, each).items() if name != "@odata.type"}
        for each in _methods(call, found)
        if kind_of(each) in in_segment(segment)
    ]
    return Answer(200, {"@odata.context": _context(call, found, segment), "value": rows})


def get_method(call: Call) -> Answer:
    """Answer one method."""
    found = person(call)
    segment = call.message.path.rstrip("/").split("/")[-2 if len(call.names) > 1 else -1]
    context = _context(call, found, segment)
    method = _shown(call, _method(call, found))
    return Answer(200, {"@odata.context": f"{context}/$entity", **method})


@enforces("method-create")
def create_method(call: Call) -> Answer:
    """Register a phone or an email address of a person."""
    found = person(call)
    check_reach(call, found)
    rows = in_segment(call.message.path.rpartition("/")[2])
    body = {name: value for name, value in call.json().items() if not name.startswith("@")}
    unknown = next((name for name in body if name not in rows[0].created), None)
    if unknown:
        raise unknown_property(unknown, rows[0].type)
    for name in rows[0].created:
        if not isinstance(body.get(name), str) or not body[name]:
            raise GraphError("method-body", f"The property '{name}' is required.")
    wanted = body.get("phoneType")
    kind = next((each for each in rows if each.fields.get("phoneType") == wanted), None)
    if kind is None or not _WELL_FORMED[rows[0].created[0]].fullmatch(body[kind.created[0]]):
        raise GraphError("method-body", f"Invalid {rows[0].created[0]} or type.")
    if kind.name in call.tenant.registered.kinds_of(found["id"]):
        raise GraphError("method-second", f"The person has a {kind.words} of this kind already.")
    method = call.tenant.registered.register(found["id"], kind.name, **body)
    reason = f"Admin registered {kind.words} for user"
    record_method(call.tenant, Actor.of(call.token), found, reason, did="registered")
    shown = {name: value for name, value in _shown(call, method).items() if name != "@odata.type"}
    return Answer(
        201, {"@odata.context": f"{_context(call, found, kind.segment)}/$entity", **shown}
    )


@enforces("method-delete")
def delete_method(call: Call) -> Answer:
    """Delete a method of a person, in the order that Graph requires."""
    found = person(call)
    check_reach(call, found)
    method = _method(call, found)
    kind = kind_of(method)
    if kind.name == PASS:
        check_own(call, found)
    _check_default(call, found, method, kind)
    held = {kind_of(each).name for each in call.tenant.registered.of(found["id"])}
    if kind.name == "mobilePhone" and "alternateMobilePhone" in held:
        raise GraphError(
            "phone-order", "The alternate mobile phone must be deleted before the mobile phone."
        )
    call.tenant.registered.remove(found["id"], method["id"])
    reason = f"Admin deleted {kind.words} for user"
    record_method(call.tenant, Actor.of(call.token), found, reason, did="deleted")
    return Answer(204)


def get_preferences(call: Call) -> Answer:
    """Answer the second factor that a person prefers."""
    found = person(call)
    preferences = call.tenant.policy.get("systemCredentialPreferences") or {}
    return Answer(
        200,
        {
            "@odata.context": _context(call, found, "signInPreferences"),
            "isSystemPreferredAuthenticationMethodEnabled": preferences.get("state") != "disabled",
            "userPreferredMethodForSecondaryAuthentication": call.tenant.registered.preference(
                found["id"]
            ),
        },
    )


@enforces("preference-patch")
def patch_preferences(call: Call) -> Answer:
    """Choose the second factor of a person, among those registered."""
    found = person(call)
    check_reach(call, found)
    wanted = str(call.json().get("userPreferredMethodForSecondaryAuthentication"))
    has = {each for m in call.tenant.registered.of(found["id"]) for each in kind_of(m).prefers}
    if wanted not in _PREFERENCES or wanted not in has:
        raise GraphError("preference-unknown", f"The method '{wanted}' is not registered.")
    call.tenant.registered.prefer(found["id"], wanted)
    reason = "Admin updated the default second factor of user"
    record_method(call.tenant, Actor.of(call.token), found, reason, did="updated")
    return Answer(204)


def get_requirements(call: Call) -> Answer:
    """Answer the per-user MFA state."""
    found = person(call)
    state = call.tenant.registered.requirement(found["id"])
    context = _context(call, found, "requirements")
    return Answer(200, {"@odata.context": context, "perUserMfaState": state})


@enforces("per-user-enforced")
def patch_requirements(call: Call) -> Answer:
    """Set the per-user MFA state; a person who has a second factor is past being enabled."""
    found = person(call)
    check_reach(call, found)
    wanted = str(call.json().get("perUserMfaState"))
    if wanted not in _STATES:
        raise GraphError("enum-member", f"Requested value '{wanted}' was not found.")
    held = call.tenant.registered.of(found["id"])
    if wanted == "enabled" and any(kind_of(each).second_factor for each in held):
        wanted = "enforced"
    before = call.tenant.registered.requirement(found["id"])
    call.tenant.registered.require(found["id"], wanted)
    change = ("StrongAuthenticationRequirement", before, wanted)
    record_person(call.tenant, Actor.of(call.token), found, "Update user", change)
    return Answer(204)


@enforces("sessions-end", "sessions-guest")
def revoke_sessions(call: Call) -> Answer:
    """End a person's sessions: every token so far is refused."""
    found = person(call)
    if not within_reach(call, found):
        raise GraphError("sessions-refused", "Insufficient privileges to complete the operation.")
    if call.switches.revoke != "200_false" and not guest(found):
        call.tenant.issuer.revoke(found["id"])
        since = f"{call.tenant.clock():%Y-%m-%dT%H:%M:%SZ}"
        call.tenant.directory.add({**found, "signInSessionsValidFromDateTime": since})
        change = ("StsRefreshTokensValidFrom", "", stamp(call.tenant.clock()))
        activity = "Update StsRefreshTokenValidFrom Timestamp"
        record_person(call.tenant, Actor.of(call.token), found, activity, change)
    if call.switches.revoke == "204":
        return Answer(204)
    context = f"{call.message.root}/{call.version}/$metadata#Edm.Boolean"
    return Answer(200, {"@odata.context": context, "value": call.switches.revoke == "200_true"})


def _methods(call: Call, found: JsonObject) -> list[JsonObject]:
    password = {"@odata.type": kinds()["password"].type, "id": kinds()["password"].id}
    return [
        {**password, **kinds()["password"].fields},
        *call.tenant.registered.of(found["id"]),
    ]


def _method(call: Call, found: JsonObject) -> JsonObject:
    """The method that a path names: by segment and id, or by a segment that has but one."""
    parts = call.message.path.strip("/").split("/")
    place = next(i for i, each in enumerate(parts) if each.lower() == "authentication")
    segment = parts[place + 1]
    for each in _methods(call, found):
        same = segment.lower() == "methods" or kind_of(each) in in_segment(segment)
        if same and (len(call.names) == 1 or each["id"].lower() == call.names[1].lower()):
            return each
    raise GraphError("method-missing", "Resource not found.")


def _check_default(call: Call, found: JsonObject, method: JsonObject, kind: Kind) -> None:
    default = call.tenant.registered.default(found["id"])
    if default is None or default["id"] != method["id"]:
        return
    if kind.name not in PHONES and call.switches.default_scope == "phone":
        return
    others = [each for each in call.tenant.registered.of(found["id"]) if each != method]
    if any(kind_of(each).second_factor for each in others):
        raise GraphError(
            "default-method",
            "The default authentication method cannot be deleted. Change the default method first.",
            status=int(call.switches.default_delete),
        )


@enforces("last-used")
def _shown(call: Call, method: JsonObject) -> JsonObject:
    if kind_of(method).name == PASS:
        return shown_pass(call, method)
    last = method.get(_LAST, _last_used(call, method))
    method = {name: value for name, value in method.items() if name != _LAST}
    if call.version == "beta":
        method = {**method, _LAST: last}
    masked = role_id("Authentication Administrator") in call.token.wids
    if "phoneNumber" in method and masked and not call.token.wids & ABOVE_ALL:
        number = method["phoneNumber"]
        return {**method, "phoneNumber": f"{number[:3]}XXXXXXXX{number[-2:]}"}
    return dict(method)


def _last_used(call: Call, method: JsonObject) -> str:
    """When a method was last used: between today and a year ago, the same for the same id."""
    days = zlib.crc32(method["id"].encode()) % _DAYS
    return f"{call.tenant.clock() - timedelta(days=days):%Y-%m-%dT00:00:00Z}"


def _is_password(method: JsonObject) -> bool:
    return kind_of(method).name == "password"


def _context(call: Call, found: JsonObject, segment: str) -> str:
    return (
        f"{call.message.root}/{call.version}/$metadata#users('{found['id']}')"
        f"/authentication/{segment}"
    )
